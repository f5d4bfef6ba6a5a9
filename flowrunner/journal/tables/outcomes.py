"""What became of a campaign's people, in numbers: counted by the database, for there may be a million."""

from functools import lru_cache

from flowrunner.engine.history.phases import Phase
from flowrunner.engine.history.state import StepState, step_of
from flowrunner.journal.many import Counts
from flowrunner.journal.tables.columns import MARK
from flowrunner.journal.tables.database import Database


def histories(db: Database) -> str:
    """A query for each step of each run: the keys of its first and last event, and all their kinds, in their order.

    To be ended by a condition on ``runs`` and ``GROUP BY runs.key, step``: the order of the index, so that nothing need
    be sorted. Most runs share a few histories: what one means is found out once.
    """
    return (
        "SELECT runs.key AS run, step, min(events.key) AS first, max(events.key) AS last,"  # noqa: S608 - our own
        f" {db.joined(MARK, 'events.key')} AS history"
        " FROM runs CROSS JOIN events INDEXED BY events_run ON events.run = runs.key"
    )


@lru_cache(maxsize=4096)
def step_state(history: str) -> StepState:
    """What a history comes to."""
    return step_of(history.split(","))


def key_of(db: Database, campaign_id: str) -> int | None:
    """The campaign's row."""
    found: tuple[int] | None = db.execute("SELECT key FROM campaigns WHERE id = ?", (campaign_id,)).fetchone()
    return found[0] if found else None


def counts(db: Database, campaign_id: str) -> Counts:
    """How many of a campaign's people are where."""
    key = (key_of(db, campaign_id),)
    phases = db.execute("SELECT state, count(*) FROM runs WHERE campaign = ? GROUP BY state", key)
    omitted = db.execute("SELECT state, count(*) FROM skipped WHERE campaign = ? GROUP BY state", key)
    return Counts({Phase(phase): count for phase, count in phases}, dict(omitted))


def next_wake(db: Database, campaign_id: str) -> float | None:
    """When the next parked run wakes."""
    found: tuple[float | None] = db.execute(
        "SELECT min(wake_at) FROM runs WHERE campaign = ? AND wake_at IS NOT NULL", (key_of(db, campaign_id),)
    ).fetchone()
    return found[0]
