"""The same checks, made ready for many: what cannot vary is looked at once, what varies is only accepted or not.

Who is not accepted goes to `check_message` or `check_value`, which know why.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from flowrunner.diagnostics import Route
from flowrunner.spec.files import Schema, child, kinds, message_schema
from flowrunner.spec.judge import compiled, message_validator
from flowrunner.spec.message import LABEL
from flowrunner.spec.notes import certain_notes, decided, is_noted, list_notes, text_checks
from flowrunner.spec.texts import shown_text
from flowrunner.spec.walk import Walk, has_control
from flowrunner.spec.words import field

_ANYTHING: Final[Schema] = {}
_TOLD_OF: Final = frozenset(["string", "array", "object"])
_OF_LISTS: Final = frozenset(["x-unique", "x-alike", "x-some", "x-max-total"])


def message_check(
    body: Mapping[str, Any], varying: Mapping[Route, str], calm: Collection[Route] = ()
) -> Callable[[Mapping[str, Any]], bool] | None:
    """A check of the messages that differ from ``body`` in what stands at ``varying`` only.

    Its answer is yes when `check_message` would have nothing to say that it does not say of ``body`` with those places
    held. The texts it is asked about must hold no lone surrogates.

    Args:
        body: A message in which `check_message` finds no error, whatever stands at ``varying``.
        varying: Where the messages differ, each with its literal text, a `HOLE` for what is not known.
        calm: Those of which `flowrunner.spec.texts.shown_text` says nothing that it does not say of the literal.

    Returns:
        The check; None where one value that varies decides how another is checked.
    """
    root = message_schema(body.get("message_type", "text"))
    if any(_decides(body, root, route) for route in varying):
        return None
    is_valid = message_validator(body.get("message_type", "text")).is_valid
    above = {route[:length]: None for route in varying for length in range(1, len(route))}
    watched = [
        (route, below, checks, field(route, LABEL), {(each.code, each.message) for each in said})
        for route, literal in varying.items()
        for below in [_below(body, root, route)]
        for checks in [[each for each in text_checks(below) if each is not shown_text or route not in calm]]
        for said in [certain_notes(literal, below, route, root, LABEL)]
        if not kinds(below).isdisjoint(_TOLD_OF) and (checks or route not in calm or kinds(below) != {"string"})
    ]
    lists = [
        (route, below, frozenset(list_notes(_at(body, route), below, route, root, varying)))
        for route in above
        for below in [_below(body, root, route)]
        if not _OF_LISTS.isdisjoint(below)
    ]
    if not watched and not lists:
        return is_valid

    def check(message: Mapping[str, Any]) -> bool:
        if not is_valid(message):
            return False
        for route, below, checks, name, known in watched:
            value = _at(message, route)
            if isinstance(value, str):
                if has_control(value) or is_noted(value, checks, name, known):
                    return False
            elif isinstance(value, (list, dict)) and Walk(value, below, held=(), label="").problems:
                return False
        return all(
            known.issuperset(list_notes(_at(message, route), below, route, root, ())) for route, below, known in lists
        )

    return check


def values_check(fragments: Mapping[str, Mapping[str, Any]]) -> Callable[[Mapping[str, Any]], bool]:
    """A check of texts, numbers and truth values by name, each for the input whose declaration has that name.

    Its answer is yes when `check_value` finds nothing in any of them. Texts must hold no lone surrogates, numbers must
    be finite.
    """
    return compiled({"type": "object", "properties": dict(fragments)}).is_valid


def _decides(body: Mapping[str, Any], root: Schema, route: Route) -> bool:
    """Whether the value at ``route`` decides how one beside it is checked."""
    beside = _below(body, root, route[:-1]).get("properties", {}).values()
    return any(route[-1] in each.get("x-by", ()) for each in beside)


def _below(body: Mapping[str, Any], root: Schema, route: Route) -> Schema:
    """What the schema says of the value at ``route``, with what the values beside it decide."""
    value: Any = body
    schema = root
    for key in route:
        schema = child(schema, key) or _ANYTHING
        schema = decided(schema, value) if isinstance(value, Mapping) else schema
        value = value[key]
    return schema


def _at(message: Mapping[str, Any], route: Route) -> Any:
    value: Any = message
    for key in route:
        value = value[key]
    return value
