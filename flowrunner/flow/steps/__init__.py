"""The verbs of the language, one file each: the registry."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from flowrunner.flow.steps.message import MESSAGE
from flowrunner.flow.steps.pause import PAUSE
from flowrunner.flow.steps.verb import Compared, Reader, Verb
from flowrunner.model import Action, Step

__all__ = ["VERBS", "Reader", "action_of", "compared", "outline", "walk"]

VERBS: Final[dict[str, Verb[Any]]] = {verb.name: verb for verb in (MESSAGE, PAUSE)}
"""Every verb by its key."""


def walk(steps: Iterable[Step]) -> Iterator[Step]:
    """The steps, and those that they hold, in the order in which they stand in the file."""
    for step in steps:
        yield step
        for children in _verb(step).children(step):
            yield from walk(children)


def action_of(step: Step) -> Action:
    """What becomes of a step that is not left out and sends nothing."""
    return _verb(step).act(step)


def outline(step: Step) -> str:
    """What a step is, in a word: a message's type, ``pause``."""
    return _verb(step).outline(step)


def compared(action: Action) -> Compared:
    """What a step, rendered or left out, is compared by with another version of it."""
    return _verb(action.step).compared(action)


def _verb(step: Step) -> Verb[Any]:
    return next(verb for verb in VERBS.values() if verb.step is type(step))
