"""Where a walk through a flow is: in which list of steps, what holds that, and what is gone on with afterwards."""

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar, cast

from flowrunner.engine.rendering.scope import Scope
from flowrunner.expressions import Names
from flowrunner.model import ForEachStep, Step
from flowrunner.model.addresses import at_turn

S = TypeVar("S", bound=Step)


class Loop(NamedTuple):
    """The turns of a `ForEachStep`; ``number`` counts them from 1."""

    step: ForEachStep
    items: Sequence[Any]
    number: int


class Frame(NamedTuple):
    """A list of steps.

    Attributes:
        turns: That of each `ForEachStep` around it, from outside.
        above: The list in which the step stands that holds it; None for the flow's own.
        at: Where in that list, counted from 0.
        outer: What the steps of that list may read.
        loop: Where it is done again for each item.
        is_file: It is the list of another file, which has names of its own.
    """

    steps: tuple[Step, ...]
    turns: tuple[int, ...] = ()
    above: "Frame | None" = None
    at: int = 0
    outer: Scope | None = None
    loop: Loop | None = None
    is_file: bool = False


class Place(NamedTuple):
    """One step of a list, counted from 0, or its end; and what may be read there."""

    frame: Frame
    at: int
    scope: Scope


def turned(step: S, turns: tuple[int, ...]) -> S:
    """The same step in one turn."""
    return cast("S", step._replace(address=at_turn(step.address, turns))) if turns else step


def turns_of(frame: Frame) -> int:
    """How often the steps of a list are done, where each list around it is as long in every turn."""
    count, around = 1, frame
    while around.above is not None:
        count *= len(around.loop.items) if around.loop is not None else 1
        around = around.above
    return count


def within(frame: Frame, at: int, steps: tuple[Step, ...], scope: Scope) -> Place:
    """The first of some steps that the one at a place holds; they see its names, and it theirs."""
    return Place(Frame(steps, frame.turns, frame, at), 0, scope) if steps else Place(frame, at + 1, scope)


def within_file(frame: Frame, at: int, steps: tuple[Step, ...], inner: Scope, outer: Scope) -> Place:
    """The first step of another file, which sees nothing but ``inner``."""
    return Place(Frame(steps, frame.turns, frame, at, outer, is_file=True), 0, inner)


def within_turns(frame: Frame, at: int, step: ForEachStep, items: Sequence[Any], scope: Scope) -> Place:
    """The first step of the first turn."""
    if not items or not step.steps:
        return Place(frame, at + 1, scope)
    return _turn(frame, at, Loop(step, items, 1), scope, scope)


def left(frame: Frame, scope: Scope) -> Place:
    """Where it goes on after the last step of a list that a step holds."""
    above, loop, outer = frame.above, frame.loop, frame.outer
    assert above is not None  # noqa: S101  # a step holds it
    if loop is not None and outer is not None:
        if loop.number < len(loop.items):
            return _turn(above, frame.at, loop._replace(number=loop.number + 1), scope, outer)
        # What the steps of the last turn bound stays; the item and its number are known within the turns alone.
        own = {name: outer.values[name] for name in (loop.step.item, "loop") if name in outer.values}
        kept = {name: value for name, value in scope.values.items() if name not in (loop.step.item, "loop")}
        scope = scope._replace(values=Names({**kept, **own}), seed=outer.seed)
    elif frame.is_file and outer is not None:
        # What was learnt meanwhile of the recipient's 24 hours holds here, too.
        scope = outer._replace(values=Names(outer.values, conversation=scope.values["conversation"]))
    return Place(above, frame.at + 1, scope)


def _turn(above: Frame, at: int, loop: Loop, scope: Scope, outer: Scope) -> Place:
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
    inner = scope._replace(values=values, seed=f"{outer.seed}{number}#")
    return Place(Frame(loop.step.steps, (*above.turns, number), above, at, outer, loop), 0, inner)
