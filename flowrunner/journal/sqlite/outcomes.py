"""What became of a campaign's people, in numbers: counted by SQLite, for there may be a million."""

import math
import sqlite3
from collections.abc import Iterator, Sequence
from functools import lru_cache

from flowrunner.engine.state import Phase, StepState, step_of
from flowrunner.journal.sqlite.bulk import blocks
from flowrunner.journal.sqlite.columns import MARK
from flowrunner.journal.values import Counts
from flowrunner.model import Recipient

HISTORIES = f"""
    SELECT events.run AS run, step, min(events.key) AS first, max(events.key) AS last, group_concat({MARK}) AS history
    FROM runs CROSS JOIN events INDEXED BY events_run ON events.run = runs.key
"""  # noqa: S608 - our own
"""One row for each step of each run: the keys of its first and last event, and all their kinds. To be ended by a
condition on ``runs`` and ``GROUP BY runs.key, step``: the order of the index, so that nothing need be sorted and the
kinds are in the order they were written. Most runs share a few histories: what one means is found out once."""


@lru_cache(maxsize=4096)
def step_state(history: str) -> StepState:
    """What a history comes to."""
    return step_of(history.split(","))


def key_of(db: sqlite3.Connection, campaign_id: str) -> int | None:
    """The campaign's row."""
    found: tuple[int] | None = db.execute("SELECT key FROM campaigns WHERE id = ?", (campaign_id,)).fetchone()
    return found[0] if found else None


def counts(db: sqlite3.Connection, campaign_id: str) -> Counts:
    """How many of a campaign's people are where."""
    key = (key_of(db, campaign_id),)
    phases = db.execute("SELECT state, count(*) FROM runs WHERE campaign = ? GROUP BY state", key)
    omitted = db.execute("SELECT state, count(*) FROM skipped WHERE campaign = ? GROUP BY state", key)
    return Counts({Phase(phase): count for phase, count in phases}, dict(omitted))


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
    db: sqlite3.Connection, flow_name: str, target: str, recipients: Sequence[Recipient], phase: Phase
) -> set[int]:
    """The places of those whose last run of that flow has come to that, of the runs that were begun."""
    chosen = "state NOT IN ('held', 'left_out', 'cancelled') AND NOT (state = 'new' AND campaign IS NOT NULL)"
    last: dict[int, tuple[int, str]] = {}
    for place, run, state in _runs_of(db, flow_name, target, recipients, chosen):
        last[place] = max(last.get(place, (0, "")), (run, state))
    return {place for place, (_, state) in last.items() if state == phase}


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
    from flowrunner.phones.spellings import spellings  # a report needs none of it

    its = (flow_name, target)
    flows = "SELECT key FROM flows WHERE name = ? AND target_key(target) = target_key(?)"
    if not db.execute(flows, its).fetchone():
        return
    rows = [
        (place, conversation, spelling)
        for place, (conversation, phone, _) in enumerate(recipients)
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
