"""YAML text -> plain data and places, in one pass over the parser's events.

Built on events, not on PyYAML's node tree: composing 50,000 nested brackets ends the process.
"""

import re
from bisect import bisect_right
from typing import Any

import yaml

from flowrunner.diagnostics import Problem, Severity
from flowrunner.source.document import Node, line_starts, shorten
from flowrunner.source.pairs import joined
from flowrunner.source.scalars import Plain, plain

MAX_NODES = 50_000
"""The most values one file may hold, aliases counted as often as they are used."""
MAX_DEPTH = 64
"""The deepest nesting of lists and mappings."""

PARSER: Any = getattr(yaml, "CLoader", yaml.Loader)  # the pure parser is 5 to 9 times as slow, and as right
_TEXT_TAGS = ("!", "tag:yaml.org,2002:str")
# A comment sign glued to a word, as in "Price #1", is hardly a comment, and one before a number may be none.
_CUT_BY_COMMENT = re.compile(r"[^\s#][ \t]+#(?=(?![#=*~-]|flowrunner:)\S| \d)")


class Refused(Exception):  # noqa: N818  # what the reader says, not what went wrong in it
    """Reading cannot go on; carries the span and the problem."""

    def __init__(self, problem: Problem, start: int, end: int) -> None:
        super().__init__(problem.message)
        self.problem, self.start, self.end = problem, start, end


class Builder:
    """One pass over the parser's events: data, places and problems together."""

    def __init__(self, text: str, *, has_stand_ins: bool = False) -> None:
        """Prepare a pass over `text`; `has_stand_ins` where `flowrunner.source.pairs.hidden` made it."""
        self.text = text
        self.problems: list[tuple[Problem, int, int]] = []
        self._has_stand_ins = has_stand_ins
        self.root: Any = None
        self._nodes = 0
        self._unquoted: set[Node] = set()  # mappings that are {{ name }} without its quotes
        self._anchors: dict[str, tuple[Any, Any, int]] = {}  # name -> data, node, values inside
        self._cuts = (
            {match.start() + 1 for match in _CUT_BY_COMMENT.finditer(text)} if " #" in text or "\t#" in text else set()
        )

    def build(self) -> Any:
        """The data.

        Raises:
            Refused: Reading cannot go on.
            yaml.YAMLError: It is not YAML.
        """
        parser = PARSER(self.text)
        try:
            get = parser.get_event
            get()  # the stream's start
            event = get()
            if isinstance(event, yaml.StreamEndEvent):
                self._refuse(Problem("empty-file", "the file is empty", hint="write name: and steps:"), 0, 0)
            data, self.root = self._document(get)
            get()  # the document's end
            event = get()
            if not isinstance(event, yaml.StreamEndEvent):
                problem = Problem("second-document", "a second document begins here", hint="one flow, one file")
                self._refuse(problem, event.start_mark.index, event.end_mark.index)
            return data
        finally:
            parser.dispose()

    def _document(self, get: Any) -> tuple[Any, Any]:
        # The stack holds (collection, its node, the key waiting for a value, nodes before it, anchor).
        stack: list[tuple[Any, Node, Any, int, str | None]] = []
        data: Any = None
        node: Any = None
        container: Any = None
        place: Any = None
        key: Any = None
        while True:
            event = get()
            kind = type(event)
            if kind is yaml.ScalarEvent:
                self._count(event, 1)
                data, node = self._scalar(event), event
                if event.anchor:
                    self._anchors[event.anchor] = (data, node, 1)
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                self._open(event, len(stack))
                stack.append((container, place, key, self._nodes, event.anchor))
                container = {} if kind is yaml.MappingStartEvent else []
                place, key = Node(event), None
                continue
            elif kind is yaml.AliasEvent:
                data, node = self._alias(event)
            else:  # the end of a mapping or a sequence
                data, node = (container, place) if place not in self._unquoted else self._expression(place, event)
                container, place, key, before, anchor = stack.pop()
                if anchor:
                    self._anchors[anchor] = (data, node, self._nodes - before + 1)
            if container is None:
                return data, node
            if type(container) is list:
                place.children[len(container)] = node
                container.append(data)
                if self._cuts and type(node) is yaml.ScalarEvent:
                    self._cut(node)
            elif key is None:
                key = self._key(data, node, container, place)
            else:
                name, mark = key
                if name is not None and not (
                    data == "" and place.start.flow_style and self._is_cut_by_comma(place, mark, node)
                ):
                    container[name] = data
                    place.keys[name] = mark
                    place.children[name] = node
                key = None
                if self._cuts and type(node) is yaml.ScalarEvent:
                    self._cut(node)

    def _scalar(self, event: Any) -> str:
        if self._has_stand_ins:
            event.value = joined(event.value, is_escaped=event.style == '"')
        value: str = event.value
        if event.tag is not None:
            if event.tag not in _TEXT_TAGS:
                self._tag(event)
            return value or str(event.tag)  # an exclamation mark before a word takes the word for a tag
        return plain(value) if not event.style else value

    def _key(self, data: Any, node: Any, container: dict[Any, Any], place: Node) -> tuple[Any, Any]:
        """The key to store under; its name is None when the pair is to be dropped."""
        if not isinstance(data, str):
            start = place.start.start_mark.index
            if self.text.startswith("{{", start):
                self._unquoted.add(place)
                return None, node
            problem = Problem(
                "yaml-syntax", "a list or mapping cannot be a key", hint="write a plain word before the :"
            )
            mark = node.start if isinstance(node, Node) else node
            raise Refused(problem, mark.start_mark.index, mark.end_mark.index)
        name = str(data)
        start, end = node.start_mark.index, node.end_mark.index
        if name == "<<" and not node.style:
            hint = "YAML 1.2 has no merge keys: write the fields out"
            self.problems.append((Problem("merge-key", "<< is not a field", hint=hint), start, end))
            return None, node
        if name in container:
            line = bisect_right(line_starts(self.text), place.keys[name].start_mark.index)
            problem = Problem(
                "duplicate-key",
                f"{shorten(name)} stands twice here; the first is in line {line}",
                hint="remove one of the two",
            )
            self.problems.append((problem, start, end))
            return None, node
        return name, node

    def _expression(self, place: Node, event: Any) -> tuple[str, Any]:
        """Report ``{{ name }}`` without quotes, and go on as if it had them: the rest of the file may be wrong, too."""
        start, end = place.start.start_mark, event.end_mark
        problem = Problem(
            "unquoted-expression",
            "a value that begins with {{ is read as a mapping",
            hint='put the whole value in quotes: "{{ ... }}"',
        )
        self.problems.append((problem, start.index, end.index))
        text = self.text[start.index : end.index]
        return text, yaml.ScalarEvent(None, None, (True, False), text, start, end)

    def _open(self, event: Any, depth: int) -> None:
        self._count(event, 1)
        if event.tag is not None:
            self._tag(event)
        if depth >= MAX_DEPTH:
            problem = Problem("too-deep", f"nested deeper than {MAX_DEPTH} levels", hint="flatten this part")
            raise Refused(problem, event.start_mark.index, event.end_mark.index)

    def _alias(self, event: Any) -> tuple[Any, Any]:
        if event.anchor not in self._anchors:
            problem = Problem(
                "unknown-alias",
                f"*{shorten(event.anchor)} refers to an anchor that does not stand before it",
                hint="text that begins with * must be in quotes",
            )
            raise Refused(problem, event.start_mark.index, event.end_mark.index)
        data, node, size = self._anchors[event.anchor]
        self._count(event, size)
        return data, node

    def _count(self, event: Any, size: int) -> None:
        self._nodes += size
        if self._nodes > MAX_NODES:
            problem = Problem(
                "too-many-values", f"the file holds more than {MAX_NODES:,} values", hint="split it; use fewer aliases"
            )
            raise Refused(problem, event.start_mark.index, event.end_mark.index)

    def _tag(self, event: Any) -> None:
        tag = shorten(event.tag.replace("tag:yaml.org,2002:", "!!"))
        hint = "text that begins with ! must be in quotes" if tag[:2] not in ("!!", "ta") else "remove it"
        problem = Problem("yaml-tag", f"the tag {tag} is not understood", hint=hint)
        self.problems.append((problem, event.start_mark.index, event.end_mark.index))

    def _is_cut_by_comma(self, place: Node, key: Any, value: Any) -> bool:
        """Report a word in { } that has no colon: mostly the rest of a text that holds a comma."""
        start, end = key.start_mark.index, key.end_mark.index
        opened = place.start.start_mark.index
        if opened and self.text[opened - 1] == "{":
            return False  # {{ name }}, which is reported when its outer half ends
        if isinstance(value, Node) or ":" in self.text[end : value.start_mark.index + 1]:
            return False
        problem = Problem(
            "yaml-syntax",
            f"{shorten(key.value)} has no value: within {{ }} a comma ends the text before it",
            hint="put the text with the comma in quotes",
        )
        self.problems.append((problem, start, end))
        return True

    def _cut(self, event: Any) -> None:
        """Say it when what may be meant as text begins a comment, as it does in ``Price #1``."""
        if event.style or event.end_mark.index not in self._cuts:
            return
        start = self.text.index("#", event.end_mark.index)
        is_glued, spaced = self.text[start + 1] != " ", " " in event.value
        if not is_glued and not spaced:
            return  # "5m # 2 more than before"
        is_sure = is_glued and (spaced or not event.value or self.text[start + 1].isdigit())
        is_sure = is_sure and (not event.value or not isinstance(plain(event.value), Plain))
        stop = self.text.find("\n", start)
        stop = len(self.text) if stop < 0 else stop
        lost = self.text[start:stop].strip()
        problem = Problem(
            "comment-cuts-text",
            f"the text ends before {shorten(lost)}: a # after a space begins a comment",
            hint="put the whole text in quotes if the # belongs to it, else write a space after the #",
            severity=Severity.ERROR if is_sure else Severity.WARNING,
        )
        self.problems.append((problem, start, start + len(lost)))

    def _refuse(self, problem: Problem, start: int, end: int) -> None:
        raise Refused(problem, start, end)
