"""The simple expressions, without Jinja: names, fields, comparisons, conditions and a few filters become closures.

A closure gives what Jinja gives, or raises `UnsureError`, and then Jinja is asked: where a value is missing, is no
short text, number or truth value, or could come near a bound. So nothing here reports a fault.
"""

import operator
from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, Final

from jinja2 import nodes
from jinja2.filters import FILTERS as DEFAULT_FILTERS

from flowrunner.expressions.bounds import MAX_BITS, MAX_SIZE
from flowrunner.expressions.errors import UnsureError
from flowrunner.expressions.sandbox import settled
from flowrunner.expressions.syntax import parse
from flowrunner.numbers import WrittenFloat, WrittenInt

Direct = Callable[[Mapping[str, Any]], Any]
"""From values by name to a value; raises `UnsureError`."""

# With these, the most work that a text can do is 100 nodes x (40 x 1,000 + what the results cost): within MAX_WORK.
_MAX_NODES: Final = 100
_MAX_LENGTH: Final = 1_000
_MAX_DEFAULT: Final = 40

_RESERVED: Final = frozenset(
    ["self", "super", "caller", "loop", "varargs", "kwargs"]
)  # to Jinja they are more than names
_TEXT_FILTERS: Final = frozenset("capitalize lower string title trim upper".split())
_COMPARED: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "eq": operator.eq, "ne": operator.ne, "lt": operator.lt, "lteq": operator.le, "gt": operator.gt,
    "gteq": operator.ge,
}  # fmt: skip


class _NotSimpleError(Exception):
    """This needs Jinja, whatever the values are."""


def direct_text(text: str) -> Callable[[Mapping[str, Any]], str] | None:
    """What gives the same as rendering a text without faults; None where that takes Jinja."""
    tree = parse(text, bare=False)
    try:
        show = _body(tree.body) if _is_small(tree) else None
    except _NotSimpleError:
        return None
    if show is None:
        return None

    def render(values: Mapping[str, Any]) -> str:
        found = show(values)
        if len(found) > MAX_SIZE:
            raise UnsureError
        return found

    return render


def direct_value(text: str, *, bare: bool = False) -> Direct | None:
    """What gives the same as evaluating a text that is one whole expression; None where that takes Jinja."""
    tree: Any = parse(text, bare)
    (node,) = (part for output in tree.body for part in output.nodes if not isinstance(part, nodes.TemplateData))
    try:
        value = _value(node) if _is_small(tree) else None
    except _NotSimpleError:
        return None
    return None if value is None else lambda values: settled(value(values))


def _is_small(tree: nodes.Node) -> bool:
    return sum(1 for _ in tree.find_all(nodes.Node)) <= _MAX_NODES


def _body(body: list[nodes.Node]) -> Callable[[Mapping[str, Any]], str]:
    parts = [part for node in body for part in _parts(node)]
    if len(parts) == 1:
        return parts[0]
    return lambda values: "".join([part(values) for part in parts])


def _parts(node: nodes.Node) -> list[Callable[[Mapping[str, Any]], str]]:
    if isinstance(node, nodes.Output):
        return [_shown(part) for part in node.nodes]
    if not isinstance(node, nodes.If):
        raise _NotSimpleError
    test, then = _value(node.test), _body(node.body)
    otherwise = _body(node.else_)
    for each in reversed(node.elif_):
        otherwise = _chosen(_value(each.test), _body(each.body), otherwise)
    return [_chosen(test, then, otherwise)]


def _chosen(test: Direct, then: Direct, otherwise: Direct) -> Direct:
    return lambda values: then(values) if test(values) else otherwise(values)


def _shown(node: nodes.Node) -> Callable[[Mapping[str, Any]], str]:
    if isinstance(node, nodes.TemplateData):
        data: str = node.data
        return lambda _: data
    value = _value(node)
    return lambda values: _text(value(values))


def _text(value: Any) -> str:
    """What a value is as text."""
    if type(value) is str:
        if len(value) > _MAX_LENGTH:
            raise UnsureError
        return value
    checked = _scalar(value)
    if checked is None:
        raise UnsureError
    return ("true" if checked else "false") if isinstance(checked, bool) else str(checked)


def _scalar(value: Any) -> Any:
    """The value, if to measure it would find nothing."""
    kind = type(value)
    if kind is str:
        fits = len(value) <= _MAX_LENGTH
    elif kind is int or kind is WrittenInt:
        fits = value.bit_length() <= MAX_BITS
    elif kind is float or kind is WrittenFloat:
        fits = isfinite(value)
    else:
        fits = kind is bool or value is None
    if not fits:
        raise UnsureError
    return value


def _value(node: nodes.Node) -> Direct:
    compile_ = _KINDS.get(type(node))
    if compile_ is None:
        raise _NotSimpleError
    return compile_(node)


def _const(node: Any) -> Direct:
    value = node.value
    return lambda _: value


def _name(node: Any) -> Direct:
    name = node.name
    if name in _RESERVED:
        raise _NotSimpleError

    def look_up(values: Mapping[str, Any]) -> Any:
        try:
            return values[name]
        except KeyError:
            raise UnsureError from None

    return look_up


def _field(node: Any) -> Direct:
    owner = _value(node.node)
    if isinstance(node, nodes.Getattr):
        key: Any = node.attr
    elif isinstance(node.arg, nodes.Const):
        key = node.arg.value
    else:
        raise _NotSimpleError
    kind = {str: dict, int: list}.get(type(key))
    if kind is None:
        raise _NotSimpleError

    def look_up(values: Mapping[str, Any]) -> Any:
        found = owner(values)
        if type(found) is not kind:
            raise UnsureError
        try:
            return found[key]
        except LookupError:
            raise UnsureError from None

    return look_up


def _compare(node: Any) -> Direct:
    if len(node.ops) != 1 or node.ops[0].op not in _COMPARED:
        raise _NotSimpleError
    left, right, compare = _value(node.expr), _value(node.ops[0].expr), _COMPARED[node.ops[0].op]

    def answer(values: Mapping[str, Any]) -> Any:
        try:
            return compare(_scalar(left(values)), _scalar(right(values)))
        except TypeError:
            raise UnsureError from None

    return answer


def _not(node: Any) -> Direct:
    value = _value(node.node)
    return lambda values: not value(values)


def _and(node: Any) -> Direct:
    left, right = _value(node.left), _value(node.right)
    return lambda values: left(values) and right(values)


def _or(node: Any) -> Direct:
    left, right = _value(node.left), _value(node.right)
    return lambda values: left(values) or right(values)


def _choice(node: Any) -> Direct:
    if node.expr2 is None:
        raise _NotSimpleError
    return _chosen(_value(node.test), _value(node.expr1), _value(node.expr2))


def _filter(node: Any) -> Direct:
    if node.node is None or node.kwargs or node.dyn_args or node.dyn_kwargs:
        raise _NotSimpleError
    value = _value(node.node)
    if node.name in _TEXT_FILTERS and not node.args:
        apply: Callable[[str], str] = DEFAULT_FILTERS[node.name]
        return lambda values: apply(_text(value(values)))
    if node.name in {"default", "d"} and all(isinstance(each, nodes.Const) for each in node.args):
        return _default(value, [each.value for each in node.args])
    raise _NotSimpleError


def _default(value: Direct, args: list[Any]) -> Direct:
    if not args or type(args[0]) is not str or len(args[0]) > _MAX_DEFAULT:
        raise _NotSimpleError
    if len(args) == 1 or args[1:] == [False]:
        return lambda values: _scalar(value(values))  # there is a value: what is missing was `UnsureError`
    if args[1:] != [True]:
        raise _NotSimpleError
    return lambda values: _scalar(value(values)) or args[0]


_KINDS: Final[Mapping[type[nodes.Node], Callable[[Any], Direct]]] = {
    nodes.Const: _const,
    nodes.Name: _name,
    nodes.Getattr: _field,
    nodes.Getitem: _field,
    nodes.Compare: _compare,
    nodes.Not: _not,
    nodes.And: _and,
    nodes.Or: _or,
    nodes.CondExpr: _choice,
    nodes.Filter: _filter,
}
