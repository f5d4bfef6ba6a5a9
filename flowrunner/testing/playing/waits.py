"""What a run waits for, for whoever expected a message that does not come."""

from typing import NamedTuple

from flowrunner.engine.history.phases import Phase
from flowrunner.model import MessageStep
from flowrunner.testing.outcomes import Origin
from flowrunner.testing.playing.chat import Chat
from flowrunner.testing.playing.scene import Scene
from flowrunner.testing.playing.spans import spelt


class Coming(NamedTuple):
    """What comes next, and when.

    Attributes:
        origin: What of the flow is waited at; None where the run has ended.
        hint: What to write, and why.
    """

    origin: Origin | None
    hint: str


def what_comes(scene: Scene, chat: Chat) -> Coming:
    """What a run waits for that sends nothing now."""
    state, left = scene.life.state, scene.left
    last = state.last
    if last is None:
        return Coming(None, "")
    origin = chat.origin(last.step)
    if state.run.phase is Phase.ASKED:
        step = chat.step(last.step)
        asks = (
            f"the flow waits for an answer to {origin.label}" if origin is not None else "the flow waits for an answer"
        )
        then = f"; it goes on by itself in {spelt(left)}" if left is not None and isinstance(step, MessageStep) else ""
        return Coming(origin, f"{asks}{then}")
    if state.run.phase is Phase.PAUSED and left is not None:
        return Coming(origin, f"the flow pauses: write wait: {spelt(left)} before this turn")
    reason = str(last.detail.get("reason", ""))
    ended = state.run.phase.replace("_", " ")
    return Coming(origin, f"the run is {ended}{f': {reason}' if reason else ''}")
