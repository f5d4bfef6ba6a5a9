"""What an answer is held against: ``button``, ``row``, ``text``, ``words``, ``matches``, ``number``, ``media``."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from flowrunner.diagnostics import Problem, Route, nearest
from flowrunner.expressions import holds_expression
from flowrunner.flow.keys import Key, kind
from flowrunner.model import Json, Match
from flowrunner.model.replies import MatchKind
from flowrunner.numbers import is_number
from flowrunner.source import Plain
from flowrunner.spec import is_nothing
from flowrunner.spec.files import key_schemas
from flowrunner.spec.patterns import pattern_problem
from flowrunner.spec.words import listed, shown

_KEYS: Final = key_schemas("answer")
_MEDIA: Final = tuple(_KEYS["media"]["anyOf"][0]["enum"])
MOST_TEXTS: Final = 100
"""The most texts, words or ids that one answer may name."""
_TEXTS: Final = ("text", "words")


def _texts_problems(value: Any, route: Route) -> Iterator[Problem]:
    """What is wrong with a text, or a list of them."""
    several = value if isinstance(value, list) else [value]
    if not several:
        yield Problem("too-few-items", f"{route[-1]} has 0 items, at least 1 is required", route, "add a text")
    if len(several) > MOST_TEXTS:
        message = f"{route[-1]} has {len(several)} items, at most {MOST_TEXTS} are allowed"
        yield Problem("too-many-items", message, (*route, MOST_TEXTS), "write fewer, or a pattern under matches")
    seen: set[str] = set()
    for index, each in enumerate(several):
        at = (*route, index) if isinstance(value, list) else route
        if not isinstance(each, str) or is_nothing(each) or not each.strip():
            what = "blank" if isinstance(each, str) and each and not is_nothing(each) else kind(each)
            hint = f"write a text, or several in brackets: {route[-1]}: [one, two]"
            yield Problem("wrong-type", f"{route[-1]} must be text or a list of texts, not {what}", at, hint)
        elif holds_expression(each):
            message = f"{route[-1]} cannot be an expression: what may be answered is known before a run"
            hint = "write the text itself, or when: with a comparison"
            yield Problem("expression-not-allowed", message, at, hint)
        elif each in seen:
            message = f"{route[-1]} holds {shown(each)} twice"
            yield Problem("duplicate-value", message, at, "remove one of the two")
        seen.add(each if isinstance(each, str) else "")


def _pattern_problems(value: Any, route: Route) -> Iterator[Problem]:
    if not isinstance(value, str) or is_nothing(value) or not value:
        hint = "write a regular expression, for example '[A-Z]{2}[0-9]{4}'"
        yield Problem("wrong-type", f"{route[-1]} must be text, not {kind(value)}", route, hint)
    elif (problem := pattern_problem(value)) is not None:
        yield problem.under(route)


def _number_problems(value: Any, route: Route) -> Iterator[Problem]:
    hint = "write {min: 1, max: 5}, one of the two, or a number"
    if not isinstance(value, Mapping):
        if not is_number(_plain(value)):
            what = shown(value) if isinstance(value, str) else kind(value)
            yield Problem("wrong-type", f"number must be an object with min or max, not {what}", route, hint)
        return
    schema = _KEYS["number"]["properties"]
    for key, each in value.items():
        if key not in schema:
            near = next((name for name in schema if key in schema[name]["x-also"]), "") or nearest(str(key), [*schema])
            remedy = f"did you mean {near}?" if near else f"remove it; the keys here are {listed(schema, 'and')}"
            yield Problem("unknown-key", f"unknown key {key}", (*route, key), remedy, at_key=True)
        elif not is_number(_plain(each)):
            what = shown(each) if isinstance(each, str) else kind(each)
            yield Problem("wrong-type", f"{key} must be a number, not {what}", (*route, key), "write a number")
    low, high = (_plain(value.get(key)) for key in ("min", "max"))
    if is_number(low) and is_number(high) and low > high:
        message = f"min is {low}, which is more than max, {high}"
        yield Problem("out-of-range", message, (*route, "min"), "write the smaller number as min")


def _media_problems(value: Any, route: Route) -> Iterator[Problem]:
    found = list(_texts_problems(value, route))
    yield from found
    words = {word: name for name, several in _KEYS["media"]["x-words"].items() for word in several}
    for index, each in enumerate(value if isinstance(value, list) else [value]):
        if not found and each not in _MEDIA:
            near = words.get(each.casefold(), "") or nearest(each, [*_MEDIA])
            hint = f"did you mean {near}?" if near else f"write {listed(_MEDIA)}"
            at = (*route, index) if isinstance(value, list) else route
            yield Problem("bad-value", f"media {shown(each)} is not one of the values allowed", at, hint)


_PROBLEMS: Final[dict[MatchKind, Callable[[Any, Route], Iterator[Problem]]]] = {
    "button": _texts_problems,
    "row": _texts_problems,
    "text": _texts_problems,
    "words": _texts_problems,
    "matches": _pattern_problems,
    "number": _number_problems,
    "media": _media_problems,
}
MATCH_KEYS: Final[dict[str, Key]] = {name: Key(_KEYS[name], problems) for name, problems in _PROBLEMS.items()}
"""The keys that say what an answer is; any of those that are there is enough."""


def read_matches(entry: Mapping[str, Any], route: Route) -> tuple[Match, ...]:
    """What an entry says of an answer; what is wrong with it is passed over, as `MATCH_KEYS` says that."""
    found: list[Match] = []
    for name, problems in _PROBLEMS.items():
        if name not in entry or any(problems(entry[name], (*route, name))):
            continue
        value, at = entry[name], (*route, name)
        if name == "number":
            found.append(Match("number", _bounds(value), at))
        elif name == "matches":
            found.append(Match("matches", str(value), at))
        elif name in _TEXTS:
            found.append(Match(name, [str(each) for each in value] if isinstance(value, list) else [str(value)], at))
        else:
            several = enumerate(value) if isinstance(value, list) else [(None, value)]
            found += [Match(name, str(each), at if at_item is None else (*at, at_item)) for at_item, each in several]
    return tuple(found)


def values_of(match: Match) -> list[str]:
    """The texts, ids, patterns or kinds that are looked for; none of a number."""
    if isinstance(match.value, list):
        return [str(each) for each in match.value]
    return [] if match.kind == "number" else [str(match.value)]


def called(matches: tuple[Match, ...]) -> str:
    """What people call an answer that is one of these; empty where nothing says it."""
    for each in matches:
        if isinstance(each.value, str) and each.kind != "matches":
            return each.value
        if isinstance(each.value, list):
            return str(each.value[0])
    return ""


def _bounds(value: Any) -> dict[str, Json]:
    if isinstance(value, Mapping):
        return {key: _plain(value[key]) for key in ("min", "max") if key in value}
    number = _plain(value)
    return {"min": number, "max": number}


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Plain) else value
