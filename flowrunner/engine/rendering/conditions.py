"""Conditions, and the lists and inputs of steps that hold others: what decides which steps are done, and how often."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from flowrunner.diagnostics import Problem, Route
from flowrunner.engine.rendering.scope import Found, Scope, problem_of
from flowrunner.engine.rendering.telling import Telling
from flowrunner.engine.values.given import Given
from flowrunner.engine.values.inputs import Inputs
from flowrunner.expressions import ExpressionError, Names, expression, holds_expression
from flowrunner.expressions.reader import READER
from flowrunner.flow import Loaded
from flowrunner.flow.steps.for_each import MOST_TURNS, MOST_TURNS_IN_ALL
from flowrunner.model import ForEachStep, IncludeStep, Json, Passed, Step
from flowrunner.model.addresses import as_written

_NOT_A_CONDITION: Final = "the condition is neither true nor false"


def condition(when: Json, route: Route) -> Callable[[Scope, str], tuple[bool, Found]]:
    """Whether a condition holds, and what there is to say of it; given what it may read, and its step's address."""
    if when is None or isinstance(when, bool):
        return lambda _scope, _address: (when is not False, [])
    its = expression(str(when), bare=True)
    names = [each.name for each in its.uses]

    def holds(scope: Scope, address: str) -> tuple[bool, Found]:
        try:
            value = its.evaluate(scope.values, scope.seed + address)
        except ExpressionError as error:
            return False, [problem_of(error, names, scope, route)]
        if value is True or value is False:
            return value, []
        hint = "compare it, as in plan == 'pro' or visits > 0"
        return False, [(Problem("when-not-boolean", _NOT_A_CONDITION, route, hint), names)]

    return holds


class Conditions:
    """What decides in one flow which steps are done; the addresses of steps are as they are in the flow."""

    def __init__(self, loaded: Loaded, telling: Telling) -> None:
        self._telling = telling
        self._files = loaded.included
        self._inputs: dict[str, Inputs] = {}  # by file

    def holds(self, step: Step, address: str, when: Json, route: Route, scope: Scope) -> bool:
        """Whether one of the conditions below a step holds; raises as `Prepared.act` does."""
        holds, found = condition(when, (*route, "when"))(scope, as_written(address))
        if found:
            self._telling.told(scope, Passed(step), found)
        return holds

    def items(self, step: ForEachStep, scope: Scope, around: int) -> list[Any]:
        """What the steps are done for, each in its turn; raises as `Prepared.act` does.

        Args:
            step: The step.
            scope: What it may read.
            around: How many turns the lists have together in which it stands.
        """
        route: Route = (*step.route, "in")
        names = _names(step.items)
        try:
            value = _value(step.items, scope, scope.seed + as_written(step.address))
        except ExpressionError as error:
            self._telling.told(scope, Passed(step), [problem_of(error, names, scope, route)])
            return []
        if not isinstance(value, list):
            message = "in gives no list"
            hint = 'write one expression that gives a list, as in in: "{{ items }}", or the list itself'
            self._telling.told(scope, Passed(step), [(Problem("expression-type", message, route, hint), names)])
            return []
        if len(value) > MOST_TURNS:
            message = f"in has {len(value):,} items, at most {MOST_TURNS} are allowed"
            hint = f"give fewer, or take the first of them: {{{{ (...)[:{MOST_TURNS}] }}}}"
            self._telling.told(scope, Passed(step), [(Problem("too-many-items", message, route, hint), names)])
        elif len(value) * around > MOST_TURNS_IN_ALL:
            message = f"in has {len(value):,} items in each of the {around:,} turns of the loops around it:"
            message += f" at most {MOST_TURNS_IN_ALL:,} turns are allowed in all"
            hint = "give fewer items, or move these steps out of the list around them"
            self._telling.told(scope, Passed(step), [(Problem("too-many-items", message, route, hint), names)])
        return value[: min(MOST_TURNS, max(MOST_TURNS_IN_ALL // around, 1))]

    def inner(self, step: IncludeStep, scope: Scope) -> Scope | None:
        """What the steps of an included file may read; None where its inputs cannot be had. Raises as `items` does."""
        inputs = self._inputs.get(step.file)
        if inputs is None:
            inputs = self._inputs[step.file] = Inputs(self._files[step.file])
        document = self._telling.document(step.address)
        found: Found = []
        given: dict[str, Given] = {}
        for name, written in step.given.items():
            route: Route = (*step.route, "with", name)
            read = partial(_value, written, scope, scope.seed + as_written(step.address))
            try:
                given[name] = Given(read(), partial(document.location, route))
            except ExpressionError as error:
                found.append(problem_of(error, _names(written), scope, route))
        if not found:
            bound, problems = inputs.bind(given)
            if bound is not None:
                own = {name: scope.values[name] for name in ("now", "recipient", "conversation", READER)}
                return Scope(Names(bound.values, **own), bound.given, scope.recipient, scope.seed)
            for each in problems:
                name = next((name for name in given if given[name].origin == each.location), "")
                route = (*step.route, "with", name) if name else (*step.route, "include")
                found.append(
                    (Problem(each.code, each.message, route, each.hint, link=each.link), _names(step.given.get(name)))
                )
        self._telling.told(scope, Passed(step), found)
        return None


def _value(written: Json, scope: Scope, seed: str) -> Json:
    """What is given for an input, its expressions evaluated: one that is the whole text keeps its type."""
    if isinstance(written, Mapping):
        return {key: _value(each, scope, seed) for key, each in written.items()}
    if isinstance(written, list):
        return [_value(each, scope, seed) for each in written]
    if not isinstance(written, str) or not holds_expression(written):
        return written
    its = expression(written)
    return its.evaluate(scope.values, seed) if its.is_whole else its.render(scope.values, seed)


def _names(written: Json) -> list[str]:
    """The names that the expressions of a value read."""
    return [use.name for text in _texts(written) if holds_expression(text) for use in expression(text).uses]


def _texts(written: Json) -> Iterator[str]:
    if isinstance(written, str):
        yield written
    elif isinstance(written, (Mapping, list)):
        for each in written.values() if isinstance(written, Mapping) else written:
            yield from _texts(each)
