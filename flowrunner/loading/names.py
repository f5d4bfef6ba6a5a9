"""Which names an expression may read where it stands."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from flowrunner.diagnostics import Problem, Route, nearest
from flowrunner.model import Input, Step

if TYPE_CHECKING:
    from flowrunner.expressions import Simple
    from flowrunner.expressions.compiled import Expression

GIVEN = ("now", "recipient", "conversation")
"""The names that every run gives."""
_NEAR = 50  # how many steps back a misspelt name is looked for: each comparison takes a while


_YES_NO = {"yes": "true", "no": "false", "on": "true", "off": "false"}


class Names:
    """The names in reach, growing from step to step."""

    def __init__(self, inputs: Mapping[str, Input]) -> None:
        self._inputs = frozenset(inputs)
        self._steps: dict[str, Step] = {}
        self._later: frozenset[str] = frozenset()

    def later(self, ids: Iterable[Any]) -> None:
        """Learn the ids of all steps, to tell a name that comes too late from one that never comes."""
        self._later = frozenset(each for each in ids if isinstance(each, str))

    def add_step(self, step: Step, route: Route) -> list[Problem]:
        """From here on the step's id is a name; unless it is taken."""
        if step.id in self._steps:
            first = self._steps[step.id].address
            message = f"{step.id} is already the id of step {first}"
            return [Problem("duplicate-id", message, route, "give each step an id of its own")]
        if step.id in self._inputs or step.id in GIVEN:
            what = "an input" if step.id in self._inputs else "a name that every run gives"
            return [Problem("name-taken", f"{step.id} is already {what}", route, "choose another id")]
        self._steps[step.id] = step
        return []

    def problem(self, name: str) -> tuple[str, str] | None:
        """Message and hint when ``name`` is not in reach here."""
        step = self._steps.get(name)
        if name in self._inputs or name in GIVEN or (step is not None and step.verb == "message"):
            return None
        if step is not None:
            return f"step {name} sends no message to refer to", "name a message step"
        if name in self._later:
            return f"{name} is a step that comes later", "name an earlier step, or move this one after it"
        messages = [each for each, step in self._steps.items() if step.verb == "message"]
        close = nearest(name, [*self._inputs, *GIVEN, *messages[-_NEAR:]])
        if name in _YES_NO:
            return f"{name} is no input and no earlier step", f"write {_YES_NO[name]}"
        hint = f"did you mean {close}?" if close else f"declare it: inputs: {{{name}: {{type: string}}}}"
        return f"{name} is no input and no earlier step", hint


def name_problems(expression: "Expression | Simple", route: Route, names: Names) -> list[Problem]:
    """One Problem for each name of the expression that is not in reach, and for each fault of its own."""
    problems = [
        Problem(fault.code, fault.message, route, fault.hint, offset=fault.offset, length=fault.length)
        for fault in expression.faults
    ]
    for use in expression.uses:
        found = names.problem(use.name)
        if found is not None:
            message, hint = found
            problems.append(Problem("unknown-name", message, route, hint, offset=use.offset, length=len(use.name)))
    return problems
