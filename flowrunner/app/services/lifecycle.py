"""A program that runs until it is told to stop: what it does side by side, and its site over HTTP."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, Final

from flowrunner.clock import Clock
from flowrunner.diagnostics.errors import RefusedError
from flowrunner.journal import JournalAwayError
from flowrunner.receiver.logs import Log

if TYPE_CHECKING:
    from flowrunner.receiver.serving import App

Work = Callable[[], Coroutine[Any, Any, None]]
"""One thing that is done all the time; returns once a stop was asked for, or there is no more to do."""
_LOOK: Final = 0.5
"""Seconds between two looks whether anything speaks against going on."""
_AGAIN: Final = 1.0
"""Seconds after which a journal that could not be used is tried again."""


async def attend(
    works: Sequence[Work],
    app: "App",
    host: str,
    port: int,
    *,
    stop: asyncio.Event,
    log: Log,
    clock: Clock,
    began: Callable[[str], Awaitable[None]],
    to_the_end: bool = False,
) -> None:
    """Do all of that until a stop is asked for, or something fails, which ends all the rest.

    A journal that is away for a while is waited for.

    Args:
        works: What is done.
        app: What is served.
        host: The address to serve on.
        port: 0 for any that is free.
        stop: The wish to stop.
        log: Told of what is odd.
        clock: Where time comes from.
        began: Called with the base URL once it is served.
        to_the_end: Serve until all works have ended, not only until a stop is asked for.

    Raises:
        RefusedError: The address cannot be had.
        JournalError: The journal cannot be used.
    """
    from flowrunner.receiver.serving import Serving, listener, url

    try:
        socket = listener(host, port)
    except OSError as error:
        where, why = f"{host}:{port}", error.strerror or error
        raise RefusedError(f"{where} cannot be used: {why}", "choose another --port, or 0 for a free one") from None
    serving = Serving(app)

    async def serve() -> None:
        await serving.serve(sockets=[socket])

    site, *tasks = [asyncio.create_task(worked(each, stop, log, clock)) for each in (serve, *works)]
    try:
        await began(url(socket))
        await stop.wait()
        log.say("stopping")
        if not to_the_end:
            serving.stop()
        await asyncio.wait(tasks)
        serving.stop()
        await asyncio.wait([site])
    finally:
        for each in (site, *tasks):
            each.cancel()
        ends = await asyncio.gather(site, *tasks, return_exceptions=True)
    failures = [each for each in ends if isinstance(each, Exception)]
    if failures:  # who waited for the journal as another failed is not why it ends
        raise next((each for each in failures if not isinstance(each, JournalAwayError)), failures[0])


async def worked(work: Work, stop: asyncio.Event, log: Log, clock: Clock) -> None:
    """Do one thing until it is done; it is begun again after the journal was away, and what fails ends all the rest."""
    while not stop.is_set():
        try:
            await work()
        except JournalAwayError as error:
            log.say("no journal", "error", reason=error.message)
            await clock.sleep(_AGAIN, stop)
        except BaseException:
            stop.set()
            raise
        else:
            return


async def while_allowed(
    work: Callable[[asyncio.Event], Awaitable[None]], is_held: Callable[[], bool], stop: asyncio.Event, clock: Clock
) -> None:
    """Do something as long as nothing speaks against it, and again once that is over, until a stop is asked for.

    Args:
        work: Returns soon after the event that it is given was set.
        is_held: Whether something speaks against it.
        stop: The wish to stop.
        clock: Where time comes from.
    """

    async def follow(halt: asyncio.Event) -> None:
        while not is_held() and not await clock.sleep(_LOOK, stop):
            pass
        halt.set()

    while not stop.is_set():
        if is_held():
            await clock.sleep(_LOOK, stop)
            continue
        halt = asyncio.Event()
        following = asyncio.create_task(follow(halt))
        try:
            await work(halt)
        finally:
            following.cancel()
