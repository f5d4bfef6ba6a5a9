"""Jinja as flow files have it: no files, no environment, no network, nothing unbounded. The only room that knows Jinja."""

import random
from collections.abc import Mapping
from datetime import date, time, timedelta
from typing import Any

from jinja2 import StrictUndefined, nodes, pass_context
from jinja2.filters import FILTERS as DEFAULT_FILTERS
from jinja2.runtime import Context, LoopContext
from jinja2.exceptions import SecurityError
from jinja2.sandbox import SandboxedEnvironment
from jinja2.tests import TESTS as DEFAULT_TESTS
from jinja2.utils import Cycler, Joiner, Namespace, missing
from jinja2.visitor import NodeTransformer

from flowrunner.expressions.bounds import (
    LimitError,
    checked_operands,
    counted,
    guarded,
    measured,
)

BUDGET = "\0budget"  # keys of a context that no expression can name
SEED = "\0seed"

FILTERS = tuple(
    "abs batch capitalize center count d default dictsort filesizeformat first float format groupby indent int items "
    "join last length list lower map max min random reject rejectattr replace reverse round select selectattr slice "
    "sort string sum title tojson trim truncate unique upper urlencode wordcount wordwrap".split()
)
"""Jinja's filters, less those for HTML and those that reach into objects."""

GLOBALS = ("range", "dict", "namespace", "cycler", "joiner")

_TEXT = frozenset(
    "capitalize casefold count endswith find index isalnum isalpha isdecimal isdigit islower isnumeric isspace istitle "
    "isupper lower lstrip partition removeprefix removesuffix rfind rindex rpartition rsplit rstrip split splitlines "
    "startswith strip swapcase title upper".split()
)
_MOMENT = frozenset(
    "year month day hour minute second microsecond tzinfo date time weekday isoweekday isoformat strftime timestamp "
    "days seconds total_seconds".split()
)
# What may be reached with a dot, by the kind of value. Text methods that take a width (ljust, format ...) are left out.
_MEMBERS: tuple[tuple[type | tuple[type, ...], frozenset[str]], ...] = (
    (str, _TEXT),
    (Mapping, frozenset(["items", "keys", "values", "get"])),
    ((list, tuple), frozenset(["index", "count"])),
    ((date, timedelta), _MOMENT),
    (
        LoopContext,
        frozenset("index index0 revindex revindex0 first last length cycle changed previtem nextitem".split()),
    ),
    (Cycler, frozenset(["next", "current", "reset"])),
)


class Missing(StrictUndefined):
    """A value that is not there: every use but a test for it raises an error that knows the value."""

    __slots__ = ()

    def __init__(self, hint: str | None = None, obj: Any = missing, name: str | None = None, exc: Any = None) -> None:
        raised: Any = exc or (lambda _: MissingError(self))
        super().__init__(hint, obj, name, raised)

    @property
    def name(self) -> str:
        """The name or index that gave nothing; empty where there is none."""
        return "" if self._undefined_name is None else str(self._undefined_name)

    @property
    def owner(self) -> Any:
        """What the name was looked up in; None for a plain name."""
        return None if self._undefined_obj is missing else self._undefined_obj


class MissingError(Exception):
    """A value that is not there was used."""

    def __init__(self, value: Missing) -> None:
        super().__init__(value.name)
        self.value = value


class Sandbox(SandboxedEnvironment):
    """The one environment of all flows."""

    intercepted_binops = frozenset(["+", "*", "**", "%", "-", "/", "//"])

    def __init__(self) -> None:
        super().__init__(undefined=Missing, finalize=_shown, keep_trailing_newline=True, optimized=False, cache_size=0)
        self.filters = {name: guarded(name, DEFAULT_FILTERS[name]) for name in FILTERS}
        self.filters["random"] = _random
        self.filters["\0counted"] = _counted
        self.filters["\0measured"] = measured
        self.filters["\0concat"] = _concat
        self.tests = {name: test for name, test in DEFAULT_TESTS.items() if name not in ("filter", "test", "escaped")}
        self.globals = {
            "range": _range,
            "dict": lambda **items: measured(items),
            "namespace": Namespace,
            "cycler": Cycler,
            "joiner": Joiner,
        }

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:  # noqa: ARG002  # Jinja's signature
        """Whether a dot may reach ``attr``: a list of what is allowed, not of what is not."""
        if isinstance(obj, Namespace):
            return not attr.startswith("_")
        return any(isinstance(obj, kind) and attr in names for kind, names in _MEMBERS)

    def is_safe_callable(self, obj: Any) -> bool:
        """Whether it may be called: what a dot may reach, and the few globals."""
        owner = getattr(obj, "__self__", None)
        name = getattr(obj, "__name__", "")
        if owner is not None and not isinstance(owner, type):
            return self.is_safe_attribute(owner, name, obj)
        return obj in self.globals.values() or isinstance(obj, Joiner)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """A dot reads an object's field first: ``order.items`` is its field, where it has one."""
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """An arithmetic operation, bounded."""
        checked_operands(operator, left, right)
        return measured(super().call_binop(context, operator, left, right))

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805  # as Jinja has it
        """A call, its result measured."""
        if not __self.is_safe_callable(__obj):
            raise SecurityError("not callable")
        return measured(__context.call(__obj, *args, **kwargs))


def _shown(value: Any) -> Any:
    """What an expression in text shows."""
    if value is None:
        raise TypeError("null")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float, date, time, timedelta, Missing)):
        return value
    raise TypeError("list" if isinstance(value, (list, tuple)) else "object")


def _range(*bounds: int) -> range:
    numbers = range(*bounds)
    if len(numbers) > 10_000:
        raise LimitError("a range of more than 10,000 numbers")
    return numbers


def _concat(parts: list[Any]) -> str:
    return str(measured("".join(str(_shown(part)) for part in parts)))


@pass_context
def _counted(context: Context, items: Any) -> Any:
    return counted(items, context.parent[BUDGET])


@pass_context
def _random(context: Context, items: Any) -> Any:
    """The same choice each time the run is rendered."""
    generator: random.Random = context.parent[SEED]
    return generator.choice(list(items))


class Bounded(NodeTransformer):
    """Puts the bounds into a parsed text: loops are counted, literals and joined texts are measured."""

    def visit_For(self, node: nodes.For) -> nodes.Node:
        """Count the rounds."""
        self.generic_visit(node)
        node.iter = _filtered(node.iter, "\0counted")
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
        """Measure what ~ joins."""
        self.generic_visit(node)
        return _filtered(nodes.List(node.nodes, lineno=node.lineno), "\0concat")

    def visit_List(self, node: nodes.List) -> nodes.Node:
        """Measure a literal."""
        self.generic_visit(node)
        return _filtered(node, "\0measured")

    def visit_Dict(self, node: nodes.Dict) -> nodes.Node:
        """Measure a literal."""
        self.generic_visit(node)
        return _filtered(node, "\0measured")

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Node:
        """Measure a literal; the targets of an assignment are no literal."""
        self.generic_visit(node)
        return _filtered(node, "\0measured") if node.ctx == "load" else node


def _filtered(node: Any, name: str) -> nodes.Filter:
    return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)
