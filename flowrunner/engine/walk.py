"""The one walk through a flow's tree: from step to step, with what each may read. Whoever asks what is next is on it.

A walk knows nothing of events; `flowrunner.engine.decide.Cursor` holds a run's against it.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from flowrunner.diagnostics import Diagnostic
from flowrunner.engine.answers.questions import steps_of
from flowrunner.engine.history.answered import SILENCE, Answered
from flowrunner.engine.history.state import NEW_STEP, Stage, StepState
from flowrunner.engine.history.window import Open
from flowrunner.engine.places import Frame, Place, left, turned, turns_of, within, within_file, within_turns
from flowrunner.engine.renderer import Holders, Renderer
from flowrunner.engine.rendering.scope import Scope, StepProblems, with_window
from flowrunner.model import (
    Action,
    ChooseStep,
    EndStep,
    ForEachStep,
    Inbound,
    IncludeStep,
    Message,
    Passed,
    Pause,
    Skipped,
    Step,
)
from flowrunner.spec.facts import WINDOW

T = TypeVar("T")


class Walk:
    """A place in a flow, and what is known there.

    Attributes:
        frame: The list of steps in which it is, and ``at``, counted from 0, where in it.
        step: The step there, with its address in its turn; None at the end of the flow.
        scope: What the step may read.
        window: What is known of the recipient's 24 hours: it holds for the steps that follow, up to a pause.
        action: What becomes of the step, once that was asked.
    """

    __slots__ = ("_found", "_prepared", "action", "at", "frame", "scope", "step", "window")

    def __init__(
        self, prepared: Renderer, steps: tuple[Step, ...], scope: Scope, found: list[Diagnostic] | None = None
    ) -> None:
        """What there is to say of steps is added to ``found``; where there is none, an error is raised."""
        self._prepared, self._found = prepared, found
        self.window: Open | None = None
        self.frame: Frame
        self.at: int
        self.scope: Scope
        self.step: Step | None
        self.action: Action | None
        self.go(Frame(steps), 0, scope)

    def fork(self) -> "Walk":
        """The same walk, gone on with by somebody else."""
        its = object.__new__(Walk)  # a copy of the library's takes as long as rendering a step
        its._prepared, its._found, its.window = self._prepared, self._found, self.window
        its.frame, its.at, its.scope, its.step, its.action = self.frame, self.at, self.scope, self.step, self.action
        return its

    def go(self, frame: Frame, at: int, scope: Scope) -> None:
        """Be somewhere else; at the end of a list, after the step that holds it."""
        while at >= len(frame.steps) and frame.above is not None:
            frame, at, scope = left(frame, scope)
        steps = frame.steps
        self.step = None if at >= len(steps) else turned(steps[at], frame.turns) if frame.turns else steps[at]
        self.frame, self.at, self.scope, self.action = frame, at, scope, None

    def learn(self, window: Open) -> None:
        """Take for known what the API would say of the recipient's 24 hours."""
        self.window = window
        self.scope = with_window(self.scope, window.is_open)

    def lacks_window(self, step: Step, its: StepState, now: float) -> bool:
        """Whether a step here depends on the recipient's 24 hours, and nothing is known of them that holds now.

        What it was begun with stays so. What was open until a moment is asked anew after it.
        """
        if its.window is not None and its.window != self.window:
            self.learn(its.window)
        reads = self._prepared.asks_window(step)
        if not reads or its.stage is Stage.NOT_APPLICABLE:
            return False
        window = self.window
        if window is not None and (its.stage is not Stage.NEW or not window.is_open or now < window.until):
            return False
        if reads == "when":
            return True
        # Where its condition leaves it out, nobody has to be asked.
        return not isinstance(self.act(step, with_window(self.scope, is_open=True)), Skipped)

    def act(self, step: Step, scope: Scope, its: StepState = NEW_STEP) -> Action:
        """What becomes of a step."""
        if its is not NEW_STEP and its.stage is Stage.NOT_APPLICABLE:
            return Skipped(step, "")  # what was written down is not worked out again
        try:
            return self._prepared.act(step, scope)
        except StepProblems as problems:
            self._tell(problems)
            return problems.action

    def told(self, ask: Callable[[], T], otherwise: T) -> T:
        """What is asked; ``otherwise`` where there is something to say of it."""
        try:
            return ask()
        except StepProblems as problems:
            self._tell(problems)
            return otherwise

    def _tell(self, problems: StepProblems) -> None:
        if self._found is not None:
            self._found += problems.diagnostics
        elif any(each.is_error for each in problems.diagnostics):
            raise problems

    def bound(self, question: Message, answered: Answered | None, said: Sequence[Inbound] = ()) -> Scope:
        """What may be read once something was answered to the question here; None before."""
        return self._prepared.bind(self.scope, question.step, question, answered, said)

    def pass_step(self) -> None:
        """Go on to what follows the step here: the next, or the first that it holds."""
        step, action = self.step, self.action
        assert step is not None and action is not None  # noqa: S101, PT018  # act() has made it
        scope = self._prepared.bind(self.scope, step, action)
        if isinstance(action, Passed) and (held := self._held(step, scope)) is not None:
            self.go(*held)
            return
        if isinstance(action, Pause):
            self.window = None
        self.go(self.frame, self.at + 1, scope)

    def pass_question(self, question: Message, answered: Answered, said: Sequence[Inbound]) -> None:
        """Go on to what follows an answer to the question here; ``said`` are the messages that it was."""
        scope = self.bound(question, answered, said)
        self.window = None
        if answered.branch != SILENCE and said:
            self.window = Open(is_open=True, until=said[-1].at + WINDOW)  # who has just written may be written to
            scope = with_window(scope, is_open=True)
        assert question.step.reply is not None  # noqa: S101  # it is a question
        self.go(*within(self.frame, self.at, steps_of(question.step.reply, answered.branch), scope))

    def _held(self, step: Step, scope: Scope) -> Place | None:
        """The first of the steps that one holds; None where it holds none."""
        conditions, frame, at = self._prepared.conditions, self.frame, self.at
        if isinstance(step, ChooseStep):
            return within(frame, at, self.told(lambda: _chosen(conditions, step, scope), step.otherwise), scope)
        if isinstance(step, ForEachStep):
            around = turns_of(frame)
            return within_turns(frame, at, step, self.told(lambda: conditions.items(step, scope, around), []), scope)
        if isinstance(step, IncludeStep):
            inner = self.told(lambda: conditions.inner(step, scope), None)
            return within_file(frame, at, step.steps, inner, scope) if inner is not None else None
        return None

    def is_followed(self, message: Message, its: Callable[[str], StepState]) -> bool:
        """Whether another message comes after the one here; ``its`` tells what is known of a step by its address."""
        ahead = self.fork()
        ahead.action = message
        ahead.pass_step()
        while (step := ahead.step) is not None:
            if ahead.window is None and self._prepared.asks_window(step):
                return True  # perhaps; it is asked when its turn comes
            ahead.action = ahead.act(step, ahead.scope, its(step.address))
            if isinstance(ahead.action, Message):
                return True
            if isinstance(step, EndStep) and isinstance(ahead.action, Passed):
                return False
            window = self.window
            ahead.pass_step()
            ahead.window = window
        return False


def _chosen(conditions: Holders, step: ChooseStep, scope: Scope) -> tuple[Step, ...]:
    """The steps of the branch that is taken."""
    for branch in step.branches:
        if conditions.holds(step, branch.address, branch.when, branch.route, scope):
            return branch.steps
    return step.otherwise
