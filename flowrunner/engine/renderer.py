"""What is asked of a flow that is prepared, by whoever goes through its steps."""

from collections.abc import Sequence
from typing import Any, Literal, Protocol

from flowrunner.diagnostics import Route
from flowrunner.engine.history.answered import Answered
from flowrunner.engine.rendering.scope import Scope
from flowrunner.model import Action, Flow, ForEachStep, Inbound, IncludeStep, Json, Step


class Holders(Protocol):
    """What decides which steps are done; `rendering.conditions.Conditions` is it. All raise StepProblems."""

    def holds(self, step: Step, address: str, when: Json, route: Route, scope: Scope) -> bool:
        """Whether a condition below a step holds."""

    def items(self, step: ForEachStep, scope: Scope, around: int) -> list[Any]:
        """What the steps are done for, each in its turn; ``around`` is how many turns the lists around it have."""

    def inner(self, step: IncludeStep, scope: Scope) -> Scope | None:
        """What the steps of another file may read; None where it cannot be had."""


class Renderer(Protocol):
    """A flow that is ready; `flowrunner.engine.render.Prepared` is it."""

    flow: Flow

    def for_reader(self, scope: Scope) -> "Renderer":
        """The same in the language of whom a scope is for."""

    @property
    def conditions(self) -> Holders:
        """What decides which of its steps are done."""

    def asks_window(self, step: Step) -> Literal["", "when", "message"]:
        """Which part of a step reads ``conversation.open``, the condition first; empty for none."""

    def act(self, step: Step, scope: Scope) -> Action:
        """What becomes of a step; raises StepProblems where there is something to say."""

    def bind(
        self, scope: Scope, step: Step, action: Action, answered: Answered | None = None, said: Sequence[Inbound] = ()
    ) -> Scope:
        """What the steps after it may read, by what was answered to it."""
