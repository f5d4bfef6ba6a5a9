"""Where each key and value of a TOML text stands. The text is right: tomllib, which tells no places, has read it."""

import re
import tomllib
from typing import Final, NamedTuple

from flowrunner.source.document import Node

_BASIC: Final = r'"""(?:\\.|(?!""").)*"{3,5}|"(?:\\.|[^"\\])*"'
_LITERAL: Final = r"'''(?:(?!''').)*'{3,5}|'[^']*'"
_STRING: Final = f"{_BASIC}|{_LITERAL}"
_SPACE: Final = re.compile(r"(?s)(?:[ \t\n]|#[^\n]*)*")
_PART: Final = re.compile(rf"(?s)(?:{_STRING}|[A-Za-z0-9_-]+)")
_OPENING: Final = re.compile(r"\[\[?[ \t]*")
_CLOSING: Final = re.compile(r"[ \t]*\]\]?")
_DOT: Final = re.compile(r"[ \t]*\.[ \t]*")
_EQUALS: Final = re.compile(r"[ \t]*=[ \t]*")
_WHOLE: Final = re.compile(rf"(?s)(?:{_STRING}|[^\s,\[\]{{}}#](?:[^\n,\[\]{{}}#]*[^\s,\[\]{{}}#])?)")
"""A text; or a number, a truth value or a moment, in which a space may be."""
_COMMA: Final = re.compile(r",?")


class _Mark(NamedTuple):
    index: int  # type: ignore[assignment]  # the method of a tuple that it hides is not used


class _Place(NamedTuple):
    """From where to where something stands, as `Document` asks for it."""

    start_mark: _Mark
    end_mark: _Mark
    style: str = '"'
    value: str = ""


def places(text: str) -> Node:
    """The places of everything in a TOML text that tomllib takes."""
    return _Walk(text).document()


class _Walk:
    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0

    def document(self) -> Node:
        root = table = Node(self._span(0))
        self._skip(_SPACE)
        while self._at < len(self._text):
            if self._text[self._at] == "[":
                table = self._header(root)
            else:
                self._pair(table)
            self._skip(_SPACE)
        return root

    def _header(self, root: Node) -> Node:
        """``[a.b]`` or ``[[a.b]]``: the table that the next lines are about."""
        start, is_list = self._at, self._text.startswith("[[", self._at)
        self._skip(_OPENING)
        names = self._key()
        self._skip(_CLOSING)
        *above, (name, its) = names
        node = root
        for part, where in above:
            node = _latest(_below(node, part, where))
        node = _below(node, name, its)
        return _below(node, len(node.children), self._span(start)) if is_list else node

    def _key(self) -> list[tuple[str, _Place]]:
        """A key's parts, each with its place."""
        parts = []
        while True:
            start = self._at
            raw = self._skip(_PART)
            parts.append((_name(raw), self._span(start)))
            if not self._skip(_DOT):
                return parts

    def _pair(self, table: Node) -> None:
        *above, (name, its) = self._key()
        for part, where in above:
            table = _below(table, part, where)
        self._skip(_EQUALS)
        table.keys[name], table.children[name] = its, self._value()

    def _value(self) -> Node | _Place:
        start = self._at
        sign = self._text[start]
        if sign not in "[{":
            self._skip(_WHOLE)
            return self._span(start)
        self._at += 1
        node = Node(self._span(start))
        self._skip(_SPACE)
        while self._text[self._at] not in "]}":
            if sign == "{":
                self._pair(node)
            else:
                node.children[len(node.children)] = self._value()
            self._skip(_SPACE)
            self._skip(_COMMA)
            self._skip(_SPACE)
        self._at += 1
        return node

    def _skip(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        if found is None:
            return ""
        self._at = found.end()
        return found.group()

    def _span(self, start: int) -> _Place:
        return _Place(_Mark(start), _Mark(self._at))


def _below(node: Node, name: str | int, its: _Place) -> Node:
    """The table of that name in another one; made where it is first named."""
    found = node.children.get(name)
    if not isinstance(found, Node):
        found = node.children[name] = Node(its)
        node.keys[name] = its
    return found


def _latest(node: Node) -> Node:
    """The last table of a list of them, which a header means that goes on below it; any other one itself."""
    if not node.children or not all(isinstance(each, int) for each in node.children):
        return node
    last: Node = node.children[max(node.children)]
    return last


def _name(raw: str) -> str:
    """A key without its quotes; tomllib knows its escapes."""
    if raw[:1] not in "\"'":
        return raw
    return next(iter(tomllib.loads(f"{raw} = 0")))
