"""What is allowed in an expression and never does what its author wanted: each a warning, with what does."""

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from jinja2 import nodes

from flowrunner.data import table
from flowrunner.expressions.errors import Known
from flowrunner.expressions.syntax import parse, tokens
from flowrunner.languages.codes import is_code
from flowrunner.languages.dates import LENGTHS

_NAMES: Final = re.compile(r"%[-_0^#]*[aAbBhc]")
_MAY_BE_MISSING: Final = frozenset(["first", "last", "min", "max", "random"])
_ENGLISH: Final = re.compile(
    r"\b(?:the|your|you|is|are|and|for|with|we|our|on|at|will|has|have|please)\b", re.IGNORECASE
)


class Habit(NamedTuple):
    """One thing that has no effect, or another one.

    Attributes:
        name: The variable it is about; empty where it is about none.
    """

    code: str
    message: str
    hint: str
    offset: int
    length: int
    name: str = ""


def habits(text: str, bare: bool, known: Callable[[str], Known | None], language: str) -> list[Habit]:
    """Every habit of a text without faults.

    Args:
        text: The text, or the one expression.
        bare: Whether it is one expression without braces.
        known: Tells what is known of a name that always has a value.
        language: The language of the flow's texts, as templates have it; empty where nothing tells it.
    """
    return list(_Look(text, bare, known, language).find())


class _Look:
    def __init__(self, text: str, bare: bool, known: Callable[[str], Known | None], language: str) -> None:
        self._tree: Any = parse(text, bare)
        self._text, self._bare, self._known, self._language = text, bare, known, language
        self._tokens = [each for each in tokens(text, bare) if each.kind != "whitespace"]
        self._code = ""  # the text with spaces for what is no code, each thing at its place
        for each in tokens(text, bare):
            shown = each.value if each.kind not in {"data", "string"} else ""
            self._code = (self._code.ljust(each.offset) + shown).ljust(each.offset + len(each.value))
        made = Counter(each.name for each in self._tree.find_all(nodes.Name) if each.ctx != "load")
        # What map takes of an item may not be there.
        loops = [
            each for each in self._tree.find_all(nodes.For) if not any(map(_maps, each.iter.find_all(nodes.Filter)))
        ]
        looped = Counter(each.name for loop in loops if not _maps(loop.iter) for each in _names(loop.target))
        self._made, self._items = set(made), {name for name in made if made[name] == looped[name]}

    def find(self) -> Iterator[Habit]:
        for each in self._tree.find_all(nodes.Filter):
            if each.name in {"default", "d"} and not _is_true(each) and self._is_certain(each.node):
                yield self._default(each)
            if each.name == "date":
                yield from self._pattern(each.args)
        for test in self._tree.find_all(nodes.Test):
            yield from self._test(test)
        for compared in self._tree.find_all(nodes.Compare):
            yield from self._with_none(compared)
        for call in self._tree.find_all(nodes.Call):
            yield from self._month(call)
            if isinstance(call.node, nodes.Getattr) and call.node.attr == "strftime":
                yield from self._pattern(call.args)
        yield from self._lost()

    def _is_certain(self, node: nodes.Node | None) -> bool:
        """Whether the expression always has a value, or is an error."""
        if isinstance(node, nodes.Name):
            return node.name in self._items or (self._known(node.name) is not None and node.name not in self._made)
        if isinstance(node, nodes.Filter):
            return node.name not in _MAY_BE_MISSING
        if isinstance(node, nodes.Getitem):
            if isinstance(node.arg, nodes.Slice):
                return True
            called = node.node.node if isinstance(node.node, nodes.Call) else None
            is_split = isinstance(called, nodes.Getattr) and called.attr in {"split", "rsplit", "partition"}
            return is_split and isinstance(node.arg, nodes.Const) and node.arg.value == 0
        return isinstance(node, (nodes.Call, nodes.Const, nodes.Concat, nodes.BinExpr, nodes.Compare))

    def _default(self, node: nodes.Filter) -> Habit:
        named = node.node if isinstance(node.node, nodes.Name) else None
        start = self._filter_at(node.name, named.name if named is not None else "")
        argument = self._argument(start + len(node.name))
        what = f"{named.name} always has a value" if named is not None else "the value before it always exists"
        message = f"{node.name} has no effect: {what}, though it may be empty"
        known = self._known(named.name) if named is not None else None
        if argument and (known is None or known.is_text):
            also = "boolean=true" if re.match(r"\w+\s*=(?!=)", argument) else "true"
            hint = f"write {node.name}({argument}, {also}) to replace an empty text"
        else:
            message = f"{node.name} has no effect: {what}"
            hint = f"remove | {node.name}{f'({argument})' if argument else ''}"
        return Habit("always-there", message, hint, start, len(node.name), named.name if named is not None else "")

    def _filter_at(self, word: str, name: str) -> int:
        """Where the filter stands: the one behind the name, if it stands behind a name."""
        found = list(re.finditer(rf"(\w*)\s*\|\s*({word})\b", self._code))
        behind = [each for each in found if name and each[1] == name]
        return next((each.start(2) for each in behind or found), 0)

    def _argument(self, start: int) -> str:
        """The first argument of a call whose bracket is the first token from ``start`` on, as it is written."""
        called = [each for each in self._tokens if each.offset >= start]
        depth = 0
        for each in called if called and called[0].value == "(" else ():
            depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(each.value, 0)
            if not depth or (depth == 1 and each.value == ","):
                return self._text[called[0].offset + 1 : each.offset].strip()
        return ""

    def _test(self, node: nodes.Test) -> Iterator[Habit]:
        if not isinstance(node.node, nodes.Name) or not self._is_certain(node.node):
            return
        name = node.node.name
        known = self._known(name)
        if known is None or node.name not in {"defined", "undefined", "none"}:
            return
        if node.name == "none" and known.may_be_null:
            return
        for found in re.finditer(rf"(?<![\w.]){re.escape(name)}\s+is\s+(not\s+)?{node.name}\b", self._code):
            is_true = (node.name == "defined") is not (found[1] is not None)
            yield self._always(found, name, known, is_true=is_true)

    def _with_none(self, node: nodes.Compare) -> Iterator[Habit]:
        """``name == None``, of a name that never has none."""
        name = node.expr.name if isinstance(node.expr, nodes.Name) else ""
        known = self._known(name) if self._is_certain(node.expr) else None
        if known is None or known.may_be_null:
            return
        for found in re.finditer(rf"(?<![\w.]){re.escape(name)}\s*(==|!=)\s*[Nn]one\b", self._code):
            yield self._always(found, name, known, is_true=found[1] == "!=")

    def _always(self, found: re.Match[str], name: str, known: Known, *, is_true: bool) -> Habit:
        """What to say of a test, ``found`` in the code, that has one result in every run."""
        start, end = found.span()
        written = self._text[start:end]
        message = f"{written} is always {'true' if is_true else 'false'}: {known.what} always has a value"
        if known.what == "an earlier step":
            hint = f"write {'not ' if is_true else ''}{name}.skipped"
        elif not known.is_text:
            hint = f"remove the test: it is always {'true' if is_true else 'false'}"
        elif self._bare:
            hint = f"write {name} {'!=' if is_true else '=='} '' to ask whether it is empty"
        else:
            hint = f"write {'' if is_true else 'not '}{name} to ask whether it is empty"
        return Habit("always-there", message, hint, start, end - start, name)

    def _month(self, node: nodes.Call) -> Iterator[Habit]:
        called, pattern = node.node, node.args[0] if node.args else None
        if not isinstance(called, nodes.Getattr) or called.attr != "strftime" or not isinstance(pattern, nodes.Const):
            return
        found = _NAMES.search(str(pattern.value))
        if found is None or self._language.startswith("en"):
            return
        if not self._language and _ENGLISH.search(re.sub(r"\{\{.*?\}\}|\{%.*?%\}", " ", self._text)):
            return
        for at, each in enumerate(self._tokens):
            if each.value == "strftime" and at > 1:
                argument = self._argument(each.offset + len(each.value))
                if found[0] in argument:
                    first = at - 2
                    while self._tokens[first].kind == "name" and self._tokens[first - 1].value == ".":
                        first -= 2
                    owner = self._text[self._tokens[first].offset : self._tokens[at - 1].offset].strip()
                    message = f"{found[0]} gives a name in English, whatever the language of the message"
                    language = self._language or "es"
                    meant = f"| date({argument}, {argument[0]}{language}{argument[0]})"
                    is_whole = self._tokens[first].kind == "name"
                    hint = f"write {owner} {meant}" if is_whole else f"write {meant} for .strftime({argument})"
                    if not self._language:
                        hint += ", with the language of the message for es"
                    yield Habit("english-names", message, hint, each.offset, len(each.value))
                    return

    def _pattern(self, arguments: list[Any]) -> Iterator[Habit]:
        """A pattern that has no part of a date in it: ``DD/MM/YYYY``."""
        pattern = arguments[0].value if arguments and isinstance(arguments[0], nodes.Const) else "%"
        if not isinstance(pattern, str) or "%" in pattern or pattern in LENGTHS:
            return
        known = table("expressions/signs.json")["dates"]  # what other programs write in the pattern of a date
        meant = re.sub(r"[A-Za-z]+", lambda word: known.get(word[0], word[0]), pattern)
        hint = f"write {meant}" if not re.search(r"(?<!%)(?<!%-)[A-Za-z]", meant) else "write it like %d/%m/%Y"
        if is_code(pattern):
            hint = f"write language='{pattern}'"
        message = f"the pattern {pattern} has no %: it is sent as it is typed"
        there = (each.offset + 1 for each in self._tokens if each.kind == "string" and each.value[1:-1] == pattern)
        yield Habit("date-pattern", message, hint, next(there, 0), len(pattern) or 1)

    def _lost(self) -> Iterator[Habit]:
        order = list(_preorder(self._tree))
        used, given = defaultdict(list), defaultdict(list)  # where in this order each name stands, and where it is set
        for at, each in enumerate(order):
            if isinstance(each, nodes.Name):
                used[each.name].append(at)
            elif isinstance(each, (nodes.Assign, nodes.AssignBlock)):
                for target in _preorder(each.target):
                    if isinstance(target, nodes.Name):
                        given[target.name].append(at)
        for at, scope in enumerate(order if given else ()):
            if not isinstance(scope, (nodes.For, nodes.With)):
                continue
            end = at + sum(1 for _ in _preorder(scope))
            what = "loop" if isinstance(scope, nodes.For) else "with"
            for name, places in sorted(given.items()):
                inside = bisect_left(places, at) < bisect_left(places, end)
                if inside and (used[name][-1] >= end or places[0] < at):
                    message = f"the value that {name} gets inside the {what} is lost when the {what} ends"
                    hint = (
                        f"write {{% set ns = namespace({name}={name if self._known(name) else '0'}) %}} before the "
                        f"{what}, and ns.{name} for {name} in it and after it"
                    )
                    yield Habit("lost-set", message, hint, self._set_at(name), len(name), name)

    def _set_at(self, name: str) -> int:
        """Where the name is set last."""
        found = list(re.finditer(rf"\bset\s+({re.escape(name)})\b", self._code))
        return found[-1].start(1) if found else 0


def _is_true(node: nodes.Filter) -> bool:
    """Whether the filter ``default`` has its second argument, or its value for it is not written out."""
    given = [*node.args[1:2], *(each.value for each in node.kwargs if each.key == "boolean")]
    return bool(node.dyn_args or node.dyn_kwargs) or any(getattr(each, "value", True) for each in given)


def _maps(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Filter) and node.name == "map"


def _names(target: nodes.Node) -> Iterator[nodes.Name]:
    """The names that the target of a loop makes."""
    yield from (each for each in _preorder(target) if isinstance(each, nodes.Name))


def _preorder(node: nodes.Node) -> Iterator[nodes.Node]:
    """The node and all below it, in the order they are written in; expressions are shallow by then."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        yield each
        waiting.extend(reversed(list(each.iter_child_nodes())))
