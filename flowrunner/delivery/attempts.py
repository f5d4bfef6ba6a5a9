"""What a process knows of the message that a run is at, and what is known of one that may have been taken."""

import math
from typing import NamedTuple

from flowrunner.clock import Stamp
from flowrunner.delivery.reconcile import Doubt
from flowrunner.delivery.session import Session
from flowrunner.delivery.verdict import ours
from flowrunner.engine.decide import Cursor
from flowrunner.engine.history.state import State
from flowrunner.flow.steps import walk_flow
from flowrunner.journal import Journal
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


async def doubt_of(session: Session, journal: Journal, cursor: Cursor, message: Message, ended: Stamp | None) -> Doubt:
    """What is known of a message that may have been taken.

    Args:
        session: The run.
        journal: What says what else was sent there.
        cursor: Where the run is.
        message: What is in doubt.
        ended: When this process gave its request up; None where another process had begun it.
    """
    run, accepted, its = session.run, cursor.state.accepted, cursor.state.step(message.step.address)
    whom = session.recipient._replace(conversation="") if its.begun.by_phone else session.recipient
    sent = await journal.sent_to(run.target, whom)
    earlier = {message_id: each.begun for message_id, each in accepted.items()}
    actions = {message_id: cursor.actions.get(each.step) for message_id, each in accepted.items()}
    bodies = {message_id: each.body for message_id, each in actions.items() if isinstance(each, Message)}
    others = ours(sent, run.id, message.step.address)
    message = message._replace(body=await session.uploads.named(message.body))
    return Doubt(message, its.begun, ended, others, earlier, bodies, its.message_id, its.said_yes)


def quoted_by(message: Message, state: State, flow: Flow) -> str:
    """WhatsApp's id of the message of this run that a message answers; empty where none was sent, or none is meant."""
    name = message.body.get("reply_to")
    known = (state.step(step.address) for step in walk_flow(flow) if step.id == name) if name else ()
    return next((its.message_id for its in known if its.taken), "")
