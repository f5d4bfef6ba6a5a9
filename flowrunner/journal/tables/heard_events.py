"""What people wrote becomes events of their runs: all that many callers were told, by a few statements."""

import json
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from flowrunner.engine.history.answered import heard
from flowrunner.engine.history.phases import ENDED
from flowrunner.journal.tables.columns import listed
from flowrunner.journal.tables.database import Database
from flowrunner.journal.tables.event_writes import Append, append_all
from flowrunner.journal.tables.names import aliases, learn
from flowrunner.journal.tables.optouts import opted_in
from flowrunner.journal.tables.people import runs_of
from flowrunner.journal.tables.records import pack, records, storable
from flowrunner.journal.tables.writes import Shared
from flowrunner.journal.values import RunRecord
from flowrunner.model import Event, EventKind, Inbound, Recipient

OTHER_ID: Final = "json_extract(nullif(detail, ''), '$.other_id')"
"""The second id of a message that was heard, where it has one."""
INDEXES: Final = (
    "CREATE INDEX events_heard ON events (run, message_id) WHERE kind = 'heard'",
    f"CREATE INDEX events_heard_too ON events (run, {OTHER_ID}) WHERE kind = 'heard'",
)
"""By which a message is known that a run has heard before: a flood of them must not be read through for each."""


class _Said(NamedTuple):
    target: str
    people: Sequence[tuple[Recipient, Inbound]]
    at: float


def hear(target: str, people: Sequence[tuple[Recipient, Inbound]], at: float) -> Shared:
    """Writes what people wrote, ``at`` the moment at which that was learnt, by our clock."""
    for recipient, said in people:
        storable(*recipient, said.id, pack(heard(said)))
    return Shared(_hear_all, _Said(target, people, at), len(people))


def _hear_all(db: Database, calls: Sequence[_Said]) -> list[list[str]]:
    """The ids of the runs that heard something new, for each call."""
    told: list[dict[str, None]] = [{} for _ in calls]
    for target in dict.fromkeys(call.target for call in calls):
        said = [
            (number, whom, inbound)
            for number, call in enumerate(calls)
            if call.target == target
            for whom, inbound in call.people
        ]
        again = opted_in(db, target, [whom for _, whom, _ in said])
        said = [each for place, each in enumerate(said) if not 0 < each[2].at <= again.get(place, 0.0)]
        places = _runs(db, target, [whom for _, whom, _ in said])
        wanted = [(place, key) for place, runs in places.items() for key in runs]
        known = _known(db, [(place, key, its) for place, key in wanted for its in _ids(said[place][2])])
        now: set[tuple[int, str]] = set()
        events = []
        for place, key in sorted(wanted):  # in the order in which it was told
            number, _, inbound = said[place]
            its = {(key, each) for each in _ids(inbound)}
            if (place, key) in known or not its.isdisjoint(now):
                continue
            now |= its
            run = places[place][key]
            told[number][run] = None
            events.append(Event(EventKind.HEARD, run, calls[number].at, "", inbound.id, heard(inbound)))
        append_all(db, [Append.of(events, None)])
    return [[*runs] for runs in told]


def _ids(inbound: Inbound) -> set[str]:
    return {inbound.id, inbound.other_id} - {""}


def _runs(db: Database, target: str, people: Sequence[Recipient]) -> dict[int, dict[int, str]]:
    """The runs that hear each of these, by place: key and id. Further names are learnt of those who are known."""
    also = aliases(db, target, people)
    hearing: dict[int, dict[int, str]] = {}
    known = set(also)
    for place, key, run, hears in runs_of(db, target, people, also, f"runs.key, runs.id, {HEARS}"):
        known.add(place)
        if hears:
            hearing.setdefault(place, {})[key] = run
    learn(db, target, [people[place] for place in sorted(known)])
    return hearing


HEARS: Final = f"listens = 1 AND state NOT IN ({listed(ENDED)})"
"""Whether a run hears what its person writes."""
_MOST: Final = 10
"""Runs that may hear one person: most of them have failed long ago."""


def hears(db: Database, target: str, recipient: Recipient) -> bool:
    """Whether any run hears what that person writes."""
    also = aliases(db, target, [recipient])
    return any(True for _ in runs_of(db, target, [recipient], also, "1", HEARS))


def listening_to(db: Database, target: str, recipient: Recipient) -> list[RunRecord]:
    """The runs that hear a person, newest first; where none does, the newest that has."""
    also = aliases(db, target, [recipient])
    wanted = f"runs.key, CASE WHEN {HEARS} THEN 1 ELSE 0 END"
    found = sorted({(key, its) for _, key, its in runs_of(db, target, [recipient], also, wanted, "listens = 1")})[::-1]
    keys = [key for key, is_heard in found if is_heard][:_MOST] or [key for key, _ in found[:1]]
    return records(db, f"WHERE runs.key IN ({db.listed(int)})", (json.dumps(keys),)) if keys else []


def _known(db: Database, asked: Iterable[tuple[int, int, str]]) -> set[tuple[int, int]]:
    """The place and the run of each message that the run has heard before, of those that are asked for."""
    known: set[tuple[int, int]] = set()
    for values, parameters in db.blocks([*asked], int, int, str):
        for column in ("message_id", OTHER_ID):
            known.update(
                db.execute(
                    f"WITH fresh (place, its, id) AS {values} SELECT place, its FROM fresh"  # noqa: S608
                    f" CROSS JOIN events ON events.run = its AND {column} = fresh.id"
                    " WHERE place IS NOT NULL AND kind = 'heard'",
                    parameters,
                ).fetchall()
            )
    return known
