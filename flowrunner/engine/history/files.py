"""Which files a run still needs."""

from flowrunner.engine.history.state import DONE, OPEN, State
from flowrunner.flow.steps import walk_flow
from flowrunner.model import Flow, MessageStep
from flowrunner.model.media import files_named, name_in_bundle


def to_send(flow: Flow, state: State) -> frozenset[str]:
    """The digests of the files of all messages that are still to be sent, as far as is known without asking the API."""
    media = flow.bundle.media
    steps = (step for step in walk_flow(flow) if isinstance(step, MessageStep)) if media else ()
    left = (step for step in steps if state.step(step.address).stage not in DONE | OPEN)
    return frozenset(media[name_in_bundle(name)].digest for step in left for _, _, name in files_named(step.message))
