"""A thread that does for event loops what would block them."""

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, TypeVar, cast

Result = TypeVar("Result")

_LINGER = 0.005
"""Seconds that the thread waits for more to do. Long enough for what comes one after another, of which each would
otherwise begin a thread; short, for a process must have no other thread when it forks."""
_STAY = 1.0
"""The same beside yet another thread, as in a process that sends: it does not fork, and would begin hundreds."""


class _Job(NamedTuple):
    asked: Any
    loop: asyncio.AbstractEventLoop
    done: "asyncio.Future[Any]"


class Worker:
    """Does what is asked for by now all together, in a thread that is there only while there is something to do."""

    def __init__(self, name: str, do_all: Callable[[list[Any]], Sequence[object]]) -> None:
        """``do_all`` is given what was asked for, and gives an answer for each: an exception is its caller's."""
        self._name = name
        self._do_all = do_all
        self._changed = threading.Condition()
        # All below is touched only with `_changed` held.
        self._jobs: deque[_Job] = deque()
        self._thread: threading.Thread | None = None
        self._nudging: asyncio.AbstractEventLoop | None = None
        self._hurried = False

    async def do(self, asked: object) -> Any:
        """The answer, raised where it is an exception; where the caller is cancelled, it may be done all the same."""
        loop = asyncio.get_running_loop()
        job = _Job(asked, loop, loop.create_future())
        with self._changed:
            self._jobs.append(job)
            if self._nudging is not loop:  # once the others of this turn of the loop have asked, too
                self._nudging = loop
                loop.call_soon(self._nudge)
        return await job.done

    def _nudge(self) -> None:
        with self._changed:
            self._nudging = None
            if self._thread is None and self._jobs:
                # A daemon: a process that ends need not wait for an answer.
                self._thread = threading.Thread(target=self._serve, name=self._name, daemon=True)
                self._thread.start()
            self._changed.notify()

    def join(self, seconds: float) -> bool:
        """Wait until all is done that was asked for, at most so long. Returns whether it is."""
        with self._changed:
            thread, self._hurried = self._thread, True
            self._changed.notify()
        if thread is not None:
            thread.join(seconds)
        return thread is None or not thread.is_alive()

    def _serve(self) -> None:
        while jobs := self._next():
            wanted = [job for job in jobs if not job.done.cancelled()]
            answers: Sequence[object]
            try:
                answers = self._do_all([job.asked for job in wanted])
            except Exception as error:  # noqa: BLE001  # nobody may wait for ever for the answer
                answers = [error] * len(wanted)
            wake([(job.loop, job.done, answer) for job, answer in zip(wanted, answers, strict=True)])

    def _next(self) -> list[_Job]:
        """All that is to be done by now; nothing once the thread is to end."""
        with self._changed:
            seconds = _LINGER if threading.active_count() <= 2 else _STAY
            self._changed.wait_for(lambda: self._jobs or self._hurried, seconds)
            jobs = [*self._jobs]
            self._jobs.clear()
            if not jobs:
                self._thread = None
            return jobs


async def in_thread(name: str, work: Callable[[], Result]) -> Result:
    """What ``work`` returns or raises, done in a thread of that name."""
    return cast("Result", await Worker(name, lambda works: [_answer(each) for each in works]).do(work))


def _answer(work: Callable[[], object]) -> object:
    try:
        return work()
    except Exception as error:  # noqa: BLE001  # it is the caller's
        return error


def wake(answers: "Iterable[tuple[asyncio.AbstractEventLoop, asyncio.Future[Any], object]]") -> None:
    """Give callers in another thread's loop what they wait for, an exception or a value.

    All of a loop come with one wake-up: one each would cost more than most answers.
    """
    loops: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], object]]] = {}
    for loop, done, answer in answers:
        loops.setdefault(loop, []).append((done, answer))
    for loop, its in loops.items():
        with contextlib.suppress(RuntimeError):  # a loop that was closed meanwhile has no callers left
            loop.call_soon_threadsafe(_settle, its)


def _settle(answers: "Sequence[tuple[asyncio.Future[Any], object]]") -> None:
    for future, answer in answers:
        if future.done():  # the caller was cancelled
            continue
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer)
