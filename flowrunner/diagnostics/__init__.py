"""What is wrong with an author's work: one Diagnostic is one problem at one place, with a remedy.

Checks speak in routes (``("steps", 3, "message", "buttons")``) and make a `Problem`; only `flowrunner.source`,
which knows the file, turns a Problem into a `Diagnostic` with a line and a column.
"""

from enum import StrEnum
from typing import NamedTuple

Route = tuple[str | int, ...]
"""The keys and 0-based indexes that lead from a document's top to one value."""

HOLE = "\ufffc"
"""Stands for what an expression is yet to give, in a text of which the rest is known."""


class Severity(StrEnum):
    """How bad: an error stops everything, a warning is said and passes (unless ``--strict``)."""

    ERROR = "error"
    WARNING = "warning"


class Location(NamedTuple):
    """A place a person can go to.

    Attributes:
        path: The file as it was named, or what stands for one: ``<stdin>``, ``--var name``.
        line: 1-based; 0 where the place has no lines.
        column: 1-based, in code points; 0 where the place has no lines.
        end_line: 1-based line of the first character after the place.
        end_column: 1-based column of the first character after the place.
    """

    path: str
    line: int = 0
    column: int = 0
    end_line: int = 0
    end_column: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}" if self.line else self.path


class Note(NamedTuple):
    """A second place that belongs to a problem: where a bad value came from, where a name was first used."""

    message: str
    location: Location


class Problem(NamedTuple):
    """A fault that is named by its route and has no line yet.

    Attributes:
        code: The kebab-case name of the rule, as in ``flowrunner explain``.
        message: One sentence with the value and the limit; no schema path, no Python type.
        route: Where in the document.
        hint: What to do; followed to the letter it fixes the fault.
        link: The page the rule comes from.
        at_key: The place is the key of the value, not the value.
        offset: Where in the value's text the fault begins, in code points; None for the whole value.
        length: How many code points from ``offset`` on.
    """

    code: str
    message: str
    route: Route = ()
    hint: str = ""
    severity: Severity = Severity.ERROR
    link: str = ""
    at_key: bool = False
    offset: int | None = None
    length: int = 1
    notes: tuple[Note, ...] = ()

    def under(self, prefix: Route) -> "Problem":
        """The same problem, its route seen from further up."""
        return self._replace(route=prefix + self.route)


def warning(
    code: str,
    message: str,
    hint: str,
    offset: int | None = None,
    length: int = 1,
    *,
    route: Route = (),
    link: str = "",
    at_key: bool = False,
) -> Problem:
    """A problem that does not stop a run."""
    return Problem(code, message, route, hint, Severity.WARNING, link, at_key, offset, length)


class Diagnostic(NamedTuple):
    """One problem at one place.

    Attributes:
        excerpt: The source line at ``location``; empty where there is none, or it has more than 10,000 characters.
    """

    code: str
    message: str
    location: Location
    severity: Severity = Severity.ERROR
    hint: str = ""
    link: str = ""
    excerpt: str = ""
    notes: tuple[Note, ...] = ()

    @property
    def is_error(self) -> bool:
        """Whether this stops a run."""
        return self.severity is Severity.ERROR


_COMPARED = 40
"""The longest word that is compared letter by letter, and the most names it is compared with: each takes a while."""


def nearest(word: str, known: "list[str]", alike: float = 0.65) -> str:
    """The known word that ``word`` was probably meant to be, or an empty string.

    Takes about a millisecond, however many words there are and however long: a long word is only looked for without
    regard to case, and among many only those are compared that begin or end like it. ``alike`` is how much of the word
    must be right, where 1 is all.
    """
    from difflib import get_close_matches

    meant = word.casefold()
    folded = {name.casefold(): name for name in reversed(known)}
    if meant in folded or not 0 < len(meant) <= _COMPARED:
        return folded.get(meant, "")
    near = [name for name in folded if len(name) > 0 and len(name) <= 3 * len(meant) and len(meant) <= 3 * len(name)]
    if len(near) > _COMPARED:
        near = [name for name in near if name[0] == meant[0] or name[-1] == meant[-1]]
        near = sorted(near, key=lambda name: abs(len(name) - len(meant)))[:_COMPARED]
    close = get_close_matches(meant, near, n=1, cutoff=alike)
    return folded[close[0]] if close else ""
