"""The journal as what is kept: read through, copied, or gone on with although some of it is lost."""

from pathlib import Path
from typing import TYPE_CHECKING

from flowrunner.clock import SYSTEM, Clock
from flowrunner.journal.errors import JournalError
from flowrunner.journal.places import DatabaseUrl, Place, place_of

if TYPE_CHECKING:
    from flowrunner.journal.sqlite.checking import CheckResult


def check_journal(journal: Place | str) -> "CheckResult":
    """Read a journal through, without changing it; other processes may write to it meanwhile.

    Raises:
        JournalError: It cannot be read at all: it is no journal, newer, or so damaged that nothing can be said of it.
    """
    from flowrunner.journal.sqlite import checking

    return checking.check_journal(_file(journal, "is not read through", "PostgreSQL's pg_amcheck does that"))


def back_up(journal: Place | str, copy: Path, *, overwrite: bool = False) -> "CheckResult":
    """Copy a journal, as it is at one moment, to one file; then read the copy through.

    The copy says of itself whether a process was writing. It comes to its place whole or not at all.

    Args:
        journal: The journal's file.
        copy: Where the copy goes.
        overwrite: Whether a file there may be replaced; one that is a journal in use never is.

    Raises:
        JournalError: The journal is incomplete or cannot be read; there is a file; the copy cannot be written, or is
            not whole. Or it is a database, of which PostgreSQL makes copies.
    """
    from flowrunner.journal.sqlite import backup

    return backup.back_up(
        _file(journal, "is not a file", "PostgreSQL's pg_dump makes a copy"), copy, overwrite=overwrite
    )


def accept_loss(journal: Place | str, *, clock: Clock = SYSTEM) -> int:
    """Take a journal as complete, and put every run in doubt that may have come further than it says.

    Returns:
        How many runs that are; none where nothing is missing.

    Raises:
        JournalError: It is damaged, or cannot be written; or runs are missing altogether: nobody could tell to whom
            they sent. Or it is a database, which does not lose what it has kept.
    """
    from flowrunner.journal.sqlite import loss

    hint = "nothing of it is lost unless an older copy was put back; nobody can tell what was sent since"
    return loss.accept_loss(_file(journal, "has no parts that could be missing", hint), clock=clock)


def _file(journal: Place | str, what: str, hint: str) -> Path:
    """The file of a journal that is one."""
    its = place_of(journal)
    if isinstance(its, DatabaseUrl):
        raise JournalError(f"a journal in PostgreSQL {what} by flowrunner", hint)
    return its
