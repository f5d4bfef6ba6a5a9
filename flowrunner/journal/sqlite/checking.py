"""A journal is read through from one end to the other: whatever is wrong with it is said."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from flowrunner.journal.errors import JournalError
from flowrunner.journal.sqlite.database import FileDatabase
from flowrunner.journal.sqlite.file import look
from flowrunner.journal.sqlite.inspection import explained, number, tallies
from flowrunner.journal.sqlite.sealing import broken_seals
from flowrunner.journal.tables.columns import told_by_events, wrong_columns
from flowrunner.journal.tables.recipients import unlinked

_MOST = 20
"""SQLite's complaints that are shown."""


class CheckResult(NamedTuple):
    """What reading a journal through gave.

    Attributes:
        runs: How many runs it knows.
        events: How many events.
        missing: Why some of it is missing; None where all is there.
        missing_runs: How many runs that were begun it knows nothing of; 0 also where that is not known.
        damages: What contradicts itself.
    """

    runs: int
    events: int
    missing: JournalError | None
    missing_runs: int
    damages: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong with it."""
        return self.missing is None and not self.damages


def check_journal(path: Path) -> CheckResult:
    """Read a journal through, without changing it; other processes may write to it meanwhile.

    Raises:
        JournalError: It cannot be read at all: it is no journal, newer, or so damaged that nothing can be said of it.
    """
    file, inspected = look(path)
    with explained(file.path), closing(file.connect()) as db:
        db.execute("BEGIN")
        damages = tuple(_damages(db, sealed=not inspected.is_old))
        runs, events = (number(db, f"SELECT count(*) FROM {table}") for table in ("runs", "events"))  # noqa: S608
    return CheckResult(runs, events, inspected.incomplete, inspected.missing_runs, damages)


def _damages(db: FileDatabase, *, sealed: bool) -> Iterator[str]:
    for (said,) in db.execute(f"PRAGMA integrity_check({_MOST})").fetchall():
        if said != "ok":
            yield f"SQLite: {said}"
    for table, _, parent, _ in db.execute("PRAGMA foreign_key_check").fetchmany(_MOST):
        yield f"a row of {table} refers to one of {parent} that is not there"
    if sealed:
        yield from (f"a row of {table} is not what was written" for table in broken_seals(db))
        if not tallies(db):
            yield "the events are not those that were counted as they were written"
    try:
        wrong = [*wrong_columns(db), *unlinked(db)] if sealed else []
        if not sealed:
            told_by_events(db)
    except ValueError as error:
        yield str(error)
        return
    if wrong:
        yield f"{len(wrong)} runs do not say what their events do"
