"""What a check of one text finds."""

from typing import NamedTuple

from flowrunner.diagnostics import Severity


class Finding(NamedTuple):
    """One finding about one text.

    Attributes:
        offset: Where in the text it begins, in code points; None for the whole text.
        length: How many code points from ``offset`` on.
    """

    code: str
    message: str
    hint: str
    severity: Severity
    offset: int | None = None
    length: int = 1


def warning(code: str, message: str, hint: str, offset: int | None = None, length: int = 1) -> Finding:
    """A finding that does not stop a run."""
    return Finding(code, message, hint, Severity.WARNING, offset, length)
