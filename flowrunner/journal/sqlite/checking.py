"""A journal is read through from one end to the other: whatever is wrong with it is said."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from flowrunner.journal.sqlite.database import FileDatabase
from flowrunner.journal.sqlite.file import look
from flowrunner.journal.sqlite.inspection import explained
from flowrunner.journal.sqlite.sealing import broken_seals
from flowrunner.journal.tables.checking import CheckResult, contradictions, counted
from flowrunner.journal.tables.columns import told_by_events

_MOST = 20
"""SQLite's complaints that are shown."""


def check_journal(path: Path) -> CheckResult:
    """Read a journal through, without changing it; other processes may write to it meanwhile.

    Raises:
        JournalError: It cannot be read at all: it is no journal, newer, or so damaged that nothing can be said of it.
    """
    file, inspected = look(path)
    with explained(file.path), closing(file.connect()) as db:
        db.execute("BEGIN")
        damages = tuple(_damages(db, sealed=not inspected.is_old))
        runs, events = counted(db)
    return CheckResult(runs, events, inspected.incomplete, inspected.missing_runs, damages)


def _damages(db: FileDatabase, *, sealed: bool) -> Iterator[str]:
    for (said,) in db.execute(f"PRAGMA integrity_check({_MOST})").fetchall():
        if said != "ok":
            yield f"SQLite: {said}"
    for table, _, parent, _ in db.execute("PRAGMA foreign_key_check").fetchmany(_MOST):
        yield f"a row of {table} refers to one of {parent} that is not there"
    if sealed:
        yield from (f"a row of {table} is not what was written" for table in broken_seals(db))
        yield from contradictions(db)
        return
    try:
        told_by_events(db)
    except ValueError as error:
        yield str(error)
