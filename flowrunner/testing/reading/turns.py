"""One entry of a chat becomes a turn."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise
from typing import Any, Final

from flowrunner.diagnostics import Route
from flowrunner.emulator.api.faults import fault_from, parse_fault
from flowrunner.flow.keys import kind
from flowrunner.spec import is_nothing
from flowrunner.spec.files import takers
from flowrunner.spec.layout import beside, is_empty
from flowrunner.spec.words import listed, meant, printable
from flowrunner.testing.reading.checks import TEXT, message_checks
from flowrunner.testing.reading.customers import plain_data, read_customer
from flowrunner.testing.reading.reader import Reader, keys_of
from flowrunner.testing.reading.times import duration, moment
from flowrunner.testing.turns import (
    Bot,
    Check,
    Crash,
    Fault,
    Note,
    Predicate,
    Silence,
    Status,
    Turn,
    Until,
    Wait,
    Window,
)

_LIKE: Final = "a dash before each turn: - bot: Hello"
_MOST: Final = 100
"""The most messages that one turn may stand for."""


def read_turns(reader: Reader, data: Any, route: Route) -> tuple[Turn, ...]:
    """The turns of a chat."""
    items = list(reader.several(data, route, _LIKE))
    if isinstance(data, list) and not items:
        reader.wrong(
            "too-few-items", "chat has 0 items, at least 1 is required", route, "add a turn, such as - bot: Hello"
        )
    torn = set(_torn(reader, items))
    return tuple(turn for at, each in items if at not in torn and (turn := _turn(reader, each, at)) is not None)


def _torn(reader: Reader, items: Sequence[tuple[Route, Any]]) -> Iterator[Route]:
    """Both parts of each turn that a dash tears in two, ``- customer:`` and ``- tap: now``; the dash is told."""
    for (above, turn), (at, rest) in pairwise(items):
        for name, inner in _below():
            is_empty_turn = isinstance(turn, Mapping) and [*turn] == [name] and is_empty(turn, name)
            if not is_empty_turn or not isinstance(rest, Mapping) or not rest or not rest.keys() <= inner:
                continue
            first, *others = map(str, rest)
            message = f"the dash before {first} begins another turn, and {first} belongs below {name}:"
            hint = f"write three spaces for the dash before {first}"
            hint += f", and indent {listed(others, 'and')} by two more spaces" if others else ""
            reader.wrong("unknown-key", message, (*at, first), hint, at_key=True)
            yield from (above, at)


def _below() -> Iterator[tuple[str, AbstractSet[str]]]:
    """What stands below ``bot`` and ``customer``, and is no turn of its own."""
    for name, inner in (("bot", {**keys_of("predicate"), **takers()}), ("customer", keys_of("customer"))):
        yield name, inner.keys() - keys_of("turn")


def _turn(reader: Reader, data: Any, route: Route) -> Turn | None:
    known = keys_of("turn")
    if data == "crash":
        return Crash(reader.at(route))
    if not isinstance(data, Mapping):
        hint = "write bot: or customer: before the text" if isinstance(data, str) and data else f"write {_LIKE}"
        message = f"a turn must be an object with {listed(known)}, not {kind(data)}"
        reader.wrong("wrong-type", message, route, hint)
        return None
    for name, inner in _below():
        strays = [key for key in data if key in inner]
        if strays and is_empty(data, name):
            reader.problems.append(beside(name, strays, route, "unknown-key"))
            return None
    turns = [key for key in data if key in known]
    for key in data:
        if key not in known:
            near = meant(str(key), {"properties": known})
            near = "" if near in turns else near
            hint = f"did you mean {near}?" if near else f"remove it; a turn is one of {listed(known)}"
            reader.wrong("unknown-key", f"unknown key {printable(str(key))}", (*route, key), hint, at_key=True)
    if len(turns) > 1:
        message = f"a turn is one thing; this one has {turns[0]} and {turns[1]}"
        hint = f"make it two turns: write a dash before {turns[1]}"
        reader.wrong("one-turn", message, (*route, turns[1]), hint, at_key=True)
    if not data:
        reader.wrong("one-turn", "the turn says nothing", route, "write bot: or customer: after the dash")
    return _READ[turns[0]](reader, data[turns[0]], (*route, turns[0])) if len(turns) == 1 else None


def _bot(reader: Reader, data: Any, route: Route) -> Bot | None:
    at = reader.at(route)
    if data == "any":
        return Bot(at)
    if isinstance(data, Mapping):
        if "count" in data:
            many = reader.number(data["count"], (*route, "count"), least=1, whole=True)
            others = [key for key in data if key != "count"]
            if others:
                hint = "write one bot: turn for each message that is looked at"
                reader.wrong(
                    "foreign-field", f"{others[0]} cannot stand beside count", (*route, others[0]), hint, at_key=True
                )
            if many is not None and many > _MOST:
                reader.wrong(
                    "out-of-range", f"count is {many}, at most {_MOST} are allowed", (*route, "count"), "write fewer"
                )
                return None
            return Bot(at, (), int(many)) if many is not None and not others else None
        checks = tuple(message_checks(reader, data, route))
        if not data:
            reader.wrong("wrong-type", "bot asks for nothing", route, "write bot: any, or the text of the message")
        return Bot(at, checks) if checks else None
    if isinstance(data, list) or is_nothing(data):
        hint = "write the text of the message, or bot: any; one bot: turn for each message"
        reader.wrong("wrong-type", f"bot must be text or an object, not {kind(data)}", route, hint)
        return None
    text = reader.text(data, route)
    return None if text is None else Bot(at, (Check(TEXT, (Predicate("equals", text, at),), at),))


def _wait(reader: Reader, data: Any, route: Route) -> Wait | None:
    seconds = _seconds(reader, data, route)
    return None if seconds is None else Wait(reader.at(route), seconds)


def _silence(reader: Reader, data: Any, route: Route) -> Silence | None:
    seconds = _seconds(reader, data, route)
    return None if seconds is None else Silence(reader.at(route), seconds)


def _seconds(reader: Reader, data: Any, route: Route) -> float | None:
    found = (
        duration(str(data))
        if isinstance(data, str) and not is_nothing(data)
        else (kind(data), "write it like 3h or 2h 59m")
    )
    if isinstance(found, float):
        return found
    reader.wrong("bad-pause", f"{route[-1]} must be a time such as 2h 59m: {found[0]}", route, found[1])
    return None


def _until(reader: Reader, data: Any, route: Route) -> Until | None:
    found = (
        moment(str(data))
        if isinstance(data, str) and not is_nothing(data)
        else (kind(data), "write it like 2026-11-23 10:00")
    )
    if not isinstance(found, tuple):
        return Until(reader.at(route), found)
    reader.wrong("bad-moment", f"until must be a date and a time: {found[0]}", route, found[1])
    return None


def _status(reader: Reader, data: Any, route: Route) -> Status | None:
    words, at = keys_of("status")["is"]["enum"], reader.at(route)
    if not isinstance(data, Mapping):
        word = reader.word(data, route, words)
        return None if word is None else Status(at, "", word)  # type: ignore[arg-type]  # it is one of them
    example = "{of: hello, is: failed}"
    its = reader.object(data, route, "status", example)
    if its is None:
        return None
    if "is" not in its:
        if reader.lacks(its, data, "is", "status"):
            reader.wrong("missing-field", "is is missing", route, f"add is: {listed(words)}")
        return None
    word = reader.word(its["is"], (*route, "is"), words)
    of = reader.text(its["of"], (*route, "of")) if "of" in its else ""
    code = reader.number(its["code"], (*route, "code"), least=1, whole=True) if "code" in its else 0
    if word != "failed" and code:
        reader.wrong(
            "foreign-field",
            f"code does not belong to {word}",
            (*route, "code"),
            "remove it, or write is: failed",
            at_key=True,
        )
    if word is None or of is None or code is None:
        return None
    return Status(at, of, word, int(code))  # type: ignore[arg-type]  # it is one of them


def _fault(reader: Reader, data: Any, route: Route) -> Fault | None:
    example = "write it like {cut-after: {count: 1}}"
    try:
        if isinstance(data, Mapping):
            if len(data) != 1:
                message = f"a fault has one kind; here are {len(data)} keys"
                reader.wrong("bad-value", message, route, example)
                return None
            name, parameters = next(iter(data.items()))
            if not isinstance(parameters, Mapping) and not is_nothing(parameters):
                hint = f"write {{{name}: {{count: 1}}}}, or {name} alone"
                reader.wrong("wrong-type", f"{name} must be an object, not {kind(parameters)}", (*route, name), hint)
                return None
            more = plain_data(parameters) if isinstance(parameters, Mapping) else {}
            return Fault(reader.at(route), fault_from({"kind": str(name), **more}).data())
        text = reader.text(data, route)
        return None if text is None else Fault(reader.at(route), parse_fault(text).data())
    except ValueError as error:
        said, _, meant = str(error).partition("; did you mean ")
        near, _, known = meant.partition("? ")
        hint = f"did you mean {near}?" if near else example
        reader.wrong("bad-value", f"{said} {known}".rstrip(), route, hint)
        return None


def _crash(reader: Reader, data: Any, route: Route) -> Crash | None:
    at, example = reader.at_key(route), "{after: request}"
    if is_nothing(data) or data == "now":
        return Crash(at)
    if not isinstance(data, Mapping):
        reader.wrong(
            "wrong-type", f"crash must be an object, not {kind(data)}", route, f"write crash alone, or crash: {example}"
        )
        return None
    its = reader.object(data, route, "crash", f"crash: {example}")
    if not its or len(its) > 1:
        if its or all(key in keys_of("crash") for key in data):
            reader.wrong("one-turn", "a crash is before or after one thing", route, f"write {example}")
        return None
    side = next(iter(its))
    word = reader.word(its[side], (*route, side), keys_of("crash")[side]["enum"])
    return None if word is None else Crash(reader.at(route), f"{side} {word}")  # type: ignore[arg-type]  # one of them


def _window(reader: Reader, data: Any, route: Route) -> Window | None:
    word = reader.word(data, route, keys_of("turn")["window"]["enum"])
    return None if word is None else Window(reader.at(route), word == "open")


def _note(reader: Reader, data: Any, route: Route) -> Note | None:
    text = reader.text(data, route, is_final=False)
    return None if text is None else Note(reader.at(route), text)


_READ: Final[Mapping[str, Callable[[Reader, Any, Route], Turn | None]]] = {
    "bot": _bot,
    "customer": read_customer,
    "wait": _wait,
    "until": _until,
    "silence": _silence,
    "status": _status,
    "fault": _fault,
    "crash": _crash,
    "window": _window,
    "note": _note,
}
