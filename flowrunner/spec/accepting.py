"""Check fast: what cannot vary is looked at once, what varies is only accepted or not.

What is not accepted goes to `check_message` or `check_value`, which know why.
"""

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, Final

from flowrunner.diagnostics import Route
from flowrunner.numbers import exact
from flowrunner.spec.files import Schema, child, kind_of, kinds, message_schema
from flowrunner.spec.inputs import check_value
from flowrunner.spec.message import LABEL, check_message
from flowrunner.spec.notes import certain_notes, decided, list_notes, text_checks
from flowrunner.spec.validators import compiled, message_validator
from flowrunner.spec.walk import Walk, is_unsendable
from flowrunner.spec.words import field

_TOLD_OF: Final = frozenset(["string", "array", "object"])
_OF_LISTS: Final = frozenset(["x-unique", "x-alike", "x-same", "x-some", "x-max-total"])


def message_acceptor(
    body: Mapping[str, Any], varying: Mapping[Route, str]
) -> Callable[[Mapping[str, Any], Mapping[Route, Any]], bool]:
    """What accepts messages that differ from ``body`` in what stands at ``varying`` only; it is given that as well.

    It accepts one when `check_message` has nothing to say of it that it does not say of ``body`` with those places
    held.

    Args:
        body: A message in which `check_message` finds no error, whatever stands at ``varying``.
        varying: Where the messages differ, each with its literal text, a `HOLE` for what is not known.
    """
    root = message_schema(kind_of(body))
    if kind_of(body) == "raw" or any(_decides(body, root, route) for route in varying):
        return lambda message, _: not check_message(message)
    is_valid = message_validator(kind_of(body)).is_valid
    above = {route[:length]: None for route in varying for length in range(1, len(route))}
    watched = [
        (route, below, text_checks(below), field(route, LABEL), {(each.code, each.message) for each in said})
        for route, literal in varying.items()
        for below in [_below(body, root, route)]
        for said in [certain_notes(literal, below, route, root, LABEL)]
        if not kinds(below) or not kinds(below).isdisjoint(_TOLD_OF)
    ]
    lists = [
        (route, below, frozenset(list_notes(_at(body, route), below, route, root, varying)))
        for route in above
        for below in [_below(body, root, route)]
        if not _OF_LISTS.isdisjoint(below)
    ]

    def accepts(message: Mapping[str, Any], values: Mapping[Route, Any]) -> bool:
        for route, below, checks, name, known in watched:
            value = values[route]
            if isinstance(value, str):
                if not value.isprintable() and is_unsendable(value):
                    return False
                for check in checks:
                    for each in check(value, name):
                        if (each.code, each.message) not in known:
                            return False
            elif isinstance(value, (list, dict)) and Walk(value, below, held=(), label="").problems:
                return False
        return is_valid(message) and all(
            known.issuperset(list_notes(_at(message, route), below, route, root, ())) for route, below, known in lists
        )

    return accepts


def values_acceptor(fragments: Mapping[str, Mapping[str, Any]]) -> Callable[[Mapping[str, Any]], bool]:
    """What accepts values by name, each for the input whose declaration has that name.

    It accepts them when `check_value` finds nothing in any of them.
    """
    is_valid = compiled({"type": "object", "properties": dict(fragments)}).is_valid

    def accepts(values: Mapping[str, Any]) -> bool:
        left: dict[str, Any] = {}
        for name, written in values.items():
            value = exact(written)
            if isinstance(value, str):
                if not value.isprintable() and is_unsendable(value):
                    return False
            elif isinstance(value, (list, dict)):
                if check_value(fragments[name], value):
                    return False
                continue  # they were checked: numbers within them may be written ones
            elif isinstance(value, float) and not isfinite(value):
                return False
            left[name] = value
        return is_valid(left)

    return accepts


def _decides(body: Mapping[str, Any], root: Schema, route: Route) -> bool:
    """Whether the value at ``route`` decides how one beside it is checked."""
    beside = _below(body, root, route[:-1]).get("properties", {}).values()
    return any(route[-1] in each.get("x-by", ()) for each in beside)


def _below(body: Mapping[str, Any], root: Schema, route: Route) -> Schema:
    """What the schema says of the value at ``route``, with what the values beside it decide."""
    value: Any = body
    schema = root
    for key in route:
        schema = child(schema, key)
        schema = decided(schema, value) if isinstance(value, Mapping) else schema
        value = value[key]
    return schema


def _at(message: Mapping[str, Any], route: Route) -> Any:
    value: Any = message
    for key in route:
        value = value[key]
    return value
