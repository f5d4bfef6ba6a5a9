"""Ctrl-C, and the one question that a run may ask."""

import asyncio
import signal
import threading
from typing import TYPE_CHECKING, Any, cast

import click

from flowrunner.cli.console import tell
from flowrunner.model import Message

if TYPE_CHECKING:
    from flowrunner.runner import Ask, Decision

_DECISIONS: "dict[str, Decision]" = {"y": "skip", "n": "resend", "q": "stop"}


class interruptible:  # noqa: N801  # reads as what it does
    """Within: a first Ctrl-C or SIGTERM asks to stop, a second one stops at once."""

    def __init__(self, stop: asyncio.Event) -> None:
        self._stop = stop

    def __enter__(self) -> None:
        task = asyncio.current_task()
        loop = asyncio.get_running_loop()

        def interrupt() -> None:
            if self._stop.is_set() and task is not None:
                task.cancel()
            else:
                self._stop.set()
                tell("stopping: the message in flight is settled first; once more stops at once")

        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, interrupt)

    def __exit__(self, *_: object) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().remove_signal_handler(number)


def asker(stop: asyncio.Event) -> "Ask":
    """Asks the person at the terminal what became of a message; a stop is an answer, too."""

    async def ask(message: Message, reason: str) -> "Decision":
        tell(f"step {message.step.label} is in doubt: {reason}")
        tell(f"  {message.wire}")
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        # A daemon: a program that was interrupted must not wait for a line nobody types.
        threading.Thread(target=_read, args=(asyncio.get_running_loop(), answer), daemon=True).start()
        stopping = asyncio.ensure_future(stop.wait())
        await asyncio.wait(cast("set[asyncio.Future[Any]]", {answer, stopping}), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        return _DECISIONS[answer.result()] if answer.done() else "stop"

    return ask


def _read(loop: asyncio.AbstractEventLoop, answer: "asyncio.Future[str]") -> None:
    question = "Is it in the chat? [y] yes, go on after it  [n] no, send it  [q] stop here"
    try:
        typed = click.prompt(question, type=click.Choice(list(_DECISIONS)), default="q", show_choices=False, err=True)
    except click.Abort:
        typed = "q"

    def give() -> None:
        if not answer.done():
            answer.set_result(typed)

    loop.call_soon_threadsafe(give)
