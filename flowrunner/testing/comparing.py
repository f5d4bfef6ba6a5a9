"""What a test asks of a value, held against the value that is there."""

from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Final, NamedTuple

from flowrunner.model import Json
from flowrunner.source import Plain
from flowrunner.spec.patterns import matches_within
from flowrunner.spec.words import listed
from flowrunner.testing.turns import Check, Predicate

_TEXTS: Final = ("content", "body_text", "caption")
_NOTHING: Final = object()


class Difference(NamedTuple):
    """A value that is not as a test asks.

    Attributes:
        of: What of the value; where nothing is there at all, None.
        says: What is wrong with it, for a person.
        expected: What it should be, where it can be held against ``got`` word by word; else None.
        got: What is there; None where nothing is.
    """

    of: Predicate
    says: str
    expected: str | None = None
    got: str | None = None


def differing(check: Check, value: Json) -> Difference | None:
    """The first thing that a check asks, and that does not hold of a message or of anything else; None where all do.

    Args:
        check: What is asked.
        value: A message as it was posted; variables, or counts.
    """
    found = found_at(check.route, value)
    for predicate in check.predicates:
        if not _holds(predicate, found):
            return _told(predicate, check.route, found)
    return None


def text_of(body: Mapping[str, Json]) -> str:
    """What is read of a message."""
    return next((str(body[name]) for name in _TEXTS if body.get(name)), "")


def found_at(route: Sequence[str | int], value: Json) -> object:
    """What stands there; `_NOTHING` where nothing does."""
    its: object = value
    if tuple(route) == ("text",) and isinstance(value, Mapping) and "text" not in value:
        return next((value[name] for name in _TEXTS if value.get(name)), _NOTHING)
    for key in route:
        if isinstance(its, Mapping):
            its = its.get(key, _NOTHING)
        elif isinstance(its, Sequence) and not isinstance(its, str) and isinstance(key, int):
            its = its[key] if 0 <= key < len(its) else _NOTHING
        else:
            return _NOTHING
    return _written(its)


def _written(value: object) -> object:
    """A day and a time of day as a file has them."""
    if isinstance(value, time):
        return value.isoformat(timespec="seconds" if value.second else "minutes")
    return value.isoformat() if isinstance(value, date) else value


def _holds(predicate: Predicate, found: object) -> bool:
    wanted = predicate.value
    if predicate.kind == "exists":
        return (found is not _NOTHING and found is not None) is bool(wanted)
    if found is _NOTHING:
        return False
    match predicate.kind:
        case "equals":
            return _equal(wanted, found)
        case "one_of":
            return any(_equal(each, found) for each in wanted)
        case "contains":
            several = found if isinstance(found, list | tuple) else ()
            return str(wanted) in found if isinstance(found, str) else any(_equal(wanted, each) for each in several)
        case "starts":
            return isinstance(found, str) and found.startswith(str(wanted))
        case "matches":
            return isinstance(found, str) and matches_within(str(wanted), found)
        case "length":
            sized = isinstance(found, str | list | tuple | Mapping)
            return sized and len(found) == _number(wanted)  # type: ignore[arg-type]  # it is one of these
        case "min" | "max" as bound:
            its, limit = _number(found), _number(wanted)
            return its is not None and limit is not None and (its >= limit if bound == "min" else its <= limit)


def _equal(wanted: Json, found: object) -> bool:
    """Whether it is that: what was typed without quotes is its text, or what it stands for."""
    if isinstance(wanted, Plain):
        return found == str(wanted) or (_kind(found) is _kind(wanted.value) and found == wanted.value)
    if isinstance(wanted, list):
        several = found if isinstance(found, list | tuple) else None
        return several is not None and len(several) == len(wanted) and all(map(_equal, wanted, several))
    if isinstance(wanted, Mapping):
        its = found if isinstance(found, Mapping) else None
        return its is not None and its.keys() == wanted.keys() and all(_equal(wanted[key], its[key]) for key in wanted)
    return _kind(wanted) is _kind(found) and wanted == found


def _kind(value: object) -> type:
    """Numbers are of one kind; yes and no are none."""
    if isinstance(value, bool):
        return bool
    return float if isinstance(value, int | float) else str if isinstance(value, str) else type(value)


def _number(value: object) -> float | None:
    value = value.value if isinstance(value, Plain) else value
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _told(predicate: Predicate, route: Sequence[str | int], found: object) -> Difference:
    name, wanted = "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in route)[1:], predicate.value
    if predicate.kind == "exists" and not wanted:
        return Difference(predicate, f"there is a {name}", got=shown(found))
    if found is _NOTHING:
        return Difference(predicate, f"there is no {name}", shown(wanted) if predicate.kind == "equals" else None)
    got = shown(found)
    match predicate.kind:
        case "equals":
            return Difference(predicate, f"{name} is otherwise", shown(wanted), got)
        case "one_of":
            return Difference(predicate, f"{name} is none of {listed([shown(each) for each in wanted])}", got=got)
        case "contains":
            return Difference(predicate, f'"{shown(wanted)}" is not in {name}', got=got)
        case "starts":
            return Difference(predicate, f'{name} does not start with "{shown(wanted)}"', got=got)
        case "matches":
            return Difference(predicate, f"{name} does not match {shown(wanted)}", got=got)
        case "length":
            length = len(found) if isinstance(found, str | list | tuple | Mapping) else "no"
            return Difference(predicate, f"{name} has a length of {length}, not {shown(wanted)}", got=got)
        case "min" | "max" as bound:
            word = "less" if bound == "min" else "more"
            return Difference(predicate, f"{name} is {word} than {shown(wanted)}, or no number", got=got)
        case _:
            return Difference(predicate, f"there is no {name}", got=got)


def shown(value: object) -> str:
    """A value as a person reads it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(shown, value))}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{name}: {shown(each)}' for name, each in value.items())}}}"
    return f"{value:.15g}" if isinstance(value, float) else str(value)
