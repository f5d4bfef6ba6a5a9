"""What an expression may make: every value is measured as it comes into being, so none can grow without end.

A hostile expression is the author's fault like any other: it ends in an `ExpressionError`, not in a full memory.
"""

import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from functools import wraps
from itertools import islice
from math import isfinite
from typing import Any, Final

from jinja2.runtime import LoopContext
from jinja2.utils import Namespace

MAX_SIZE = 100_000
"""The most characters and values, together, that one value may hold; the longest WhatsApp text has 4,096."""
MAX_ROUNDS = 10_000
"""The most rounds of all loops of one text together."""
MAX_WORK = 5_000_000
"""The most work of one text: a character counts one, a value or a call ten, a round of a loop five for each part."""
MAX_NUMBER = 10_000
"""The largest width, count or precision that a filter takes."""
MAX_INDENT = 40
"""The most spaces by which ``tojson`` indents a level: their sum grows with the depth, too."""
MAX_BITS = 512
"""The size of the largest whole number."""

# A filter whose result is about as long as its input times its arguments.
_GROWING = frozenset(["center", "format", "indent", "join", "replace", "tojson", "wordwrap", "batch", "slice"])
_FORMAT_SIZES = r"[-#0 +]*([*\d]*)\.?([*\d]*)"


class LimitError(Exception):
    """A bound was reached. The text says which one, in words for the author."""


class Meter:
    """What one text may still use up while it is rendered, and the chance that chooses for it.

    Attributes:
        work: How much of `MAX_WORK` is left.
        rounds: How many of `MAX_ROUNDS` are left.
    """

    __slots__ = ("_generator", "_seed", "_text", "rounds", "work")

    def __init__(self, seed: str, text: str) -> None:
        self.work, self.rounds = MAX_WORK, MAX_ROUNDS
        self._seed, self._text = seed, text
        self._generator: random.Random | None = None  # it costs more than a rendering, and few texts choose

    def choice(self, items: Sequence[Any]) -> Any:
        """One of the items; the same seed chooses the same ones."""
        if self._generator is None:
            self._generator = random.Random(f"{self._seed}\0{self._text}")  # noqa: S311  # must repeat, guards nothing
        return self._generator.choice(items)


METER: Final[ContextVar[Meter | None]] = ContextVar("meter", default=None)
"""The meter of the text that is being rendered."""


def charge(work: int) -> None:
    """Take work from what is left to the text.

    Raises:
        LimitError: There is not as much left.
    """
    meter = METER.get()
    if meter is not None:
        meter.work -= work
        if meter.work < 0:
            raise LimitError("more work than one text may")


def measured(value: Any) -> Any:
    """The value itself, if it is within the bounds.

    Raises:
        LimitError: It is not.
    """
    if isinstance(value, str):
        charge(10 + len(value))
        if len(value) > MAX_SIZE:
            raise LimitError(f"a text of more than {MAX_SIZE:,} characters")
        return value
    charge(10)
    if isinstance(value, float):
        if not isfinite(value):
            raise LimitError("a number that is too large to be one")
    elif isinstance(value, range):
        charge(10 * len(value))
    elif isinstance(value, int):
        if value.bit_length() > MAX_BITS:
            raise LimitError(f"a number of more than {MAX_BITS} bits")
    elif isinstance(value, Iterator) and not isinstance(value, LoopContext):  # a loop is not to be used up
        return measured(list(islice(value, MAX_SIZE + 1)))
    elif isinstance(value, (list, tuple, Mapping, Namespace)):
        _walk(value)
    return value


def _walk(value: Any) -> None:
    # Shared parts count each time they are met: a list that holds itself twice, thirty deep, is a bomb.
    size = 0
    waiting = [value]
    while waiting:
        item = waiting.pop()
        size += 1
        charge(10)
        if isinstance(item, str):
            size += len(item)
        elif isinstance(item, Mapping):
            waiting.extend(item.keys())
            waiting.extend(item.values())
        elif isinstance(item, (list, tuple)):
            waiting.extend(item)
        elif isinstance(item, Namespace):  # may be filled after what holds it was measured
            waiting.extend(object.__getattribute__(item, "_Namespace__attrs").values())
        if size + len(waiting) > MAX_SIZE:
            raise LimitError(f"a list or object of more than {MAX_SIZE:,} values and characters")
    charge(size)


def size_of(value: Any) -> int:
    """About how long the value is as text."""
    if isinstance(value, (list, tuple, Mapping)):
        return sum(len(item) if isinstance(item, str) else 16 for item in value)
    return len(value) if isinstance(value, str) else 16


def guarded(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A filter or a test that takes no monstrous argument and makes no monstrous value."""
    hidden, grows = 1 if hasattr(function, "jinja_pass_arg") else 0, name in _GROWING

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if len(args) <= hidden:
            raise TypeError("nothing to filter")
        value, given = args[hidden], [*args[hidden + 1 :], *kwargs.values()]
        if given:
            _check_arguments(name, given)
        if name == "format":
            checked_format(value, kwargs or args[hidden + 1 :])
        elif grows:
            _check_growth(name, value, given)
        measured(value)
        if given:
            many = len(value) if isinstance(value, (str, list, tuple, Mapping, range)) else 1
            charge(many * sum(len(each) for each in given if isinstance(each, str)))  # each is used for each item
        return measured(function(*args, **kwargs))

    return call


def _check_arguments(name: str, given: list[Any]) -> None:
    for argument in given:
        measured(argument)
        if isinstance(argument, int) and abs(argument) > MAX_NUMBER:
            raise LimitError(f"the number {argument:.4g} for the filter {name}")


def _check_growth(name: str, value: Any, given: list[Any]) -> None:
    size = size_of(value) + 1
    for argument in given:
        size *= abs(argument) + 1 if isinstance(argument, int) else size_of(argument) + 1
    if size > MAX_SIZE * 100 or (name == "tojson" and size > (size_of(value) + 1) * (MAX_INDENT + 1)):
        raise LimitError(f"a result of the filter {name} that is too large")


def checked_format(pattern: Any, values: Any) -> None:
    """Refuse a %-format with a width or precision of four digits and more, or with much more to put in than fits.

    Raises:
        LimitError: It is one.
    """
    if not isinstance(pattern, str):
        return
    charge(len(pattern))
    room = 0
    for width in _sizes(pattern):
        if "*" in width or len(width) > 3:
            raise LimitError("a format with a width of 1,000 or more")
        room = max(room, int(width or 0))
    given = values.values() if isinstance(values, Mapping) else values if isinstance(values, tuple) else (values,)
    room += max((len(each) if isinstance(each, str) else MAX_BITS for each in given), default=0)
    if room * pattern.count("%") > MAX_SIZE * 10:
        raise LimitError(f"a text of more than {MAX_SIZE:,} characters")


def _sizes(pattern: str) -> Iterator[str]:
    """The width and the precision of each directive, as they are written."""
    at = pattern.find("%")
    while at >= 0:
        at += 1
        if pattern.startswith("(", at):  # a key may hold brackets that are closed again
            depth = 0
            while at < len(pattern):
                depth += {"(": 1, ")": -1}.get(pattern[at], 0)
                at += 1
                if not depth:
                    break
        sizes = re.compile(_FORMAT_SIZES).match(pattern, at)
        if sizes is not None:
            yield from sizes.groups()
            at = sizes.end()
        at = pattern.find("%", at + 1)  # what stands at ``at`` is the kind of the directive, or a second %


def checked_operands(operator: str, left: Any, right: Any) -> None:
    """Refuse an operation whose result would be too large, before it is made.

    Raises:
        LimitError: It would.
    """
    if operator == "**":
        if isinstance(left, int) and isinstance(right, int) and left.bit_length() * abs(right) > MAX_BITS:
            raise LimitError(f"a number of more than {MAX_BITS} bits")
    elif operator == "*":
        for many, times in ((left, right), (right, left)):
            if isinstance(many, (str, list, tuple)) and isinstance(times, int) and len(many) * times > MAX_SIZE:
                raise LimitError(f"a text or list of more than {MAX_SIZE:,}")
    elif operator == "%":
        checked_format(left, right)


def added(items: Iterable[Any], start: Any) -> Any:
    """The sum of the items; a list that grows by each of them counts each time."""
    total = start
    for item in items:
        total = total + item
        charge(len(total) if isinstance(total, (list, tuple)) else 10)
    return total


def counted(items: Any, parts: int) -> Iterator[Any]:
    """The items of one loop with ``parts`` in its body, taken from the rounds that are left to the whole text.

    Raises:
        LimitError: There are none left.
    """
    meter = METER.get()
    assert meter is not None  # noqa: S101  # a text is being rendered
    for item in items:
        meter.rounds -= 1
        charge(5 * parts)
        if meter.rounds < 0:
            raise LimitError(f"more than {MAX_ROUNDS:,} rounds of its loops")
        yield item
