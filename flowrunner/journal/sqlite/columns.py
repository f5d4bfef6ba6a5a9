"""The columns of a run that repeat what its events come to: read, written, and compared with the events."""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from flowrunner.engine.phases import Phase, RunState, called_off, run_after, taken_up
from flowrunner.journal.sqlite.bulk import blocks
from flowrunner.journal.sqlite.records import unpack
from flowrunner.model import Event, EventKind

MARK: Final = (
    """CASE WHEN kind <> 'failed' THEN kind WHEN instr(detail, '"late":true') THEN 'late'"""
    """ WHEN instr(detail, '"learnt":true') THEN 'learnt' ELSE kind END"""
)
"""An event's kind as `flowrunner.engine.state.step_of` takes it. Within a JSON text these quotes are never escaped, so
that no reason can look like it."""


class Kept(NamedTuple):
    """What a run's columns say.

    Attributes:
        cancelled: Its campaign was called off.
        conversation: Where its messages go.
    """

    key: int
    state: RunState
    cancelled: bool
    conversation: str


def listed(phases: Iterable[Phase]) -> str:
    """Phases as SQL has them after ``IN``, within its brackets."""
    return ", ".join(f"'{phase}'" for phase in sorted(phases))


def kept_of(db: sqlite3.Connection, runs: Iterable[str]) -> dict[str, Kept]:
    """What the columns of those runs say that are there, by their ids."""
    kept: dict[str, Kept] = {}
    for values, parameters in blocks([(run,) for run in runs]):
        found = db.execute(
            f"WITH asked (id) AS (VALUES {values}) SELECT runs.id, {_KEPT} WHERE runs.id IN (SELECT id FROM asked)",  # noqa: S608
            parameters,
        )
        kept.update((run, _kept(*row)) for run, *row in found)
    return kept


def write_states(db: sqlite3.Connection, changed: Iterable[Kept]) -> None:
    """Write what runs have come to, and that those of a cancelled campaign go on no more."""
    rows = [(its.key, *(called_off(its.state) if its.cancelled else its.state)) for its in changed]
    for values, parameters in blocks(rows):
        db.execute(
            f"WITH fresh (key, state, wake_at, had) AS (VALUES {values}) UPDATE runs SET (state, wake_at, had) ="  # noqa: S608
            " (SELECT state, wake_at, had FROM fresh WHERE fresh.key = runs.key) WHERE key IN (SELECT key FROM fresh)",
            parameters,
        )


def told_by_events(db: sqlite3.Connection) -> dict[int, RunState]:
    """What every run with events comes to by them, by its key.

    Raises:
        ValueError: One is no event.
    """
    states: dict[int, RunState] = {}
    found = db.execute("SELECT run, kind, at, step, detail FROM events ORDER BY key")
    for run, kind, at, step, detail in found:
        try:
            event = Event(EventKind(kind), "", float(at), step, "", unpack(detail))
        except ValueError:
            raise ValueError(f"an event cannot be read: {kind!r} {detail!r}") from None
        states[run] = run_after(states.get(run, RunState()), event)
    return states


def wrong_columns(db: sqlite3.Connection) -> Iterator[tuple[str, RunState, RunState]]:
    """The runs whose columns are not what their events come to: id, columns, events.

    One that a process has taken up after its wait, before anything was written of it, may be under way.

    Raises:
        ValueError: One is no event.
    """
    states = told_by_events(db)
    for run, *row in db.execute(f"SELECT runs.id, {_KEPT}"):
        kept = _kept(*row)
        state = states.get(kept.key, RunState())
        state = called_off(state) if kept.cancelled else state
        if kept.state not in (state, taken_up(state)):
            yield run, kept.state, state


_KEPT = """runs.key, state, wake_at, had, cancelled_at IS NOT NULL, conversation
    FROM runs LEFT JOIN campaigns ON campaigns.key = runs.campaign"""


def _kept(key: int, state: str, wake_at: float | None, had: str, cancelled: int, conversation: str) -> Kept:
    return Kept(key, RunState(Phase(state), wake_at, had), bool(cancelled), conversation)  # type: ignore[arg-type]  # the table checks
