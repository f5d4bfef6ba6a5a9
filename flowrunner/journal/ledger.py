"""How much was ever written, in one row of the journal: what shows that its end is missing."""

import sqlite3
from typing import NamedTuple


class Ledger(NamedTuple):
    """The row, as one commit left it.

    Attributes:
        journal: Which journal it is; no two have the same.
        commits: How many commits it has had.
        events: How many events it holds.
        digest: The sum of their seals.
        clean: Whether the file alone is all there is; else a process writes, or did not come to its end.
    """

    journal: str
    commits: int
    events: int
    digest: int
    clean: bool


def begin_ledger(db: sqlite3.Connection) -> None:
    """Count what is there."""
    db.execute(
        "INSERT INTO ledger (journal, commits, events, digest, clean)"
        " SELECT lower(hex(randomblob(8))), 0, count(*), coalesce(sum(seal), 0), 1 FROM events"
    )


def read_ledger(db: sqlite3.Connection) -> Ledger:
    """The row."""
    journal, commits, events, digest, clean = db.execute(
        "SELECT journal, commits, events, digest, clean FROM ledger"
    ).fetchone()
    return Ledger(journal, commits, events, digest, bool(clean))


def count_commit(db: sqlite3.Connection, *, clean: bool = False) -> None:
    """Count the commit that this is part of."""
    db.execute("UPDATE ledger SET commits = commits + 1, clean = ?", (clean,))


def count_events(db: sqlite3.Connection, events: int, digest: int) -> None:
    """Count events that were added, or taken away: then both numbers are negative."""
    if events:
        db.execute("UPDATE ledger SET events = events + ?, digest = digest + ?", (events, digest))
