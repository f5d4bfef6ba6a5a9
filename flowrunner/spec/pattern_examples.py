"""Texts that are as a regular expression says: a short one and a long one, to check messages with that quote them."""

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, Final

from flowrunner.spec.patterns import matches_whole

MOST: Final = 4096
"""The longest text that WhatsApp carries."""

_BY_CATEGORY: Final = {"CATEGORY_DIGIT": "5", "CATEGORY_SPACE": " ", "CATEGORY_WORD": "a", "CATEGORY_NOT_DIGIT": "a"}


def pattern_examples(pattern: str) -> tuple[str, ...]:
    """The shortest and the longest text that are easily found; none where the pattern is not easily read."""
    from re import _parser  # type: ignore[attr-defined]  # the one reader of patterns that Python has

    try:
        tree = _parser.parse(pattern)
    except (re.error, OverflowError, RecursionError):
        return ()
    found = dict.fromkeys("".join(_texts(tree, most, MOST)) for most in (False, True))
    return tuple(each for each in found if each and matches_whole(pattern, each))


def _texts(tree: Sequence[tuple[Any, Any]], most: bool, room: int) -> Iterator[str]:
    for kind, value in tree:
        match str(kind):
            case "LITERAL":
                yield chr(value)
            case "ANY" | "NOT_LITERAL":
                yield "a"
            case "IN":
                yield _of_class(value)
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                low, high, repeated = value
                once = "".join(_texts(repeated, most, room))
                times = min(int(high), room // max(len(once), 1)) if most else int(low)
                yield once * max(times, min(int(low), room))
            case "SUBPATTERN":
                yield from _texts(value[-1], most, room)
            case "BRANCH":
                every = ["".join(_texts(each, most, room)) for each in value[1]]
                yield max(every, key=len) if most else min(every, key=len)


def _of_class(members: Sequence[tuple[Any, Any]]) -> str:
    for kind, value in members:
        match str(kind):
            case "LITERAL":
                return chr(value)
            case "RANGE":
                return chr(value[0])
            case "CATEGORY":
                return _BY_CATEGORY.get(str(value), "a")
    taken = set(chain.from_iterable(value if isinstance(value, tuple) else (value,) for _, value in members))
    return next((each for each in "a5 -" if ord(each) not in taken), "a")
