"""How many runs were begun, and which events there are, in one row: what shows that some of it is missing."""

from flowrunner.journal.tables.database import Database


def count_runs(db: Database, runs: int) -> None:
    """Count runs that were begun."""
    db.execute("UPDATE ledger SET runs = runs + ?", (runs,))


def count_events(db: Database, events: int, digest: int) -> None:
    """Count events that were added; or taken away, then both numbers are negative."""
    if events:
        db.execute("UPDATE ledger SET events = events + ?, digest = digest + ?", (events, digest))
