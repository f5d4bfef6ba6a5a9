"""The verbs of the language, one file each: the registry."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from flowrunner.flow.steps.message import MESSAGE
from flowrunner.flow.steps.pause import PAUSE
from flowrunner.flow.steps.verb import Reader, Verb
from flowrunner.model import Step

__all__ = ["VERBS", "Reader", "verb_of", "walk"]

VERBS: Final[dict[str, Verb[Any]]] = {verb.name: verb for verb in (MESSAGE, PAUSE)}
"""Every verb by its key."""


def walk(steps: Iterable[Step]) -> Iterator[Step]:
    """The steps, and those that they hold, in the order in which they stand in the file."""
    for step in steps:
        yield step
        for children in verb_of(step).children(step):
            yield from walk(children)


def verb_of(step: Step) -> Verb[Any]:
    """The verb whose step it is."""
    return next(verb for verb in VERBS.values() if verb.step is type(step))
