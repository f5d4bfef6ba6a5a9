"""Values for a flow's inputs: its author's examples, and others that its conditions may tell apart."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from flowrunner.model import Flow, Input, Json
from flowrunner.spec import check_value

_MOST: Final = 8
"""The most values of one input that are tried besides its example."""
_LONGEST: Final = 1024
"""Characters of a value that is made."""


def sets_of(flow: Flow, compared: Mapping[str, Sequence[str]]) -> Iterator[Mapping[str, Json]]:
    """Values for all inputs: the examples first, then others with one input changed each.

    Args:
        flow: The flow.
        compared: What the flow's conditions compare each input with, as texts.
    """
    examples = {name: value for name, its in flow.inputs.items() if (value := _first(its)) is not _NOTHING}
    yield examples
    for name, its in flow.inputs.items():
        for value in _others(its, compared.get(name, ())):
            if value != examples.get(name):
                yield {**examples, name: value}


_NOTHING: Final = object()


def _first(its: Input) -> object:
    """The example, else what a run takes by itself, else something of the type; `_NOTHING` where a run has its own."""
    if its.has_example:
        return its.example
    return _NOTHING if its.has_default else next(iter(_others(its, ())), _NOTHING)


def _others(its: Input, compared: Sequence[str]) -> Sequence[Json]:
    """Values that a declaration allows: those it lists, its ends, and what it is compared with."""
    schema, found = its.schema, list[Json]()
    kinds = schema.get("type", "string")
    kind = next((each for each in kinds if each != "null"), "null") if isinstance(kinds, list) else kinds
    found += schema.get("enum", ())
    if its.has_default:
        found.append(its.default)
    match kind:
        case "boolean":
            found += [True, False]
        case "integer" | "number":
            found += [schema[key] for key in ("minimum", "maximum") if key in schema]
            found += [number for text in compared if (number := _number(text, whole=kind == "integer")) is not None]
            found += [0, 1]
        case "string":
            lengths = [int(schema[key]) for key in ("minLength", "maxLength") if schema.get(key)]
            found += [*compared, *("a" * min(length, _LONGEST) for length in lengths or [1])]
        case "array":
            found.append([])
    if isinstance(kinds, list) and "null" in kinds:
        found.append(None)
    allowed: list[Json] = []
    for value in found:
        if value not in allowed and not check_value(schema, value):
            allowed.append(value)
    return allowed[:_MOST]


def _number(text: str, *, whole: bool) -> float | None:
    try:
        return int(text) if whole else float(text)
    except ValueError:
        return None
