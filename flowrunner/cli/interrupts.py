"""Ctrl-C, and the one question that a run may ask."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import click

from flowrunner.cli.console import tell
from flowrunner.model import Message

if TYPE_CHECKING:
    from flowrunner.delivery import Ask, Choice

_DECISIONS: "dict[str, Choice]" = {"y": "skip", "n": "resend", "q": "stop", "": "stop"}
_CHOICES = "[y] yes, continue after it  [n] no, send it  [q] stop here"


@contextmanager
def interruptible(stop: asyncio.Event, said: Callable[[str], None] = tell) -> Iterator[None]:
    """Within: a first Ctrl-C or SIGTERM asks to stop, a second one stops at once.

    A terminal that is closed asks to stop, too, however often it says so: the shell and the kernel both do. Whoever
    began the program with nohup has said that it shall continue. ``said`` tells the person.
    """
    task, loop = asyncio.current_task(), asyncio.get_running_loop()

    def ask_to_stop() -> None:
        if not stop.is_set():
            stop.set()
            said("stopping: finishing messages in flight; press Ctrl-C again to stop now")

    def interrupt() -> None:
        if stop.is_set() and task is not None:
            task.cancel()
        ask_to_stop()

    handled: dict[int, Callable[[], None]] = {signal.SIGINT: interrupt, signal.SIGTERM: interrupt}
    hangup = getattr(signal, "SIGHUP", None)
    if hangup is not None and signal.getsignal(hangup) is not signal.SIG_IGN:
        handled[hangup] = ask_to_stop
    # A handler that a program around this one has set in C could not be put back: it is left alone.
    former = {number: its for number in handled if (its := signal.getsignal(number)) is not None}
    with suppress(NotImplementedError):  # Windows: Ctrl-C stops at once there
        for number in former:
            loop.add_signal_handler(number, handled[number])
    try:
        yield
    finally:
        with suppress(NotImplementedError):
            for number, its in former.items():
                loop.remove_signal_handler(number)
                signal.signal(number, its)  # the loop leaves the system's


@contextmanager
def asking() -> Iterator[None]:
    """Within, Ctrl-C ends what waits for the keyboard at once: an event loop would look only when it has its turn."""
    former = signal.getsignal(signal.SIGINT)
    if former is None:  # set in C, by a program around this one
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)


def asker(stop: asyncio.Event, hide: Callable[[], None]) -> "Ask":
    """Asks the person at the terminal what became of a message; a stop is an answer, too.

    Args:
        stop: The wish to stop.
        hide: Makes room for the question.
    """

    async def ask(message: Message, reason: str) -> "Choice":
        tell(f"step {message.step.label} is in doubt: {reason}")
        tell(f"  {message.wire}")
        hide()
        while not stop.is_set():
            click.echo(f"Is it in the chat? {_CHOICES} [q]: ", nl=False, err=True)
            typed = await _line(stop)
            if typed in _DECISIONS:
                return _DECISIONS[typed]
            if typed is not None:
                tell(f"{typed!r} is not y, n or q")
        return "stop"

    return ask


async def _line(stop: asyncio.Event) -> str | None:
    """The next line of the terminal, in lower case; None when the stop comes first.

    The loop waits for it, not a thread: one that still reads when the program ends aborts the interpreter.
    """
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    terminal = sys.stdin.fileno()
    loop.add_reader(terminal, ready.set)
    waiting = [asyncio.ensure_future(event.wait()) for event in (ready, stop)]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        loop.remove_reader(terminal)
        for each in waiting:
            each.cancel()
    # A terminal gives a line at a time, and an empty one at its end (Ctrl-D).
    return os.read(terminal, 4096).decode(errors="replace").strip().lower() if ready.is_set() else None
