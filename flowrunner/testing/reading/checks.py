"""What is asked of a message's fields, of variables and of counts."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final, get_args

from flowrunner.diagnostics import Route, nearest
from flowrunner.flow.keys import kind
from flowrunner.source import Plain
from flowrunner.spec import is_nothing
from flowrunner.spec.files import KINDS, called, kind_of, message_schema, takers
from flowrunner.spec.patterns import pattern_problem
from flowrunner.spec.words import listed, meant, printable
from flowrunner.testing.literal import as_said
from flowrunner.testing.reading.reader import Reader, keys_of, name_of
from flowrunner.testing.turns import Check, Predicate, PredicateKind

_KINDS: Final[tuple[PredicateKind, ...]] = get_args(PredicateKind)
TEXT: Final = ("text",)
"""The route of what is read of a message."""


def message_checks(reader: Reader, data: Mapping[Any, Any], route: Route) -> Iterator[Check]:
    """What ``bot: {...}`` asks of a message: predicates of its text, and fields as posted."""
    asked = {key: value for key, value in data.items() if key in _KINDS}
    if asked:
        yield Check(TEXT, tuple(_predicates(reader, asked, route)), reader.at(route))
    fields = {"text": (), **takers()}
    its_kind = _kind_of(data)
    for key, value in data.items():
        if key in asked:
            continue
        if key not in fields:
            near = meant(str(key), {"properties": keys_of("predicate")}, by_spelling=False)
            near = near or nearest(str(key), [*fields, *_KINDS])
            hint = (
                f"did you mean {near}?"
                if near
                else "write the name of a field of a message, or contains, matches, starts"
            )
            reader.wrong(
                "unknown-field", f"a message has no field {printable(str(key))}", (*route, key), hint, at_key=True
            )
            continue
        if its_kind and key != "text" and key not in message_schema(its_kind)["properties"]:
            [called_so] = called([its_kind])
            message = f"{key} does not belong to a message of the type {called_so}: it is never there"
            reader.wrong("foreign-field", message, (*route, key), "remove it, or ask for another type", at_key=True)
            continue
        yield from value_checks(reader, value, (*route, key), (str(key),))


def _kind_of(data: Mapping[Any, Any]) -> str:
    """The kind of message that is asked for; empty where it may be several."""
    kinds = {key: data[key] for key in ("message_type", "interactive_type") if isinstance(data.get(key), str)}
    named = kind_of(kinds) if "message_type" in kinds else ""
    return "" if named == "interactive" or named not in KINDS else named


def value_checks(reader: Reader, data: Any, route: Route, of: tuple[str | int, ...]) -> Iterator[Check]:
    """What is asked of one value: predicates, the value itself, or each part of it.

    Args:
        reader: Reads the file.
        data: What stands there.
        route: Where.
        of: The route of the value that it is asked of.
    """
    at = reader.at(route)
    if isinstance(data, Mapping):
        asked = [key for key in data if key in _KINDS]
        if asked and len(asked) < len(data):
            other = next(key for key in data if key not in _KINDS)
            near = meant(str(other), {"properties": keys_of("predicate")})
            hint = f"did you mean {near}?" if near else f"the words here are {listed(_KINDS, 'and')}"
            reader.wrong("unknown-key", f"unknown key {printable(str(other))}", (*route, other), hint, at_key=True)
        elif asked:
            yield Check(of, tuple(_predicates(reader, data, route)), at)
        elif not data:
            reader.wrong("wrong-type", f"{name_of(route)} says nothing", route, "write a value, or exists: true")
        else:
            for key, each in data.items():
                yield from value_checks(reader, each, (*route, key), (*of, str(key)))
    elif isinstance(data, list):
        yield Check(of, (Predicate("length", len(data), at),), at)
        for index, each in enumerate(data):
            yield from value_checks(reader, each, (*route, index), (*of, index))
    elif is_nothing(data):
        reader.wrong(
            "wrong-type",
            f"{name_of(route)} has no value",
            route,
            'write a value, "" for an empty text, or exists: false',
        )
    elif (text := reader.text(data, route, may_be_blank=True)) is not None:
        yield Check(of, (Predicate("equals", data if isinstance(data, Plain) else text, at),), at)


def counted(reader: Reader, data: Any, route: Route, of: tuple[str | int, ...], words: Collection[str]) -> Check | None:
    """A count: a whole number, or an object with some of the ``words``."""
    at = reader.at(route)
    if isinstance(data, Mapping):
        if bad := [key for key in data if key not in words]:
            hint = f"write {listed(words)}"
            reader.wrong("unknown-key", f"unknown key {printable(str(bad[0]))}", (*route, bad[0]), hint, at_key=True)
            return None
        return Check(of, tuple(_predicates(reader, data, route)), at)
    number = reader.number(data, route, least=0, whole=True)
    return None if number is None else Check(of, (Predicate("equals", number, at),), at)


def _predicates(reader: Reader, data: Mapping[Any, Any], route: Route) -> Iterator[Predicate]:
    for name in _KINDS:
        if name in data:
            value = _value(reader, name, data[name], (*route, name))
            if value is not None:
                yield Predicate(name, value, reader.at((*route, name)))


def _value(reader: Reader, name: PredicateKind, data: Any, route: Route) -> Any:
    """What a predicate holds a value against; None, and a problem, where it cannot."""
    match name:
        case "contains" | "starts":
            return reader.text(data, route)
        case "matches":
            text = reader.text(data, route)
            problem = pattern_problem(text) if text is not None else None
            if problem is not None:
                reader.problems.append(problem.under(route))
            return text if problem is None else None
        case "one_of":
            items = list(reader.several(data, route, "[one, other]"))
            if isinstance(data, list) and not items:
                reader.wrong("too-few-items", "one_of has 0 items, at least 1 is required", route, "write [one, other]")
            return [as_said(each) for at, each in items if _is_scalar(reader, each, at)] or None
        case "exists":
            value = data.value if isinstance(data, Plain) else data
            if not isinstance(value, bool):
                reader.wrong(
                    "wrong-type", f"exists must be true or false, not {kind(data)}", route, "write true or false"
                )
                return None
            return value
        case "length":
            return reader.number(data, route, least=0, whole=True)
        case "min" | "max":
            return reader.number(data, route)
    return as_said(data) if isinstance(data, (Mapping, list)) or _is_scalar(reader, data, route) else None


def _is_scalar(reader: Reader, data: Any, route: Route) -> bool:
    return reader.text(data, route, may_be_blank=True) is not None
