"""Where a walk through a flow is, as a value: at which step, what it may read, and what is gone on with afterwards."""

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar, cast

from flowrunner.engine.scope import Scope
from flowrunner.expressions import Names
from flowrunner.model import ForEachStep, Step
from flowrunner.model.addresses import at_turn

S = TypeVar("S", bound=Step)


class Loop(NamedTuple):
    """The turns of a `ForEachStep`; ``number`` counts them from 1."""

    step: ForEachStep
    items: Sequence[Any]
    number: int


class Place(NamedTuple):
    """One of a list of steps, or its end: the one that stands ``at`` it, counted from 0.

    Attributes:
        scope: What the step may read.
        turns: That of each `ForEachStep` around it, from outside.
        above: The step that holds the list; None for the flow's own.
        loop: Where that step does it again for each item.
        is_file: It is the list of another file, which has names of its own.
    """

    steps: tuple[Step, ...]
    at: int
    scope: Scope
    turns: tuple[int, ...] = ()
    above: "Place | None" = None
    loop: Loop | None = None
    is_file: bool = False

    @property
    def step(self) -> Step | None:
        """The step, with its address in this turn; None at the end of the flow."""
        if self.at >= len(self.steps):
            return None
        step = self.steps[self.at]
        return turned(step, self.turns) if self.turns else step


def turned(step: S, turns: tuple[int, ...]) -> S:
    """The same step in one turn."""
    return cast("S", step._replace(address=at_turn(step.address, turns))) if turns else step


def passed(place: Place, scope: Scope) -> Place:
    """The step after this one: the next of its list, of the next turn, or after the step that holds the list."""
    steps, at, _, turns, above, loop, is_file = place
    place = Place(steps, at + 1, scope, turns, above, loop, is_file)
    while above is not None and place.at >= len(place.steps):
        place = _left(place, above)
        above = place.above
    return place


def within(place: Place, steps: tuple[Step, ...], scope: Scope) -> Place:
    """The first of some steps that the one at this place holds; they see its names, and it theirs."""
    return Place(steps, 0, scope, place.turns, place) if steps else passed(place, scope)


def within_file(place: Place, steps: tuple[Step, ...], scope: Scope) -> Place:
    """The first step of another file, which sees nothing but ``scope``."""
    return Place(steps, 0, scope, place.turns, place, is_file=True) if steps else passed(place, place.scope)


def within_turns(place: Place, step: ForEachStep, items: Sequence[Any], scope: Scope) -> Place:
    """The first step of the first turn."""
    return _turn(place, Loop(step, items, 1), scope) if items and step.steps else passed(place, scope)


def _turn(above: Place, loop: Loop, scope: Scope) -> Place:
    number, count = loop.number, len(loop.items)
    told = {
        "index": number,
        "index0": number - 1,
        "first": number == 1,
        "last": number == count,
        "length": count,
        "revindex": count - number + 1,
        "revindex0": count - number,
    }
    values = Names(scope.values, **{loop.step.item: loop.items[number - 1], "loop": told})
    inner = scope._replace(values=values, seed=f"{above.scope.seed}{number}#")
    return Place(loop.step.steps, 0, inner, (*above.turns, number), above, loop)


def _left(place: Place, above: Place) -> Place:
    """Where it goes on after the last step of a list."""
    scope, loop = place.scope, place.loop
    if loop is not None:
        if loop.number < len(loop.items):
            return _turn(above, loop._replace(number=loop.number + 1), scope)
        # What the steps of the last turn bound stays; the item and its number are known within the turns alone.
        outer = above.scope
        own = {name: outer.values[name] for name in (loop.step.item, "loop") if name in outer.values}
        kept = {name: value for name, value in scope.values.items() if name not in (loop.step.item, "loop")}
        scope = scope._replace(values=Names({**kept, **own}), seed=outer.seed)
    elif place.is_file:
        # What was learnt meanwhile of the recipient's 24 hours holds here, too.
        values = Names(above.scope.values, conversation=scope.values["conversation"])
        scope = above.scope._replace(values=values)
    return Place(above.steps, above.at + 1, scope, above.turns, above.above, above.loop, above.is_file)
