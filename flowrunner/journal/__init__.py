"""The journal: append-only Events of Runs; what is done, what is in doubt, and who may continue."""

from contextlib import AbstractAsyncContextManager

from flowrunner.clock import Clock
from flowrunner.journal.errors import CalledOff, HeardMore, JournalAwayError, JournalError, LostClaim, OptedOut
from flowrunner.journal.interface import Journal
from flowrunner.journal.places import INSTALL, DatabaseUrl, Place, place_of
from flowrunner.journal.values import (
    Busy,
    Claim,
    RunRecord,
    Sent,
    Upload,
)

__all__ = [
    "Busy",
    "CalledOff",
    "Claim",
    "HeardMore",
    "Journal",
    "JournalAwayError",
    "JournalError",
    "LostClaim",
    "OptedOut",
    "RunRecord",
    "Sent",
    "Upload",
    "open_journal",
]


def open_journal(place: Place | str, *, read_only: bool = False, clock: Clock) -> AbstractAsyncContextManager[Journal]:
    """The journal at ``place``, to be entered and left; made if it is not there: the file 0600, missing folders 0700.

    When it is entered, one commit was written and synced, so that a full disk, a read-only, torn, foreign or newer
    file is known before anything is sent. Content of files above 4 MiB is checked only as it is read. When it is left,
    all that was queued has been written, to the disk itself.

    Args:
        place: The file, or the URL of a PostgreSQL database: ``postgresql://...``.
        read_only: It is there, and only looked at: it may be one that cannot be written, or of which some is missing.
            One of an older version is brought to this one where that can be, else a copy is read.
        clock: Where time comes from.

    Raises:
        JournalError: It cannot be used.
    """
    its = place_of(place)
    if isinstance(its, DatabaseUrl):
        try:
            from flowrunner.journal.postgres import opening
        except ModuleNotFoundError as error:
            if error.name != "psycopg":
                raise
            raise JournalError(f"the journal {its} needs psycopg, which is not installed", INSTALL) from None
        return opening.opened(its, read_only=read_only, clock=clock)
    from flowrunner.journal.sqlite.opening import opened

    return opened(its, read_only=read_only, clock=clock)
