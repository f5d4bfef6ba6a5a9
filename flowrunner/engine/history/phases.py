"""What a run as a whole has come to: what a table keeps of it beside its events."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from flowrunner.engine.history.messages_had import Had, had_after
from flowrunner.model import Event, EventKind

STATUSES: Final = frozenset([EventKind.SENT, EventKind.DELIVERED, EventKind.READ])
"""How far a message has come. They may come at any time, also after the run's end."""
FROM_OUTSIDE: Final = STATUSES | {EventKind.HEARD}
"""What is written by whoever was told of it."""


class Phase(StrEnum):
    """What a run has come to; the values are those of the journal's column."""

    NEW = "new"  # before its first event
    UNDER_WAY = "unfinished"
    PAUSED = "waiting"  # in a pause step
    ASKED = "asked"  # at a question, for an answer
    HELD = "held"  # told to wait outside of its steps
    FINISHED = "finished"
    UNDELIVERED = "undelivered"  # finished, and then it was learnt that a message did not arrive
    WITHHELD = "left_out"  # ended before its first message: excluded, had it before, refused
    FAILED = "failed"
    IN_DOUBT = "in_doubt"
    CANCELLED = "cancelled"
    OPTED_OUT = "opted_out"  # its person said stop
    HANDED_OVER = "handed_over"  # a person goes on


ENDED: Final = frozenset(
    [
        Phase.FINISHED,
        Phase.UNDELIVERED,
        Phase.WITHHELD,
        Phase.CANCELLED,
        Phase.OPTED_OUT,
        Phase.HANDED_OVER,
    ]
)
"""Never gone on with, but for who asks for it by name."""
LEFT: Final = (Phase.NEW, Phase.UNDER_WAY, Phase.PAUSED, Phase.HELD, Phase.ASKED, Phase.IN_DOUBT)
"""Still to be carried out to its end, without anybody asking for it by name: who failed is not."""
TOLD_BY: Final[Mapping[Phase, EventKind]] = {
    Phase.FAILED: EventKind.FAILED,
    Phase.UNDELIVERED: EventKind.FAILED,
    Phase.WITHHELD: EventKind.SKIPPED,
    Phase.IN_DOUBT: EventKind.IN_DOUBT,
    Phase.HELD: EventKind.PAUSED,
    Phase.OPTED_OUT: EventKind.OPTED_OUT,
    Phase.HANDED_OVER: EventKind.HANDED_OVER,
}
"""The kind of the event whose ``reason`` says why a run has come to that."""


class RunState(NamedTuple):
    """What the run as a whole comes to: all of `State` that a table keeps.

    Attributes:
        until: Until when it is parked, in seconds since the epoch; else None. One in doubt whose person wrote is due.
        had: What its person has had of it.
        asked: Since when a question of it waits for its answer, in seconds since the epoch; None where none does.
        heard: How many messages of its person are among its events.
        undelivered: One of its messages did not arrive, which was learnt before its end.
    """

    phase: Phase = Phase.NEW
    until: float | None = None
    had: Had = "none"
    asked: float | None = None
    heard: int = 0
    undelivered: bool = False

    @property
    def may_have_had(self) -> bool:
        """Whether the run's person had anything of it, or may have.

        What was accepted, was begun without a word of what became of it, is in doubt, or was given up while in doubt,
        counts. A step that its condition left out, a refusal, and a failure of what is surely not with them do not.
        """
        return self.had != "none"


def run_after(before: RunState, event: Event) -> RunState:
    """What the run as a whole comes to after one more event.

    One that parks may say by ``heard`` in its detail how many messages of the person it takes into account: where there
    are more by then, the run is due at once. So none is missed that comes while a run is about to be parked.
    """
    phase, until = _phase(before, event), None
    # One that was cancelled under way is left so by an end alone. Statuses may come after the end, and change nothing.
    if phase is None or (before.phase is Phase.CANCELLED and phase in _GOES_ON):
        phase, until = before.phase, before.until
    elif phase in PARKED:
        is_new = before.heard > event.detail.get("heard", before.heard)
        until = event.at if is_new else float(event.detail.get("wake_at", event.at))
    heard, asked, undelivered = before.heard, before.asked, before.undelivered
    kind, had = event.kind, had_after(before.had, event)
    if kind in _OF_TALKS:
        heard += kind is EventKind.HEARD
        if kind is EventKind.HEARD and phase in WOKEN:
            until = event.at  # for whatever: somebody may say stop during a pause, too
        elif kind is EventKind.ANSWERED:
            asked = None
        elif kind is EventKind.ASKED and asked is None:
            asked = event.at
    if phase in _AT_REST:
        asked = None
    if event.detail.get("learnt") and before.phase not in _AT_ITS_END:
        undelivered = True
    elif undelivered and kind is EventKind.RETRYING:
        undelivered = False  # what is sent again has not failed to arrive
    elif undelivered and kind is EventKind.FINISHED:
        phase, undelivered = Phase.UNDELIVERED if phase is Phase.FINISHED else phase, False
    return RunState(phase, until, had, asked, heard, undelivered)


def is_from_outside(event: Event) -> bool:
    """Whether it may come at any time, written by whoever was told: it says nothing of who carries the run out."""
    return event.kind in FROM_OUTSIDE or bool(event.detail.get("learnt"))


def taken_up(before: RunState) -> RunState:
    """What one that waits comes to as soon as a process goes on with it: before its next event, no event says so."""
    return before._replace(phase=Phase.UNDER_WAY, until=None) if before.until is not None else before


def called_off(before: RunState) -> RunState:
    """What a run comes to by its campaign's being cancelled: what has not ended ends."""
    goes_on = before.phase is Phase.NEW or before.phase in _GOES_ON
    return before._replace(phase=Phase.CANCELLED, until=None, asked=None) if goes_on else before


PARKED: Final = frozenset([Phase.PAUSED, Phase.HELD, Phase.ASKED])
"""Waiting for a moment, or for an answer: no process carries it out meanwhile."""
WOKEN: Final = PARKED | {Phase.IN_DOUBT}
"""Gone on with as soon as something is heard. A message in doubt may be found out by then; who says stop says it to the
run that has it."""
_AT_ITS_END: Final = frozenset([Phase.FINISHED, Phase.UNDELIVERED])
_OF_TALKS: Final = frozenset([EventKind.HEARD, EventKind.ASKED, EventKind.ANSWERED])
_AT_REST: Final = ENDED | {Phase.FAILED}
_GOES_ON: Final = frozenset([Phase.UNDER_WAY, *PARKED])
_PHASES: Final[Mapping[EventKind, Phase]] = {
    EventKind.FAILED: Phase.FAILED,
    EventKind.IN_DOUBT: Phase.IN_DOUBT,
    EventKind.FINISHED: Phase.FINISHED,
    EventKind.CANCELLED: Phase.CANCELLED,
    EventKind.ASKED: Phase.ASKED,
    EventKind.OPTED_OUT: Phase.OPTED_OUT,
    EventKind.HANDED_OVER: Phase.HANDED_OVER,
}


def _phase(before: RunState, event: Event) -> Phase | None:
    """None where the event changes nothing of it."""
    if event.detail.get("learnt"):
        return Phase.UNDELIVERED if before.phase in _AT_ITS_END else None
    if event.kind is EventKind.SKIPPED and not event.step:
        return Phase.WITHHELD
    if event.kind is EventKind.PAUSED:
        return Phase.PAUSED if event.step else Phase.HELD
    return None if is_from_outside(event) else _PHASES.get(event.kind, Phase.UNDER_WAY)
