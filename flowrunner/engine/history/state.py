"""What a run's events come to: the only place that reads them. Nothing else is remembered between two processes.

`state_of` folds a whole history, `after` adds one event. Whoever keeps only a part adds to that alone: a table that has
a run's `RunState` asks `run_after`, an index that has the kinds of a step's events asks `step_of`.
"""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from flowrunner.engine.history.answered import Answered, answered_of, inbound_of
from flowrunner.engine.history.begun import Begun, Span, begun, span_of
from flowrunner.engine.history.phases import FROM_OUTSIDE, RunState, run_after
from flowrunner.engine.history.recipient_learnt import filled, told_after
from flowrunner.engine.history.window import Open, window_of
from flowrunner.model import NOBODY, Event, EventKind, Inbound, Recipient

RANKS: Final[Mapping[str, int]] = {"accepted": 0, "sent": 1, "delivered": 2, "read": 3}
"""How far each status is; a message's status is the highest it ever had, for they come out of order."""
KINDS: Final[Mapping[int, EventKind]] = {1: EventKind.SENT, 2: EventKind.DELIVERED, 3: EventKind.READ}
"""The event that says how far a message has come, by its rank in `RANKS`."""


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
# A member of an enumeration is looked up in ten times the time of a name; this is done for each event.
_ACCEPTED, _HEARD, _CANCELLED = EventKind.ACCEPTED, EventKind.HEARD, EventKind.CANCELLED


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
        accepted_at: When its message was accepted, in seconds since the epoch; what ``within`` counts from.
        answers: What was taken for answers to it, in order: all but the last have put it again, or were late.
        asked: When its message was accepted by the API's clock, as far as that was known then.
        wamid: WhatsApp's id of the message, where the API has told it beside its own.
        heard: How much the person had written before it was begun: none of that is an answer to it.
        told: The id of its message where a webhook told what became of it while nobody knew whether it was taken.
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
    accepted_at: float = 0.0
    answers: tuple[Answered, ...] = ()
    asked: Span | None = None
    wamid: str = ""
    heard: int = 0
    told: str = ""

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


class Accepted(NamedTuple):
    """A message that the API took: of which step, and when that had been begun."""

    step: str
    begun: Begun


class State(NamedTuple):
    """What a run's events come to.

    Attributes:
        steps: What is known of each step that has events, by its address.
        accepted: Every message of the run that the API took, by the API's id, and by WhatsApp's where that was told.
        last: The last event that says where the run stands; late statuses say nothing of that.
        cancelled: The event that called the run off.
        lost: What put the run in doubt as a whole, undecided: part of its journal was lost, and any of its messages
            may have been sent.
        told: What was learnt of whom it is for; see `recipient_of`.
        heard: What its person wrote since it began, each message once, in the order it was written down.
        heard_at: When the last of that was written down, in seconds since the epoch.
        heard_ids: What the APIs call those messages: a person may write thousands.
        anytime: What was written last of which the flow looks for at any time: what follows is that entry's steps.
    """

    run: RunState = RunState()
    steps: Mapping[str, StepState] = MappingProxyType({})
    accepted: Mapping[str, Accepted] = MappingProxyType({})
    last: Event | None = None
    cancelled: Event | None = None
    lost: Event | None = None
    told: Recipient = NOBODY
    heard: tuple[Inbound, ...] = ()
    heard_at: float = 0.0
    heard_ids: frozenset[str] = frozenset()
    anytime: Answered | None = None

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
    run, steps, accepted, last, cancelled, lost, told, heard, heard_at, ids, anytime = state
    kind = event.kind
    if event.step:
        step = step_after(before := state.step(event.step), event)
        if heard and kind is EventKind.BEGUN:
            # What was said between two tries may be an answer to the first, of which nobody knew.
            step = step._replace(heard=len(heard) if before.stage is Stage.NEW else before.heard)
        steps = {**steps, event.step: step}
        if event.message_id and kind is _ACCEPTED:
            accepted = {**accepted, event.message_id: Accepted(event.step, step.begun)}
        if isinstance(wamid := event.detail.get("wamid"), str):
            accepted = {**accepted, wamid: Accepted(event.step, step.begun)}
    elif kind is _HEARD:
        said = inbound_of(event)
        # One may be told with the API's own id alone the second time.
        if ids.isdisjoint(names := {said.id, said.other_id} - {""}):
            heard, heard_at, ids = (*heard, said), event.at, ids | names
    elif kind is EventKind.IN_DOUBT or kind is EventKind.RETRYING:
        lost = event if kind is EventKind.IN_DOUBT else None
    elif kind is EventKind.ANSWERED:
        anytime = answered_of(event)
    if kind is _CANCELLED:
        cancelled = cancelled or event
    if kind not in FROM_OUTSIDE:
        last = event
    told = told_after(told, event)
    return State(run_after(run, event), steps, accepted, last, cancelled, lost, told, heard, heard_at, ids, anytime)


def step_after(before: StepState, event: Event) -> StepState:
    """What is known of a step after one more event of it."""
    change = _CHANGES.get(event.kind)
    return change(before, event) if change is not None else before


def _begun(before: StepState, event: Event) -> StepState:
    return StepState(Stage.BEGUN, begun=begun(event), window=before.window, answers=before.answers)


def _accepted(before: StepState, event: Event) -> StepState:
    its = before._replace(stage=Stage.ACCEPTED, message_id=event.message_id, taken=True, accepted_at=event.at)
    detail = event.detail
    return its._replace(asked=span_of(event), wamid=str(detail.get("wamid", ""))) if detail else its


def _come_further(before: StepState, event: Event) -> StepState:
    rank = max(before.rank, RANKS[event.kind])
    wamid = str(event.detail.get("wamid", "")) or before.wamid
    undelivered = before.undelivered and rank < RANKS["delivered"]
    return before._replace(rank=rank, undelivered=undelivered, wamid=wamid, told=_told(before, event))


def _told(before: StepState, event: Event) -> str:
    # What the API took for somebody else may have been told, too: that is no proof that our person has it.
    return before.told or (event.message_id if before.stage in OPEN and not before.message_id else "")


def _failed(before: StepState, event: Event) -> StepState:
    # "Not there in time" is said of a message that was accepted, and so is what is learnt after the run's end:
    # neither takes anything back. The second is remembered, for whoever wishes it sent again.
    if event.detail.get("learnt"):
        return before._replace(undelivered=True, told=_told(before, event))
    return before if event.detail.get("late") else before._replace(stage=Stage.FAILED)


def _in_doubt(before: StepState, event: Event) -> StepState:
    its, status = event.message_id or before.message_id, event.detail.get("status")
    yes = before.said_yes or (isinstance(status, int) and 200 <= status < 300)
    return before._replace(stage=Stage.IN_DOUBT, message_id=its, said_yes=yes)


def _skipped(before: StepState, event: Event) -> StepState:
    if before.stage in OPEN:  # who may have it may answer it
        return before._replace(stage=Stage.GIVEN_UP, accepted_at=event.at)
    return before._replace(stage=Stage.NOT_APPLICABLE)


def _paused(before: StepState, event: Event) -> StepState:
    return before._replace(stage=Stage.WAITING, until=float(event.detail.get("wake_at", 0.0)), begun=begun(event))


_CHANGES: Final[Mapping[EventKind, Callable[[StepState, Event], StepState]]] = {
    EventKind.BEGUN: _begun,
    EventKind.ACCEPTED: _accepted,
    EventKind.SENT: _come_further,
    EventKind.DELIVERED: _come_further,
    EventKind.READ: _come_further,
    EventKind.FAILED: _failed,
    EventKind.RETRYING: lambda before, _: before._replace(stage=Stage.RETRYING, undelivered=False),
    EventKind.IN_DOUBT: _in_doubt,
    EventKind.SKIPPED: _skipped,
    EventKind.PAUSED: _paused,
    EventKind.WAITED: lambda before, _: before._replace(waited=True),
    EventKind.ANSWERED: lambda before, event: before._replace(answers=(*before.answers, answered_of(event))),
    EventKind.WINDOW: lambda before, event: before._replace(window=window_of(event)),
}


def step_of(kinds: Iterable[str]) -> StepState:
    """What is known of a step by the kinds of its events, in order; ``late`` and ``learnt`` are failures so marked."""
    step = NEW_STEP
    for kind in kinds:
        mark = {kind: True} if kind in ("late", "learnt") else {}
        step = step_after(step, Event(EventKind.FAILED if mark else EventKind(kind), "", 0.0, detail=mark))
    return step
