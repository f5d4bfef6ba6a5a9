"""The columns of a run that repeat what its events come to: read, written, and compared with the events."""

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, Final, NamedTuple

from flowrunner.engine.history.phases import Phase, RunState, called_off, run_after, taken_up
from flowrunner.journal.tables.database import Database
from flowrunner.journal.tables.records import unpack
from flowrunner.model import Event, EventKind

MARK: Final = (
    """CASE WHEN kind <> 'failed' THEN kind WHEN instr(detail, '"late":true') THEN 'late'"""
    """ WHEN instr(detail, '"learnt":true') THEN 'learnt' ELSE kind END"""
)
"""An event's kind as `engine.history.state.step_of` takes it. Within a JSON text these quotes are never escaped, so
that no reason can look like it."""


class Kept(NamedTuple):
    """What a run's columns say.

    Attributes:
        cancelled: Its campaign was called off.
        conversation: Where its messages go.
    """

    key: int
    id: str
    state: RunState
    cancelled: bool
    conversation: str


def listed(phases: Iterable[Phase]) -> str:
    """Phases as SQL has them after ``IN``, within its brackets."""
    return ", ".join(f"'{phase}'" for phase in sorted(phases))


def kept_of(db: Database, runs: Iterable[str]) -> dict[str, Kept]:
    """What the columns of those runs say that are there, by their ids."""
    return asking_kept(db, runs)()


def asking_kept(db: Database, runs: Iterable[str]) -> Callable[[], dict[str, Kept]]:
    """What tells `kept_of`. It is asked for at once, and told when it is called."""
    asked = [
        db.execute(
            f"WITH asked (id) AS {values} SELECT {_KEPT} WHERE runs.id IN (SELECT id FROM asked)",  # noqa: S608
            parameters,
        )
        for values, parameters in db.blocks([(run,) for run in runs], str)
    ]
    return lambda: {its.id: its for rows in asked for its in (_kept(*row) for row in rows)}


def write_states(db: Database, changed: Iterable[Kept], *, untouched: Collection[str] = ()) -> None:
    """Write what runs have come to, and that those of a cancelled campaign go on no more.

    Whoever had taken one has it until it waits again or ends; of those whose ids are ``untouched`` only others have
    told something.
    """
    rows = [
        (its.key, its.id not in untouched, *(called_off(its.state) if its.cancelled else its.state)) for its in changed
    ]
    for values, parameters in db.blocks(rows, int, int, str, float, str, float, int, int):
        db.execute(
            f"WITH fresh (key, its, {_COLUMNS}) AS {values} UPDATE runs SET {_FRESH}, lent = {_LENT}"  # noqa: S608
            " FROM fresh WHERE runs.key = fresh.key",
            parameters,
        )


def told_by_events(db: Database) -> dict[int, RunState]:
    """What every run with events comes to by them, by its key.

    Raises:
        ValueError: One is no event.
    """
    states: dict[int, RunState] = {}
    found = db.each("SELECT run, kind, at, step, detail FROM events ORDER BY key")
    for run, kind, at, step, detail in found:
        try:
            event = Event(EventKind(kind), "", float(at), step, "", unpack(detail))
        except ValueError:
            raise ValueError(f"an event cannot be read: {kind!r} {detail!r}") from None
        states[run] = run_after(states.get(run, RunState()), event)
    return states


def wrong_columns(db: Database) -> Iterator[tuple[str, RunState, RunState]]:
    """The runs whose columns are not what their events come to: id, columns, events.

    One that a process has taken up after its wait, before anything was written of it, may be under way.

    Raises:
        ValueError: One is no event.
    """
    states = told_by_events(db)
    for row in db.each(f"SELECT {_KEPT}"):
        kept = _kept(*row)
        state = states.get(kept.key, RunState())
        state = called_off(state) if kept.cancelled else state
        if kept.state not in (state, taken_up(state)):
            yield kept.id, kept.state, state


_COLUMNS: Final = "state, wake_at, had, asked, heard, undelivered"
"""What repeats a `RunState`, in its order."""
_FRESH: Final = ", ".join(f"{each} = fresh.{each}" for each in _COLUMNS.split(", "))
_GONE_ON_WITH: Final = listed([Phase.UNDER_WAY, Phase.IN_DOUBT])
_LENT: Final = f"CASE WHEN fresh.its = 1 AND fresh.state NOT IN ({_GONE_ON_WITH}) THEN 0 ELSE runs.lent END"
_KEPT: Final = f"""runs.key, runs.id, cancelled_at IS NOT NULL, conversation, {_COLUMNS}
    FROM runs LEFT JOIN campaigns ON campaigns.key = runs.campaign"""


def _kept(key: int, run: str, cancelled: int, conversation: str, *its: Any) -> Kept:
    phase, wake_at, had, asked, heard, undelivered = its
    state = RunState(Phase(phase), wake_at, had, asked, heard, bool(undelivered))
    return Kept(key, run, state, bool(cancelled), conversation)
