"""Messages whose way to the phone is not known to its end."""

import sqlite3
from collections.abc import Iterator, Mapping

from flowrunner.engine.state import Phase
from flowrunner.journal.sqlite.bulk import blocks
from flowrunner.journal.sqlite.outcomes import HISTORIES, step_state
from flowrunner.journal.values import Followed

_PAGE = 500
_AT_ITS_END = (Phase.FINISHED, Phase.UNDELIVERED)


def followed(
    db: sqlite3.Connection, target: str, campaign_id: str, run_id: str, since: float, after: int
) -> tuple[list[Followed], int | None]:
    """A page of such runs, and the key that the next page begins after; None where there is none.

    Args:
        db: The connection.
        target: The API's URL, as the journal knows it.
        campaign_id: Only runs of that campaign; empty for all.
        run_id: Only that run; empty for all.
        since: Only runs of which something was learnt since then, in seconds since the epoch.
        after: Where the page before ended.
    """
    page = db.execute(
        "SELECT runs.key, id, conversation, state FROM runs"
        " WHERE runs.key > ? AND conversation <> '' AND state <> 'new'"
        " AND flow IN (SELECT key FROM flows WHERE target = ?)"
        " AND (? = '' OR campaign = (SELECT key FROM campaigns WHERE id = ?)) AND (? = '' OR id = ?)"
        " AND (SELECT at FROM events WHERE run = runs.key ORDER BY key DESC LIMIT 1) >= ? ORDER BY runs.key LIMIT ?",
        (after, target, campaign_id, campaign_id, run_id, run_id, since, _PAGE),
    ).fetchall()
    moving: dict[int, dict[str, int]] = {}
    for values, keys in blocks([(key,) for key, *_ in page]):
        found = db.execute(f"{HISTORIES} WHERE runs.key IN (VALUES {values}) GROUP BY runs.key, step", keys)
        for run, step, _, _, history in found:
            state = step_state(history)
            if state.is_on_its_way:
                moving.setdefault(run, {})[step] = state.rank
    runs = [
        Followed(run_id, conversation, phase in _AT_ITS_END, dict(_messages(db, key, moving[key])))
        for key, run_id, conversation, phase in page
        if key in moving
    ]
    return runs, page[-1][0] if len(page) == _PAGE else None


def _messages(db: sqlite3.Connection, run: int, steps: Mapping[str, int]) -> Iterator[tuple[str, tuple[str, int]]]:
    for step, rank in steps.items():
        found = db.execute(
            "SELECT message_id FROM events WHERE run = ? AND step = ? AND kind = 'accepted' ORDER BY key DESC LIMIT 1",
            (run, step),
        ).fetchone()
        if found is not None and found[0]:
            yield found[0], (step, rank)
