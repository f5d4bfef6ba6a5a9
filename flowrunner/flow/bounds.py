"""How long what an expression shows can be, by what the flow's inputs allow."""

from collections.abc import Iterable, Mapping

from flowrunner.diagnostics import HOLE, Route
from flowrunner.flow.fields import Field
from flowrunner.model import Input
from flowrunner.numbers import as_shown
from flowrunner.templates.sent import Held


def bounds_of(fields: Iterable[Field], inputs: Mapping[str, Input]) -> dict[Route, Held]:
    """For each field of a message that holds expressions, how many characters they show at most."""
    return {each.route: _held(each, inputs) for each in fields if each.route}


def _held(field: Field, inputs: Mapping[str, Input]) -> Held:
    longest = 0
    names = field.expression.shown
    for name in names:
        bound = _longest(inputs.get(name)) if name else None
        if bound is None:
            return Held(None)
        longest += bound
    shown = tuple(name for name in names if name)
    its = inputs[shown[0]].schema.get("enum") if field.expression.literal == HOLE and shown else None
    return Held(longest, shown, tuple(map(as_shown, its)) if isinstance(its, list) else ())


def _longest(its: Input | None) -> int | None:
    """How many characters a value has at most; None where the input does not say it."""
    schema: Mapping[str, object] = its.schema if its is not None else {}
    choices, most = schema.get("enum"), schema.get("maxLength")
    if isinstance(choices, list) and choices:
        return max(len(as_shown(each)) for each in choices)
    return most if isinstance(most, int) else None
