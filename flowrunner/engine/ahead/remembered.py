"""A prepared flow that remembers what it gave for which values, while all branches of it are gone through."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeVar

from flowrunner.diagnostics import Route
from flowrunner.engine.ahead.worlds import identity
from flowrunner.engine.history.answered import Answered
from flowrunner.engine.renderer import Renderer
from flowrunner.engine.rendering.scope import Scope, StepProblems
from flowrunner.expressions import Names
from flowrunner.flow import Field
from flowrunner.model import Action, ForEachStep, Inbound, IncludeStep, Json, Step
from flowrunner.model.addresses import as_written

T = TypeVar("T")


class Remembered:
    """A `Renderer`: a step is rendered once for all paths on which what it reads is the same."""

    def __init__(self, prepared: Renderer, fields: Mapping[str, Sequence[Field]]) -> None:
        self.flow, self._prepared = prepared.flow, prepared
        self._fields = fields
        self._names: dict[str, tuple[str, ...]] = {}
        # With the scope, so that what is told apart by its identity stays in being.
        self._known: dict[tuple[Any, ...], tuple[Any, Scope]] = {}

    @property
    def conditions(self) -> "Remembered":
        """What decides which steps are done."""
        return self

    def for_reader(self, _scope: Scope) -> "Remembered":
        """Itself: whose flow it remembers has a language already."""
        return self

    def names(self, address: str) -> tuple[str, ...]:
        """The names that a step, or a condition below one, reads; by its address in the flow."""
        if (found := self._names.get(address)) is None:
            uses = {use.name for field in self._fields.get(address, ()) for use in field.expression.uses}
            found = self._names[address] = tuple(sorted(uses))
        return found

    def asks_window(self, step: Step) -> Literal["", "when", "message"]:
        """As `Prepared.asks_window`."""
        return self._prepared.asks_window(step)

    def act(self, step: Step, scope: Scope) -> Action:
        """As `Prepared.act`."""
        return self._once(scope, (step.address,), step.address, lambda: self._prepared.act(step, scope))

    def holds(self, step: Step, address: str, when: Json, route: Route, scope: Scope) -> bool:
        """As `Conditions.holds`."""
        ask = self._prepared.conditions.holds
        return self._once(scope, (step.address, address), address, lambda: ask(step, address, when, route, scope))

    def items(self, step: ForEachStep, scope: Scope, around: int) -> list[Any]:
        """As `Conditions.items`."""
        ask = self._prepared.conditions.items
        return self._once(scope, (step.address, "items", around), step.address, lambda: ask(step, scope, around))

    def inner(self, step: IncludeStep, scope: Scope) -> Scope | None:
        """As `Conditions.inner`."""
        ask, window = self._prepared.conditions.inner, scope.values["conversation"].get("open")
        return self._once(scope, (step.address, "inner", window), step.address, lambda: ask(step, scope))

    def bind(
        self, scope: Scope, step: Step, action: Action, answered: Answered | None = None, said: Sequence[Inbound] = ()
    ) -> Scope:
        """As `Prepared.bind`."""
        if not step.id:
            return scope
        key = (step.address, id(action), id(answered))
        if (known := self._known.get(key)) is None:
            bound = self._prepared.bind(scope, step, action, answered, said)
            known = self._known[key] = ((action, answered, bound.values.get(step.id), bound is not scope), bound)
        _, _, view, is_bound = known[0]
        return scope._replace(values=Names(scope.values, **{step.id: view})) if is_bound else scope

    def _once(self, scope: Scope, key: tuple[Any, ...], address: str, ask: Callable[[], T]) -> T:
        key = (*key, *(identity(scope.values, name) for name in self.names(as_written(address))))
        if (known := self._known.get(key)) is None:
            try:
                known = (ask(), scope)
            except StepProblems as problems:
                known = (problems, scope)
            self._known[key] = known
        if isinstance(known[0], StepProblems):
            raise known[0]
        given: T = known[0]
        return given
