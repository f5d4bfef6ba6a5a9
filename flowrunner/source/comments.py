"""Comments that were meant as text: ``Our shop #1 in town`` ends before the sign."""

import re
from typing import Any

from flowrunner.diagnostics import Problem, Severity
from flowrunner.source.document import shorten
from flowrunner.source.scalars import Plain, plain

# A sign glued to a word, as in "Price #1", is hardly a comment, and one before a number may be none.
_CUT = r"[^\s#][ \t]+#(?=(?![#=*~-]|flowrunner:)\S| \d)"


def cuts(text: str) -> frozenset[int]:
    """Where in a file text may end because a comment begins behind it."""
    if " #" not in text and "\t#" not in text:
        return frozenset()
    return frozenset(match.start() + 1 for match in re.finditer(_CUT, text))


def cut_text(text: str, event: Any) -> tuple[Problem, int, int] | None:
    """What is to be said of a scalar that ends at one of the `cuts` of a file, and where.

    An error where no comment can be meant; None where one is.
    """
    if event.style:
        return None
    start = text.index("#", event.end_mark.index)
    is_glued, spaced = text[start + 1] != " ", " " in event.value
    if not is_glued and not spaced:
        return None  # "5m # 2 more than before"
    is_sure = is_glued and (spaced or not event.value or text[start + 1].isdigit())
    is_sure = is_sure and (not event.value or not isinstance(plain(event.value), Plain))
    stop = text.find("\n", start)
    lost = text[start : stop if stop >= 0 else len(text)].strip()
    problem = Problem(
        "comment-cuts-text",
        f"the text ends before {shorten(lost)}: a # after a space starts a comment",
        hint="put the whole text in quotes if the # belongs to it, else write a space after the #",
        severity=Severity.ERROR if is_sure else Severity.WARNING,
    )
    return problem, start, start + len(lost)
