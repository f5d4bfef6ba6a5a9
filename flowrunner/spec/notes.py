"""The named checks: what JSON Schema cannot say, and what is only worth a warning.

Which check applies where stands in the schema files, as annotations that validators pass over: `x-check`, `x-warn`,
`x-known` and `x-extensions` on text, `x-by` and `x-without` for what a field beside it decides, `x-unique`, `x-alike`,
`x-same`, `x-some` and `x-max-total` on lists.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import date
from functools import partial
from typing import Any, Final

from flowrunner.diagnostics import HOLE, Problem, Route, Severity, warning
from flowrunner.source.marks import is_unseen, named
from flowrunner.spec.addresses import address, is_program, media_address, named_file, no_file_name
from flowrunner.spec.files import Schema, child
from flowrunner.spec.words import counted, field, fits, is_blank, link_to, listed, one_of_known, shown

Check = Callable[[str, str], Iterable[Problem]]
"""Of a text and the name of its field."""


def text_notes(text: str, schema: Schema, route: Route, root: Schema, label: str) -> list[Problem]:
    """What the annotations of `schema` say about one text."""
    name = field(route, label)
    return _problems((each for check in text_checks(schema) for each in check(text, name)), route, root)


def text_checks(schema: Schema) -> list[Check]:
    """The checks of one text that `schema` names."""
    checks = [_CHECKS[check] for check in schema.get("x-check", ())]
    return [*checks, *(partial(check, schema[key]) for key, check in _LIMITS.items() if key in schema)]


def certain_notes(text: str, schema: Schema, route: Route, root: Schema, label: str) -> list[Problem]:
    """What is wrong with the known letters of a text, whatever its expressions put where it has a `HOLE`."""
    name = field(route, label)
    found = [each for check in schema.get("x-check", ()) if check in _CERTAIN for each in _CHECKS[check](text, name)]
    told = schema.get("x-errors", {}).get("not")
    if told and "pattern" in schema.get("not", ()) and re.search(schema["not"]["pattern"], text):
        message = told["message"].replace("{field}", name).replace("{value}", shown(text.replace(HOLE, "…")))
        found.append(Problem(told["code"], message, hint=told["hint"]))
    # What is shown is not the text as it stands in the file, so there is no place in it to tell.
    return _problems([each._replace(offset=None) for each in found], route, root)


def _problems(found: Iterable[Problem], route: Route, root: Schema) -> list[Problem]:
    return [each._replace(route=route, link=link_to(root, route)) for each in found]


def decided(schema: Schema, beside: Mapping[Any, Any]) -> Schema:
    """`schema` with the annotations that the fields beside it decide on (`x-by` by a value, `x-without` by absence)."""
    for key, choices in schema.get("x-by", {}).items():
        chosen = beside.get(key)
        if isinstance(chosen, str) and chosen in choices:
            schema = {**schema, **choices[chosen]}
    for key, more in schema.get("x-without", {}).items():
        if key not in beside:
            schema = {**schema, **more}
    return schema


def list_notes(items: list[Any], schema: Schema, route: Route, root: Schema, held: Collection[Route]) -> list[Problem]:
    """What the annotations of `schema` say about one list; values in `held` are not known and are left out."""
    problems: list[Problem] = []
    for path in schema.get("x-unique", ()):
        problems += _duplicates(list(_texts(items, path.split("."), route)), route, root, held)
    for path in schema.get("x-alike", ()):
        alike = _duplicates(list(_texts(items, path.split("."), route)), route, root, held)
        problems += [each._replace(code="repeated-title", severity=Severity.WARNING) for each in alike]
    for key, what in schema.get("x-same", {}).items():
        if not any(route == place[: len(route)] and len(place) <= len(route) + 2 for place in held):
            problems += _other(items, key, what, child(child(schema, 0), key), route, root)
    if "x-some" in schema:
        problems += _without(schema["x-some"], items, child(schema, 0).get("properties", {}).keys(), route, root)
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
            message = f"{name} {shown(text)} appears twice, in {where.replace(' or ', ' and ')}"
            hint = f"give each its own {name}"
            yield Problem("duplicate-value", message, place, hint, link=link_to(root, place))


def _other(items: list[Any], key: str, what: str, below: Schema, route: Route, root: Schema) -> Iterator[Problem]:
    """The first item that is unlike the first of all in what it has under a key; of a list, how many it has.

    What is wrong with one alone is not told here: ``below`` is the schema of what stands under the key.
    """
    firsts: list[tuple[int, Any]] = []
    for index, item in enumerate(items):
        value = item.get(key) if isinstance(item, Mapping) else None
        is_wrong = value not in below["enum"] if "enum" in below else not (value is None or fits(below, value))
        if is_wrong:
            continue
        each = len(value) if isinstance(value, list) else value
        firsts = firsts or [(index + 1, each)]
        number, first = firsts[0]
        if each != first:
            name = str(_last(route)).removesuffix("s")
            message = f"{name} {index + 1} is not like {name} {number}: all need {what}"
            hint = f"write {key} as in {name} {number}" if first is not None else f"remove {key}, as in {name} {number}"
            yield Problem("unlike-items", message, (*route, index), hint, link=link_to(root, route))
            return


def _without(key: str, items: list[Any], known: AbstractSet[str], route: Route, root: Schema) -> Iterator[Problem]:
    """A card of which no number is known to be on WhatsApp; not where a key that is not ``known`` may say it."""
    every = [each for each in items if isinstance(each, Mapping) and known >= each.keys()]
    if items and len(every) == len(items) and all(is_blank(str(each.get(key, ""))) for each in every):
        message = f"no phone of the card has {key}: it shows Invite to WhatsApp instead of a button to message them"
        hint = f"add {key} beside phone: the same number with its country code, digits only"
        yield Problem("no-wa-id", message, (*route, 0), hint, Severity.WARNING, link_to(root, route))


def _last(route: Route) -> str | int:
    """The name of a list; what an expression gave has none yet."""
    return route[-1] if route else "items"


def _position(place: Route, route: Route) -> str:
    """`buttons 2`, or `sections 1, rows 2`."""
    rest = (_last(route), *place[len(route) : -1])
    pairs = zip(rest[::2], rest[1::2], strict=True)
    return ", ".join(f"{name} {int(index) + 1}" for name, index in pairs)


def _texts(items: list[Any], path: list[str], route: Route) -> Iterator[tuple[Route, str]]:
    """Every text that `path` leads to, from the objects of a list through lists of objects."""
    key, *rest = path
    for index, item in enumerate(items):
        below = item.get(key) if isinstance(item, Mapping) else None
        if rest and isinstance(below, list):
            yield from _texts(below, rest, (*route, index, key))
        elif not rest and isinstance(below, (str, int)):
            yield (*route, index, key), str(below)


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
        message = f"the list has {sum(counts)} {key}, at most {limit} are allowed in all {_last(route)} together"
        hint = f"remove {counted(sum(counts) - limit, key.removesuffix('s'))}"
        yield Problem("too-many-rows", message, route, hint, link=link_to(root, route))


def _unsure_length(limits: Mapping[str, int], text: str, name: str) -> Iterator[Problem]:
    limit = limits["maxLength"]
    if len(text) > limit:
        message = f"{name} has {counted(len(text), 'character')}, more than {limit} may be refused"
        hint = f"shorten it by {counted(len(text) - limit, 'character')} to be safe"
        yield warning("unsure-limit", message, hint)


def _unlisted(known: Mapping[str, Any], text: str, name: str) -> Iterator[Problem]:
    if text not in known["values"]:
        message = known["message"].replace("{field}", name).replace("{value}", shown(text))
        hint = one_of_known(text, known) or "look it up in the list that the link leads to"
        yield warning(known["code"], message, hint)


def _extension(allowed: list[str], text: str, name: str) -> Iterator[Problem]:
    path = text.split("?", 1)[0].split("#", 1)[0].partition("://")[2]
    last = path.rpartition("/")[2] if "/" in path else ""
    ending = last.rpartition(".")[2].lower() if "." in last else ""
    is_known = ending in allowed or is_program(last)
    if 2 <= len(ending) <= 5 and ending.isalnum() and not ending.isdigit() and not is_known:
        message = f"{name} ends in .{ending}, which this type of message does not take"
        hint = f"use a file of the type {listed('.' + each for each in allowed)}"
        yield warning("media-extension", message, hint)


def _one_emoji(text: str, name: str) -> Iterator[Problem]:
    if not text:
        return
    from emoji import is_emoji

    if not is_emoji(text):
        hint = 'write one emoji, for example "👍", or "" to remove the reaction'
        if re.fullmatch(_ESCAPED, text):
            hint = f'put it in double quotes: "{text}"'
        yield Problem("not-one-emoji", f"{name} {shown(text)} is not exactly one emoji", hint=hint)


def _calendar_date(text: str, name: str) -> Iterator[Problem]:
    digits = text.replace("-", "")
    if len(text) != 10 or not (digits.isascii() and digits.isdigit()) or (text[4], text[7]) != ("-", "-"):
        return  # the schema's pattern reports the form
    try:
        date.fromisoformat(text)
    except ValueError:
        message = f"{name} {shown(text)} is not a day of the calendar"
        yield Problem("bad-date", message, hint="correct the day or the month")


def _file_name(text: str, name: str) -> Iterator[Problem]:
    if is_blank(text):
        yield warning("no-file-name", f"{name} is blank: the document arrives as Untitled", "write a name: prices.pdf")


def _digits(text: str, name: str) -> Iterator[Problem]:
    digits = re.sub(r"[-+(). ]", "", text)
    if digits and digits != text:
        # Without a plus, what is grouped may be a number of one country.
        is_whole = text.lstrip().startswith("+") or (len(digits) > 10 and "(" not in text)
        hint = f'write "{digits}"' if is_whole else "write the number with its country code, digits only: 5215512345678"
        yield warning("wa-id-not-digits", f"{name} {shown(text)} is not digits only", hint)


def shown_text(text: str, name: str) -> Iterator[Problem]:
    """What a customer would see of the author's own notation; what looks closer is loaded when there is any."""
    # One of these is in every text that there is something to say of. (A loop over them takes three times as long.)
    if (
        "\\" in text or "<" in text or "&" in text or "**" in text or "__" in text or "~~" in text or "](" in text
        or "# " in text
    ):  # fmt: skip
        from flowrunner.spec.texts import notation

        yield from notation(text, name)
    if text.isascii():
        return
    stripped = text.strip()
    if stripped[:1] in _OPENING_QUOTES:
        from flowrunner.spec.texts import quotes

        yield from quotes(stripped, name)
    elif (
        stripped
        and (stripped[0] in _BLANK_SIGNS or not stripped[0].isprintable())
        and HOLE not in stripped
        and is_unseen(stripped)
    ):
        message = f"{name} has nothing but characters that nobody sees: {named(stripped[0])}"
        yield warning("blank-text", message, "write some text")


_CHECKS: Final[Mapping[str, Check]] = {
    "shown": shown_text,
    "media-address": media_address,
    "address": address,
    "named-file": named_file,
    "no-file-name": no_file_name,
    "file-name": _file_name,
    "digits": _digits,
    "one-emoji": _one_emoji,
    "calendar-date": _calendar_date,
}


_CERTAIN: Final = {"shown", "media-address", "address", "named-file", "no-file-name"}
"""What can be said though a text has a `HOLE`."""
_OPENING_QUOTES: Final = frozenset("“„‟‘‚")
_BLANK_SIGNS: Final = frozenset("\u034f\u115f\u1160\u2800\u3164\uffa0")
"""What Python calls printable and shows nothing."""
_ESCAPED: Final = r"(?:\\u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{8})+"


_LIMITS: Final[Mapping[str, Callable[[Any, str, str], Iterable[Problem]]]] = {
    "x-warn": _unsure_length,
    "x-known": _unlisted,
    "x-extensions": _extension,
}
