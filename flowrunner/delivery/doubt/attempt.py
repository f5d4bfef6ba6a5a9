"""What a process knows of the message that a run is at, and what is known of one that may have been taken."""

import math
from typing import NamedTuple

from flowrunner.clock import Stamp
from flowrunner.engine.history.state import State
from flowrunner.flow.steps import walk_flow
from flowrunner.model import Flow, Message


class Attempt(NamedTuple):
    """What this process knows of the message it is at, beside its events.

    Attributes:
        address: Its step.
        give_up: When it has been tried long enough, on the clock of `Clock.monotonic`.
        ended: When its last request was given up.
        doubted: It was looked up and not found.
        resent: It was sent again though it may have been taken; that is done once.
    """

    address: str
    give_up: float = math.inf
    ended: Stamp | None = None
    doubted: bool = False
    resent: bool = False

    def at(self, message: Message) -> "Attempt":
        """The same, if it is of this message; else a new one."""
        return self if self.address == message.step.address else Attempt(message.step.address)


NO_ATTEMPT = Attempt("")


def quoted_by(message: Message, state: State, flow: Flow) -> str:
    """WhatsApp's id of the message of this run that a message answers; empty where none was sent, or none is meant."""
    name = message.body.get("reply_to")
    known = (state.step(step.address) for step in walk_flow(flow) if step.id == name) if name else ()
    return next((its.message_id for its in known if its.taken), "")
