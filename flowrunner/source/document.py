"""A document with the place of every value in it."""

import re
from bisect import bisect_right
from functools import lru_cache
from typing import Any, NamedTuple

from flowrunner.diagnostics import Diagnostic, Location, Problem, Route

MAX_EXCERPT = 10_000
"""The longest line that a diagnostic shows, in code points: a thousand problems in one line would show it each time."""


class Node:
    """Where a collection stands; a scalar is represented by its parser event.

    Attributes:
        start: The event that opens it.
        keys: A mapping's keys, each with its event.
        children: What stands under each key or index: a Node or an event.
    """

    __slots__ = ("children", "keys", "start")

    def __init__(self, start: Any) -> None:
        self.start = start
        self.keys: dict[Any, Any] = {}
        self.children: dict[Any, Any] = {}


class Document(NamedTuple):
    """One YAML file, read: ``data`` is dicts, lists and strings (some of them `Plain`)."""

    path: str
    text: str
    data: Any
    root: Any = None  # a Node or a parser event

    @property
    def documents(self) -> "tuple[Document, ...]":
        """The files that a problem may have its place in: this one."""
        return (self,)

    def diagnose(self, problem: Problem) -> Diagnostic:
        """Give a problem its place in this document."""
        return place(self.path, self.text, problem, *self._span(problem))

    def diagnose_text(self, problem: Problem, offset: int, length: int) -> Diagnostic:
        """Give a problem the place of ``length`` characters of the file's text, from ``offset`` on."""
        return place(self.path, self.text, problem, offset, offset + length)

    def is_text(self, offset: int) -> bool:
        """Whether the character at ``offset`` of the file belongs to a value or a key, not to a comment."""
        return self._begin(offset) is not None

    def is_within(self, offset: int) -> bool:
        """Whether the line of the character at ``offset`` belongs to a text that begins above it."""
        begin = self._begin(offset)
        return begin is not None and "\n" in self.text[begin:offset]

    def _begin(self, offset: int) -> int | None:
        """Where the value or key begins that the character at ``offset`` belongs to."""
        waiting = [self.root]
        while waiting:
            node = waiting.pop()
            if isinstance(node, Node):
                waiting += [*node.keys.values(), *node.children.values()]
            elif node is not None and node.start_mark.index <= offset < node.end_mark.index:
                return int(node.start_mark.index)
        return None

    def location(self, route: Route) -> Location:
        """The place of the value at ``route``, or of the nearest one above it."""
        return _location(self.path, self.text, *self._span(Problem("", "", route)))

    def _span(self, problem: Problem) -> tuple[int, int]:
        node, key = self.root, None
        for part in problem.route:
            child = node.children.get(part) if isinstance(node, Node) else None
            if child is None:
                break
            key, node = node.keys.get(part), child
        else:
            if problem.at_key and key is not None:
                return key.start_mark.index, key.end_mark.index
        if problem.offset is not None and node is not None and not isinstance(node, Node):
            return _inside(self.text, node, problem.offset, problem.length)
        if isinstance(node, Node):
            first = next(iter(node.keys.values()), node.start)
            start = node.start.start_mark.index
            return start, max(first.end_mark.index, start + 1)
        if node is None:
            return 0, 0
        return node.start_mark.index, node.end_mark.index


def _inside(text: str, event: Any, offset: int, length: int) -> tuple[int, int]:
    """Where the characters ``offset`` to ``offset + length`` of a scalar's value stand in the file.

    Folding and indentation change white space only, so the characters that are none are counted.
    """
    start, end = event.start_mark.index, event.end_mark.index
    raw = text[start:end]
    skip = 1 if event.style in ("'", '"') else raw.find("\n") + 1 if event.style in ("|", ">") else 0
    wanted = sum(not char.isspace() for char in event.value[:offset])
    last = wanted + sum(not char.isspace() for char in event.value[offset : offset + length]) - 1
    pattern = _RAW_CHARACTERS.get(event.style, _RAW_CHARACTER)
    begin, seen = None, 0
    for match in re.finditer(pattern, raw[skip:]):
        piece = match.group()
        if piece.isspace() or piece in _ESCAPED_SPACE or (piece[0] == "\\" and piece[-1:].isspace()):
            continue
        if seen == wanted:
            begin = start + skip + match.start()
        if begin is not None and seen >= last:
            return begin, start + skip + match.end()
        seen += 1
    return start, end


_RAW_CHARACTER = r"(?s)."
_RAW_CHARACTERS = {
    "'": r"(?s)''|.",
    # Two escapes may be the halves of one character.
    '"': (
        r"(?s)\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\x[0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{8}|\\\r?\n|\\.|."
    ),
}
_ESCAPED_SPACE = frozenset(["\\n", "\\t", "\\r", "\\ ", "\\N", "\\_", "\\L", "\\P", "\\v", "\\f", "\\\t"])


def _location(path: str, text: str, start: int, end: int) -> Location:
    starts = line_starts(text)
    line, end_line = bisect_right(starts, start), bisect_right(starts, end)
    return Location(path, line, start - starts[line - 1] + 1, end_line, end - starts[end_line - 1] + 1)


@lru_cache(maxsize=2)
def line_starts(text: str) -> list[int]:
    """Where each line of the text begins; ten thousand problems of one file count its lines once."""
    return [0, *(match.end() for match in re.finditer("\n", text))]


def place(path: str, text: str, problem: Problem, start: int, end: int) -> Diagnostic:
    """The problem at the characters ``start`` to ``end`` of ``text``."""
    location = _location(path, text, start, end)
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", start)
    last = len(text) if last < 0 else last
    line = text[first:last].rstrip("\r") if last - first <= MAX_EXCERPT else ""
    code, message, _, hint, severity, link, *_, notes = problem
    return Diagnostic(code, message, location, severity, hint, link, line, notes)


def shorten(text: str) -> str:
    """The text, cut at 40 characters."""
    return text if len(text) <= 40 else text[:39] + "…"
