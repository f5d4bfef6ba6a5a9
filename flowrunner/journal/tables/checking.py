"""What of a journal contradicts itself, and how that is told."""

from collections.abc import Iterator
from typing import NamedTuple

from flowrunner.journal.errors import JournalError
from flowrunner.journal.tables.columns import wrong_columns
from flowrunner.journal.tables.database import Database
from flowrunner.journal.tables.recipients import unlinked


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


def counted(db: Database) -> tuple[int, int]:
    """How many runs and events there are."""
    return db.execute("SELECT count(*) FROM runs").fetchone()[0], db.execute("SELECT count(*) FROM events").fetchone()[
        0
    ]


def contradictions(db: Database) -> Iterator[str]:
    """Where its events are not those that were counted, or its runs do not say what their events do."""
    written = db.execute("SELECT events, digest FROM ledger").fetchone()
    if db.execute("SELECT count(*), coalesce(sum(seal), 0) FROM events").fetchone() != written:
        yield "the events are not those that were counted as they were written"
    try:
        wrong = [*wrong_columns(db), *unlinked(db)]
    except ValueError as error:
        yield str(error)
        return
    if wrong:
        yield f"{len(wrong)} runs do not say what their events do"
