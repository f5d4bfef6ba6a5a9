"""The figures of a report's charts: SVG that keeps its text readable at any width.

Widths are per cents and heights pixels, so that nothing is scaled. Colour says nothing that a word beside it does not.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from flowrunner.views.times import moment

HEIGHT = 160
_WIDEST = 4.0
"""Per cent: a timeline of three spans is not three walls."""


class Column(NamedTuple):
    """A rectangle of a timeline, as SVG writes its numbers."""

    kind: str
    left: str
    top: str
    width: str
    height: str


def bar_width(count: int, base: int) -> str:
    """The width of a bar, in per cent: what is there at all can be seen."""
    return f"{min(max(100 * count / base, 0.5), 100.0) if count else 0.0:.2f}"


def share(count: int, base: int) -> str:
    """Per cent with one decimal, never rounded to all or nothing."""
    share = 100 * count / base
    if 0 < share < 0.1:
        return "<0.1%"
    if 99.9 < share < 100:
        return ">99.9%"
    return f"{share:.1f}".removesuffix(".0") + "%"


def columns(spans: Sequence[tuple[float, int, int]]) -> Iterator[tuple[str, int, int, list[Column]]]:
    """What is drawn of each span of a timeline in which something was sent: its start, its figures, its columns."""
    most, slot = highest(spans), 100 / len(spans)
    width = min(slot * 0.84, _WIDEST)
    for place, (start, accepted, failed) in enumerate(spans):
        left, top, found = place * slot + (slot - width) / 2, float(HEIGHT), []
        for kind, count in (("accepted", accepted), ("failed", failed)):
            height = HEIGHT * count / most
            top -= height
            if count:
                found.append(Column(kind, f"{left:.3f}", f"{top:.1f}", f"{width:.3f}", f"{max(height, 1.5):.1f}"))
        if found:
            yield clock(start), accepted, failed, found


def highest(spans: Sequence[tuple[float, int, int]]) -> int:
    """How many messages the highest column of a timeline stands for, at least one."""
    return max(1, *(accepted + failed for _, accepted, failed in spans))


def clock(at: float) -> str:
    """A moment on a timeline, which may begin with the epoch."""
    return moment(at) or moment(at + 1e-6)


def length(seconds: float) -> str:
    """How long each span of a timeline is: ``hour``, ``5 minutes``."""
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        if seconds >= size and not seconds % size:
            count = int(seconds // size)
            return unit if count == 1 else f"{count} {unit}s"
    return f"{seconds:g} seconds"
