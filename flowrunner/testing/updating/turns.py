"""A turn added to a chat, or dropped from it: whole lines of the file, so that all else stays as it was written."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from flowrunner.diagnostics import Location
from flowrunner.source import read
from flowrunner.testing.updating.scalars import written


def with_turn(text: str, at: Location, new: str, *, below: bool) -> str | None:
    """The file's text with a ``bot:`` turn for a message, above or below the turn that stands at a place.

    None where the turns of that chat do not stand in lines of their own: all else says what it said.
    """
    lines = text.split("\n")
    place = _lines_of(lines, at)
    if place is None:
        return None
    first, last, indent = place
    where = last + 1 if below else first
    line_break = "\r" if lines[first].endswith("\r") else ""
    changed = "\n".join([*lines[:where], f"{indent}- bot: {written(new)}{line_break}", *lines[where:]])
    return changed if _added(changed, text) == [{"bot": new}] else None


def without_turn(text: str, at: Location) -> str | None:
    """The file's text without the turn that stands at a place; None where it does not stand in lines of its own."""
    lines = text.split("\n")
    place = _lines_of(lines, at)
    if place is None:
        return None
    first, last, _ = place
    changed = "\n".join([*lines[:first], *lines[last + 1 :]])
    return changed if len(_added(text, changed)) == 1 else None


def _added(more: str, less: str) -> list[Any]:
    """The items of lists by which a text of YAML says more than another; None among them where it says otherwise."""
    (one, found), (other, others) = read(more, ""), read(less, "")
    if one is None or other is None or any(each.is_error for each in (*found, *others)):
        return [None, None]
    return list(_surplus(one.data, other.data))


def _surplus(one: Any, other: Any) -> Iterator[Any]:
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for key, value in one.items():
            yield from _surplus(value, other[key])
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other) + 1:
        at = next((at for at, (its, theirs) in enumerate(zip(one, other, strict=False)) if its != theirs), len(other))
        yield from [one[at]] if one[at + 1 :] == other[at:] else [None, None]
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for its, theirs in zip(one, other, strict=True):
            yield from _surplus(its, theirs)
    elif one != other:
        yield from [None, None]


def _lines_of(lines: Sequence[str], at: Location) -> tuple[int, int, str] | None:
    """The first and the last line of a turn, from 0, and how far it is indented."""
    first = at.line - 1
    while first >= 0 and not lines[first].lstrip().startswith("- "):
        first -= 1
    if first < 0:
        return None
    indent = lines[first][: len(lines[first]) - len(lines[first].lstrip())]
    if re.match(r"- (name|chat)\b", lines[first].lstrip()):
        return None  # the chat stands in the line of something else
    last = first
    for number in range(first + 1, len(lines)):
        line = lines[number]
        if line.strip() and len(line) - len(line.lstrip()) <= len(indent):
            break
        if line.strip() and not (line.lstrip().startswith("#")):
            last = number
    return first, last, indent
