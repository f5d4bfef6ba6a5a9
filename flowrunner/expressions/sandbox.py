"""Jinja as flow files have it: no files, no environment, no network, nothing unbounded."""

from collections.abc import Mapping
from datetime import date, time, timedelta
from functools import wraps
from typing import Any, Final

from jinja2 import StrictUndefined, Undefined, pass_context, pass_environment
from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS as DEFAULT_FILTERS
from jinja2.filters import make_attrgetter
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import SandboxedEnvironment
from jinja2.tests import TESTS as DEFAULT_TESTS
from jinja2.utils import Cycler, Joiner, Namespace, missing

from flowrunner.data import table
from flowrunner.expressions.bounds import METER, LimitError, added, checked_operands, counted, guarded, measured
from flowrunner.expressions.errors import UnfitError
from flowrunner.expressions.localized import LOCALIZED

_ALLOWED = table("expressions/allowed.json")
FILTERS = tuple(_ALLOWED["filters"])
"""Jinja's filters, less those for HTML and those that reach into objects."""

# What may be reached with a dot, by the kind of value. Text methods that take a width (ljust, format ...) are left out.
_KINDS: dict[str, Any] = {
    "text": str, "object": Mapping, "list": (list, tuple), "moment": (date, time, timedelta), "loop": LoopContext,
    "cycler": Cycler,
}  # fmt: skip
_MEMBERS = [(_KINDS[name], frozenset(members)) for name, members in _ALLOWED["members"].items()]


class Missing(StrictUndefined):
    """A value that is not there: every use but a test for it raises an error that knows the value."""

    __slots__ = ()

    def __init__(self, hint: str | None = None, obj: Any = missing, name: str | None = None, exc: Any = None) -> None:
        raised: Any = exc or (lambda _: MissingError(self))
        super().__init__(hint, obj, name, raised)

    @property
    def name(self) -> str:
        """The name or index that gave nothing; empty where there is none."""
        return str(self._undefined_name) if isinstance(self._undefined_name, (str, int)) else ""

    @property
    def owner(self) -> Any:
        """What the name was looked up in; None for a plain name."""
        return None if self._undefined_obj is missing else self._undefined_obj


_OWN: Final = ("name", "owner")


class MissingError(Exception):
    """A value that is not there was used."""

    def __init__(self, value: Missing) -> None:
        super().__init__(value.name)
        self.value = value


class Sandbox(SandboxedEnvironment):
    """The one environment of all flows."""

    intercepted_binops = frozenset(["+", "*", "**", "%", "-", "/", "//"])

    def __init__(self) -> None:
        super().__init__(undefined=Missing, finalize=_output, keep_trailing_newline=True, optimized=False, cache_size=0)
        self.filters = {name: guarded(name, DEFAULT_FILTERS[name]) for name in FILTERS}
        self.filters.update(
            {name: guarded(name, _of_text(DEFAULT_FILTERS[name])) for name in _ALLOWED["filters of text"]}
        )
        self.filters["format"] = guarded("format", _format)
        self.filters["join"] = guarded("join", _join)
        self.filters["sum"] = guarded("sum", _sum)
        self.filters.update({name: guarded(name, function) for name, function in LOCALIZED.items()})
        self.filters["random"] = _random
        self.filters["\0counted"] = counted
        self.filters["\0measured"] = measured
        self.filters["\0concat"] = _concat
        unused = ("filter", "test", "escaped")  # they know of Jinja's inside
        tests: dict[str, Any] = {**DEFAULT_TESTS}
        self.tests = {name: guarded(name, test) for name, test in tests.items() if name not in unused}
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
        if isinstance(obj, Missing) and attribute in _OWN:  # none of the author's fields
            raise MissingError(obj)
        return super().getattr(obj, attribute)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """An arithmetic operation, bounded."""
        checked_operands(operator, left, right)
        if operator == "%" and isinstance(left, str):
            right = _arguments(right)
        return measured(super().call_binop(context, operator, left, right))

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805, PYI063  # as Jinja has it
        """A call, its result measured."""
        if not __self.is_safe_callable(__obj):
            raise SecurityError("not callable")
        measured(getattr(__obj, "__self__", None))  # what it works on may be large even if its answer is not
        return measured(__context.call(__obj, *args, **kwargs))


def shown(value: Any) -> Any:
    """What a value is as text.

    Raises:
        UnfitError: It is nothing, a list or an object.
    """
    if isinstance(value, str):
        return value
    if value is None:
        raise UnfitError("the expression gives nothing (null), which cannot be shown", "write | default('...', true)")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float, date, time, timedelta, Missing)):
        return value
    if isinstance(value, Undefined):
        return ""  # {{ 'x' if y }} without an else
    if isinstance(value, (list, tuple)):
        raise UnfitError("the expression gives a list, which cannot be shown as text", "write | join(', ')")
    raise UnfitError("the expression gives an object, which cannot be shown as text", "name one of its fields")


def as_data(value: Any) -> Any:
    """A value as plain data; moments stay what they are.

    Raises:
        MissingError: A part of it is not there.
        UnfitError: A part of it is no data.
    """
    if isinstance(value, Mapping):
        return {str(shown(key)): as_data(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, range)):
        return [as_data(item) for item in value]
    if isinstance(value, Missing):
        raise MissingError(value)
    return value if value is None or isinstance(value, bool) else shown(value)


@pass_context
def _output(_context: Context, value: Any) -> Any:
    """What an expression shows; asks for the context so that Jinja computes nothing before it is rendered."""
    return measured(value if type(value) is str else shown(value))


def _of_text(function: Any) -> Any:
    """The filter, given text only: what is none would be shown as Python shows it."""
    hidden = 1 if hasattr(function, "jinja_pass_arg") else 0

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        return function(*args[:hidden], str(shown(args[hidden])), *args[hidden + 1 :], **kwargs)

    return call


def _arguments(values: Any) -> Any:
    """What goes into a %-format, each part of it something that can be shown."""
    if isinstance(values, Mapping):
        return {key: shown(value) for key, value in values.items()}
    return tuple(map(shown, values)) if isinstance(values, tuple) else shown(values)


def _format(pattern: Any, *args: Any, **kwargs: Any) -> str:
    return str(str(shown(pattern)) % _arguments(kwargs or args))


@pass_environment
def _join(environment: Any, items: Any, d: Any = "", attribute: Any = None) -> str:
    if attribute is not None:
        items = map(make_attrgetter(environment, attribute), items)
    return str(shown(d)).join(str(shown(item)) for item in items)


@pass_environment
def _sum(environment: Any, iterable: Any, attribute: Any = None, start: Any = 0) -> Any:
    return added(iterable if attribute is None else map(make_attrgetter(environment, attribute), iterable), start)


def _range(*bounds: int) -> range:
    numbers = range(*bounds)
    if len(numbers) > 10_000:
        raise LimitError("a range of more than 10,000 numbers")
    return numbers


def _concat(parts: list[Any]) -> str:
    return str(measured("".join(str(shown(part)) for part in parts)))


def _random(items: Any) -> Any:
    """The same choice each time the run is rendered."""
    measured(items)
    meter = METER.get()
    assert meter is not None  # noqa: S101  # a text is being rendered
    return meter.choice(list(items))
