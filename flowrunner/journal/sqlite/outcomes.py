"""What became of a campaign's people, in numbers: counted by SQLite, for there may be a million."""

import math
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from flowrunner.journal.sqlite.bulk import blocks
from flowrunner.journal.values import Standing
from flowrunner.model import Recipient

FATES: Mapping[Standing, str] = {
    "new": "waiting",
    "unfinished": "running",
    "waiting": "paused",
    "held": "held",
    "finished": "finished",
    "undelivered": "failed",
    "left_out": "skipped",
    "failed": "failed",
    "in_doubt": "in_doubt",
    "cancelled": "cancelled",
}
"""A run's standing as a report calls it."""

LATE = """instr(detail, '"late":true')"""
"""True of a `failed` event that takes nothing back: a message that was accepted was not there in time. Within a JSON
text these quotes are never escaped, so no reason can look like it."""

HISTORIES = """
    SELECT events.run AS run, step, min(events.key) AS first, max(events.key) AS last,
        group_concat(CASE WHEN kind = 'failed' AND instr(detail, '"late":true') THEN 'late' ELSE kind END) AS history
    FROM runs CROSS JOIN events INDEXED BY events_run ON events.run = runs.key
"""
"""One row for each step of each run: the keys of its first and last event, and all their kinds. To be ended by a
condition on ``runs`` and ``GROUP BY runs.key, step``: the order of the index, so that nothing need be sorted and the
kinds are in the order they were written. Most runs share a few histories: what one means is found out once."""


class Outcome(NamedTuple):
    """What one step's history comes to.

    Attributes:
        rank: How far its message came, an index of `STATUSES`. A later failure on the way does not take it back.
        stage: What the last event that settles anything says: ``begun``, ``accepted``, ``failed``, ``in_doubt``,
            ``skipped`` or ``paused``.
    """

    rank: int
    stage: str


STATUSES = ("", "accepted", "sent", "delivered", "read")


@lru_cache(maxsize=4096)
def outcome(history: str) -> Outcome:
    """What a history comes to; what came before its last `begun` was another try."""
    rank, stage = 0, ""
    for kind in history.split(","):
        if kind == "begun":
            rank = 0
        if kind in STATUSES:
            rank = max(rank, STATUSES.index(kind))
        if kind in _SETTLING:
            stage = "begun" if kind == "retrying" else kind
    return Outcome(rank, stage)


_SETTLING = {"begun", "accepted", "retrying", "failed", "in_doubt", "skipped", "paused"}


def key_of(db: sqlite3.Connection, campaign_id: str) -> int | None:
    """The campaign's row."""
    found: tuple[int] | None = db.execute("SELECT key FROM campaigns WHERE id = ?", (campaign_id,)).fetchone()
    return found[0] if found else None


def counts(db: sqlite3.Connection, campaign_id: str) -> dict[str, int]:
    """How many recipients are in each state of a Fate."""
    key = key_of(db, campaign_id)
    total: Counter[str] = Counter()
    for standing, count in db.execute("SELECT state, count(*) FROM runs WHERE campaign = ? GROUP BY state", (key,)):
        total[FATES[standing]] += count
    total.update(dict(db.execute("SELECT state, count(*) FROM skipped WHERE campaign = ? GROUP BY state", (key,))))
    return dict(total)


def standing(db: sqlite3.Connection, campaign_id: str, standing: Standing) -> int:
    """How many runs of a campaign stand so."""
    found: tuple[int] = db.execute(
        "SELECT count(*) FROM runs WHERE campaign = ? AND state = ?", (key_of(db, campaign_id), standing)
    ).fetchone()
    return found[0]


def next_wake(db: sqlite3.Connection, campaign_id: str) -> float | None:
    """When the next parked run wakes."""
    found: tuple[float | None] = db.execute(
        "SELECT min(wake_at) FROM runs WHERE campaign = ? AND wake_at IS NOT NULL", (key_of(db, campaign_id),)
    ).fetchone()
    return found[0]


_BY_CONVERSATION = "runs.conversation = fresh.conversation AND runs.conversation <> ''"
_BY_PHONE = "runs.phone = fresh.phone AND runs.phone <> '' AND (runs.conversation = '' OR fresh.conversation = '')"


def had_before(
    db: sqlite3.Connection,
    flow_name: str,
    target: str,
    recipients: Sequence[Recipient],
    but: str,
    since: float = -math.inf,
) -> set[int]:
    """The places of those who had that flow before, or may have, by another run than ``but``, ``since`` then."""
    chosen, parameters = "had <> 'none' AND runs.id <> ?", [but]
    if since > -math.inf:
        chosen, parameters = f"{chosen} AND {_SINCE}", [but, str(since)]
    return {place for place, *_ in _runs_of(db, flow_name, target, recipients, chosen, parameters)}


_SINCE = """(SELECT max(at) FROM events WHERE run = runs.key AND kind IN ('begun', 'accepted')) >= CAST(? AS REAL)"""
"""Whether a message of the run was handed over since then."""


def ended_so(
    db: sqlite3.Connection, flow_name: str, target: str, recipients: Sequence[Recipient], standing: str
) -> set[int]:
    """The places of those whose last run of that flow stands so, of the runs that were begun."""
    chosen = "state NOT IN ('new', 'held', 'left_out', 'cancelled')"
    last: dict[int, tuple[int, str]] = {}
    for place, run, state in _runs_of(db, flow_name, target, recipients, chosen):
        last[place] = max(last.get(place, (0, "")), (run, state))
    return {place for place, (_, state) in last.items() if state == standing}


def _runs_of(
    db: sqlite3.Connection,
    flow_name: str,
    target: str,
    recipients: Sequence[Recipient],
    chosen: str,
    parameters: Sequence[str] = (),
) -> Iterator[tuple[int, int, str]]:
    """Runs of that flow to these people, however their numbers are spelt: place, the run's key, how it stands.

    ``chosen`` is a condition on the runs.
    """
    from flowrunner.phones import spellings  # a report needs none of it

    its = (flow_name, target)
    flows = "SELECT key FROM flows WHERE name = ? AND target_key(target) = target_key(?)"
    if not db.execute(flows, its).fetchone():
        return
    rows = [
        (place, conversation, spelling)
        for place, (conversation, phone) in enumerate(recipients)
        for spelling in spellings(phone)
    ]
    for values, people in blocks(rows):
        for match in (_BY_CONVERSATION, _BY_PHONE):
            yield from db.execute(
                f"WITH fresh (place, conversation, phone) AS (VALUES {values})"  # noqa: S608 - only marks
                " SELECT place, runs.key, state FROM fresh CROSS JOIN runs"
                f" WHERE place IS NOT NULL AND {match} AND {chosen} AND runs.flow IN ({flows})",
                (*people, *parameters, *its),
            ).fetchall()
