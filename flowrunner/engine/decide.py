"""What comes next in a run: the one place that says so, whoever asks. No clock, no network and no chance is in it.

The steps are gone through from the top. One that is done by what its events say binds its names and is passed; the
first that is not gives the Decision. Two processes that have the same events come to the same Decision.
"""

import math
from hashlib import sha256
from typing import Literal, Protocol

from flowrunner.clock import Stamp
from flowrunner.diagnostics import Diagnostic
from flowrunner.engine.decisions import (
    Decision,
    End,
    LookAtWindow,
    Reconcile,
    Send,
    Skip,
    WaitForMoment,
    WaitForStatus,
)
from flowrunner.engine.phases import STATUSES
from flowrunner.engine.scope import Scope, StepProblems, with_window
from flowrunner.engine.state import MAY_BE_SENT, NEW_STEP, OPEN, RANKS, Stage, State, StepState, after
from flowrunner.engine.window import Open
from flowrunner.flow.steps.message import AUTO_TIMEOUT, UNTIL_TIMEOUT
from flowrunner.model import (
    Action,
    Event,
    EventKind,
    Flow,
    Message,
    Passed,
    Pause,
    Skipped,
    Step,
)
from flowrunner.spec.facts import facts_of


class Renderer(Protocol):
    """What is asked of a flow that is prepared; `flowrunner.engine.render.Prepared` is it."""

    flow: Flow

    def for_reader(self, scope: Scope) -> "Renderer":
        """The same in the language of whom a scope is for."""

    def asks_window(self, step: Step) -> Literal["", "when", "message"]:
        """Which part of a step reads ``conversation.open``, the condition first; empty for none."""

    def act(self, step: Step, scope: Scope) -> Action:
        """What becomes of a step; raises StepProblems where there is something to say."""

    def bind(self, scope: Scope, step: Step, action: Action) -> Scope:
        """What the steps after it may read."""


def digest_of(message: Message) -> str:
    """What a `begun` event keeps of the message that it was begun with, whatever API it goes to."""
    return sha256(message.text.encode()).hexdigest()[:16]


def assumed(cursor: "Cursor", *, is_open: bool = True) -> tuple[Action, ...]:
    """What becomes of every step where all goes well: each Decision is taken for carried out, until the end.

    ``is_open`` is what the API would say whenever a step asks whether the recipient may be sent free text.
    """
    while not isinstance(decision := cursor.decide(0.0), End):
        if isinstance(decision, LookAtWindow):
            cursor.learn(Open(is_open, math.inf))
        else:
            cursor.pass_step()
    return tuple(cursor.actions.values())


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
        self._prepared = prepared.for_reader(scope)
        self._steps, self._start = self._prepared.flow.steps, scope
        self._rewind()

    def _rewind(self) -> None:
        self._place, self._scope, self._action, self._waiting = 0, self._start, None, None
        self._window = None

    _window: Open | None
    """What is known of the recipient's 24 hours at this place: it holds for the steps that follow, up to a pause."""
    _action: Action | None
    _waiting: WaitForStatus | None

    def add(self, event: Event) -> None:
        """Take one more event of the run into account."""
        self.state = after(self.state, event)
        at = self._steps[self._place].address if self._place < len(self._steps) else ""
        if event.step == at:
            self._action = None if event.kind is EventKind.SKIPPED else self._action
        elif event.step and event.kind not in STATUSES:
            self._rewind()  # a step that was passed may have to be sent again

    def decide(self, now: float, stamp: Stamp | None = None) -> Decision:
        """As `decide`."""
        state, steps = self.state, self._steps
        if state.last is not None:
            if state.cancelled is not None:
                return End("cancelled")
            if state.lost is not None:
                return Reconcile(None)
            if state.last.kind is EventKind.FINISHED:
                return End("finished")
        while self._place < len(steps):
            step = steps[self._place]
            its = state.steps.get(step.address, NEW_STEP)
            action = self._action
            if action is None:
                if self._lacks_window(step, its, now):
                    return LookAtWindow(step)
                self._action = self.actions[step.address] = action = self._act(step, self._scope, its)
            if decision := self._next(action, its, now, stamp):
                return decision
            self.pass_step()
        return End("finished")

    def learn(self, window: Open) -> None:
        """Take for known what the API would say of the recipient's 24 hours."""
        self._window = window
        self._scope = with_window(self._scope, window.is_open)

    def _lacks_window(self, step: Step, its: StepState, now: float) -> bool:
        """Whether the step depends on the recipient's 24 hours, and nothing is known of them that holds now.

        What it was begun with stays so. What was open until a moment is asked anew after it.
        """
        if its.window is not None and its.window != self._window:
            self.learn(its.window)
        reads = self._prepared.asks_window(step)
        if not reads or its.stage is Stage.NOT_APPLICABLE:
            return False
        window = self._window
        if window is not None and (its.stage is not Stage.NEW or not window.is_open or now < window.until):
            return False
        if reads == "when":
            return True
        # Where its condition leaves it out, nobody has to be asked.
        return not isinstance(self._act(step, with_window(self._scope, is_open=True)), Skipped)

    def pass_step(self) -> None:
        """Go on to the next step, as if all that the last Decision asked for had come out well."""
        step, action = self._steps[self._place], self._action
        assert action is not None  # noqa: S101  # decide() has made it
        self._scope = self._prepared.bind(self._scope, step, action)
        if isinstance(action, Pause):
            self._window = None
        self._place += 1
        self._action = self._waiting = None

    def _act(self, step: Step, scope: Scope, its: StepState = NEW_STEP) -> Action:
        if its is not NEW_STEP and its.stage is Stage.NOT_APPLICABLE:
            return Skipped(step, "")  # what was written down is not worked out again
        try:
            action = self._prepared.act(step, scope)
        except StepProblems as problems:
            if self._found is not None:
                self._found += problems.diagnostics
            elif any(each.is_error for each in problems.diagnostics):
                raise
            action = problems.action
        return action

    def _next(self, action: Action, its: StepState, now: float, stamp: Stamp | None) -> Decision | None:
        """What comes next of one step; None where it is done."""
        if its is NEW_STEP and isinstance(action, Message):
            return Send(action)
        if isinstance(action, Pause):
            return _pause(action, its, now, stamp)
        if isinstance(action, Passed):
            return None
        if its.begun.digest and (isinstance(action, Skipped) or its.begun.digest != digest_of(action)):
            return End("changed", action.step)
        if isinstance(action, Skipped):
            return Skip(action.step, action.reason) if its.stage is Stage.NEW else None
        if its.stage in MAY_BE_SENT:
            return Send(action)
        if its.stage in OPEN:
            return Reconcile(action)
        if its.stage is Stage.ACCEPTED and not its.waited:
            wait = self._waiting = self._waiting or self._wait(action)
            return wait if its.rank < wait.rank else None
        return None

    def _wait(self, message: Message) -> WaitForStatus:
        """The wait that belongs to a message.

        Where its author has not said ``until``, a slow one that another message follows is waited for.
        """
        step, known = message.step, facts_of(message.body)
        if step.until is not None:
            rank = min(RANKS[step.until], RANKS[known.last])
            return WaitForStatus(step, rank, _given(step.timeout, UNTIL_TIMEOUT), step.on_timeout or "stop")
        rank = RANKS["delivered"] if known.slow and self._is_followed(message) else 0
        return WaitForStatus(step, rank, _given(step.timeout, AUTO_TIMEOUT), step.on_timeout or "continue")

    def _is_followed(self, message: Message) -> bool:
        """Whether another message comes after the one at this place."""
        scope = self._prepared.bind(self._scope, message.step, message)
        for step in self._steps[self._place + 1 :]:
            if self._window is None and self._prepared.asks_window(step):
                return True  # perhaps; it is asked when its turn comes
            action = self._act(step, scope, self.state.step(step.address))
            if isinstance(action, Message):
                return True
            scope = self._prepared.bind(scope, step, action)
        return False


def _pause(action: Pause, its: StepState, now: float, stamp: Stamp | None) -> WaitForMoment | None:
    if its.stage is Stage.NEW:
        return WaitForMoment(action.step, now + action.seconds, action.seconds)
    if its.stage is not Stage.WAITING:
        return None
    began, left = its.begun.at, its.until - now
    # A machine that was put back to an earlier state may be before what it has written since.
    if stamp is not None and began is not None and began.boot == stamp.boot and began.up <= stamp.up:
        left = action.seconds - (stamp.up - began.up)
    return WaitForMoment(action.step, its.until, min(left, action.seconds)) if left > 0 else None


def _given(seconds: float | None, default: float) -> float:
    return default if seconds is None else seconds
