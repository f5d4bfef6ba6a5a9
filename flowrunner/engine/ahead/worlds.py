"""What may have happened when a step is reached: a bounded number of ways there, of which none is like another."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from flowrunner.engine.ahead.samples import Sample
from flowrunner.engine.walk import Walk
from flowrunner.flow import Field
from flowrunner.model.addresses import as_written

if TYPE_CHECKING:
    from flowrunner.engine.places import Frame

MOST_WORLDS: Final = 100
"""The most ways to a step that are told apart."""

_AT_ANY_TIME: Final = 10**9  # after all steps that are done in order
Order = tuple[int | str, ...]
"""By which addresses sort as their steps stand."""


class World(NamedTuple):
    """One way to a step.

    Attributes:
        said: What was answered to each question on the way, by what a person calls it.
        is_forced: No sample leads there: what a condition decides was left aside.
        rank: By which ways sort as their answers stand in the flow.
    """

    walk: Walk
    said: Mapping[str, Sample]
    is_forced: bool = False
    rank: tuple[int, ...] = ()


def order(address: str) -> Order:
    """What an address sorts by: steps in the order of the flow, what a step holds right after it."""
    parts: list[int | str] = []
    digits = ""
    for sign in f"{address} ":
        if sign.isdigit():
            digits += sign
            continue
        if digits:
            parts.append(int(digits))
            digits = ""
        if sign not in ". ":
            parts.append(_AT_ANY_TIME if sign == "@" else sign)
    return tuple(parts)


class Live:
    """Which names are still read from a step on, in its file and in those that include it."""

    def __init__(self, fields: Mapping[str, Sequence[Field]]) -> None:
        self._reads: dict[str, list[tuple[Order, frozenset[str]]]] = {}
        for address, its in fields.items():
            names = frozenset(use.name for field in its for use in field.expression.uses)
            if names:
                self._reads.setdefault(_file(address), []).append((order(address), names))
        self._known: dict[str, tuple[tuple[str, ...], ...]] = {}

    def names(self, address: str) -> tuple[tuple[str, ...], ...]:
        """The names that are read there and later: of its own file first, then of each that includes it."""
        written = as_written(address)
        if (found := self._known.get(written)) is None:
            frames = [written]
            while frames[-1] and "/" in frames[-1]:
                frames.append(_file(frames[-1]))
            found = self._known[written] = tuple(self._from(each) for each in frames)
        return found

    def _from(self, address: str) -> tuple[str, ...]:
        file = _file(address)
        # The steps of a loop are done again: what any of them reads is read later.
        loop = address.find("#.", len(file))
        since = order(address[:loop] if loop >= 0 else address)
        later = (names for at, names in self._reads.get(file, ()) if at >= since)
        return tuple(sorted(frozenset().union(*later)))


def told_apart(worlds: Iterable[World], live: Live) -> list[World]:
    """Of worlds at one step those that differ in what is still read."""
    seen: dict[tuple[Any, ...], World] = {}
    for world in sorted(worlds, key=lambda world: world.rank):
        seen.setdefault(_key(world, live), world)
    return list(seen.values())


def some_of(worlds: Sequence[World]) -> list[World]:
    """At most `MOST_WORLDS` of them, among which each answer to each question is that all of them have."""
    taken: dict[int, World] = {}
    seen: set[tuple[str, int]] = set()
    for place, world in enumerate(worlds):
        new = {(label, id(sample)) for label, sample in world.said.items()} - seen
        if new and len(taken) < MOST_WORLDS:
            taken[place] = world
            seen |= new
    step = max(len(worlds) // MOST_WORLDS, 1)
    for place in range(0, len(worlds), step):
        if len(taken) < MOST_WORLDS:
            taken.setdefault(place, worlds[place])
    return [taken[place] for place in sorted(taken)]


def identity(values: Mapping[str, Any], name: str) -> Any:
    """What tells two values of a name apart: the object, but of the conversation whether it is open."""
    return values["conversation"].get("open") if name == "conversation" else id(values.get(name))


def _key(world: World, live: Live) -> tuple[Any, ...]:
    frame: Frame | None = world.walk.frame
    step = world.walk.step
    assert step is not None  # noqa: S101  # it is at one
    values, parts = world.walk.scope.values, []
    for names in live.names(step.address):
        parts += [identity(values, name) for name in names]
        while frame is not None and not frame.is_file:
            frame = frame.above
        if frame is not None and frame.outer is not None:
            values, frame = frame.outer.values, frame.above
    window = world.walk.window
    return (world.is_forced, window is not None and window.is_open, *parts)


def _file(address: str) -> str:
    """The address of the step that includes the file in which a step stands; empty for the flow's own."""
    return address.rpartition("/")[0]
