"""JSON Lines -> one object a line, its numbers as they were typed, and the place of each member."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final, Never

from flowrunner.audience.lines import Lines, unreadable
from flowrunner.audience.source import Fault
from flowrunner.source import Plain, plain

_ONE_A_LINE: Final = "write one object per line; jq -c '.[]' splits a list"
_BLANK: Final = re.compile(r"[ \t\r\n]*")
_HALF: Final = re.compile("[\ud800-\udfff]")

Record = tuple[int, str, dict[str, Any], Fault | None]
"""The line (1-based), its text, its object, and what is wrong with it."""


class _Refused(Exception):  # noqa: N818  # not an error of the program
    """JSON that Python reads and nobody should; says why, and the remedy."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def objects(lines: Lines) -> Iterator[Record]:
    """Every line that is not blank. One that cannot be read has a Fault, and the next one follows.

    A Fault that is ``lines.broken`` is the last record: the rest of the file is not read.
    """
    line = 0
    for text in lines:
        line += 1
        if text.isspace():
            line += lines.skip_empty()
            continue
        fault = unreadable(text, lines.around, is_mixed=lines.mixed) if lines.tainted else None
        if fault is not None:
            yield line, text, {}, fault
        else:
            yield line, text, *_object(text)
    if lines.broken is not None:
        yield line + 1, "", {}, lines.broken


def member_place(text: str, is_it: Callable[[str], bool]) -> tuple[int, int]:
    """Where the value of a top-level member begins and ends in an object's text, in code points; 0, 0 if there is none.

    Args:
        text: An object that `objects` read without a fault.
        is_it: Whether a key is the one.
    """
    at = text.index("{") + 1
    while True:
        at = _past_blank(text, at)
        if text[at] == "}":
            return 0, 0
        key, at = _PLACES.raw_decode(text, at)
        start = _past_blank(text, _past_blank(text, at) + 1)
        _, at = _PLACES.raw_decode(text, start)
        if is_it(key):
            return start, at
        at = _past_blank(text, at)
        if text[at] == ",":
            at += 1


def _object(text: str) -> tuple[dict[str, Any], Fault | None]:
    try:
        data = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        message = f"this is not JSON: {error.msg[:1].lower()}{error.msg[1:]}"
        return {}, Fault("bad-audience", message, _remedy(text, error.pos), min(error.pos, len(text.rstrip())))
    except _Refused as refused:
        return {}, Fault("bad-audience", str(refused), refused.hint)
    except RecursionError:
        return {}, Fault("too-deep", "lists and objects are nested too deep here", "nest them less deeply")
    if not isinstance(data, dict):
        return {}, Fault("bad-audience", "the line is not an object", _ONE_A_LINE)
    if "\\u" in text and _HALF.search(json.dumps(data, ensure_ascii=False)):
        return {}, Fault("lone-surrogate", "half of a character (a lone surrogate) is here", "write it whole")
    return data, None


def _remedy(text: str, at: int) -> str:
    """What to do about the place where it stops being JSON, by what other notations have there."""
    if re.match(r"\s*[}\]]", text[at:]) and text[:at].rstrip().endswith(","):
        return f"remove the comma before {text[at:].lstrip()[0]}"
    if re.match(r",\s*[}\]]", text[at:]):
        return f"remove the comma before {text[at + 1 :].lstrip()[0]}"
    if text[at : at + 1] in {"'", "\u201c", "\u201d", "\u2018", "\u2019"}:
        return 'write straight double quotes: "'
    for word, meant in (("None", "null"), ("True", "true"), ("False", "false"), ("undefined", "null")):
        if text.startswith(word, at):
            return f"write {meant}"
    return _ONE_A_LINE


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _Refused(f"the key {twice} appears twice", "remove one of the two")
    return members


def _number(text: str) -> Plain:
    number = plain(text)
    if not isinstance(number, Plain):
        raise _Refused(f"the number {text[:20]}… is too large", "write a smaller one, or text in quotes")
    return number


def _constant(text: str) -> Never:
    raise _Refused(f"{text} is not JSON", "write null, or a number")


def _past_blank(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found is not None else at


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_members, parse_int=_number, parse_float=_number, parse_constant=_constant
)
_PLACES: Final = json.JSONDecoder(parse_int=str, parse_float=str)
