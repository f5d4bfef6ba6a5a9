"""The way to the queue of a journal: the engine is imported only by whoever asks for it."""

from contextlib import AbstractAsyncContextManager

from flowrunner.clock import Clock
from flowrunner.cluster.units import Executor
from flowrunner.journal import JournalError
from flowrunner.journal.places import INSTALL, DatabaseUrl

LEASE = 20.0
"""Seconds without a sign of life after which the units of a worker are given to others."""


def open_executor(
    place: DatabaseUrl, clock: Clock, *, migrate: bool = False, lease: float = LEASE
) -> AbstractAsyncContextManager[Executor]:
    """The queue beside a journal in PostgreSQL, made where there is none yet.

    Args:
        place: Where the journal is.
        clock: Where waiting for the server comes from.
        migrate: Bring a queue that an earlier version has made up to date; otherwise it is refused.
        lease: Seconds without a sign of life after which the units of a worker are given to others.

    Raises:
        JournalAwayError: The server is out of reach.
        JournalError: The queue cannot be used, or what serves it is not installed.
    """
    try:
        from flowrunner.cluster.queue import opened
    except ModuleNotFoundError as error:
        missing = (error.name or "").split(".")[0]
        raise JournalError(f"workers need {missing}", INSTALL) from None
    return opened(place, migrate=migrate, clock=clock, lease=lease)
