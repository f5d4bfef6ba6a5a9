"""A document with the place of every value in it."""

import re
from dataclasses import dataclass, field
from typing import Any

from flowrunner.diagnostics import Diagnostic, Location, Problem, Route


@dataclass(slots=True)
class Node:
    """Where a collection stands; a scalar is represented by its parser event."""

    start: Any
    keys: dict[Any, Any] = field(default_factory=dict)  # key -> its parser event
    children: dict[Any, Any] = field(default_factory=dict)  # key or index -> Node or parser event


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML file, read: ``data`` is dicts, lists and strings (some of them `Plain`)."""

    path: str
    text: str
    data: Any
    root: Any = None  # a Node or a parser event

    def diagnose(self, problem: Problem) -> Diagnostic:
        """Give a problem its place in this document."""
        return place(self.path, self.text, problem, *self._span(problem))

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
            if problem.offset is not None and not isinstance(node, Node):
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
    pattern = _RAW_CHARACTERS.get(event.style, _RAW_CHARACTER)
    seen = 0
    for match in pattern.finditer(raw, skip):
        piece = match.group()
        if piece.isspace() or piece in _ESCAPED_SPACE or (piece[0] == "\\" and piece[-1:].isspace()):
            continue
        if seen == wanted:
            begin = start + match.start()
            return begin, min(begin + max(length, 1), end)
        seen += 1
    return start, end


_RAW_CHARACTER = re.compile(r"(?s).")
_RAW_CHARACTERS = {
    "'": re.compile(r"(?s)''|."),
    '"': re.compile(r"(?s)\\x[0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{8}|\\\r?\n|\\.|."),
}
_ESCAPED_SPACE = frozenset(["\\n", "\\t", "\\r", "\\ ", "\\N", "\\_", "\\L", "\\P", "\\v", "\\f", "\\\t"])


def _location(path: str, text: str, start: int, end: int) -> Location:
    column, end_column = start - text.rfind("\n", 0, start), end - text.rfind("\n", 0, end)
    return Location(path, text.count("\n", 0, start) + 1, column, text.count("\n", 0, end) + 1, end_column)


def place(path: str, text: str, problem: Problem, start: int, end: int) -> Diagnostic:
    """The problem at the characters ``start`` to ``end`` of ``text``."""
    location = _location(path, text, start, end)
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", start)
    return Diagnostic(
        problem.code,
        problem.message,
        location,
        problem.severity,
        problem.hint,
        problem.link,
        text[first : len(text) if last < 0 else last].rstrip("\r"),
        problem.notes,
    )


def shorten(text: str) -> str:
    """The text, cut at 40 characters."""
    return text if len(text) <= 40 else text[:39] + "…"
