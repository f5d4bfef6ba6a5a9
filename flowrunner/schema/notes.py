"""The named checks: what JSON Schema cannot say, and what is only worth a warning.

Which check applies where stands in the schema files, as annotations that validators pass over: `x-check`, `x-warn`,
`x-known`, `x-extensions` and `x-extensions-by` on text, `x-unique` and `x-max-total` on lists.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date
from typing import Any, Final

from flowrunner.diagnostics import Problem, Route, Severity
from flowrunner.schema.files import Schema
from flowrunner.schema.words import along, counted, field, listed, one_of_known, shown

_Finding = tuple[str, str, str, Severity]
"""Code, message, hint, severity."""


def text_notes(text: str, schema: Schema, route: Route, root: Schema, label: str) -> list[Problem]:
    """What the annotations of `schema` say about one text."""
    found: list[_Finding] = []
    for annotation, check in _ANNOTATIONS.items():
        if annotation in schema:
            found += check(text, field(route, label), schema[annotation])
    return _problems(found, route, root)


def is_noted(text: str, schema: Schema) -> bool:
    """Whether `text_notes` would say anything."""
    return any(
        next(iter(check(text, "", schema[annotation])), None) is not None
        for annotation, check in _ANNOTATIONS.items()
        if annotation in schema
    )


def has_notes(schema: Schema) -> bool:
    """Whether there is a check of one text that `schema` names."""
    return not _ANNOTATIONS.keys().isdisjoint(schema)


def certain_notes(text: str, schema: Schema, route: Route, root: Schema, label: str) -> list[Problem]:
    """What is wrong with the known letters of a text, whatever its expressions put between them."""
    found: list[_Finding] = []
    if "no-markup" in schema.get("x-check", ()):
        found += _no_markup(text, field(route, label))
    told = schema.get("x-errors", {}).get("not")
    # A run of spaces may yet be parted by what an expression gives; a line break stays one.
    if told and "pattern" in schema.get("not", ()) and re.search(schema["not"]["pattern"], text.replace(" ", "")):
        message = told["message"].replace("{field}", field(route, label))
        found.append((told["code"], message, told["hint"], Severity.ERROR))
    return _problems(found, route, root)


def _problems(found: list[_Finding], route: Route, root: Schema) -> list[Problem]:
    if not found:
        return []
    link = along(root, route, "x-link")
    return [Problem(code, message, route, hint, severity, link) for code, message, hint, severity in found]


def decided(schema: Schema, beside: Mapping[Any, Any]) -> Schema:
    """`schema` with the extensions that the value of a field beside it decides on (`x-extensions-by`)."""
    for key, choices in schema.get("x-extensions-by", {}).items():
        chosen = beside.get(key)
        if isinstance(chosen, str) and chosen in choices:
            return {**schema, "x-extensions": choices[chosen]}
    return schema


def list_notes(items: list[Any], schema: Schema, route: Route, root: Schema, held: Collection[Route]) -> list[Problem]:
    """What the annotations of `schema` say about one list; values in `held` are not known and are left out."""
    problems: list[Problem] = []
    for path in schema.get("x-unique", ()):
        problems += _duplicates(list(_texts(items, path.split("."), route)), route, root, held)
    for key, limit in schema.get("x-max-total", {}).items():
        if not _counts_are_held(key, route, held):
            problems += _total(items, key, limit, route, root)
    return problems


def _duplicates(
    texts: list[tuple[Route, str]], route: Route, root: Schema, held: Collection[Route]
) -> Iterator[Problem]:
    seen: dict[str, Route] = {}
    for place, text in texts:
        known = not any(place[:length] in held for length in range(len(place) + 1))
        if not known or not text.strip():
            continue
        first = seen.setdefault(text, place)
        if first != place:
            name = place[-1]
            where = listed(_position(each, route) for each in (first, place))
            message = f"{name} {shown(text)} stands twice, in {where.replace(' or ', ' and ')}"
            hint = f"give each its own {name}"
            yield Problem("duplicate-value", message, place, hint, link=along(root, place, "x-link"))


def _position(place: Route, route: Route) -> str:
    """`buttons 2`, or `sections 1, rows 2`."""
    rest = (route[-1], *place[len(route) : -1])
    pairs = zip(rest[::2], rest[1::2], strict=True)
    return ", ".join(f"{name} {int(index) + 1}" for name, index in pairs)


def _texts(items: list[Any], path: list[str], route: Route) -> Iterator[tuple[Route, str]]:
    """Every text that `path` leads to, from the objects of a list through lists of objects."""
    key, *rest = path
    for index, item in enumerate(items):
        below = item.get(key) if isinstance(item, Mapping) else None
        if rest and isinstance(below, list):
            yield from _texts(below, rest, (*route, index, key))
        elif not rest and isinstance(below, str):
            yield (*route, index, key), below


def _counts_are_held(key: str, route: Route, held: Collection[Route]) -> bool:
    """Whether an item, or an item's list under `key`, is not known yet."""
    depth = len(route)
    below = (place for place in held if place[:depth] == route)
    return any(len(place) == depth + 1 or place[depth + 1 :] == (key,) for place in below)


def _total(items: list[Any], key: str, limit: int, route: Route, root: Schema) -> Iterator[Problem]:
    lists = [item.get(key) for item in items if isinstance(item, Mapping)]
    counts = [len(each) for each in lists if isinstance(each, list)]
    # One list that alone has too many is the schema's to report; so are more lists than there may be items.
    if sum(counts) > limit >= max(*counts, len(items)):
        message = f"the list has {sum(counts)} {key}, at most {limit} are allowed over all {route[-1]}"
        hint = f"remove {counted(sum(counts) - limit, key.removesuffix('s'))}"
        yield Problem("too-many-rows", message, route, hint, link=along(root, route, "x-link"))


def _unsure_length(text: str, name: str, limits: Mapping[str, int]) -> Iterator[_Finding]:
    limit = limits["maxLength"]
    if len(text) > limit:
        message = f"{name} has {counted(len(text), 'character')}, more than {limit} may be refused"
        hint = f"shorten it by {counted(len(text) - limit, 'character')} to be safe"
        yield "unsure-limit", message, hint, Severity.WARNING


def _unlisted(text: str, name: str, known: Mapping[str, Any]) -> Iterator[_Finding]:
    if text not in known["values"]:
        message = known["message"].replace("{field}", name).replace("{value}", shown(text))
        hint = one_of_known(text, known["values"]) or "look it up in the list that the link leads to"
        yield known["code"], message, hint, Severity.WARNING


def _extension(text: str, name: str, allowed: list[str]) -> Iterator[_Finding]:
    path = text.split("?", 1)[0].split("#", 1)[0].partition("://")[2]
    last = path.rpartition("/")[2] if "/" in path else ""
    ending = last.rpartition(".")[2].lower() if "." in last else ""
    if 2 <= len(ending) <= 5 and ending.isalnum() and not ending.isdigit() and ending not in allowed:
        message = f"{name} ends in .{ending}, which this type of message does not take"
        hint = f"use a file of the type {listed('.' + each for each in allowed)}"
        yield "media-extension", message, hint, Severity.WARNING


def _only_https(text: str, name: str) -> Iterator[_Finding]:
    if text[:7].lower() == "http://":
        message = f"{name} is a plain http address, which anybody on the way can read and change"
        yield "plain-http", message, "write https:// if the server has it", Severity.WARNING


def _no_markup(text: str, name: str) -> Iterator[_Finding]:
    marks = [mark for mark in "*_~" if mark in text]
    if marks:
        message = (
            f"{name} holds {listed(marks).replace(' or ', ' and ')}, WhatsApp refuses formatting marks in a header"
        )
        yield "header-markup", message, f"remove every {listed(marks)}; a header is bold anyway", Severity.ERROR


def _one_emoji(text: str, name: str) -> Iterator[_Finding]:
    if not text:
        return
    from emoji import is_emoji

    if not is_emoji(text):
        hint = 'write one emoji, for example "👍", or "" to remove the reaction'
        yield "not-one-emoji", f"{name} {shown(text)} is not exactly one emoji", hint, Severity.ERROR


def _calendar_date(text: str, name: str) -> Iterator[_Finding]:
    digits = text.replace("-", "")
    if len(text) != 10 or not (digits.isascii() and digits.isdigit()) or (text[4], text[7]) != ("-", "-"):
        return  # the schema's pattern reports the form
    try:
        date.fromisoformat(text)
    except ValueError:
        yield (
            "bad-date",
            f"{name} {shown(text)} is not a day of the calendar",
            "correct the day or month",
            Severity.ERROR,
        )


_CHECKS: Final[Mapping[str, Callable[[str, str], Iterator[_Finding]]]] = {
    "https": _only_https,
    "no-markup": _no_markup,
    "one-emoji": _one_emoji,
    "calendar-date": _calendar_date,
}


def _checks(text: str, name: str, checks: list[str]) -> Iterator[_Finding]:
    for check in checks:
        yield from _CHECKS[check](text, name)


_ANNOTATIONS: Final[Mapping[str, Callable[[str, str, Any], Iterator[_Finding]]]] = {
    "x-check": _checks,
    "x-warn": _unsure_length,
    "x-known": _unlisted,
    "x-extensions": _extension,
}
