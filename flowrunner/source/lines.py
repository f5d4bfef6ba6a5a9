"""A guess at what somebody meant to write, and the lines it is about."""

import re
from typing import Final, NamedTuple

KEY: Final = r"[A-Za-z_][A-Za-z0-9_]*"
"""A pattern for the keys of a flow."""
ENTRY: Final = re.compile(rf"(?P<lead> *(?:- +)*)(?:(?P<key>[\"']?{KEY}[\"']?)(?P<colon>: +))?(?P<value>\S.*?) *$")
"""A pattern for a line: its dashes, its key, its value."""


class Repair(NamedTuple):
    """One guess.

    Attributes:
        start: Where the fault is.
        end: Where it ends.
        message: What is wrong.
        hint: What to do.
        edited: The characters from the first to the second offset become the text: what the hint asks for.
    """

    start: int
    end: int
    message: str
    hint: str
    edited: tuple[int, int, str]
    code: str = "yaml-syntax"

    def apply(self, text: str) -> str:
        """The text after the hint was followed."""
        start, end, new = self.edited
        return text[:start] + new + text[end:]


class Line(NamedTuple):
    """One line of a text, where in the text it begins, and where the next one does."""

    start: int
    text: str
    after: int

    @property
    def end(self) -> int:
        """Where it ends, its line break left out."""
        return self.start + len(self.text)

    @property
    def indent(self) -> int:
        """How many spaces it begins with."""
        return len(self.text) - len(self.text.lstrip(" "))


def line_at(text: str, offset: int) -> Line:
    """The line that the character at ``offset`` stands in."""
    first = text.rfind("\n", 0, offset) + 1
    last = text.find("\n", offset)
    last = last if last >= 0 else len(text)
    return Line(first, text[first:last].rstrip("\r"), last + 1)
