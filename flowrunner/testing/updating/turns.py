"""A turn added to a chat, or dropped from it: whole lines of the file, so that all else stays as it was written."""

import re
from collections.abc import Sequence

from flowrunner.diagnostics import Location
from flowrunner.testing.updating.scalars import written


def with_turn(text: str, at: Location, new: str, *, below: bool) -> str | None:
    """The file's text with a ``bot:`` turn for a message, above or below the turn that stands at a place.

    None where the turns of that chat do not stand in lines of their own.
    """
    lines = text.split("\n")
    place = _lines_of(lines, at)
    if place is None:
        return None
    first, last, indent = place
    where = last + 1 if below else first
    line_break = "\r" if lines[first].endswith("\r") else ""
    return "\n".join([*lines[:where], f"{indent}- bot: {written(new)}{line_break}", *lines[where:]])


def without_turn(text: str, at: Location) -> str | None:
    """The file's text without the turn that stands at a place; None where it does not stand in lines of its own."""
    lines = text.split("\n")
    place = _lines_of(lines, at)
    if place is None:
        return None
    first, last, _ = place
    return "\n".join([*lines[:first], *lines[last + 1 :]])


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
