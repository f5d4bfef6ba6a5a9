"""Runs that wait: whose time has come, when the next one's does, and who has asked whom something.

All is looked up for each flow by itself, from an index: there may be a million of them, and thousands of flows.
"""

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Final

from flowrunner.client.access import target_key
from flowrunner.engine.history.phases import Phase
from flowrunner.journal.tables.database import Database
from flowrunner.journal.tables.names import aliases
from flowrunner.journal.tables.people import runs_of
from flowrunner.journal.tables.records import records
from flowrunner.journal.tables.work import GOES_ON
from flowrunner.journal.values import Asking, Member
from flowrunner.model import Recipient

_DUE_AT: Final = "max(wake_at, lent)"
"""When a parked run is to be had: who took it last had it for themselves until ``lent``."""
_LENT: Final = "lent > 0"
LEFT: Final = f"{_LENT} AND wake_at IS NULL AND state = '{Phase.UNDER_WAY}'"
"""What somebody had taken, and has not brought to where it waits or ends: they may have died."""
_HAD: Final = f"flow = ? AND {_LENT} AND lent > ?"
_DOUBTFUL: Final = f"flow = ? AND {_LENT} AND wake_at IS NULL AND state = '{Phase.IN_DOUBT}'"
"""What somebody had taken and was looking up, or could not settle: only whoever has ended gives it back."""
_DUE: Final = ((_DUE_AT, "wake_at IS NOT NULL"), ("lent", LEFT))
PAUSING: Final = "runs.listens = 1 AND wake_at IS NOT NULL AND asked IS NULL"
INDEXES: Final = (
    f"CREATE INDEX runs_due ON runs (flow, {_DUE_AT}) WHERE wake_at IS NOT NULL",
    "CREATE INDEX runs_asked ON runs (flow, asked) WHERE asked IS NOT NULL",
    f"CREATE INDEX runs_lent ON runs (flow, lent) WHERE {_LENT}",
    f"CREATE INDEX runs_pausing ON runs (flow, campaign, created_at) WHERE {PAUSING}",
)


def due(
    db: Database, targets: Sequence[str], now: float, limit: int, lease: float,
    owner: str, ended: Collection[str],
) -> list[Member]:  # fmt: skip
    """Runs whose time has come, and what those have who have ended; nobody else is given them for so long."""
    chosen = [
        f"SELECT {at}, key FROM runs WHERE flow = ? AND {which} AND {at} <= ? AND {GOES_ON} ORDER BY 1, 2 LIMIT ?"  # noqa: S608
        for at, which in _DUE
    ]
    flows = [*_flows(db, targets)]
    back = f"UPDATE runs SET lent = ? WHERE {_HAD} AND lent_to = ?"  # noqa: S608 - our own
    db.executemany(back, [(now, flow, now, gone) for flow in flows for gone in ended])
    asked = [db.execute(its, (flow, now, limit)) for flow in flows for its in chosen]  # all on their way at once
    rows = [row for each in asked for row in each]
    left = f"SELECT lent, key FROM runs WHERE {_DOUBTFUL} AND lent_to = ? ORDER BY 1, 2 LIMIT ?"  # noqa: S608 - our own
    rows += [row for flow in flows for gone in ended for row in db.execute(left, (flow, gone, limit))]
    found = sorted(rows)[:limit]
    if not found:
        return []
    keys = json.dumps([key for _, key in found])
    its = f"runs.key IN ({db.listed(int)})"
    runs = {record.run.id: record for record in records(db, f"WHERE {its}", (keys,))}
    places = db.execute(
        "SELECT runs.key, runs.id, line, zone, coalesce(campaigns.id, '') FROM runs"  # noqa: S608 - our own
        f" LEFT JOIN campaigns ON campaigns.key = runs.campaign WHERE {its}",
        (keys,),
    ).fetchall()
    members = {
        key: Member(key, line, runs[run].phase, runs[run].run, zone, runs[run].conversation, campaign)
        for key, run, line, zone, campaign in places
    }
    db.execute(f"UPDATE runs SET lent = ?, lent_to = ? WHERE {its}", (now + lease, owner, keys))  # noqa: S608
    return [members[key] for _, key in found]


def ended(db: Database, targets: Sequence[str], now: float, has_ended: Callable[[str], bool]) -> Collection[str] | None:
    """Those who have runs, and have ended; None where nothing is to be had from them, nor else."""
    had = f"SELECT lent_to FROM runs WHERE {_HAD} UNION SELECT lent_to FROM runs WHERE {_DOUBTFUL}"  # noqa: S608
    asked = [db.execute(had, (flow, now, flow)) for flow in _flows(db, targets)]
    owners = {owner for each in asked for (owner,) in each}
    gone = [*filter(has_ended, owners)]
    first = next_due(db, targets)
    return gone if gone or (first is not None and first <= now) else None


def next_due(db: Database, targets: Sequence[str]) -> float | None:
    """When the next run is to be had."""
    first = [f"SELECT min({at}) FROM runs WHERE flow = ? AND {which} AND {GOES_ON}" for at, which in _DUE]  # noqa: S608
    asked = [db.execute(its, (flow,)) for flow in _flows(db, targets) for its in first]
    found = [each.fetchone()[0] for each in asked]
    return min((at for at in found if at is not None), default=None)


def doubts(db: Database, target: str) -> int:
    """How many runs have a message that may have been taken."""
    its = f"SELECT count(*) FROM runs WHERE flow = ? AND state = '{Phase.IN_DOUBT}'"  # noqa: S608 - our own
    return sum(db.execute(its, (flow,)).fetchone()[0] for flow in _flows(db, [target]))


def asking(db: Database, target: str) -> Asking:
    """How many questions wait for an answer, who else listens while it is parked, and since when the first does."""
    asked = "SELECT count(*), min(asked) FROM runs WHERE flow = ? AND asked IS NOT NULL"
    # A run of a campaign was begun with that.
    pausing = (
        "SELECT count(*), min(coalesce(campaigns.created_at, runs.created_at)) FROM runs"  # noqa: S608 - our own
        f" LEFT JOIN campaigns ON campaigns.key = campaign WHERE runs.flow = ? AND {PAUSING}"
    )
    flows = [*_flows(db, [target])]
    asks, pauses = ([db.execute(its, (flow,)).fetchone() for flow in flows] for its in (asked, pausing))
    since = min((at for _, at in (*asks, *pauses) if at is not None), default=0.0)
    return Asking(sum(count for count, _ in asks), since, sum(count for count, _ in pauses))


def busy_with(db: Database, asked: Sequence[tuple[str, Recipient, str]]) -> list[str]:
    """The first run that has asked each person something; asked for by the API, the person and a run it is not."""
    found: list[set[tuple[int, str]]] = [set() for _ in asked]
    for target in dict.fromkeys(target for target, *_ in asked):
        places = [place for place, (its, *_) in enumerate(asked) if its == target]
        people = [asked[place][1] for place in places]
        also = aliases(db, target, people)
        for at, key, run in runs_of(db, target, people, also, "runs.key, runs.id", "asked IS NOT NULL"):
            found[places[at]].add((key, run))
    return [
        next((run for _, run in sorted(its) if run != but), "") for its, (_, _, but) in zip(found, asked, strict=True)
    ]


def _flows(db: Database, targets: Sequence[str]) -> Iterator[int]:
    """The rows of all flows that were sent there."""
    wanted = {target_key(target) for target in targets}
    for key, target in db.execute("SELECT key, target FROM flows").fetchall():
        if target_key(target) in wanted:
            yield key
