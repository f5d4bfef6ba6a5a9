"""Meta's objects in flat fields: each value with the place where it stands, and each problem in Meta's own names.

A way is how one gets from the object to a value: names with dots between them, ``*`` for every item of a list,
``type=body`` for the first item that has it, ``*type=text`` for every one that has.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import reduce
from typing import Any, Final

from flowrunner.diagnostics import Problem, Route
from flowrunner.spec.files import Schema, child, kind_of, kinds, message_schema
from flowrunner.spec.words import at, field, json_kind, kind_words, listed, shown, written

Known = Mapping[str, Any]
"""What is known of one kind: ``flat``, the way to each flat field or several that exclude each other; ``as``, its
``interactive_type``; ``fixed`` and ``has``, what Meta wants beside them, with its only value or an example;
``examples`` of what is nested below a flat field."""
Check = Callable[[Mapping[str, Any], Collection[Route]], list[Problem]]
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?")
_FREE: Final = frozenset(["unknown-field"])
"""What is said of flat fields alone: Meta's objects have more than there are flat ones."""
_FOLLOWS: Final = frozenset(["missing-field", "media-source"])
"""What may be missing only since something else stands where it would be."""


def unlike(route: Route, value: Any, wanted: str, rest: str) -> Problem:
    """Something that stands where others should stand in it; ``rest`` is the way on to what was looked for."""
    name = field(route, "")
    message = f"{name} must be {kind_words([wanted])}, not {kind_words([json_kind(value)])}"
    hint = f"write {kind_words([wanted])}"
    if wanted == "object" and isinstance(value, str) and re.fullmatch(r"[\w.]+", rest):
        instead = written(_nested(rest.split("."), value))
        hint = f"write {name}: {instead}" if isinstance(route[-1], str) else f"write {instead}"
    return Problem("wrong-type", message, route, hint)


def _nested(parts: list[str], value: Any) -> Any:
    for part in reversed(parts):
        key, sign, kind = part.partition("=")
        value = [{key: kind, **value}] if sign else {part: value}
    return value


class _NotKnownError(Exception):
    """An expression gives what holds others."""


_Passed = tuple[tuple[int, Route], ...]
"""The items on the way to a value: the number of each among those that count, and where it stands."""


class Flat:
    """One object of Meta's, in flat fields."""

    def __init__(self, sort: str, known: Mapping[str, Any], its: Any, place: Route, held: Collection[Route]) -> None:
        named = {"interactive_type": known["as"]} if "as" in known else {}
        self._body: dict[str, Any] = {"message_type": sort, **named}
        self._origin: dict[Route, Route] = {(): place, ("interactive_type",): (*place, "type")}
        self._its, self._place, self._held = its, place, held
        self._schema = message_schema(kind_of(self._body))
        ways: Mapping[str, str | list[str]] = known["flat"]
        self._ways = {flat: [each] if isinstance(each, str) else each for flat, each in ways.items()}
        self._parents = {each.rpartition(".")[0] for each in self._ways}
        self._has: Mapping[str, str] = known.get("has", {})
        self._fixed: Mapping[str, str] = known.get("fixed", {})
        self._examples: Mapping[str, Any] = known.get("examples", {})
        self._unlike: dict[Route, Problem] = {}
        self._unsure: set[Route] = set()

    def problems(self, check: Check) -> list[Problem]:
        """All that is wrong with it, in Meta's names; nothing while what holds others is not known."""
        try:
            self._fill()
            needed = [
                each
                for ways, is_fixed in ((self._has, False), (self._fixed, True))
                for way, value in ways.items()
                for each in self._needed(way, value, is_fixed=is_fixed)
            ]
        except _NotKnownError:
            return []
        found = [self._theirs(each) for each in check(self._body, self._unsure) if each.code not in _FREE]
        wrong = [*self._unlike]
        told = [each for each in (*found, *needed) if not any(each.route[: len(route)] == route for route in wrong)]
        told = [
            each
            for each in told
            if each.code not in _FOLLOWS or not any(_is_above(each.route, route) for route in wrong)
        ]
        return [*self._unlike.values(), *dict.fromkeys(told)]

    def body(self) -> dict[str, Any]:
        """The message."""
        self._fill()
        return self._body

    def _fill(self) -> None:
        for flat, ways in self._ways.items():
            for way in ways:
                for passed, route, value in self._found(way, self._its, self._place):
                    self._put(flat.split("."), passed, route, value)

    def _found(self, way: str, value: Any, route: Route, passed: _Passed = ()) -> Iterator[tuple[_Passed, Route, Any]]:
        """Every value that a way leads to."""
        if not way:
            yield passed, route, value
            return
        if route in self._held:
            raise _NotKnownError
        part, _, rest = way.partition(".")
        is_every = part.startswith("*")
        key, _, allowed = part.removeprefix("*").partition("=")
        wanted = "array" if is_every or allowed else "object"
        if json_kind(value) != wanted:
            self._unlike.setdefault(route, unlike(route, value, wanted, way))
        elif wanted == "object":
            if part in value:
                yield from self._found(rest, value[part], (*route, part), passed)
        else:
            fitting = [index for index, item in enumerate(value) if not key or _has(item, key, allowed)]
            for count, index in enumerate(fitting if is_every else fitting[:1]):
                place = (*route, index)
                yield from self._found(rest, value[index], place, (*passed, (count, place)) if is_every else passed)

    def _put(self, names: list[str], passed: _Passed, route: Route, value: Any) -> None:
        """Write a value to its flat field, and where it stands."""
        order = iter(passed)
        parts: Route = ()
        here: Any = self._body
        for name, following in zip(names, (*names[1:], ""), strict=True):
            part: str | int = name
            if name == "*":
                part, place = next(order)
                self._origin.setdefault((*parts, part), place)
                here.extend({} for _ in range(part + 1 - len(here)))
            parts = (*parts, part)
            if not following:
                break
            if not isinstance(part, int):
                here.setdefault(part, [] if following == "*" else {})
            here = here[part]
        flat = ".".join(names)
        if any(other.startswith(f"{flat}.") for other in self._ways):
            # What is in its items is filled in by fields of its own.
            is_list, of_texts = isinstance(value, list), f"{flat}.*" in self._ways
            value = [("-" if of_texts else {}) for _ in value] if is_list else value
        here[parts[-1]] = _number(value, at(self._schema, parts))
        self._origin[parts] = route
        self._unsure.update((*parts, *each[len(route) :]) for each in self._held if each[: len(route)] == route)

    def _needed(self, way: str, value: str, *, is_fixed: bool) -> Iterator[Problem]:
        """What Meta wants beside what has a flat field."""
        before, star, after = way.rpartition("*.")
        for _, route, its in self._found(f"{before}*" if star else "", self._its, self._place):
            yield from self._lacks(its, route, after.split("."), value, is_fixed=is_fixed)

    def _lacks(
        self, its: Any, route: Route, names: list[str], value: Any, *, is_fixed: bool = False
    ) -> Iterator[Problem]:
        """That what several names lead to is missing: said of the last that is there."""
        name, *rest = names
        if route in self._held or (*route, name) in self._held:
            return
        if not isinstance(its, Mapping):
            self._unlike.setdefault(route, unlike(route, its, "object", ".".join(names)))
        elif name not in its or "=" in "".join(rest[:1]):
            named = ".".join(each for each in names if "=" not in each)
            wanted = written(_nested(names, value))[1:-1]
            yield Problem(
                "missing-field", f"{named} is missing", route, f"{'write' if name in its else 'add'} {wanted}"
            )
        elif rest:
            yield from self._lacks(its[name], (*route, name), rest, value, is_fixed=is_fixed)
        elif is_fixed and its[name] != value:
            message = f"{name} {shown(its[name])} is not what this message needs"
            yield Problem("bad-value", message, (*route, name), f"write {name}: {written(value)}")

    def _theirs(self, problem: Problem) -> Problem:
        """A problem of a flat field, as one of Meta's."""
        route = self._place_of(problem.route)
        message, hint = self._renamed(problem.message, route), self._renamed(problem.hint, ())
        added = re.match(r"add (\w+)(?:,|$)", problem.hint)
        flat = "".join("*." if isinstance(part, int) else f"{part}." for part in problem.route) + (
            added[1] if added else ""
        )
        if added and flat in self._ways:
            its = reduce(lambda value, part: value[part], route[len(self._place) :], self._its)
            value = self._example(flat, child(at(self._schema, problem.route), added[1]))
            names = re.split(r"(?:^|\.)\*[^.]*\.", self._chosen(flat, its))[-1].split(".")
            for each in self._lacks(its, route, names, value):
                told = each.message if re.match(r"\w+ is missing", message) else message
                return problem._replace(route=each.route, message=told, hint=each.hint)
        if (
            isinstance(at(self._schema, problem.route).get("items"), Mapping)
            and f"{'.'.join(map(str, problem.route))}.*" in self._parents
        ):
            hint = hint.partition(", for example")[0]  # its items are others in Meta's object
        return problem._replace(route=route, message=message, hint=hint)

    def _chosen(self, flat: str, its: Any) -> str:
        """The way to a flat field which the object's own type, or its header's, asks for."""
        header = its.get("header") if isinstance(its, Mapping) else None
        kind = header.get("type") if isinstance(header, Mapping) else its.get("sub_type")
        part = {"quick_reply": "payload", "copy_code": "coupon_code"}.get(str(kind), str(kind))
        return next((way for way in self._ways[flat] if part in way.split(".")), self._ways[flat][0])

    def _example(self, flat: str, schema: Schema) -> Any:
        """An example of a flat field, as Meta has it."""
        return self._examples.get(flat, schema.get("examples", ["..."])[0])

    def _place_of(self, route: Route) -> Route:
        known = next(length for length in range(len(route), -1, -1) if route[:length] in self._origin)
        return self._origin[route[:known]] + route[known:]

    def _renamed(self, text: str, route: Route) -> str:
        """A sentence with Meta's names instead of flat ones; what it begins with is what stands at the route."""
        names = {[each for each in flat.split(".") if each != "*"][-1]: ways for flat, ways in self._ways.items()}
        begins = re.match(r"(?:item \d+ of )?(\w+) (?!is missing: )", text)  # so a field beside it is named
        if begins and begins[1] in names and route and self._is_leaf(route):
            text = f"{_called(route[len(self._place) :])} {text[begins.end() :]}"
        for name, ways in names.items():
            if "_" in name:  # one of a single word may be a word of the sentence
                last = listed(dict.fromkeys(way.split(".")[-1] for way in ways))
                text = re.sub(rf"\b{name}\b", last, text)
        return re.sub(r"\binteractive_type\b", "type", text)

    def _is_leaf(self, route: Route) -> bool:
        return route in self._origin.values() and route != self._place


def _called(route: Route) -> str:
    """The names that a value and what holds it have, from the last list on."""
    names: list[str] = []
    for part in reversed(route):
        if isinstance(part, int):
            break
        names.insert(0, part)
    return ".".join(names[-2:]) or f"item {int(route[-1]) + 1}"


def _has(item: Any, key: str, allowed: str) -> bool:
    return isinstance(item, Mapping) and item.get(key) in allowed.split("|")


def _is_above(route: Route, other: Route) -> bool:
    return other[: len(route)] == route


def _number(value: Any, schema: Schema) -> Any:
    """A number that Meta takes as text as well."""
    if {"number", "integer"} & kinds(schema) and isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value) if "." in value else int(value)
    return value


def schema_below(sort: str, known: Known, place: Route) -> Schema | None:
    """What the spec says of a value in Meta's object; None where it says nothing."""
    root = message_schema(kind_of({"message_type": sort, "interactive_type": known.get("as")}))
    for flat, ways in known["flat"].items():
        for way in [ways] if isinstance(ways, str) else ways:
            parts = way.split(".") if way else []
            if len(parts) > len(place) or not all(map(_leads, parts, place)):
                continue
            beyond = place[len(parts) :]
            inner = tuple(0 if name == "*" else name for name in flat.split("."))
            found = at(root, (*inner, *beyond))
            if found and (not beyond or flat not in {each.rpartition(".*")[0] for each in known["flat"]}):
                return found
    return None


def _leads(part: str, key: str | int) -> bool:
    return isinstance(key, int) if part.startswith("*") or "=" in part else part == key
