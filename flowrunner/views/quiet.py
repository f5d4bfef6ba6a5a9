"""What is shown of an action that is no message: a few words in grey."""

from collections.abc import Mapping

from flowrunner.model import Action, EndStep, ForEachStep, IncludeStep, Passed, Pause, Skipped, Step
from flowrunner.model.replies import EndHow
from flowrunner.views.times import duration

_ENDS: Mapping[EndHow, str] = {
    "finished": "the run ends here",
    "opted_out": "opted out: nobody writes to them again",
    "handed_over": "handed over: a person goes on",
}


def ending(how: EndHow, reason: str = "") -> str:
    """What it means that a flow's own words end the run, and the author's reason."""
    return f"{_ENDS[how]} ({reason})" if reason else _ENDS[how]


def passed(step: Step) -> str:
    """What a step is that sends nothing and waits for nothing."""
    match step:
        case ForEachStep(item=item, items=items):
            return f"for each {item} in {items}"
        case IncludeStep(file=file):
            return f"the steps of {file}"
        case EndStep(how=how, reason=reason):
            return ending(how, reason)
    return "a choice"


def quiet(action: Action) -> str:
    """What becomes of a step that sends nothing; empty for a message."""
    match action:
        case Pause(seconds=seconds):
            return f"{duration(seconds)} later"
        case Skipped(step=step, reason=reason):
            return f"{step.label} is left out: {reason}"
        case Passed(step=EndStep(how=how, reason=reason)):
            return ending(how, reason)
    return ""
