"""A journal on a server is read through from one end to the other: whatever is wrong with it is said."""

from collections.abc import Iterator

from flowrunner.clock import Clock
from flowrunner.journal.places import DatabaseUrl
from flowrunner.journal.postgres.copying import copied_from
from flowrunner.journal.tables.checking import CheckResult, contradictions, counted
from flowrunner.journal.tables.database import Database
from flowrunner.journal.tables.seals import SEALED, is_torn

_REFERENCES = {
    "events": {"run": "runs"},
    "runs": {"flow": "flows", "campaign": "campaigns", "shape": "shapes"},
    "campaigns": {"flow": "flows"},
    "skipped": {"campaign": "campaigns"},
    "handovers": {"campaign": "campaigns"},
    "names": {"api": "apis"},
    "optouts": {"api": "apis"},
    "uploads": {"api": "apis"},
}
"""What the server does not look after: it would look for each row that is written."""


def check_server(url: DatabaseUrl, clock: Clock) -> CheckResult:
    """Read a journal through, as of one moment; other processes may write to it meanwhile.

    Whether an earlier state was put back nobody can tell, nor what the server's own files hold: `pg_amcheck` does.

    Raises:
        JournalError: It cannot be read, or is of another version.
    """
    with copied_from(url, clock) as db:
        return CheckResult(*counted(db), None, 0, tuple(_damages(db)))


def _damages(db: Database) -> Iterator[str]:
    for table, references in _REFERENCES.items():
        for column, parent in references.items():
            lost = f"{column} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {parent} WHERE {parent}.key = {table}.{column})"  # noqa: S608 - our own
            if db.execute(f"SELECT 1 FROM {table} WHERE {lost} LIMIT 1").fetchone():  # noqa: S608 - our own
                yield f"a row of {table} refers to one of {parent} that is not there"
    yield from (f"a row of {table} is not what was written" for table, its in SEALED.items() if is_torn(db, table, its))
    yield from contradictions(db)
