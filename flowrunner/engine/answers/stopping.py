"""Whether somebody has said stop: an answer after which nothing comes but some last words."""

from collections.abc import Iterable

from flowrunner.engine.answers.asking import steps_of
from flowrunner.engine.answers.matching import several
from flowrunner.engine.decisions import TakeAnswer
from flowrunner.flow.steps import walk
from flowrunner.model import EndStep, Flow, MessageStep, Step
from flowrunner.spec.plainly import plainly


def stopped(flow: Flow, taken: TakeAnswer) -> str | None:
    """Why a person who answered so wants to be written to no more; None where they may not want that.

    They want it from that answer on, not only once the last words have left: those may be refused, or held until the
    morning.
    """
    question, said = taken.step, taken.answered
    if question is None:
        its = next((each for each in flow.anytime if each.address == said.branch), None)
        return said.text if its is not None and its.end == "opted_out" and _are_words(its.steps) else None
    steps = steps_of(question.reply, said.branch) if question.reply is not None else ()
    for place, step in enumerate(steps):
        if isinstance(step, EndStep) and step.when is None:
            return step.reason if step.how == "opted_out" and _are_words(steps[:place]) else None
    return None


def stops(flow: Flow, text: str) -> bool:
    """Whether a text is nothing but a word by which a flow is stopped at any time.

    It is asked of what is written once the run is over: then a word within a sentence may mean something else.
    """
    said = plainly(text)
    matches = (match for each in flow.anytime if each.end == "opted_out" for match in each.matches)
    return bool(said) and any(
        plainly(word) == said for match in matches if match.kind in ("words", "text") for word in several(match.value)
    )


def _are_words(steps: Iterable[Step]) -> bool:
    """Whether none of these asks anything, or ends the run."""
    return not any(
        isinstance(each, EndStep) or (isinstance(each, MessageStep) and each.reply is not None) for each in walk(steps)
    )
