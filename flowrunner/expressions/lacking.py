"""Parts of values that an expression reads and that are surely not there, from what is known of the names in reach."""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from inspect import Parameter, signature, unwrap
from typing import Any, Final, NamedTuple

from jinja2 import nodes

from flowrunner.expressions.shapes import ANYTHING, NUMBER, TEXT, Shape, either, lacks
from flowrunner.expressions.syntax import Token, parse, sandbox, tokens

_SAME: Final = frozenset(["sort", "reverse", "list", "unique", "select", "reject", "selectattr", "rejectattr"])
"""Filters that give a list of the same items."""
_ONE: Final = frozenset(["first", "last", "random", "min", "max"])
"""Filters that give an item of a list."""
_FIRST: Final = frozenset(["selectattr", "rejectattr", "groupby"])
"""Filters whose first value names a part of each item."""
_KINDS: Final = frozenset(["mapping", "string", "sequence", "iterable", "number"])
"""Tests that ask of which kind a value is."""


class Lack(NamedTuple):
    """A part that is read and surely not there.

    Attributes:
        path: The names that lead to the value that lacks it, ``[]`` for an item of a list.
        part: What it lacks.
        owner: What is known of that value.
        offset: Where the part stands in the text.
        is_guarded: Whether the text asks whether it is there, or says what stands in its place.
    """

    path: tuple[str, ...]
    part: str
    owner: Shape
    offset: int
    is_guarded: bool

    @property
    def whole(self) -> str:
        """How the value that lacks it is written."""
        return ".".join(self.path).replace(".[]", "[0]")


class Foreign(NamedTuple):
    """A value that is given to a filter by a name of which it has none; ``known`` are those that it has."""

    filter: str
    name: str
    known: tuple[str, ...]
    offset: int


def lacking(text: str, bare: bool, known: Callable[[str], Shape]) -> list[Lack]:
    """Every part that a text without faults reads and that is not there.

    Args:
        text: The text, or the one expression.
        bare: Whether it is one expression without braces.
        known: Tells what is known of a name.
    """
    look = _Look(text, bare, known)
    look.at(look.tree, {}, guarded=False)
    return look.found()


def shape_of(text: str, known: Callable[[str], Shape]) -> Shape:
    """What is known of the value of a text that is one expression without faults; for ``known`` see `lacking`."""
    look = _Look(text, False, known)
    parts = [part for output in look.tree.find_all(nodes.Output) for part in output.nodes]
    values = [part for part in parts if not isinstance(part, nodes.TemplateData)]
    return look.at(values[0], {}, guarded=False) if len(values) == 1 else ANYTHING


def foreign_arguments(text: str, bare: bool) -> list[Foreign]:
    """Every value of a text without faults that a filter is given by a name that it does not know."""
    tree: Any = parse(text, bare)
    found = []
    for node in tree.find_all(nodes.Filter):
        parameters = signature(sandbox.filters[node.name]).parameters.values() if node.kwargs else ()
        if any(each.kind is Parameter.VAR_KEYWORD for each in parameters):
            continue
        names = tuple(each.name for each in parameters)[1 + _is_given_more(node.name) :]
        for given in node.kwargs:
            if given.key not in names:
                at = re.search(rf"\|\s*{node.name}\s*\([^}}]*?\b({re.escape(given.key)})\s*=", text)
                found.append(Foreign(node.name, given.key, names, at.start(1) if at else 0))
    return found


def _is_given_more(name: str) -> bool:
    """Whether Jinja gives a filter something of its own before the value."""
    return hasattr(unwrap(sandbox.filters[name]), "jinja_pass_arg")  # what is around it may be given more


class _Look:
    def __init__(self, text: str, bare: bool, known: Callable[[str], Shape]) -> None:
        self.tree: Any = parse(text, bare)
        self._known, self._text, self._bare = known, text, bare
        self._lacks: dict[tuple[tuple[str, ...], str], tuple[Shape, bool]] = {}
        # The parts that are looked for in a value, as in 'nick' in order; an empty one where its kind is asked.
        self._asked: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
        # What a text sets anew may be anything, before it and after it.
        givers: Any = (nodes.Assign, nodes.AssignBlock, nodes.With)
        self._set = {
            each.name
            for giver in self.tree.find_all(givers)
            for target in (giver.targets if isinstance(giver, nodes.With) else [giver.target])
            for each in [target, *target.find_all(nodes.Name)]
            if isinstance(each, nodes.Name)
        }

    def at(self, node: Any, made: Mapping[str, Shape], *, guarded: bool) -> Shape:
        """What is known of the value of a node; what is lacking in it and below it is kept.

        Args:
            node: The node.
            made: What the loops around it make.
            guarded: Whether it may be missing.
        """
        match node:
            case nodes.Name():
                return self._of_name(node.name, made)
            case nodes.Getattr():
                return self._part(node, node.attr, made, guarded)
            case nodes.Getitem(arg=nodes.Const(value=str() as part)):
                return self._part(node, part, made, guarded)
            case nodes.Getitem():
                its = self.at(node.node, made, guarded=guarded)
                self.at(node.arg, made, guarded=False)
                if isinstance(node.arg, nodes.Slice):
                    return its
                return its.each if its.kind == "list" and its.each is not None else ANYTHING
            case nodes.Filter(node=nodes.Node()):
                return self._filtered(node, made, guarded)
            case nodes.Test():
                if node.name in _KINDS:
                    self._asked[_path(node.node)].add("")
                self._below(node, made, guarded=True)
                return NUMBER
            case nodes.Compare(expr=nodes.Const(value=str() as part), ops=[nodes.Operand(op="in" | "notin") as within]):
                self._asked[_path(within.expr)].add(part)
            case nodes.For():
                return self._loop(node, made)
            case nodes.CondExpr(expr2=nodes.Node()):
                self.at(node.test, made, guarded=False)
                one, other = (self.at(each, made, guarded=guarded) for each in (node.expr1, node.expr2))
                return either(one, other)
            case nodes.Const(value=str()) | nodes.Concat():
                self._below(node, made, guarded=False)
                return TEXT
        self._below(node, made, guarded=False)
        return ANYTHING

    def found(self) -> list[Lack]:
        """What is lacking, each at its first place in the text."""
        every = [each for each in tokens(self._text, self._bare) if each.kind != "whitespace"]
        return [
            Lack(path, part, owner, _place(every, (*path, part)), guarded or bool({part, ""} & self._asked[path]))
            for (path, part), (owner, guarded) in self._lacks.items()
        ]

    def _below(self, node: Any, made: Mapping[str, Shape], *, guarded: bool) -> None:
        for each in node.iter_child_nodes():
            self.at(each, made, guarded=guarded)

    def _of_name(self, name: str, made: Mapping[str, Shape]) -> Shape:
        if name in self._set:
            return ANYTHING
        return made[name] if name in made else self._known(name)

    def _part(self, node: Any, part: str, made: Mapping[str, Shape], guarded: bool) -> Shape:
        its = self.at(node.node, made, guarded=guarded)
        if part in its.parts:
            return its.parts[part]
        if lacks(its, part):
            self._keep(_path(node.node), part, its, guarded)
        return ANYTHING

    def _keep(self, path: tuple[str, ...], part: str, owner: Shape, guarded: bool) -> None:
        before = self._lacks.get((path, part))
        self._lacks[path, part] = owner, guarded or (before is not None and before[1])

    def _filtered(self, node: Any, made: Mapping[str, Shape], guarded: bool) -> Shape:
        its = self.at(node.node, made, guarded=guarded or node.name in {"default", "d"})
        for each in (*node.args, *(each.value for each in node.kwargs)):
            self.at(each, made, guarded=False)
        named = [each.value for each in node.kwargs if each.key == "attribute"]
        named += node.args[:1] if node.name in _FIRST else []
        tests = node.name in {"selectattr", "rejectattr"} and len(node.args) > 1
        is_given = tests or any(each.key in {"default", "default_value"} for each in node.kwargs)
        if its.kind == "list" and its.each is not None and named and isinstance(named[0], nodes.Const):
            item, path = its.each, (*_path(node.node), "[]")
            for part in str(named[0].value).split("."):
                if part not in item.parts:
                    if lacks(item, part) and not part.isdecimal():
                        self._keep(path, part, item, guarded or is_given)
                    break
                item, path = item.parts[part], (*path, part)
        if its.kind == "list":
            if node.name in _SAME:
                return its
            if node.name in _ONE and its.each is not None:
                return its.each
        return ANYTHING

    def _loop(self, node: Any, made: Mapping[str, Shape]) -> Shape:
        its = self.at(node.iter, made, guarded=False)
        inner: dict[str, Shape] = {**made, "loop": Shape("loop")}
        if isinstance(node.target, nodes.Name):
            inner[node.target.name] = its.each if its.kind == "list" and its.each is not None else ANYTHING
        else:
            inner.update({each.name: ANYTHING for each in node.target.find_all(nodes.Name)})
        for each in (*([node.test] if node.test is not None else ()), *node.body):
            self.at(each, inner, guarded=False)
        for each in node.else_:
            self.at(each, made, guarded=False)
        return ANYTHING


def _path(node: Any) -> tuple[str, ...]:
    """How a value is reached; empty where it is not by names alone."""
    match node:
        case nodes.Name():
            return (node.name,)
        case nodes.Getattr() if above := _path(node.node):
            return (*above, node.attr)
        case nodes.Getitem(arg=nodes.Const(value=str() as part)) if above := _path(node.node):
            return (*above, part)
        case nodes.Getitem() if above := _path(node.node):
            return (*above, "[]")
    return ()


def _place(every: list[Token], path: tuple[str, ...]) -> int:
    """Where the last of the names stands that are reached from one another; where it stands at all, if nowhere so."""
    for start, token in enumerate(every):
        if token.kind != "name" or token.value != path[0] or (start and every[start - 1].value in {".", "|"}):
            continue
        at, place = start, token.offset
        for name in path[1:]:
            following = [each.value for each in every[at + 1 : at + 3]]
            if following == [".", name]:
                at, place = at + 2, every[at + 2].offset
            elif following[:1] == ["["] and name in {"[]", following[-1].strip("'\"")}:
                closing = next((i for i in range(at, len(every)) if every[i].value == "]"), at)
                place = every[at + 2].offset + (name != "[]")
                at = closing
            else:
                break
        else:
            return place
    named = (each for each in every if each.value.strip("'\"") == path[-1])
    return next((each.offset + (each.kind == "string") for each in named), 0)
