"""What is known of a value before there is one: its kind, and the parts that it can have."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from flowrunner.data import table


class Shape(NamedTuple):
    """What is known of a value.

    Attributes:
        kind: ``text``, ``object``, ``list``, ``moment``, ``loop``, as ``allowed.json`` has them; ``number`` for what
            no dot reaches into; empty where it may be any.
        parts: Those that an object may have, each with what is known of it.
        is_closed: Whether it surely has no other part.
        each: What is known of each item of a list; None where nothing is.
    """

    kind: str
    parts: Mapping[str, "Shape"] = MappingProxyType({})
    is_closed: bool = True
    each: "Shape | None" = None


def members(kind: str) -> list[str]:
    """What a dot reaches in every value of a kind, beside the parts of its own."""
    known: Any = table("expressions/allowed.json")["members"]
    return list(known.get(kind, ()))


def lacks(its: Shape, part: str) -> bool:
    """Whether a value surely has no such part, neither of its own nor one that all of its kind have."""
    return its.is_closed and part not in its.parts and part not in members(its.kind)


ANYTHING = Shape("", is_closed=False)
TEXT, NUMBER, MOMENT = Shape("text"), Shape("number"), Shape("moment")


def either(one: Shape, other: Shape) -> Shape:
    """What is known of a value that is one of two."""
    if one.kind != other.kind or not one.kind:
        return ANYTHING
    parts = dict(one.parts)
    for name, its in other.parts.items():
        parts[name] = either(parts[name], its) if name in parts else its
    each = either(one.each, other.each) if one.each is not None and other.each is not None else None
    return Shape(one.kind, parts, one.is_closed and other.is_closed, each)
