"""What is shown of an action that is no message: a few words in grey."""

from flowrunner.model import Action, Pause, Skipped
from flowrunner.views.times import duration


def quiet(action: Action) -> str:
    """What becomes of a step that sends nothing; empty for a message."""
    match action:
        case Pause(seconds=seconds):
            return f"{duration(seconds)} later"
        case Skipped(step=step, reason=reason):
            return f"{step.label} is left out: {reason}"
    return ""
