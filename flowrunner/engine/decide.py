"""What comes next in a run: the one place that says so, whoever asks. No clock, no network and no chance is in it.

The steps are gone through from the top. One that is done by what its events say binds its names and is passed; the
first that is not gives the Decision. Two processes that have the same events come to the same Decision.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Final, Literal

from flowrunner.clock import Stamp
from flowrunner.diagnostics import Diagnostic
from flowrunner.engine.answers.candidates import belongs
from flowrunner.engine.answers.questions import Asked, answered, last_said, next_of
from flowrunner.engine.decisions import (
    Decision,
    End,
    LookAtWindow,
    Reconcile,
    Send,
    Skip,
    TakeAnswer,
    WaitForReply,
    WaitForStatus,
)
from flowrunner.engine.history.answered import Answered
from flowrunner.engine.history.phases import STATUSES
from flowrunner.engine.history.state import DONE, MAY_BE_SENT, NEW_STEP, Stage, State, StepState, after
from flowrunner.engine.history.window import Open
from flowrunner.engine.places import turned
from flowrunner.engine.renderer import Renderer
from flowrunner.engine.rendering.scope import Scope, with_window
from flowrunner.engine.waits import pause_of, wait_of
from flowrunner.engine.walk import Walk
from flowrunner.model import (
    Action,
    Answer,
    EndStep,
    Event,
    EventKind,
    Inbound,
    Json,
    Message,
    MessageStep,
    Pause,
    Skipped,
)

if TYPE_CHECKING:
    from flowrunner.engine.answers.matching import Said

_OF_TALKS: Final = frozenset([EventKind.HEARD, EventKind.ANSWERED])
"""What says nothing of a step's message."""
_ENDS: Final[Mapping[EventKind, Literal["finished", "opted_out", "handed_over"]]] = {
    EventKind.FINISHED: "finished",
    EventKind.OPTED_OUT: "opted_out",
    EventKind.HANDED_OVER: "handed_over",
}


def digest_of(message: Message) -> str:
    """What a `begun` event keeps of the message that it was begun with, whatever API it goes to."""
    return sha256(message.text.encode()).hexdigest()[:16]


def decide(prepared: Renderer, scope: Scope, state: State, now: float, stamp: Stamp | None = None) -> Decision:
    """What comes next.

    Args:
        prepared: The flow.
        scope: What its first step may read: the variables, the recipient, the moment the run began.
        state: What the run's events come to.
        now: Seconds since the epoch.
        stamp: The same moment as this machine counts it, for pauses that a wrong clock must not change; None to go by
            ``now`` alone.

    Raises:
        StepProblems: A step cannot be rendered; who has rendered the whole flow before knows that it can.
    """
    return Cursor(prepared, scope, state).decide(now, stamp)


class Cursor:
    """A place in a run: `decide` without going through all steps again for each event.

    Attributes:
        state: What the events so far come to.
        actions: What became of each step so far, that of the last Decision included, by its address.
    """

    def __init__(
        self,
        prepared: Renderer,
        scope: Scope,
        state: State | None = None,
        *,
        found: list[Diagnostic] | None = None,
    ) -> None:
        """What there is to say of steps is added to ``found``; where there is none, an error is raised."""
        self.state = state or State()
        self._found = found
        self.actions: dict[str, Action] = {}
        self._prepared, self._start = prepared.for_reader(scope), scope
        self._scanned = 0
        self._rewind()

    _walk: Walk
    _waiting: WaitForStatus | None
    _scanned: int
    """How many of the messages that were heard are none that is looked for at any time."""

    def _rewind(self) -> None:
        flow, said = self._prepared.flow, self.state.anytime
        its = (each.steps for each in flow.anytime if said is not None and each.address == said.branch)
        steps = flow.steps if said is None else next(its, ())
        self._walk, self._waiting = Walk(self._prepared, steps, self._start, self._found), None

    def add(self, event: Event) -> None:
        """Take one more event of the run into account."""
        self.state, walk = after(self.state, event), self._walk
        kind, step = event.kind, event.step
        at = walk.step.address if walk.step is not None else ""
        if kind in _OF_TALKS:
            if kind is EventKind.ANSWERED and (step != at or not step):
                self._rewind()  # it is looked for at any time: what follows are steps of its own
        elif step == at:
            walk.action = None if kind is EventKind.SKIPPED else walk.action
        elif step and kind not in STATUSES and not (at and belongs(at, step)):
            self._rewind()  # a step that was passed may have to be sent again

    def decide(self, now: float, stamp: Stamp | None = None) -> Decision:
        """As `decide`."""
        state, walk = self.state, self._walk
        if state.last is not None:
            if state.cancelled is not None:
                return End("cancelled")
            if state.lost is not None:
                return Reconcile(None)
            if (how := _ENDS.get(state.last.kind)) is not None:
                return End(how, reason=str(state.last.detail.get("reason", "")))
        if state.heard and (said := self._looked_for()) is not None and not self._is_unknown:
            return TakeAnswer(None, said)
        while (step := walk.step) is not None:
            its = state.steps.get(step.address, NEW_STEP)
            action = walk.action
            if action is None:
                if walk.lacks_window(step, its, now):
                    return LookAtWindow(step)
                walk.action = self.actions[step.address] = action = walk.act(step, walk.scope, its)
            if decision := self._next(action, its, now, stamp):
                return decision
            self.pass_step()
        return self._end()

    @property
    def _is_unknown(self) -> bool:
        """Whether a message may have left of which nobody has asked yet what became of it: that comes first."""
        return any(each.stage is Stage.BEGUN for each in self.state.steps.values())

    def _looked_for(self) -> Answered | None:
        """The first that was written of what the flow looks for at any time; after one, the next that ends more."""
        if not self._prepared.flow.anytime:
            return None
        from flowrunner.engine.answers.candidates import concerns, just_before
        from flowrunner.engine.answers.matching import anytime_of, outdoing  # few flows listen

        heard, its = self.state.heard, self.state.anytime
        anytime = outdoing(self._prepared.flow.anytime, its.branch if its is not None else "")
        if its is not None:
            taken = (place for place, each in enumerate(heard) if {each.id, each.other_id} & {*its.ids})
            self._scanned = max(self._scanned, max(taken, default=-1) + 1)
        while anytime and self._scanned < len(heard):
            said, before = heard[self._scanned], just_before(heard, self._scanned)
            if concerns(self.state, said) and (found := anytime_of(anytime, said, before)) is not None:
                return found
            self._scanned += 1
        return None

    def _end(self) -> End:
        said = self.state.anytime
        if said is None:
            return End("finished")
        its = (each.end for each in self._prepared.flow.anytime if each.address == said.branch)
        return End(next(its, "finished"), reason=said.text)

    @property
    def values(self) -> Mapping[str, Json]:
        """What can be read where the last Decision is, by name."""
        return self._walk.scope.values

    def learn(self, window: Open) -> None:
        """Take for known what the API would say of the recipient's 24 hours."""
        self._walk.learn(window)

    def pass_step(self) -> None:
        """Go on to the next step, as if all that the last Decision asked for had come out well."""
        walk, self._waiting = self._walk, None
        action = walk.action
        if isinstance(action, Message) and action.step.reply is not None:
            its = self.state.step(action.step.address)
            if (said := answered(its)) is not None:
                walk.pass_question(action, said, self._messages(said))
                return
        walk.pass_step()

    def _messages(self, said: Answered | None) -> tuple[Inbound, ...]:
        """The messages that an answer was."""
        ids = said.ids if said is not None else ()
        return tuple(each for each in self.state.heard if not {each.id, each.other_id}.isdisjoint(ids))

    def _next(self, action: Action, its: StepState, now: float, stamp: Stamp | None) -> Decision | None:
        """What comes next of one step; None where it is done."""
        if not isinstance(action, Message):
            return _of_no_message(action, its, now, stamp)
        if its is NEW_STEP:
            return Send(action)
        if its.begun.digest and its.begun.digest != digest_of(action):
            return End("changed", action.step)
        if its.stage not in DONE:
            return Send(action) if its.stage in MAY_BE_SENT else Reconcile(action)
        asks = self._asks(action, its, now) if action.step.reply is not None else None
        if its.taken and not its.waited and (asks is None or isinstance(asks, WaitForReply)):
            wait = self._waiting = self._waiting or wait_of(action, lambda: self._is_followed(action))
            # Who has answered has it.
            return wait if its.rank < wait.rank and answered(its) is None else asks
        return asks

    def _is_followed(self, message: Message) -> bool:
        return self._walk.is_followed(message, self.state.step)

    def _asks(self, message: Message, its: StepState, now: float) -> Decision | None:
        """What comes next of a question that has left; None where it is answered."""
        step, walk = message.step, self._walk
        if step.reply is None or answered(its) is not None:
            return None
        from flowrunner.engine.answers.matching import Said, options_of  # few flows ask

        options, begun = options_of(message), walk.scope.values["now"]

        def said(messages: tuple[Inbound, ...]) -> "Said":
            return Said(messages, options, step.reply is None or step.reply.typed, begun, walk.scope.recipient.phone)

        def holds(answer: Answer, taken: Answered) -> bool:
            scope = with_window(walk.bound(message, taken, self._messages(taken)), is_open=True)
            ask = self._prepared.conditions.holds
            return walk.told(lambda: ask(step, answer.address, answer.when, answer.route, scope), otherwise=False)

        def part(written: MessageStep, unless_replied: bool) -> Decision | None:
            return self._part(message, its, written, now, unless_replied=unless_replied)

        return next_of(Asked(step, step.reply, said, holds, part), self.state, now)

    def _part(
        self, question: Message, its: StepState, written: MessageStep, now: float, *, unless_replied: bool
    ) -> Decision | None:
        """What comes next of a reminder, or of what is said when a question is put again; None where it is done."""
        walk = self._walk
        step = turned(written, walk.frame.turns)
        known = self.state.step(step.address)
        if walk.lacks_window(step, known, now):
            return LookAtWindow(step)
        last = last_said(its)
        scope = walk.bound(question, last, self._messages(last))
        action = self.actions[step.address] = walk.act(step, scope, known)
        if not isinstance(action, Message):
            return End("changed", step) if known.begun.digest else None
        if known.begun.digest and known.begun.digest != digest_of(action):
            return End("changed", step)
        if known.stage in DONE:
            return None
        if known.stage in MAY_BE_SENT:
            return Send(action, question.step if unless_replied else None)
        return Reconcile(action)


def _of_no_message(action: Action, its: StepState, now: float, stamp: Stamp | None) -> Decision | None:
    """What comes next of a step that sends nothing; None where it is done."""
    if isinstance(action, Pause):
        return pause_of(action, its, now, stamp)
    if isinstance(action, Skipped):
        if its.begun.digest:
            return End("changed", action.step)
        return Skip(action.step, action.reason) if its.stage is Stage.NEW else None
    step = action.step
    return End(step.how, reason=step.reason) if isinstance(step, EndStep) else None
