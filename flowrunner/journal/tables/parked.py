"""Runs that wait: whose time has come, when the next one's does, and since when somebody may have written.

There may be a million of them, thousands of flows, and half of all be of a campaign that was stopped: whatever is asked
is found by the first of each group in an index, never by going through them. Nothing is joined to runs for it:
PostgreSQL would take few groups for many, and read all runs.
"""

import json
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Final, cast

from flowrunner.client.access import target_key
from flowrunner.engine.history.phases import Phase
from flowrunner.journal.tables.database import Database
from flowrunner.journal.tables.names import aliases
from flowrunner.journal.tables.people import runs_of
from flowrunner.journal.tables.records import records
from flowrunner.model import Recipient

if TYPE_CHECKING:
    from flowrunner.journal.many import Member

_BEGUN_WITH: Final = "coalesce(campaign, 0)"
"""The campaign of a run; 0 where it has none."""
_HALTED_WITH: Final = f"(CASE WHEN heard > 0 THEN 0 ELSE {_BEGUN_WITH} END)"
"""The campaign that keeps a parked run back when it is stopped; 0 for none: whose person has written goes on."""
_HALTED: Final = "SELECT campaign FROM handovers WHERE stopped <> ''"
_DUE_AT: Final = "max(wake_at, lent)"
"""When a parked run is to be had: who took it last had it for themselves until ``lent``."""
_LENT: Final = "lent > 0"
LEFT: Final = f"{_LENT} AND wake_at IS NULL AND state = '{Phase.UNDER_WAY}'"
"""What somebody had taken, and has not brought to where it waits or ends: they may have died."""
_DOUBTFUL: Final = f"{_LENT} AND wake_at IS NULL AND state = '{Phase.IN_DOUBT}'"
"""What somebody had taken and was looking up, or could not settle: only whoever has ended gives it back."""
_HAD: Final = f"{_LENT} AND lent > ?"
_PARKED: Final = "wake_at IS NOT NULL"
_GOES_ON: Final = f"{_HALTED_WITH} NOT IN ({_HALTED})"
PAUSING: Final = "runs.listens = 1 AND wake_at IS NOT NULL AND asked IS NULL"
INDEXES: Final = (
    f"CREATE INDEX runs_due ON runs (flow, {_DUE_AT}) WHERE wake_at IS NOT NULL",
    "CREATE INDEX runs_asked ON runs (flow, asked) WHERE asked IS NOT NULL",
    f"CREATE INDEX runs_lent ON runs (flow, lent) WHERE {_LENT}",
    f"CREATE INDEX runs_pausing ON runs (flow, campaign, created_at) WHERE {PAUSING}",
)
GROUPED: Final = (
    "DROP INDEX runs_due",
    f"CREATE INDEX runs_due ON runs (flow, {_HALTED_WITH}, {_DUE_AT}, key) WHERE {_PARKED}",
    "DROP INDEX runs_pausing",
    f"CREATE INDEX runs_pausing ON runs (flow, {_BEGUN_WITH}, created_at, key) WHERE {PAUSING}",
)
"""What stands between two runs that may be had is not gone through."""


def _groups(db: Database, group: str, chosen: str) -> str:
    """The groups of runs of some flows, each as ``flow, its``: from one to the next in the index that has them so.

    Args:
        db: Where.
        group: What runs of a flow are grouped by.
        chosen: Which runs, as the index has it.
    """
    first = f"SELECT {group} FROM runs WHERE flow = flows.key AND {chosen} ORDER BY {group} LIMIT 1"  # noqa: S608 - our own
    after = f"SELECT {group} FROM runs WHERE flow = groups.flow AND {chosen} AND {group} > its ORDER BY {group} LIMIT 1"  # noqa: S608
    return (
        f"groups (flow, its) AS (SELECT flows.key, ({first}) FROM flows WHERE flows.key IN ({db.listed(int)})"  # noqa: S608
        f" UNION ALL SELECT flow, ({after}) FROM groups WHERE its IS NOT NULL)"
    )


def due(
    db: Database, targets: Sequence[str], now: float, limit: int, lease: float,
    owner: str, ended: Collection[str],
) -> "list[Member]":  # fmt: skip
    """Runs whose time has come, and what those have who have ended; nobody else is given them for so long."""
    from flowrunner.journal.many import Member  # who carries one run out asks for none that is due

    flows = _flows(db, targets)
    if ended:
        back = f"UPDATE runs SET lent = ? WHERE {_HAD} AND lent_to = ? AND flow IN ({db.listed(int)})"  # noqa: S608
        db.executemany(back, [(now, now, gone, flows) for gone in ended])
    groups = [its for its in _going_on(db, flows) if its[0] <= now][:limit]  # each has one that is due, at least
    some = (
        f"SELECT {_DUE_AT}, key FROM runs WHERE flow = ? AND {_HALTED_WITH} = ? AND {_PARKED} AND {_DUE_AT} <= ?"  # noqa: S608
        " ORDER BY 1, 2 LIMIT ?"
    )
    asked = [db.execute(some, (flow, group, now, limit)) for _, flow, group in groups]  # all on their way at once
    left = f"SELECT lent, key FROM runs WHERE {LEFT} AND lent <= ? AND {_GOES_ON}"  # noqa: S608
    doubtful = f"SELECT lent, key FROM runs WHERE {_DOUBTFUL} AND lent_to = ?"  # noqa: S608
    its_flow = f"AND flow IN ({db.listed(int)}) ORDER BY 1, 2 LIMIT ?"
    asked.append(db.execute(f"{left} {its_flow}", (now, flows, limit)))
    asked += [db.execute(f"{doubtful} {its_flow}", (gone, flows, limit)) for gone in ended]
    found = sorted(row for each in asked for row in each)[:limit]
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
    flows, some = _flows(db, targets), f"flow IN ({db.listed(int)})"
    had, doubtful = (f"SELECT lent_to FROM runs WHERE {its} AND {some}" for its in (_HAD, _DOUBTFUL))  # noqa: S608
    owners = db.execute(f"{had} UNION {doubtful}", (now, flows, flows))
    first = _next_due(db, flows)
    gone = [owner for (owner,) in owners.fetchall() if has_ended(owner)]
    return gone if gone or (first is not None and first <= now) else None


def next_due(db: Database, targets: Sequence[str]) -> float | None:
    """When the next run is to be had."""
    return _next_due(db, _flows(db, targets))


def _next_due(db: Database, flows: str) -> float | None:
    left = f"SELECT min(lent) FROM runs WHERE {LEFT} AND {_GOES_ON} AND flow IN ({db.listed(int)})"  # noqa: S608
    asked = db.execute(left, (flows,))
    found = [*(at for at, *_ in _going_on(db, flows)), *(at for (at,) in asked.fetchall() if at is not None)]
    return min(found, default=None)


def _going_on(db: Database, flows: str) -> list[tuple[float, int, int]]:
    """The parked runs that are gone on with: when the first of each group is to be had, its flow, and the group."""
    of_group = f"FROM runs WHERE flow = groups.flow AND {_HALTED_WITH} = its AND {_PARKED} ORDER BY {_DUE_AT} LIMIT 1"
    its = (
        f"WITH RECURSIVE {_groups(db, _HALTED_WITH, _PARKED)} SELECT (SELECT {_DUE_AT} {of_group}), flow, its"  # noqa: S608
        f" FROM groups WHERE its IS NOT NULL AND its NOT IN ({_HALTED}) ORDER BY 1, 2, 3"
    )
    return db.execute(its, (flows,)).fetchall()


def doubts(db: Database, target: str) -> int:
    """How many runs have a message that may have been taken."""
    its = f"SELECT count(*) FROM runs WHERE state = '{Phase.IN_DOUBT}' AND flow IN ({db.listed(int)})"  # noqa: S608
    return int(db.execute(its, (_flows(db, [target]),)).fetchone()[0])


def asking(db: Database, target: str) -> int:
    """How many questions wait for an answer."""
    its = f"SELECT count(*) FROM runs WHERE asked IS NOT NULL AND flow IN ({db.listed(int)})"  # noqa: S608 - our own
    return int(db.execute(its, (_flows(db, [target]),)).fetchone()[0])


def listening_since(db: Database, target: str) -> float | None:
    """Since when the first listens of those who are parked."""
    flows = _flows(db, [target])
    first = "SELECT min(asked) FROM runs WHERE flow = flows.key AND asked IS NOT NULL"
    asked = db.execute(f"SELECT min(({first})) FROM flows WHERE flows.key IN ({db.listed(int)})", (flows,))  # noqa: S608
    # A run of a campaign was begun with that.
    of_group = f"FROM runs WHERE flow = groups.flow AND {_BEGUN_WITH} = its AND {PAUSING} ORDER BY created_at LIMIT 1"
    begun = f"coalesce((SELECT created_at FROM campaigns WHERE key = its), (SELECT created_at {of_group}))"  # noqa: S608
    pausing = db.execute(
        f"WITH RECURSIVE {_groups(db, _BEGUN_WITH, PAUSING)} SELECT min({begun}) FROM groups WHERE its IS NOT NULL",  # noqa: S608
        (flows,),
    )
    return min((at for each in (asked, pausing) for (at,) in each.fetchall() if at is not None), default=None)


def asked_last(db: Database, target: str) -> float | None:
    """When the last of those asked who wait for an answer."""
    last = "SELECT max(asked) FROM runs WHERE flow = flows.key AND asked IS NOT NULL"
    flows = _flows(db, [target])
    (at,) = db.execute(f"SELECT max(({last})) FROM flows WHERE flows.key IN ({db.listed(int)})", (flows,)).fetchone()  # noqa: S608
    return cast("float | None", at)


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


def _flows(db: Database, targets: Sequence[str]) -> str:
    """The rows of all flows that were sent there, as a JSON list."""
    wanted = {target_key(target) for target in targets}
    known = db.execute("SELECT key, target FROM flows").fetchall()
    return json.dumps([key for key, target in known if target_key(target) in wanted])
