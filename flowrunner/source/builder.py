"""YAML text -> plain data and places, in one pass over the parser's events.

Built on events, not on PyYAML's node tree: composing 50,000 nested brackets ends the process.
"""

import re
from bisect import bisect_right
from typing import Any, NoReturn

from flowrunner.diagnostics import Problem, warning
from flowrunner.source.comments import cut_text, cuts
from flowrunner.source.document import Node, line_starts, shorten
from flowrunner.source.pairs import joined
from flowrunner.source.scalars import plain
from flowrunner.source.yaml_lean import yaml

MAX_NODES = 50_000
"""The most values one file may hold, aliases counted as often as they are used."""
MAX_DEPTH = 64
"""The deepest nesting of lists and mappings."""

PARSER: Any = getattr(yaml, "CLoader", yaml.Loader)  # the pure parser is 5 to 9 times as slow, and as right
_MERGE: Any = object()  # in place of the name of a key that is <<
_TEXT_TAGS = ("!", "tag:yaml.org,2002:str")


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
        self._cuts = cuts(text)
        self._merged: set[tuple[Node, str]] = set()  # the fields that a merge key has brought
        self._named: dict[str, Any] = {}  # anchors of unquoted texts that nothing has referred to

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
                raise Refused(Problem("empty-file", "the file is empty", hint="write name: and steps:"), 0, 0)
            data, self.root = self._document(get)
            get()  # the document's end
            event = get()
            if not isinstance(event, yaml.StreamEndEvent):
                self._refuse(event, "second-document", "a second document starts here", self._remedy(event))
            for name, event in self._named.items():
                self._unused(shorten(name), event.start_mark.index)
            return data
        finally:
            parser.dispose()

    def _remedy(self, event: Any) -> str:
        """What to do with the line that starts a second document: it may be one that was cut in two."""
        start = event.start_mark.index
        above, below = (
            re.findall(r"^\w+(?=\s*:)", each, re.MULTILINE) for each in (self.text[:start], self.text[start:])
        )
        return "put each flow in its own file" if set(above).intersection(below) else "remove this line"

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
                    if not event.style:
                        self._named[event.anchor] = event
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
                if name is _MERGE:
                    self._merge(data, node, container, place)
                elif name is not None and not (
                    data == "" and place.start.flow_style and self._is_cut_by_comma(container, place, mark, node)
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
        if event.style:
            return value
        if event.start_mark.line != event.end_mark.line:
            self._joined(event)
        return plain(value)

    def _joined(self, event: Any) -> None:
        """Warn of a line that looks like an entry of a list and is read as more of the text above it."""
        start = event.start_mark.index
        found = re.search(r"\n[ \t]*(-) ", self.text[start : event.end_mark.index])
        if found is not None:
            message = "this line does not start a list: it is joined to the text above, with a space"
            hint = "to keep the lines, write | behind the colon and the text in the lines below it, indented"
            self.problems.append((warning("joined-lines", message, hint), start + found.start(1), start + found.end(1)))

    def _key(self, data: Any, node: Any, container: dict[Any, Any], place: Node) -> tuple[Any, Any]:
        """The key to store under; its name is None when the pair is to be dropped."""
        if not isinstance(data, str):
            start = place.start.start_mark.index
            if self.text.startswith("{{", start):
                self._unquoted.add(place)
                return None, node
            mark = node.start if isinstance(node, Node) else node
            self._refuse(mark, "yaml-syntax", "a list or mapping cannot be a key", "write a plain word before the :")
        name = str(data)
        start, end = node.start_mark.index, node.end_mark.index
        if name[:1] == "-" and name[1:].isidentifier() and not node.style:
            problem = Problem("yaml-syntax", "a dash without a space after it", hint="write a space after the dash")
            raise Refused(problem, start, start + 1)
        if name == "<<" and not node.style:
            hint = "YAML 1.2 has no merge keys: write the fields out"
            self._report("merge-key", "<< is not a field", hint, start, end)
            return _MERGE, node
        if name in container and (place, name) not in self._merged:
            line = bisect_right(line_starts(self.text), place.keys[name].start_mark.index)
            hint = "remove one of the two"
            first = place.start.start_mark.index
            if place.keys[name].start_mark.index == first and self.text[first - 2 : first] == "- ":
                hint += ", or put a dash before it, in line with the dash above, to start a new entry"
            message = f"{shorten(name)} appears twice here; the first is in line {line}"
            self._report("duplicate-key", message, hint, start, end)
            return None, node
        return name, node

    def _merge(self, data: Any, node: Any, container: dict[Any, Any], place: Node) -> None:
        """Read on as if the fields that a merge key brings were written out: none of them is missing, too."""
        if isinstance(data, list):
            for index, each in enumerate(data):
                self._merge(each, node.children[index], container, place)
        elif isinstance(data, dict):
            for name in [name for name in data if name not in container]:
                container[name] = data[name]
                place.keys[name], place.children[name] = node.keys[name], node.children[name]
                self._merged.add((place, name))

    def _expression(self, place: Node, event: Any) -> tuple[str, Any]:
        """Report ``{{ name }}`` without quotes, and read on as if it had them: the rest may be wrong, too."""
        from flowrunner.source.quoting import quoted

        start, end = place.start.start_mark, event.end_mark
        text = self.text[start.index : end.index]
        if text.startswith("{{"):
            message, code = "a value that starts with {{ is read as a mapping", "unquoted-expression"
            hint = 'put the whole value in quotes: "{{ ... }}"' if '"' not in text else quoted(text)[1]
        else:
            message, code = f"{shorten(text)} is read as a mapping, not as text", "yaml-syntax"
            word = text[1:-1].strip()
            hint = f'write "{{{{ {word} }}}}" to use an input' if word.isidentifier() else "put it in quotes"
            text = word  # with its braces it would be reported a second time
        self._report(code, message, hint, start.index, end.index)
        return text, yaml.ScalarEvent(None, None, (True, False), text, start, end)

    def _open(self, event: Any, depth: int) -> None:
        self._count(event, 1)
        if event.tag is not None:
            self._tag(event)
        if depth >= MAX_DEPTH:
            self._refuse(event, "too-deep", f"nested deeper than {MAX_DEPTH} levels", "flatten this part")

    def _alias(self, event: Any) -> tuple[Any, Any]:
        if event.anchor not in self._anchors:
            message = f"*{shorten(event.anchor)} refers to an anchor that is not above it"
            self._refuse(event, "unknown-alias", message, "put the whole value in quotes if it is text")
        self._named.pop(event.anchor, None)
        data, node, size = self._anchors[event.anchor]
        self._count(event, size)
        return data, node

    def _unused(self, name: str, start: int) -> None:
        """Warn of ``&hello`` before a text: mostly it was meant as a part of it."""
        message = f"&{name} is not sent: it names the text for a later *{name}, which does not exist"
        hint = f"put the whole value in quotes if &{name} belongs to it, else remove it"
        self.problems.append((warning("unused-anchor", message, hint), start, start + 1 + len(name)))

    def _count(self, event: Any, size: int) -> None:
        self._nodes += size
        if self._nodes > MAX_NODES:
            message = f"the file has more than {MAX_NODES:,} values"
            self._refuse(event, "too-many-values", message, "split it, or use fewer aliases")

    def _tag(self, event: Any) -> None:
        tag = shorten(event.tag.replace("tag:yaml.org,2002:", "!!"))
        hint = "put the whole value in quotes" if tag[:2] not in ("!!", "ta") else "remove it"
        message = f"the tag {tag} is not understood"
        self._report("yaml-tag", message, hint, event.start_mark.index, event.end_mark.index)

    def _is_cut_by_comma(self, container: dict[Any, Any], place: Node, key: Any, value: Any) -> bool:
        """Report a word in { } that has no colon: mostly the rest of a text that holds a comma."""
        start, end = key.start_mark.index, key.end_mark.index
        opened = place.start.start_mark.index
        if opened and self.text[opened - 1] == "{":
            return False  # {{ name }}, which is reported when its outer half ends
        if isinstance(value, Node) or ":" in self.text[end : value.start_mark.index + 1]:
            return False
        glued = re.match(r"[A-Za-z_]+:(?=[^/])", key.value)
        if self.text[opened + 1 : start].strip() == "" and self.text[end:].lstrip()[:1] == "}":
            self._unquoted.add(place)  # {name} alone, which is reported when it ends
            return True
        if glued is not None:
            end = start + glued.end()
            hint, sign = "write a space after the colon", key.value[glued.end()]
            if sign.isspace():
                from flowrunner.source.unseen import described

                hint = f"write an ordinary space in place of {described(sign)}"
            self._report("yaml-syntax", f"{glued[0]} and its value are written together", hint, start, end)
            return True
        from flowrunner.source.commas import rest_of_text

        if (found := rest_of_text(self.text, key, container, place)) is not None:
            self.problems.append(found)
        return True

    def _cut(self, event: Any) -> None:
        if event.end_mark.index in self._cuts and (found := cut_text(self.text, event)) is not None:
            self.problems.append(found)

    def _report(self, code: str, message: str, hint: str, start: int, end: int) -> None:
        self.problems.append((Problem(code, message, hint=hint), start, end))

    def _refuse(self, event: Any, code: str, message: str, hint: str) -> NoReturn:
        raise Refused(Problem(code, message, hint=hint), event.start_mark.index, event.end_mark.index)
