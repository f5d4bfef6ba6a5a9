"""``include``: the steps of another file, which sees its own inputs alone."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final

from flowrunner.diagnostics import Problem, Route, Severity, nearest
from flowrunner.expressions import expression, holds_expression
from flowrunner.flow.fields import Field, texts_of
from flowrunner.flow.included import Included, Read
from flowrunner.flow.keys import COMMON_KEYS, Key, kind, text_problems
from flowrunner.flow.names import Names
from flowrunner.flow.placeholders import placeholders_in
from flowrunner.flow.steps.verb import Compared, Head, Reader, Verb
from flowrunner.model import Action, IncludeStep, Json, Step
from flowrunner.spec import as_typed, check_value, is_nothing
from flowrunner.spec.files import key_schemas
from flowrunner.spec.words import listed, printable, written

_KEYS: Final = key_schemas("include")


def _problems(value: Any, route: Route) -> Iterator[Problem]:
    found = list(text_problems(value, route))
    yield from found
    if not found and holds_expression(value):
        message = "include cannot be an expression: all files are read before any value is known"
        hint = "write one step for each file, with when: to choose"
        yield Problem("expression-not-allowed", message, route, hint)


def _with_problems(value: Any, route: Route) -> Iterator[Problem]:
    if not isinstance(value, Mapping) and not is_nothing(value):
        hint = 'write name: value lines below it, for example name: "{{ name }}"'
        yield Problem("wrong-type", f"with must be an object, not {kind(value)}", route, hint)


class _Include(Verb[IncludeStep]):
    name = "include"
    step = IncludeStep
    keys: Mapping[str, Key] = {
        "include": Key(_KEYS["include"], _problems),
        "with": Key(_KEYS["with"], _with_problems),
    }

    def read(self, entry: Mapping[str, Any], head: Head, reader: Reader, names: Names) -> IncludeStep:
        written, route = entry.get("include"), (*head.route, "include")
        if not isinstance(written, str) or any(_problems(written, route)):
            return IncludeStep(*head)
        file = reader.files.open(str(written), reader.within)
        if isinstance(file, Problem):
            reader.problems.append(file.under(route))
            return IncludeStep(*head)
        given = entry.get("with")
        beside = [key for key in entry if key not in reader.keys]  # that they are is said of the step
        typed = _given(given if isinstance(given, Mapping) else {}, file, head, reader, names, beside)
        if not isinstance(given, Mapping):
            reader.problems += _lacking(beside, file, names, route)
        inner = reader.inside(file)
        its = Names(file.inputs)
        steps = inner.steps(file.data.get("steps"), ("steps",), its, f"{head.address}/")
        reader.files.include(head.address, file, Read(steps, inner.fields, inner.problems))
        if its.ended and head.when in (None, True):
            names.end()
        return IncludeStep(*head, file.name, typed, file.inputs, steps)

    def remedy(self, key: str, entry: Mapping[Any, Any], *, is_misspelt: bool) -> str:  # noqa: ARG002
        """A value for an input of the file goes below ``with:``."""
        if "include" not in entry or nearest(key, [*COMMON_KEYS, *self.keys]):
            return ""
        return "write with: and put it below" if "with" not in entry else "put it below with:"

    def children(self, step: IncludeStep) -> Iterable[tuple[Step, ...]]:
        return (step.steps,)

    def outline(self, step: IncludeStep) -> str:
        """Which file."""
        return f"include {step.file}"

    def compared(self, action: Action) -> Compared:
        assert isinstance(action.step, IncludeStep)  # noqa: S101  # it is of this verb
        return Compared(self.name, {"include": action.step.file, "with": dict(action.step.given)})


INCLUDE: Final = _Include()


def _given(
    written: Mapping[Any, Any], file: Included, head: Head, reader: Reader, names: Names, beside: Collection[Any]
) -> dict[str, Json]:
    """What the file's inputs are given, typed as they want it; what is wrong with that is said to the reader.

    What stands ``beside`` is not missing.
    """
    at: Route = (*head.route, "with")
    given: dict[str, Json] = {}
    for key, value in written.items():
        name = str(key)
        declared = file.inputs.get(name)
        if declared is None:
            near = nearest(name, [*file.inputs])
            hint = f"did you mean {near}?" if near and near not in written else f"remove it; {_takes(file)}"
            message = f"{file.name} has no input {printable(name)}"
            reader.problems.append(Problem("unknown-variable", message, (*at, key), hint, at_key=True))
            continue
        typed = given[name] = as_typed(value, declared.schema, written=True)
        if isinstance(typed, str):
            reader.problems += placeholders_in(typed, (*at, key), reader.values(names))
        fields = [
            Field(
                ("with", *place), place, expression(text), schema if "type" in schema else {**schema, "x-plain": True}
            )
            for place, text, schema in texts_of({name: typed}, {"properties": {name: declared.schema}})
            if holds_expression(text)
        ]
        reader.add(fields, head, names)
        if fields:
            reader.problems += [
                Problem(
                    "expression-type",
                    f"{each.route[-1]} needs a list or an object, not text with an expression in it",
                    (*head.route, *each.place),
                    'write one expression: "{{ ... }}"',
                )
                for each in fields
                if each.wants_structure and not each.expression.is_whole and not each.expression.faults
            ]
        else:
            found = (each for each in check_value(declared.schema, typed) if each.severity is Severity.ERROR)
            reader.problems += [
                each._replace(
                    code="bad-variable", message=each.message.replace("the value", f"{name} of {file.name}", 1)
                ).under((*at, key))
                for each in found
            ]
    if written:
        reader.problems += _lacking([*written, *beside], file, names, at)
    return given


def _lacking(there: Collection[Any], file: Included, names: Names, at: Route) -> Iterator[Problem]:
    for name, declared in file.inputs.items():
        if name not in there and not declared.has_default:
            message = f"{file.name} needs a value for {name}"
            is_known = names.problem(name) is None or not declared.has_example
            value = f"{{{{ {name} }}}}" if is_known else declared.example
            hint = f"add it, for example with: {written({name: value})}"
            yield Problem("missing-variable", message, at, hint)


def _takes(file: Included) -> str:
    return f"its inputs are {listed(file.inputs, 'and')}" if file.inputs else "it has no inputs"
