"""What happened in a run, as a customer saw it: what was sent, what they said, what could not be delivered."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from flowrunner.engine.history.answered import SILENCE, Answered, answered_of, inbound_of
from flowrunner.flow.steps import walk_flow
from flowrunner.model import Event, EventKind, Flow, Inbound, MessageStep
from flowrunner.model.addresses import as_written

_ENDS = frozenset({EventKind.FINISHED, EventKind.OPTED_OUT, EventKind.HANDED_OVER})


class Sent(NamedTuple):
    """A message that the API took.

    Attributes:
        label: What its step is called.
        at: Seconds since the epoch, as for the others.
        due: It fell due by time, where nobody had said anything.
    """

    label: str
    at: float
    due: bool


class Said(NamedTuple):
    """What the customer said at once.

    Attributes:
        said: What.
        at: When.
        about: For each what its step is called that it answers, quotes or reacts to, where that must be told.
        listed: Whether the last question has rows to choose from.
        answered: What it was taken for; None where it was nothing.
        step: The label of the step that it answers; empty where it answers none.
    """

    said: tuple[Inbound, ...]
    at: float
    about: tuple[str, ...]
    listed: bool
    answered: Answered | None
    step: str


class Undelivered(NamedTuple):
    """The network has told that a message cannot be delivered, with WhatsApp's code; 0 where that is not known."""

    label: str
    at: float
    code: int


class Ended(NamedTuple):
    """The run has ended by time."""

    at: float


Happened = Sent | Said | Undelivered | Ended


def tape_of(events: Sequence[Event], flow: Flow) -> list[Happened]:
    """What happened, in its order; of the rest nothing is told."""
    return _Tape(events, flow).tape


class _Tape:
    def __init__(self, events: Sequence[Event], flow: Flow) -> None:
        self._steps = {each.address: each for each in walk_flow(flow)}
        self._answers = _answers(events)
        self.tape: list[Happened] = []
        self._taken: dict[str, str] = {}  # the id of a message -> its step
        self._last: Event | None = None
        self._due, self._asked = False, ""
        for event in events:
            self._add(event)

    def _add(self, event: Event) -> None:
        match event.kind:
            case EventKind.BEGUN:
                self._due = self._is_due()
            case EventKind.ACCEPTED if event.message_id not in self._taken:
                self.tape.append(Sent(self._label(event.step), event.at, self._due))
                step = self._steps.get(as_written(event.step))
                if isinstance(step, MessageStep) and step.reply is not None:
                    self._asked = event.step
            case EventKind.HEARD:
                self._hear(inbound_of(event), event.at)
            case EventKind.FAILED if event.detail.get("learnt") or event.detail.get("code"):
                code = event.detail.get("code")
                self.tape.append(Undelivered(self._label(event.step), event.at, code if isinstance(code, int) else 0))
            case _ if event.kind in _ENDS and self._is_due():
                self.tape.append(Ended(event.at))
            case _:
                pass
        for its in (event.message_id, str(event.detail.get("wamid", ""))):
            if its and event.step:
                self._taken[its] = event.step
        if event.kind in (EventKind.PAUSED, EventKind.ASKED, EventKind.ANSWERED, EventKind.BEGUN, EventKind.HEARD):
            self._last = event

    def _is_due(self) -> bool:
        last = self._last
        if last is None:
            return False
        is_silence = last.kind is EventKind.ANSWERED and answered_of(last).branch == SILENCE
        return is_silence or last.kind is EventKind.ASKED or (last.kind is EventKind.PAUSED and bool(last.step))

    def _hear(self, said: Inbound, at: float) -> None:
        step, answered = next(
            (self._answers[each] for each in (said.id, said.other_id) if each in self._answers), ("", None)
        )
        about = self._about(said)
        last = self.tape[-1] if self.tape else None
        if isinstance(last, Said) and answered is not None and last.answered == answered:
            self.tape[-1] = last._replace(said=(*last.said, said), about=(*last.about, about))
            return
        question = self._steps.get(as_written(self._taken.get(said.context, self._asked)))
        message = question.message if isinstance(question, MessageStep) else {}
        listed = message.get("interactive_type") == "list"
        self.tape.append(Said((said,), at, (about,), listed, answered, self._label(step) if step else ""))

    def _about(self, said: Inbound) -> str:
        """The label of the step that it is about; empty for the last question, and where that is not known."""
        step = self._taken.get(said.context, "")
        is_plain = said.kind in ("button", "row") and step == self._asked
        return "" if not step or is_plain else self._label(step)

    def _label(self, address: str) -> str:
        step = self._steps.get(as_written(address))
        return step.label if step is not None else address


def _answers(events: Iterable[Event]) -> Mapping[str, tuple[str, Answered]]:
    """What each message was taken for, and by which step."""
    found: dict[str, tuple[str, Answered]] = {}
    for event in events:
        if event.kind is EventKind.ANSWERED:
            answered = answered_of(event)
            found.update(dict.fromkeys(answered.ids, (event.step, answered)))
    return found
