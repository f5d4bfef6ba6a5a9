"""A command that runs until it is told to stop, and logs what it does."""

import asyncio
import sys
from collections.abc import Awaitable, Callable

from flowrunner.cli.console import DONE, STOPPED, refuse
from flowrunner.cli.interrupts import interruptible


async def until_stopped(attended: Callable[..., Awaitable[None]], tell_ready: Callable[[str], None]) -> int:
    """Do it until Ctrl-C or SIGTERM. Returns the exit code.

    Args:
        attended: It takes ``stop``, the wish to stop; ``ready``, told where it is served, and ``log``, told each line.
        tell_ready: Says that it is up, at that URL.

    Raises:
        JournalError: The journal cannot be used, and could not from the beginning.
    """
    from flowrunner.journal import JournalError

    is_up = False

    def ready(base: str) -> None:
        nonlocal is_up
        is_up = True
        tell_ready(base)

    stop = asyncio.Event()
    with interruptible(stop, lambda _: None):  # the log says it
        try:
            await attended(stop=stop, ready=ready, log=log)
        except JournalError as error:
            if not is_up:
                raise
            refuse(error.message, error.hint)
            return STOPPED
    return DONE


def log(line: str) -> None:
    """Write a line at once."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
