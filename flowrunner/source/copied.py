"""Text with a mark before each of its lines: copied from a diff, an answer to a message, or a listing."""

import re
from typing import Final

from flowrunner.diagnostics import Problem

_MARKS: Final = (
    (r"(?P<mark>\+)", "a + stands before each line, as in a diff", "remove the + before each line"),
    (r"(?P<mark>>)", "a > stands before each line, as in what somebody quotes", "remove the > before each line"),
    (r"[ \t]*(?P<mark>\d+[.)|]?)(?=\s)", "a number stands before each line", "remove the number before each line"),
)


def copied(text: str) -> tuple[Problem, int, int] | None:
    """What to say of a text all of whose lines begin with such a mark, and the span of the first; None of another."""
    lines = [line for line in text.splitlines() if line.strip()]
    for pattern, message, hint in _MARKS if len(lines) > 1 else ():
        mark = re.compile(pattern)
        if all(map(mark.match, lines)) and (first := mark.search(text)) is not None:
            return Problem("yaml-syntax", message, hint=hint), first.start("mark"), first.end()
    return None
