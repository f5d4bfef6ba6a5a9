"""A campaign is called off: the mark first, then its runs that have not ended, some thousands a commit."""

import sqlite3
from typing import NamedTuple

from flowrunner.engine.state import Phase, RunState, called_off
from flowrunner.journal.sqlite.columns import kept_of, listed, write_states

AT_ONCE = 2_000
"""Runs of one commit: the file is locked for other writers meanwhile."""

_GOES_ON = listed(phase for phase in Phase if called_off(RunState(phase)).phase is not phase)


class MarkCancelled(NamedTuple):
    """Write when a campaign was cancelled; the first time counts."""

    campaign_id: str
    at: float
    rows: int = 1

    def apply(self, db: sqlite3.Connection) -> None:
        """Within a transaction that holds the write lock."""
        db.execute(
            "UPDATE campaigns SET cancelled_at = coalesce(cancelled_at, ?) WHERE id = ?", (self.at, self.campaign_id)
        )


class CancelRuns(NamedTuple):
    """End some of a cancelled campaign's runs that have not ended. Returns how many those were."""

    campaign_id: str
    rows: int = AT_ONCE

    def apply(self, db: sqlite3.Connection) -> int:
        """Within a transaction that holds the write lock."""
        found = db.execute(
            "SELECT runs.id FROM runs JOIN campaigns ON campaigns.key = runs.campaign"  # noqa: S608 - our own
            f" WHERE campaigns.id = ? AND state IN ({_GOES_ON}) LIMIT ?",
            (self.campaign_id, AT_ONCE),
        ).fetchall()
        write_states(db, kept_of(db, [run for (run,) in found]).values())
        return len(found)
