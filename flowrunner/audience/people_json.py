"""JSON that lists people -> each member of the list, with its place."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from flowrunner.audience.json_objects import member_place
from flowrunner.audience.lines import Lines
from flowrunner.audience.source import Fault

_BETWEEN: Final = re.compile(r"[\s,]*")
_LISTED: Final = "optouts"
"""The member that has the list, in what ``flowrunner optouts export --format json`` writes."""
_NEITHER: Final = Fault(
    "bad-recipient", "neither a text nor an object", 'write "+5215512345678", or {"phone": "+5215512345678"}'
)

Member = tuple[int, int, "str | Mapping[str, str] | Fault"]
"""Line and column (1-based); a text, the members of an object as texts, or what is wrong."""


def members(lines: Lines) -> Iterator[Member]:
    """Every member of a list, or of the list that an object has as ``optouts``; or every value, one after another."""
    text = "".join(lines).removeprefix("\ufeff")
    if lines.broken is not None:
        yield 0, 0, lines.broken
        return
    place = _Places(text)
    for start, value in _values(text, 0, len(text)):
        if isinstance(value, list):
            first = text.index("[", start) + 1
        elif isinstance(value, dict) and isinstance(value.get(_LISTED), list):
            at, _ = member_place(text[start:], lambda key: key == _LISTED)
            first = start + at + 1
        else:
            yield *place.of(start), _plain(value)
            continue
        for at, each in _values(text, first, len(text), closes="]"):
            yield *place.of(at), _plain(each)


def _values(text: str, at: int, end: int, closes: str = "") -> Iterator[tuple[int, Any]]:
    """Each value from there on, with its place; the last may be what is wrong."""
    while True:
        at = _past(text, at)
        if at >= end or text[at] == closes:
            return
        try:
            value, after = _DECODER.raw_decode(text, at)
        except json.JSONDecodeError as error:
            message = f"this is not JSON: {error.msg[:1].lower()}{error.msg[1:]}"
            yield error.pos, Fault("bad-audience", message, "correct it, or list one phone a line")
            return
        except RecursionError:
            yield at, Fault("too-deep", "lists and objects are nested too deep here", "nest them less deeply")
            return
        yield at, value
        at = after


def _past(text: str, at: int) -> int:
    found = _BETWEEN.match(text, at)
    return found.end() if found is not None else at


def _plain(value: Any) -> "str | Mapping[str, str] | Fault":
    if isinstance(value, (str, Fault)):
        return value
    if not isinstance(value, dict):
        return _NEITHER
    wrong = next((name for name in value if name in ("phone", "conversation", "user_id")
                  and not isinstance(value[name], str | None)), "")  # fmt: skip
    if wrong:
        return Fault("bad-recipient", f"{wrong} is not text", "put it in quotes")
    return {name: str(its) for name, its in value.items() if isinstance(its, (str, int, float))}


class _Places:
    """Lines and columns of places that only rise."""

    def __init__(self, text: str) -> None:
        self._text, self._line, self._at = text, 1, 0

    def of(self, at: int) -> tuple[int, int]:
        """Both 1-based."""
        self._line += self._text.count("\n", self._at, at)
        self._at = at
        return self._line, at - self._text.rfind("\n", 0, at)


_DECODER: Final = json.JSONDecoder(parse_int=str, parse_float=str)
