"""Forget what is long done."""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_AT_ONCE = 128
"""Runs of one commit: the file is locked for other writers meanwhile."""


@dataclass(frozen=True, slots=True)
class Prune:
    """Delete runs by key, with their events, if they are still finished. Answers with how many were."""

    keys: tuple[int, ...]

    @property
    def rows(self) -> int:
        """How many rows this counts as."""
        return len(self.keys)

    def apply(self, db: sqlite3.Connection) -> int:
        """Within a transaction that holds the write lock."""
        finished = [
            (key,)
            for key in self.keys
            if db.execute("SELECT 1 FROM runs WHERE key = ? AND state = 'finished'", (key,)).fetchone()
        ]
        db.executemany("DELETE FROM events WHERE run = ?", finished)
        db.executemany("DELETE FROM runs WHERE key = ?", finished)
        return len(finished)


@dataclass(frozen=True, slots=True)
class Sweep:
    """Delete what belongs to no run any more, and claims that ran out before ``older_than``."""

    older_than: float
    rows: int = 1

    def apply(self, db: sqlite3.Connection) -> None:
        """Within a transaction that holds the write lock."""
        db.execute("DELETE FROM flows WHERE key NOT IN (SELECT flow FROM runs)")
        db.execute("DELETE FROM texts WHERE digest NOT IN (SELECT digest FROM flows)")
        db.execute("DELETE FROM claims WHERE until < ?", (min(self.older_than, time.time()),))


def prunings(db: sqlite3.Connection, older_than: float) -> Iterator[Prune]:
    """The finished runs whose last event is older, in portions. Looked for without the write lock."""
    found: Sequence[tuple[int]] = db.execute(
        "SELECT key FROM runs WHERE state = 'finished'"
        " AND coalesce((SELECT max(at) FROM events WHERE run = runs.key), created_at) < ?",
        (older_than,),
    ).fetchall()
    for start in range(0, len(found), _AT_ONCE):
        yield Prune(tuple(key for (key,) in found[start : start + _AT_ONCE]))
