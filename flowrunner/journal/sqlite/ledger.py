"""How much was ever written, in one row of the journal: what shows that its end is missing."""

from typing import NamedTuple

from flowrunner.journal.sqlite.database import FileDatabase


class Ledger(NamedTuple):
    """The row, as one commit left it.

    Attributes:
        journal: Which journal it is; no two have the same.
        commits: How many commits it has had.
        runs: How many runs were ever begun.
        events: How many events it holds.
        digest: The sum of their seals.
    """

    journal: str
    commits: int
    runs: int
    events: int
    digest: int


def read_ledger(db: FileDatabase) -> tuple[Ledger, bool]:
    """The row; and whether the file alone is all there is: else a process writes, or did not come to its end."""
    found = db.execute("SELECT journal, commits, runs, events, digest, clean FROM ledger").fetchone()
    return Ledger._make(found[:5]), bool(found[5])


def count_commit(db: FileDatabase, *, clean: bool = False) -> Ledger:
    """Count the commit that this is the last statement of. Returns what it leaves."""
    db.execute("UPDATE ledger SET commits = commits + 1, clean = ?", (clean,))
    return read_ledger(db)[0]
