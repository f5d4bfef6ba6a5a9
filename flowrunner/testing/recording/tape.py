"""What happened in a run, as a customer saw it: what was sent, what they said, what could not be delivered."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from flowrunner.diagnostics.errors import RefusedError
from flowrunner.engine.answers.candidates import belongs
from flowrunner.engine.answers.questions import LATE
from flowrunner.engine.history.answered import SILENCE, Answered, answered_of, inbound_of
from flowrunner.flow.steps import walk_flow
from flowrunner.model import Event, EventKind, Flow, Inbound, MessageStep, Step
from flowrunner.model.addresses import as_written
from flowrunner.model.replies import SETTLE

_ENDS = frozenset({EventKind.FINISHED, EventKind.OPTED_OUT, EventKind.HANDED_OVER})
_MARKS = frozenset({EventKind.PAUSED, EventKind.ASKED, EventKind.ANSWERED, EventKind.BEGUN, EventKind.HEARD})
_TAPS = frozenset({"button", "row"})


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
        about: For each the id of the step that it answers, quotes or reacts to, where that must be told.
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
    """The network has told that a message cannot be delivered.

    Attributes:
        of: The id of its step; empty for the last message.
        code: WhatsApp's; 0 where that is not known.
    """

    of: str
    at: float
    code: int


class Refused(NamedTuple):
    """The API has refused a message.

    Attributes:
        due: As for `Sent`.
        after: How many messages it had taken before.
        status: HTTP's; 0 where it was not asked.
    """

    at: float
    due: bool
    after: int
    status: int


class Ended(NamedTuple):
    """The run has ended by time."""

    at: float


Happened = Sent | Said | Undelivered | Refused | Ended


def tape_of(events: Sequence[Event], flow: Flow, *, as_learnt: bool = False) -> list[Happened]:
    """What happened, in its order; of the rest nothing is told.

    Args:
        events: Those of the run.
        flow: Its flow.
        as_learnt: What was said is told as it came to the run, which may have been late, and where it was taken for an
            answer: by then it may have sent something else. What was taken for nothing is left out.

    Raises:
        RefusedError: No test could name what somebody tapped, reacted to or did not get.
    """
    return _Tape(events, flow, as_learnt=as_learnt).tape


class _Tape:
    def __init__(self, events: Sequence[Event], flow: Flow, *, as_learnt: bool) -> None:
        self._as_learnt = as_learnt
        self._held: list[tuple[Inbound, float]] = []  # said, and not taken for an answer yet
        self._steps = {each.address: each for each in walk_flow(flow)}
        self._answers = _answers(events)
        self.tape: list[Happened] = []
        self._taken: dict[str, str] = {}  # the id of a message -> its step
        self._answered: set[str] = set()  # the ids of what was taken for something so far
        self._last: Event | None = None
        self._due, self._asked, self._newest, self._count = False, "", "", 0
        for event in events:
            self._add(event)

    def _add(self, event: Event) -> None:
        match event.kind:
            case EventKind.BEGUN:
                self._due = self._is_due()
            case EventKind.ACCEPTED if event.message_id not in self._taken:
                self._send(event)
            case EventKind.HEARD:
                self._listen(inbound_of(event), event.at)
            case EventKind.ANSWERED:
                self._answered.update(answered_of(event).ids)
                self._take()
            case EventKind.FAILED if not event.detail.get("late"):
                self._fail(event)
            case _ if event.kind in _ENDS and self._is_due():
                self.tape.append(Ended(event.at))
            case _:
                pass
        for its in (event.message_id, str(event.detail.get("wamid", ""))):
            if its and event.step and event.kind is not EventKind.HEARD:
                self._taken[its] = event.step
        if event.kind in _MARKS:
            self._last = event

    def _send(self, event: Event) -> None:
        self.tape.append(Sent(self._label(event.step), event.at, self._due))
        self._newest, self._count = event.step, self._count + 1
        step = self._step(event.step)
        if isinstance(step, MessageStep) and step.reply is not None:
            self._asked = event.step

    def _fail(self, event: Event) -> None:
        """A message did not arrive; or it was not taken, or could not even be made."""
        if not event.message_id and not event.detail.get("learnt"):
            status = event.detail.get("status")
            is_due = self._due if self._last is not None and self._last.kind is EventKind.BEGUN else self._is_due()
            self.tape.append(Refused(event.at, is_due, self._count, status if isinstance(status, int) else 0))
            return
        code = event.detail.get("code")
        of = "" if event.step == self._newest else self._id(event.step, "did not arrive")
        self.tape.append(Undelivered(of, event.at, code if isinstance(code, int) else 0))

    def _is_due(self) -> bool:
        last = self._last
        if last is None:
            return False
        is_silence = last.kind is EventKind.ANSWERED and answered_of(last).branch == SILENCE
        return is_silence or last.kind is EventKind.ASKED or (last.kind is EventKind.PAUSED and bool(last.step))

    def _listen(self, said: Inbound, learnt: float) -> None:
        if said.kind in ("edited", "deleted"):
            self._change(said)
        elif not self._as_learnt:
            self._hear(said, learnt)
        elif not self._answers.keys().isdisjoint(_names(said)):
            self._held.append((said, learnt))

    def _take(self) -> None:
        """Tell what was held back and is taken for an answer now."""
        for said, learnt in self._held:
            if not self._answered.isdisjoint(_names(said)):
                self._hear(said, learnt)
        self._held = [each for each in self._held if self._answered.isdisjoint(_names(each[0]))]

    def _hear(self, said: Inbound, learnt: float) -> None:
        step, answered = next((self._answers[each] for each in _names(said) if each in self._answers), ("", None))
        is_nothing = answered is None or answered.branch == LATE
        if is_nothing and said.kind in (*_TAPS, "reaction") and not self._is_known(said):
            return  # on a message that no test could name; and it was nothing
        about = self._about(said)
        at = learnt if self._as_learnt else min(said.at or learnt, learnt)
        last = self.tape[-1] if self.tape else None
        if isinstance(last, Said) and ((answered is not None and last.answered == answered) or self._settles(last, at)):
            self.tape[-1] = last._replace(
                said=(*last.said, said), about=(*last.about, about), answered=answered or last.answered,
                step=self._label(step) if step else last.step,
            )  # fmt: skip
            return
        question = self._step(self._taken.get(said.context, self._asked))
        message = question.message if isinstance(question, MessageStep) else {}
        listed = message.get("interactive_type") == "list"
        self.tape.append(Said((said,), at, (about,), listed, answered, self._label(step) if step else ""))

    def _settles(self, last: Said, at: float) -> bool:
        """Whether what is said then comes so soon after what was said last that a test says it at once."""
        asked = self._step(self._asked)
        reply = asked.reply if isinstance(asked, MessageStep) else None
        return 0 <= at - last.at <= (reply.settle if reply is not None else SETTLE)

    def _change(self, said: Inbound) -> None:
        """What was not taken for anything yet is edited, or deleted, as if it had been so from the first."""
        if said.context in self._answered:
            return
        if said.kind == "deleted":
            self._held = [each for each in self._held if said.context not in _names(each[0])]
        self._held = [
            (each._replace(text=said.text) if said.context in _names(each) else each, at) for each, at in self._held
        ]
        for place, each in enumerate(self.tape):
            if isinstance(each, Said) and any(said.context in _names(its) for its in each.said):
                self.tape[place] = _changed(each, said)

    def _is_known(self, said: Inbound) -> bool:
        """Whether a test can say what it is about."""
        at = self._taken.get(said.context, "")
        return bool(at) and (at == self._newest or belongs(self._asked, at) or self._has_id(at))

    def _has_id(self, address: str) -> bool:
        step = self._step(address)
        return step is not None and bool(step.id)

    def _about(self, said: Inbound) -> str:
        """The id of the step that it is about; empty for the last question, and where that is not known."""
        at = self._taken.get(said.context, "")
        if not at or (said.kind in _TAPS and belongs(self._asked, at)):
            return ""
        if said.kind == "reaction" and at == self._newest:
            return ""
        if said.kind not in _TAPS and said.kind != "reaction":
            return self._label(at) if self._has_id(at) else ""  # what it quotes changes nothing
        return self._id(at, "was tapped" if said.kind in _TAPS else "was reacted to")

    def _id(self, address: str, what: str) -> str:
        step = self._step(address)
        if step is None or not step.id:
            message = f"the message of step {as_written(address)} {what} when others were below it, and it has no name"
            raise RefusedError(message, "give the step an id, and record a run of the flow as it is then")
        return step.id

    def _step(self, address: str) -> Step | None:
        return self._steps.get(as_written(address))

    def _label(self, address: str) -> str:
        step = self._step(address)
        return step.label if step is not None else address


def _changed(turn: Said, by: Inbound) -> Said:
    """A turn in which one thing is edited, or no more said."""
    if by.kind == "edited":
        return turn._replace(said=tuple(
            each._replace(text=by.text) if by.context in _names(each) else each for each in turn.said
        ))  # fmt: skip
    kept = [place for place, each in enumerate(turn.said) if by.context not in _names(each)]
    return turn._replace(
        said=tuple(turn.said[place] for place in kept), about=tuple(turn.about[place] for place in kept)
    )


def _names(said: Inbound) -> Iterator[str]:
    return (each for each in (said.id, said.other_id) if each)


def _answers(events: Iterable[Event]) -> Mapping[str, tuple[str, Answered]]:
    """What each message was taken for, and by which step."""
    found: dict[str, tuple[str, Answered]] = {}
    for event in events:
        if event.kind is EventKind.ANSWERED:
            answered = answered_of(event)
            found.update(dict.fromkeys(answered.ids, (event.step, answered)))
    return found
