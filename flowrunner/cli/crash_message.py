"""An error that nobody foresaw: what it is, how far the sending came, and how to continue."""

import errno
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

from flowrunner.cli.console import BUG, STOPPED, WRONG_INPUT, refuse, tell

_DISK: Final = "free some space on the disk; TMPDIR names another place for temporary files"
_MACHINE: Final = {
    errno.EMFILE: "allow more open files, for example with: ulimit -n 1024",
    errno.ENFILE: "close other programs: this machine has too many files open",
    errno.ENOSPC: _DISK,
    errno.EDQUOT: _DISK,
    errno.EFBIG: "allow larger files, for example with: ulimit -f unlimited",
    **dict.fromkeys([errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.ENOMEM, errno.EAGAIN], ""),
}
"""What a machine may refuse whatever a program does, and what helps: no fault of ours."""


@asynccontextmanager
async def resumable(how_far: Callable[[], Awaitable[str]], resume: str) -> AsyncIterator[None]:
    """Within, messages are sent: an error that nobody foresaw takes along how far that came, and how to continue.

    Args:
        how_far: Reads it from the journal.
        resume: The command; empty where nothing can.
    """
    try:
        yield
    except Exception as error:
        try:
            come = await how_far()
        except Exception:  # noqa: BLE001  # the journal may be what failed
            come = "what was sent is in the journal"
        error.add_note(f"  {come}")
        if resume:
            error.add_note(f"  hint: continue with: {resume}")
        raise


def report(error: Exception) -> int:
    """Say what happened, with the traceback where it can only be a bug. Returns the exit code."""
    notes = getattr(error, "__notes__", [])
    if isinstance(error, OSError) and error.errno in _MACHINE:
        refuse(f"{error.strerror}{f': {error.filename}' if error.filename else ''}", _MACHINE[error.errno])
        for note in notes:
            tell(note)
        return STOPPED if notes else WRONG_INPUT
    from traceback import TracebackException

    from flowrunner.cli.secrets import without_secrets
    from flowrunner.views.visible import visible

    told = TracebackException.from_exception(error)
    told.__notes__ = None  # they come before it
    tell(f"error: this is a bug in flowrunner ({type(error).__name__}); please report it with the lines below")
    for note in notes or ["  nothing was sent"]:
        tell(note)
    tell(visible(without_secrets("".join(told.format()).rstrip()), keep="\n"))
    return BUG
