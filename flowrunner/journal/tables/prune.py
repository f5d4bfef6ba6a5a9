"""Forget what is long done."""

from collections.abc import Sequence

from flowrunner.engine.history.phases import ENDED, Phase
from flowrunner.journal.tables.columns import listed
from flowrunner.journal.tables.database import Database
from flowrunner.journal.tables.endings import forget_place
from flowrunner.journal.tables.ledger import count_events

_AT_ONCE = 128
"""Runs of one commit: the file is locked for other writers meanwhile."""

_ALONE = listed([Phase.FINISHED, Phase.CANCELLED, Phase.OPTED_OUT, Phase.HANDED_OVER])
_ENDED = f"(state IN ({listed(ENDED)}) OR state = 'failed' AND campaign IS NOT NULL)"
"""A campaign goes as a whole or not at all, or its report would lie; some of it always fails."""


def prune(db: Database, keys: Sequence[int]) -> int:
    """Delete runs by key, with their events, if they are still at their end. Returns how many were."""
    question = f"SELECT 1 FROM runs WHERE key = ? AND {_ENDED}"  # noqa: S608 - our own
    finished = [(key,) for key in keys if db.execute(question, (key,)).fetchone()]
    for run in finished:
        counted = db.execute("SELECT count(*), coalesce(sum(seal), 0) FROM events WHERE run = ?", run).fetchone()
        count_events(db, -counted[0], -counted[1])
    db.executemany("DELETE FROM events WHERE run = ?", finished)
    db.executemany("DELETE FROM runs WHERE key = ?", finished)
    forget_place(db)
    return len(finished)


def sweep(db: Database, older_than: float, age: float) -> None:
    """Delete what belongs to no run any more, and claims that ran out so many seconds ago.

    Uploads go that no API has any more.
    """
    db.execute(
        "DELETE FROM campaigns WHERE created_at < ? AND key NOT IN"
        " (SELECT DISTINCT campaign FROM runs WHERE campaign IS NOT NULL)",
        (older_than,),
    )
    db.execute("DELETE FROM handovers WHERE campaign NOT IN (SELECT key FROM campaigns)")
    db.execute("DELETE FROM skipped WHERE campaign NOT IN (SELECT key FROM campaigns)")
    db.execute(
        "DELETE FROM flows WHERE key NOT IN (SELECT DISTINCT flow FROM runs)"
        " AND key NOT IN (SELECT flow FROM campaigns)"
    )
    db.execute("DELETE FROM files WHERE digest NOT IN (SELECT digest FROM flows)")
    db.execute("DELETE FROM texts WHERE digest NOT IN (SELECT digest FROM flows)")
    db.execute("DELETE FROM uploads WHERE until < ?", (older_than,))
    db.execute("DELETE FROM claims WHERE until < ?", (db.up() - age,))


def prunable(db: Database, older_than: float) -> list[tuple[int, ...]]:
    """The keys of the finished runs whose last event is older, in portions; of a campaign only when all of it is so.

    Looked for without the write lock.
    """
    # A campaign's own runs have no `created_at`, but one that has ended has events.
    found: Sequence[tuple[int]] = db.execute(
        f"SELECT key FROM runs WHERE state IN ({_ALONE}) AND campaign IS NULL"  # noqa: S608 - our own clause
        " AND coalesce((SELECT max(at) FROM events WHERE run = runs.key), created_at) < ?"
        " UNION ALL"
        " SELECT key FROM runs WHERE campaign IS NOT NULL AND campaign NOT IN ("
        f" SELECT campaign FROM runs WHERE campaign IS NOT NULL AND NOT {_ENDED}"
        "  UNION SELECT campaign FROM runs WHERE campaign IS NOT NULL"
        "   AND (SELECT max(at) FROM events WHERE run = runs.key) >= ?)",
        (older_than, older_than),
    ).fetchall()
    keys = [key for (key,) in found]
    return [tuple(keys[start : start + _AT_ONCE]) for start in range(0, len(keys), _AT_ONCE)]
