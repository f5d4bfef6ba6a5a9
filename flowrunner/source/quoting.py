"""Guesses at values that lack quotes, or have the wrong ones."""

import re
from collections.abc import Iterator
from itertools import product
from typing import Final

from flowrunner.data import table
from flowrunner.source.document import shorten
from flowrunner.source.lines import ENTRY, Line, Repair

_CURLY: Final = frozenset("“”„‘’‚")
_BEGINS_EXPRESSION: Final = "a value that starts with {{ or {% must be in quotes"


def quoted(value: str) -> tuple[str, str]:
    """The value in quotes that it has none of, and the words that ask for it."""
    if '"' not in value and "\\" not in value:
        return f'"{value}"', "put the whole value in double quotes"
    if "'" not in value:
        return f"'{value}'", "put the whole value in single quotes"
    doubled = value.replace("'", "''")
    return f"'{doubled}'", "put the whole value in single quotes, and write '' for each ' in it"


def quotes(line: Line) -> Iterator[Repair]:
    """Quotes within quotes, curly ones, and those with text behind them."""
    found = ENTRY.match(line.text)
    if found is None:
        return
    value, start = found["value"], line.start + found.start("value")
    end = start + len(value)
    if value[0] in _CURLY and value[-1] in _CURLY:
        straight = quoted(value[1:-1])[0]
        message = f"{value[0]} (U+{ord(value[0]):04X}) is a curly quote, which YAML does not treat as a quote"
        yield Repair(
            start, start + 1, message, f"write {straight[0]} for {value[0]} and {value[-1]}", (start, end, straight)
        )
    if found["key"] and re.fullmatch(r"(['\"])[^'\"]*\1,", value):
        message, hint = "a comma follows the value", "remove the comma"
        yield Repair(end - 1, end, message, hint, (end - 1, end, ""))
    if value[0] in "'\"":
        yield from _inner(value, start, end)
    # In { } and [ ] a value ends at a comma or a bracket.
    for each in re.finditer(r"(?<=[:,\[{])\s*(?=['\"])", value if value[0] in "{[" else ""):
        rest = value[each.end() :]
        for close in re.finditer(rf"{rest[0]}(?=\s*[,\]}}])", rest[1:]):
            yield from _inner(rest[: close.end() + 1], start + each.end(), start + each.end() + close.end() + 1)
    cut = re.search(r"\\", value)
    if value[0] == '"' and value[-1] == '"' and cut and "'" not in value:
        at = start + cut.start()
        message, hint = "an unknown \\ sequence in double quotes", "put the value in single quotes instead"
        yield Repair(at, at + 1, message, hint, (start, end, f"'{value[1:-1]}'"))


def _inner(value: str, start: int, end: int) -> Iterator[Repair]:
    """One value that begins with a quote, and goes on behind the next one of that kind."""
    sign = value[0]
    close = value.find(sign, 1)
    if close < 0 or close == len(value) - 1:
        return
    if value[-1] == sign:
        inside = value[1:-1]
        other = "'" if sign == '"' else '"'
        name = "single" if sign == '"' else "double"
        at = start + close
        message = f"this {sign} ends the text, but more follows"
        if other not in inside and (other == "'" or "\\" not in inside):
            hint = f"put the whole value in {name} quotes instead"
            yield Repair(at, at + 1, message, hint, (start, end, other + inside + other))
        escape = '\\"' if sign == '"' else "''"
        hint = f"write {escape} for each {sign} in the text"
        yield Repair(at, at + 1, message, hint, (start, end, sign + inside.replace(sign, escape) + sign))
    new, hint = quoted(value)
    at = start + close + 1 + len(value[close + 1 :]) - len(value[close + 1 :].lstrip())
    yield Repair(at, at + 1, "more text follows after the closing quote", hint, (start, end, new))


def values(line: Line) -> Iterator[Repair]:
    """Text that needs quotes: for what it begins with, or for a colon in it."""
    found = ENTRY.match(line.text)
    if found is None:
        return
    value, start = found["value"], line.start + found.start("value")
    new, hint = quoted(value)
    whole = start, start + len(value), new
    sign = value[0]
    if re.match(r"\{[{%#]", value):
        hint = hint if '"' in value else 'put the whole value in quotes: "{{ ... }}"'
        yield Repair(start, start + 1, _BEGINS_EXPRESSION, hint, whole, "unquoted-expression")
    elif sign in "*&!@`%," or (sign in "?|>-" and found["key"]) or re.match(r"[\[{][^\]}]*[\]}] *[^\s,\]}#]", value):
        begins = table("source/mistakes.toml")["begins"].get(sign)
        what = f": it starts {begins}" if begins else ""
        yield Repair(start, start + 1, f"text cannot start with {sign} outside quotes{what}", hint, whole)
    colon = re.search(r":(?=\s|$)", value)
    if found["key"] and colon and sign not in "'\"{[|>":
        at = start + colon.start()
        message = "a second colon in one line: text with a colon and a space must be in quotes"
        yield Repair(at, at + 1, message, hint, whole)


def flow_values(line: Line, noticed: int) -> Iterator[Repair]:
    """A text within { } or [ ] that holds a bracket, a comma, a colon or a #."""
    found = ENTRY.match(line.text)
    value, start = (found["value"], line.start + found.start("value")) if found is not None else ("", 0)
    if value[:1] not in ("{", "["):
        return
    comment = re.search(r"[\[{,][^'\"]*\s(#)\S", value)
    at = comment.start(1) if comment is not None else noticed - start
    if not 0 <= at <= len(value):
        return
    begins = [each.end() for each in re.finditer(r"(?::\s|[,\[{](?![{%#]))\s*", value[:at])][::-1][:3]
    ends = [at + each.start() for each in re.finditer(r"\s*(?:,|[\]}](?!\})|$)", value[at:])][:4]
    for begin, stop in product(begins, ends):
        part = value[begin:stop]
        new, hint = quoted(part)
        edited = start + begin, start + stop, new
        if comment is not None:
            message = "a # after a space starts a comment"
            yield Repair(start + at, start + at + 1, message, f"{hint} if the # belongs to it", edited)
        elif part.startswith(("{{", "{%")):
            yield Repair(start + begin, start + begin + 1, _BEGINS_EXPRESSION, hint, edited, "unquoted-expression")
        else:
            message = f"{shorten(part)} has a character that cannot be used unquoted inside {{ }} or [ ]"
            yield Repair(start + begin, start + stop, message, hint, edited)
