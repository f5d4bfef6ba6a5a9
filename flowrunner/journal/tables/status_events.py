"""What was told of messages becomes events of their runs: all that many callers were told, by a few statements."""

from collections.abc import Collection, Iterator, Sequence
from typing import Final, NamedTuple

from flowrunner.client.access import target_key
from flowrunner.engine.history.state import NEW_STEP, OPEN, RANKS, StepState, step_after
from flowrunner.journal.tables.database import Database, Rows
from flowrunner.journal.tables.event_writes import Append, append_all
from flowrunner.journal.tables.outcomes import histories, step_state
from flowrunner.journal.tables.records import pack, storable
from flowrunner.journal.tables.writes import Shared
from flowrunner.model import Event, EventKind, Json, Told

TAIL: Final = 16
"""Characters at the end of an id that are in the index: they tell nearly every id apart, in a third of the room."""
WAMID: Final = "json_extract(nullif(detail, ''), '$.wamid')"
OWN: Final = "kind = 'accepted' AND message_id <> ''"
OTHER: Final = f"""instr(detail, '"wamid":') AND {WAMID} <> message_id"""
INDEXES: Final = (
    f"CREATE INDEX events_accepted ON events (substr(message_id, -{TAIL})) WHERE {OWN}",
    f"CREATE INDEX events_wamid ON events (substr({WAMID}, -{TAIL})) WHERE {OTHER}",
)
"""By which a message is found: the id that the API took it with, and WhatsApp's where that is another."""
_REFERENCE: Final = "fr"


class _Telling(NamedTuple):
    target: str
    statuses: Sequence[Told]


class _Found(NamedTuple):
    """The step that a status is about.

    Attributes:
        message_id: The API's id of its message; empty where only the reference tells that it is one of this step.
    """

    key: int
    run: str
    step: str
    message_id: str


def tell(target: str, statuses: Sequence[Told]) -> Shared:
    """Writes what became of messages."""
    for each in statuses:
        storable(*each.ids, each.reference)
        pack({"reason": each.reason})
    return Shared(_tell_all, _Telling(target, statuses), len(statuses))


def _tell_all(db: Database, calls: Sequence[_Telling]) -> list[list[str]]:
    """The ids of the runs of which something new was told, for each call."""
    said = [(number, call.target, each) for number, call in enumerate(calls) for each in call.statuses]
    found = _found(db, [(target, each) for _, target, each in said])
    states, newest = _known(db, {its.key for its in found.values()})
    told: list[dict[str, None]] = [{} for _ in calls]
    events = []
    for place, its in sorted(found.items()):  # in the order in which it was told
        number, _, status = said[place]
        state, at = states.get(its[:3:2], NEW_STEP), its[:3:2]
        if its.message_id == newest.get(at, "") and (event := _event(status, its, state)) is not None:
            states[at] = step_after(state, event)
            told[number][its.run] = None
            events.append(event)
    append_all(db, [Append.of(events, None)])
    return [[*runs] for runs in told]


def _event(status: Told, its: _Found, state: StepState) -> Event | None:
    """What a status adds to what is known of a step; None for nothing."""
    if not (state.is_on_its_way or (state.stage in OPEN and not its.message_id)):
        return None
    detail: dict[str, Json] = {}
    if status.kind is EventKind.FAILED and state.rank < RANKS["delivered"]:
        detail = {"reason": status.reason, "learnt": True}
    elif RANKS.get(status.kind, 0) <= state.rank:
        return None
    own = its.message_id or next(iter(status.ids), "")
    if wamid := next((each for each in status.ids if each != own and each.startswith("wamid.")), ""):
        detail["wamid"] = wamid
    return Event(status.kind, its.run, status.at, its.step, own, detail)


def _found(db: Database, said: Sequence[tuple[str, Told]]) -> dict[int, _Found]:
    """Which message each status is about, by its place; nothing where it is none of ours."""
    found: dict[int, _Found] = {}
    asked = [(place, each) for place, (_, its) in enumerate(said) for each in its.ids]
    for values, parameters in db.blocks(asked, int, str):
        for id_of, chosen in (("message_id", OWN), (WAMID, OTHER)):
            same = f"{db.tail(id_of, TAIL)} = {db.tail('its', TAIL)} AND {id_of} = its"
            rows = db.execute(
                f"WITH fresh (place, its) AS {values}"  # noqa: S608 - our own
                f" SELECT target, place, runs.key, runs.id, step, message_id FROM fresh CROSS JOIN events ON {same}"
                " CROSS JOIN runs ON runs.key = events.run CROSS JOIN flows ON flows.key = runs.flow"
                f" WHERE place IS NOT NULL AND {chosen}",
                parameters,
            )
            found.update(_there(said, rows))
    referred = [
        (place, *named)
        for place, (_, its) in enumerate(said)
        if place not in found and (named := _named(its.reference))
    ]
    for values, parameters in db.blocks(referred, int, str, str):
        rows = db.execute(
            f"WITH fresh (place, its, at) AS {values}"  # noqa: S608 - our own
            " SELECT target, place, runs.key, runs.id, at, '' FROM fresh"
            " CROSS JOIN runs ON runs.id = its CROSS JOIN flows ON flows.key = runs.flow WHERE place IS NOT NULL",
            parameters,
        )
        found.update(_there(said, rows))
    return found


def _there(said: Sequence[tuple[str, Told]], rows: Rows) -> Iterator[tuple[int, _Found]]:
    """What is about messages of the API that told it."""
    for target, place, *row in rows:
        if target_key(target) == target_key(said[place][0]):
            yield place, _Found(*row)


def _named(reference: str) -> tuple[str, str] | None:
    """The run and the step that a reference names, as `flowrunner.delivery.doubt.references` makes it."""
    match reference.split(":"):
        case [prefix, run, step, _] if prefix == _REFERENCE:
            return run, step
        case _:
            return None


def _known(db: Database, runs: Collection[int]) -> tuple[dict[tuple[int, str], StepState], dict[tuple[int, str], str]]:
    """What is known of each step of some runs, by run and step; and the id of its newest message that was taken."""
    states: dict[tuple[int, str], StepState] = {}
    newest: dict[tuple[int, str], str] = {}
    for values, keys in db.blocks([(key,) for key in runs], int):
        for run, step, _, _, history in db.execute(
            f"{histories(db)} WHERE runs.key IN {values} GROUP BY runs.key, step", keys
        ):
            states[run, step] = step_state(history)
        taken = f"SELECT run, step, message_id FROM events WHERE run IN {values} AND {OWN} ORDER BY key"  # noqa: S608
        newest.update(((run, step), message_id) for run, step, message_id in db.execute(taken, keys))
    return states, {at: its for at, its in newest.items() if states[at].stage not in OPEN}
