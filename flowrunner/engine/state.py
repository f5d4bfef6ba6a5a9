"""What a run's events come to: the only place that reads them. Nothing else is remembered between two processes.

`state_of` folds a whole history, `after` adds one event. Whoever keeps only a part adds to that alone: a table that has
a run's `RunState` asks `run_after`, an index that has the kinds of a step's events asks `step_of`.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from flowrunner.engine.begun import Begun, begun
from flowrunner.engine.had import Had, had_after
from flowrunner.engine.told import filled, told_after
from flowrunner.engine.window import Open, window_of
from flowrunner.model import NOBODY, Event, EventKind, Recipient

RANKS: Final[Mapping[str, int]] = {"accepted": 0, "sent": 1, "delivered": 2, "read": 3}
"""How far each status is; a message's status is the highest it ever had, for they come out of order."""
KINDS: Final[Mapping[int, EventKind]] = {1: EventKind.SENT, 2: EventKind.DELIVERED, 3: EventKind.READ}
"""The event that says how far a message has come, by its rank in `RANKS`."""
STATUSES: Final = frozenset(KINDS.values())
"""Those events. They may come at any time, also after the run's end."""


class Stage(StrEnum):
    """What became of one step."""

    NEW = "new"
    BEGUN = "begun"  # and no word of what became of it
    ACCEPTED = "accepted"
    RETRYING = "retrying"  # surely not with the recipient, and to be sent again
    FAILED = "failed"  # surely not with the recipient; who goes on with the run sends it again
    IN_DOUBT = "in_doubt"
    GIVEN_UP = "given_up"  # in doubt, and not sent again
    NOT_APPLICABLE = "not_applicable"  # its condition was false
    WAITING = "waiting"  # a pause


MAY_BE_SENT: Final = frozenset([Stage.NEW, Stage.RETRYING, Stage.FAILED])
"""Where a message surely is not with its recipient."""
DONE: Final = frozenset([Stage.ACCEPTED, Stage.GIVEN_UP, Stage.NOT_APPLICABLE, Stage.WAITING])
"""Where nothing is left to be sent."""
OPEN: Final = frozenset([Stage.BEGUN, Stage.IN_DOUBT])
"""Where a message may be with its recipient, and nobody knows."""

_NEVER: Final = Begun()


class StepState(NamedTuple):
    """What is known of one step.

    Attributes:
        begun: When its message was last handed over, or its pause began.
        message_id: The API's id of the message, once accepted; of one in doubt, if the API took it for somebody else.
        said_yes: The API's answer was a yes that could not be read.
        taken: The API took its message; a later failure on the way does not take that back, nor the rank.
        rank: The highest status learnt, as in `RANKS`.
        until: When a pause ends, in seconds since the epoch.
        waited: The wait for its status is over, with or without success.
        undelivered: It was accepted, and after the run's end WhatsApp said that it could not be delivered.
        window: What was learnt for it of the recipient's 24 hours; None where it did not ask.
    """

    stage: Stage = Stage.NEW
    begun: Begun = _NEVER
    message_id: str = ""
    said_yes: bool = False
    taken: bool = False
    rank: int = 0
    until: float = 0.0
    waited: bool = False
    undelivered: bool = False
    window: Open | None = None

    @property
    def is_done(self) -> bool:
        """Whether nothing of it is left to be sent; a pause that goes on is done."""
        return self.stage in DONE

    @property
    def reached(self) -> str:
        """How far its message came: ``accepted``, ``sent``, ``delivered`` or ``read``; empty where it was not taken."""
        return KINDS[self.rank].value if self.rank else "accepted" if self.taken else ""

    @property
    def is_on_its_way(self) -> bool:
        """Whether its message may still come further than is known."""
        is_lost = self.stage is Stage.FAILED or self.undelivered
        return bool(self.reached) and self.rank < RANKS["read"] and not is_lost


NEW_STEP: Final = StepState()


class Phase(StrEnum):
    """What a run has come to; the values are those of the journal's column."""

    NEW = "new"  # before its first event
    UNDER_WAY = "unfinished"
    PAUSED = "waiting"  # in a pause step
    HELD = "held"  # told to wait outside of its steps
    FINISHED = "finished"
    UNDELIVERED = "undelivered"  # finished, and then it was learnt that a message did not arrive
    WITHHELD = "left_out"  # ended before its first message: excluded, had it before, refused
    FAILED = "failed"
    IN_DOUBT = "in_doubt"
    CANCELLED = "cancelled"


ENDED: Final = frozenset([Phase.FINISHED, Phase.UNDELIVERED, Phase.WITHHELD, Phase.CANCELLED])
"""Never gone on with, but for who asks for it by name."""
LEFT: Final = (Phase.NEW, Phase.UNDER_WAY, Phase.PAUSED, Phase.HELD, Phase.IN_DOUBT)
"""Still to be carried out to its end, without anybody asking for it by name: who failed is not."""
TOLD_BY: Final[Mapping[Phase, EventKind]] = {
    Phase.FAILED: EventKind.FAILED,
    Phase.UNDELIVERED: EventKind.FAILED,
    Phase.WITHHELD: EventKind.SKIPPED,
    Phase.IN_DOUBT: EventKind.IN_DOUBT,
    Phase.HELD: EventKind.PAUSED,
}
"""The kind of the event whose ``reason`` says why a run has come to that."""


class RunState(NamedTuple):
    """What the run as a whole comes to: all of `State` that a table keeps.

    Attributes:
        until: Until when it is paused or held, in seconds since the epoch; else None.
        had: What its person has had of it.
    """

    phase: Phase = Phase.NEW
    until: float | None = None
    had: Had = "none"

    @property
    def may_have_had(self) -> bool:
        """Whether the run's person had anything of it, or may have.

        What was accepted, was begun without a word of what became of it, is in doubt, or was given up while in doubt,
        counts. A step that its condition left out, a refusal, and a failure of what is surely not with them do not.
        """
        return self.had != "none"


class Accepted(NamedTuple):
    """A message that the API took: of which step, and when that had been begun."""

    step: str
    begun: Begun


class State(NamedTuple):
    """What a run's events come to.

    Attributes:
        steps: What is known of each step that has events, by its address.
        accepted: Every message of the run that the API took, by the API's id.
        last: The last event that says where the run stands; late statuses say nothing of that.
        cancelled: The event that called the run off.
        lost: What put the run in doubt as a whole, undecided: part of its journal was lost, and any of its messages
            may have been sent.
        told: What was learnt of whom it is for; see `recipient_of`.
    """

    run: RunState = RunState()
    steps: Mapping[str, StepState] = MappingProxyType({})
    accepted: Mapping[str, Accepted] = MappingProxyType({})
    last: Event | None = None
    cancelled: Event | None = None
    lost: Event | None = None
    told: Recipient = NOBODY

    def step(self, address: str) -> StepState:
        """What is known of a step."""
        return self.steps.get(address, NEW_STEP)

    def recipient_of(self, begun: Recipient) -> Recipient:
        """Whom the run is for, with what was learnt of them since it was begun: where its next message goes."""
        return filled(begun, self.told)

    @property
    def is_open(self) -> bool:
        """Whether a message of it may have been taken, and nobody knows."""
        return any(each.stage in OPEN for each in self.steps.values())


def state_of(events: Iterable[Event]) -> State:
    """What events come to, in the order they were written."""
    state = State()
    for event in events:
        state = after(state, event)
    return state


def after(state: State, event: Event) -> State:
    """The same with one more event."""
    run, steps, accepted, last, cancelled, lost, told = state
    if event.step:
        step = step_after(state.step(event.step), event)
        steps = {**steps, event.step: step}
        if event.kind is EventKind.ACCEPTED and event.message_id:
            accepted = {**accepted, event.message_id: Accepted(event.step, step.begun)}
    elif event.kind in (EventKind.IN_DOUBT, EventKind.RETRYING):
        lost = event if event.kind is EventKind.IN_DOUBT else None
    if event.kind is EventKind.CANCELLED:
        cancelled = cancelled or event
    if event.kind not in STATUSES:
        last = event
    told = told_after(told, event)
    return State(run_after(run, event), steps, accepted, last, cancelled, lost, told)


def step_after(before: StepState, event: Event) -> StepState:
    """What is known of a step after one more event of it."""
    match event.kind:
        case EventKind.BEGUN:
            return StepState(Stage.BEGUN, begun=begun(event), window=before.window)
        case EventKind.ACCEPTED:
            return before._replace(stage=Stage.ACCEPTED, message_id=event.message_id, taken=True)
        case EventKind.SENT | EventKind.DELIVERED | EventKind.READ:
            rank = max(before.rank, RANKS[event.kind])
            return before._replace(rank=rank, undelivered=before.undelivered and rank < RANKS["delivered"])
        case EventKind.FAILED:
            # "Not there in time" is said of a message that was accepted, and so is what is learnt after the run's end:
            # neither takes anything back. The second is remembered, for whoever wishes it sent again.
            if event.detail.get("learnt"):
                return before._replace(undelivered=True)
            return before if event.detail.get("late") else before._replace(stage=Stage.FAILED)
        case EventKind.RETRYING:
            return before._replace(stage=Stage.RETRYING, undelivered=False)
        case EventKind.IN_DOUBT:
            its, status = event.message_id or before.message_id, event.detail.get("status")
            yes = before.said_yes or (isinstance(status, int) and 200 <= status < 300)
            return before._replace(stage=Stage.IN_DOUBT, message_id=its, said_yes=yes)
        case EventKind.SKIPPED:
            return before._replace(stage=Stage.GIVEN_UP if before.stage in OPEN else Stage.NOT_APPLICABLE)
        case EventKind.PAUSED:
            until = float(event.detail.get("wake_at", 0.0))
            return before._replace(stage=Stage.WAITING, until=until, begun=begun(event))
        case EventKind.WAITED:
            return before._replace(waited=True)
        case EventKind.WINDOW:
            return before._replace(window=window_of(event))
        case _:
            return before


def step_of(kinds: Iterable[str]) -> StepState:
    """What is known of a step by the kinds of its events, in order; ``late`` and ``learnt`` are failures so marked."""
    step = NEW_STEP
    for kind in kinds:
        mark = {kind: True} if kind in ("late", "learnt") else {}
        step = step_after(step, Event(EventKind.FAILED if mark else EventKind(kind), "", 0.0, detail=mark))
    return step


def run_after(before: RunState, event: Event) -> RunState:
    """What the run as a whole comes to after one more event."""
    phase, until = _phase(event), None
    # One that was cancelled under way is left so by an end alone. Statuses may come after the end, and change nothing.
    if phase is None or (before.phase is Phase.CANCELLED and phase in _GOES_ON):
        phase, until = before.phase, before.until
    elif phase in (Phase.PAUSED, Phase.HELD):
        until = float(event.detail.get("wake_at", event.at))
    return RunState(phase, until, had_after(before.had, event))


def taken_up(before: RunState) -> RunState:
    """What one that waits comes to as soon as a process goes on with it: before its next event, no event says so."""
    return before._replace(phase=Phase.UNDER_WAY, until=None) if before.phase in (Phase.PAUSED, Phase.HELD) else before


def called_off(before: RunState) -> RunState:
    """What a run comes to by its campaign's being cancelled: what has not ended ends."""
    goes_on = before.phase is Phase.NEW or before.phase in _GOES_ON
    return before._replace(phase=Phase.CANCELLED, until=None) if goes_on else before


_GOES_ON: Final = frozenset([Phase.UNDER_WAY, Phase.PAUSED, Phase.HELD])
_PHASES: Final[Mapping[EventKind, Phase]] = {
    EventKind.FAILED: Phase.FAILED,
    EventKind.IN_DOUBT: Phase.IN_DOUBT,
    EventKind.FINISHED: Phase.FINISHED,
    EventKind.CANCELLED: Phase.CANCELLED,
}


def _phase(event: Event) -> Phase | None:
    if event.detail.get("learnt"):
        return Phase.UNDELIVERED
    if event.kind is EventKind.SKIPPED and not event.step:
        return Phase.WITHHELD
    if event.kind is EventKind.PAUSED:
        return Phase.PAUSED if event.step else Phase.HELD
    return None if event.kind in STATUSES else _PHASES.get(event.kind, Phase.UNDER_WAY)
