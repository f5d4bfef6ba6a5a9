"""Meta's own object in a raw message, held against the limits of the same message in flat fields.

``raw.json`` tells, for each kind that has flat fields, where in Meta's object each of them stands: see
`flowrunner.spec.nesting`. So a limit is written once, in the schema of its kind. What has no flat field passes.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final

from flowrunner.data import table
from flowrunner.diagnostics import Problem, Route
from flowrunner.spec.files import MESSAGE_TYPES, Schema
from flowrunner.spec.nesting import Check, Flat, Known, schema_below, unlike
from flowrunner.spec.words import json_kind, shown

_NOT_RAW: Final = frozenset(["read", "raw"])


def check_raw(body: Mapping[str, Any], held: Collection[Route], check: Check) -> list[Problem]:
    """What is wrong with the object below ``raw``, its routes relative to the message.

    Args:
        body: A message of type raw, right in its form.
        held: The routes of values that are not known yet, as `check_message` takes them.
        check: What tells the problems of a message in flat fields.
    """
    raw = body["raw"]
    if {("raw",), ("raw", "type")} & set(held):
        return []
    sort = raw["type"]
    if sort not in raw:
        return [_objectless(sort, raw)] if sort in _SORTS else _misnamed(sort, raw)
    place: Route = ("raw", sort)
    if place in held or sort not in _SORTS:
        return []
    its, wanted = raw[sort], "array" if sort == "contacts" else "object"
    if json_kind(its) != wanted:
        return [unlike(place, its, wanted, "body" if sort == "text" else "")]
    if sort == "interactive":
        if (*place, "type") in held:
            return []
        if not isinstance(its.get("type"), str):
            message = "interactive has no type, which says what it is"
            return [Problem("missing-field", message, place, "add type, for example: type: button")]
    known = _known(sort, its)
    return Flat(sort, known, its, place, held).problems(check) if known else []


def raw_field(body: Mapping[str, Any], route: Route) -> Schema | None:
    """What the spec says of a value below ``raw``; None where that is not known."""
    raw, place = body.get("raw"), route[2:]
    if not isinstance(raw, Mapping) or not place or route[:2] != ("raw", raw.get("type")) or route[1] not in _SORTS:
        return None
    sort = str(route[1])
    known = _known(sort, raw[sort])
    return schema_below(sort, known, place) if known else None


def flat_fields(sort: str, its: Any) -> dict[str, Any]:
    """The message in flat fields, as far as it is known, of Meta's object of a type."""
    known = _known(sort, its)
    return Flat(sort, known, its, (), ()).body() if known else {}


def _known(sort: str, its: Any) -> Known | None:
    """Where the flat fields stand in an object; None where it has none."""
    name = f"interactive {its.get('type')}" if sort == "interactive" and isinstance(its, Mapping) else sort
    known: Known | None = table("spec/raw.json").get(name)
    return None if known is None or _has_products(its) else known


_SORTS: Final = tuple(each for each in MESSAGE_TYPES if each not in _NOT_RAW)


def _objectless(sort: str, raw: Mapping[str, Any]) -> Problem:
    beside = [key for key in raw if key in _SORTS]
    hint = f"write type: {beside[0]}, or add {sort}" if beside else f"add {sort}, with the fields of the message in it"
    return Problem("missing-field", f"{sort} is missing, which type: {sort} needs", ("raw",), hint)


def _misnamed(sort: str, raw: Mapping[str, Any]) -> list[Problem]:
    """A type of another name than the object that stands beside it."""
    beside = [key for key in raw if key in _SORTS]
    message = f"type {shown(sort)} names no field beside it"
    return [Problem("bad-value", message, ("raw", "type"), f"write type: {beside[0]}")] if beside else []


def _has_products(its: Any) -> bool:
    """Whether it is a carousel of products, which has no flat fields."""
    cards = its.get("action", {}) if isinstance(its, Mapping) else {}
    cards = cards.get("cards", ()) if isinstance(cards, Mapping) else ()
    return isinstance(cards, list) and any(
        isinstance(card, Mapping) and card.get("type") == "product" for card in cards
    )
