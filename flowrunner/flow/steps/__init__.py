"""The verbs of the language, one file each: the registry."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from flowrunner.flow.steps.choose import CHOOSE
from flowrunner.flow.steps.end import END
from flowrunner.flow.steps.for_each import FOR_EACH
from flowrunner.flow.steps.include import INCLUDE
from flowrunner.flow.steps.message import MESSAGE
from flowrunner.flow.steps.pause import PAUSE
from flowrunner.flow.steps.verb import VERBS, Reader, Verb
from flowrunner.model import Flow, IncludeStep, Step

__all__ = ["VERBS", "Reader", "is_flat", "verb_of", "walk", "walk_file", "walk_flow"]

_EVERY: Final[tuple[Verb[Any], ...]] = (MESSAGE, PAUSE, CHOOSE, FOR_EACH, INCLUDE, END)
VERBS.update({verb.name: verb for verb in _EVERY})


def walk(steps: Iterable[Step]) -> Iterator[Step]:
    """The steps, and those that they hold, in the order in which they stand in the file."""
    for step in steps:
        yield step
        for children in verb_of(step).children(step):
            yield from walk(children)


def walk_flow(flow: Flow) -> Iterator[Step]:
    """Every step of a flow: those that are done in order, and those that are done when somebody writes at any time."""
    yield from walk(flow.steps)
    for entry in flow.anytime:
        yield from walk(entry.steps)


def walk_file(steps: Iterable[Step]) -> Iterator[Step]:
    """The same of one file alone: without the steps of files that it includes."""
    for step in steps:
        yield step
        for children in () if isinstance(step, IncludeStep) else verb_of(step).children(step):
            yield from walk_file(children)


def is_flat(steps: Iterable[Step]) -> bool:
    """Whether none of the steps holds others: nothing branches, nothing is asked."""
    return not any(True for step in steps for _ in verb_of(step).children(step))


def verb_of(step: Step) -> Verb[Any]:
    """The verb whose step it is."""
    return next(verb for verb in VERBS.values() if verb.step is type(step))
