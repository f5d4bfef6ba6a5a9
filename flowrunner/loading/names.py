"""Which names an expression may read where it stands."""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from flowrunner.diagnostics import Problem, Route, Severity, nearest
from flowrunner.expressions import Known
from flowrunner.model import Input, Step
from flowrunner.schema import kinds

if TYPE_CHECKING:
    from flowrunner.expressions import ExpressionError, Simple
    from flowrunner.expressions.compiled import Expression

GIVEN = ("now", "recipient", "conversation")
"""The names that every run gives."""
_NEAR = 50  # how many steps back a misspelt name is looked for: each comparison takes a while


_YES_NO = {"yes": "true", "no": "false", "on": "true", "off": "false"}


class Names:
    """The names in reach, growing from step to step."""

    def __init__(self, inputs: Mapping[str, Input]) -> None:
        self._inputs = inputs
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
            return [Problem("duplicate-id", message, route, "give each step its own id")]
        if step.id in self._inputs or step.id in GIVEN:
            what = "an input" if step.id in self._inputs else "a name that every run gives"
            return [Problem("name-taken", f"{step.id} is already {what}", route, "choose another id")]
        self._steps[step.id] = step
        return []

    @property
    def reachable(self) -> frozenset[str]:
        """The inputs, and the earlier steps that send a message."""
        return frozenset([*self._inputs, *(name for name, step in self._steps.items() if step.verb == "message")])

    def known(self, name: str) -> Known | None:
        """What is known of a name that always has a value; None for one that may have none."""
        if name in self._inputs:
            wanted = kinds(self._inputs[name].schema)
            is_text, may_be_null = not wanted or "string" in wanted, not wanted or "null" in wanted
            return Known("an input", is_text=is_text, may_be_null=may_be_null)
        if name in self._steps or name in GIVEN:
            what = "an earlier step" if name in self._steps else "every run"
            return Known(what, is_text=False, may_be_null=False)
        return None

    def hint(self, fault: "ExpressionError") -> str:
        """The remedy for what is wrong with an expression, in the names of this flow."""
        if fault.code == "foreign-placeholder":
            first = next(iter(self._inputs), "")
            return (
                f"write the name of an input, for example {{{{ {first} }}}}"
                if first
                else "declare an input, for example inputs: {name: {type: string}}, and write {{ name }}"
            )
        if not fault.name:
            return fault.hint
        close = nearest(fault.name, [*self._inputs, *GIVEN, *list(self._steps)[-_NEAR:]])
        if fault.message.startswith("{%"):
            return f"write {{{{ {close} }}}}" if close == fault.name else fault.hint
        words = fault.message.rpartition(": ")[2].split()
        if self.reachable.issuperset(words):
            return f"write {' '.join(f'{{{{ {each} }}}}' for each in words)}"
        return f"did you mean {close}?" if close else f"{fault.hint}, and declare it: {_declared(fault.name)}"

    def problem(self, name: str) -> tuple[str, str] | None:
        """Message and hint when ``name`` is not in reach here."""
        step = self._steps.get(name)
        if name in self._inputs or name in GIVEN or (step is not None and step.verb == "message"):
            return None
        if step is not None:
            return f"step {name} does not send a message to refer to", "name a message step"
        if name in self._later:
            return f"{name} is a later step", "name an earlier step, or move this one after it"
        messages = [each for each, step in self._steps.items() if step.verb == "message"]
        close = nearest(name, [*self._inputs, *GIVEN, *messages[-_NEAR:]])
        if name in _YES_NO:
            return f"{name} is not an input or an earlier step", f"write {_YES_NO[name]}"
        plain = normalize("NFKD", name).encode("ascii", "ignore").decode()
        close = close or nearest(plain, list(self._inputs))
        hint = f"did you mean {close}?" if close else f"declare it: {_declared(name)}"
        if not close and plain != name:  # the names of inputs have no accents
            hint = f"write {plain}, and declare it: {_declared(plain)}" if plain.isidentifier() else ""
        return f"{name} is not an input or an earlier step", hint


def _declared(name: str) -> str:
    return f"inputs: {{{name}: {{type: string}}}}"


def name_problems(expression: "Expression | Simple", route: Route, names: Names, language: str) -> list[Problem]:
    """One Problem for each name of the expression that is not in reach, for each fault of its own, and each habit.

    ``language`` is the flow's, as far as it is known.
    """
    problems = [
        Problem(fault.code, fault.message, route, names.hint(fault), offset=fault.offset, length=fault.length)
        for fault in expression.faults
    ]
    habits = {} if problems else {each.offset: each for each in expression.habits(names.known, language)}
    lost = {each.name: each for each in habits.values() if each.code == "lost-set"}
    for use in expression.uses:
        found = names.problem(use.name)
        if found is not None:
            message, hint = found
            length = len(use.name)
            dashed = re.match(rf"{re.escape(use.name)}(?:-\w+)+", expression.text[use.offset :])
            if dashed is not None:
                joined, length = dashed[0].replace("-", "_"), len(dashed[0])
                close = nearest(joined, list(names.reachable))
                hint = f"did you mean {close}?" if close else f"write {joined}, and declare it: {_declared(joined)}"
            if use.name in lost:
                habit = lost[use.name]
                del habits[habit.offset]
                message, hint = habit.message, habit.hint
            problems.append(Problem("unknown-name", message, route, hint, offset=use.offset, length=length))
    for each in habits.values():
        warning = Problem(each.code, each.message, route, each.hint, Severity.WARNING)
        problems.append(warning._replace(offset=each.offset, length=each.length))
    return problems
