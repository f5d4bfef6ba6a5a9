"""What stands at the wrong place: a dash that tears an entry in two, fields beside the key that they belong below."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from flowrunner.diagnostics import Problem, Route
from flowrunner.spec.files import Schema, child, kinds
from flowrunner.spec.typed import is_nothing
from flowrunner.spec.words import listed, printable, written


class Entry(NamedTuple):
    """What an entry of a list may have, and what it must.

    Attributes:
        known: Every key that one may have.
        lacks: Whether the keys of an entry are too few for one.
        leads: Those that stand before the others: alone, they belong to what follows.
    """

    known: Collection[str]
    lacks: Callable[[Collection[str]], bool]
    leads: Collection[str] = ()


def torn(items: Sequence[Any], entry: Entry, route: Route, code: str) -> Iterator[Problem]:
    """A problem for each entry of a list that is the rest of the one above it: either alone has too little."""
    above: set[str] = set()
    every = [{str(key) for key in item} if isinstance(item, Mapping) else set[str]() for item in items]
    for index, (keys, item) in enumerate(zip(every, items, strict=True)):
        is_rest = keys and above and keys.isdisjoint(above) and keys.issubset(entry.known)
        leads = keys.issubset(entry.leads) and keys.isdisjoint(next(iter(every[index + 1 :]), keys))
        if is_rest and not leads and (entry.lacks(above) or entry.lacks(keys)) and not entry.lacks(above | keys):
            above |= keys
            first = printable(str(next(iter(item))))
            message = f"the dash before {first} begins another entry: the one above it is torn in two"
            hint = f"write a space for the dash before {first}"
            yield Problem(code, message, (*route, index, next(iter(item))), hint, at_key=True)
        else:
            above = keys if keys.issubset(entry.known) else set()


def merged(items: Sequence[Any], entry: Entry) -> list[Any]:
    """The entries, those that a dash tears in two as they are meant, with nothing in place of the rest."""
    found = list(items)
    for each in torn(items, entry, (), ""):
        index = int(each.route[0])
        first = next(at for at in range(index - 1, -1, -1) if found[at] is not None)
        found[first], found[index] = {**found[first], **items[index]}, None
    return found


def beside(
    key: str, strays: Sequence[str], route: Route, code: str, *, is_list: bool = False, width: str = "two more spaces"
) -> Problem:
    """What to say of keys that stand beside an empty one, and belong below it."""
    first, *rest = map(printable, strays)
    message = f"{first} is beside {key}: and belongs below it"
    hint = f"indent {listed([first, *rest], 'and') if rest else 'it'} by {width}"
    if is_list:
        hint = f"write a dash before {first}" + (f", and indent {listed(rest, 'and')} by {width}" if rest else "")
    return Problem(code, message, (*route, strays[0]), hint, at_key=True)


def value_beside(
    data: Mapping[Any, Any], keys: Collection[str], known: Collection[str], route: Route, code: str
) -> Problem | None:
    """What to say of one of ``keys`` that is empty, where the only key that nobody knows beside it has its value."""
    empty = next((key for key in keys if is_empty(data, key)), "")
    strays = [key for key in data if key not in known]
    if not empty or len(strays) != 1 or not isinstance(data[strays[0]], str) or not data[strays[0]]:
        return None
    stray, value = printable(str(strays[0])), written(str(data[strays[0]]))
    message = f"{empty} is empty, and {stray} beside it has its value"
    return Problem(code, message, (*route, strays[0]), f"write {empty}: {value}, and remove {stray}", at_key=True)


def is_empty(data: Mapping[Any, Any], key: str) -> bool:
    """Whether a key is there, and nothing stands behind it."""
    return key in data and (is_nothing(data[key]) or data[key] == "")


def misplaced(value: Any, schema: Schema, route: Route = ()) -> Iterator[tuple[Problem, Collection[Route]]]:
    """What stands at the wrong place in a message, or a part of one; each with the routes of what follows from it."""
    if isinstance(value, list):
        item = child(schema, 0)
        known, needed = item.get("properties", {}), item.get("required", ())
        for problem in torn(value, Entry(known, lambda keys: not set(needed).issubset(keys)), route, "missing-field"):
            index = int(problem.route[len(route)])
            yield problem, (route, (*route, index - 1), (*route, index))
        for index, each in enumerate(value):
            yield from misplaced(each, item, (*route, index))
    elif isinstance(value, Mapping):
        known = schema.get("properties", {})
        for key, each in value.items():
            below = child(schema, str(key))
            is_list = "array" in kinds(below)
            fields = (child(below, 0) if is_list else below).get("properties", {})
            strays = [name for name in value if name in fields and (name not in known or not is_list)]
            if strays and is_empty(value, key):
                problem = beside(str(key), strays, route, "missing-field", is_list=is_list)
                yield problem, [(*route, name) for name in (key, *strays)]
            else:
                yield from misplaced(each, below, (*route, key))
