"""Messages of which WhatsApp said, after their run's end, that they could not be delivered."""

from collections.abc import Iterable, Mapping
from functools import partial

from flowrunner.client import TransportError
from flowrunner.delivery.asking import ask
from flowrunner.delivery.session import Session
from flowrunner.engine.state import KINDS, RANKS, State
from flowrunner.model import EventKind, Step


async def mark_undelivered(session: Session, state: State, steps: Iterable[Step], max_wait: float) -> None:
    """Write down which of a run's messages are to be sent again, all at once: an end on the way forgets none of them.

    One that came late after all is not among them.
    """
    again = [step for step in steps if state.step(step.address).undelivered]
    reached = await _reached(session, max_wait) if again else {}
    for step in again:
        message_id = state.step(step.address).message_id
        if (rank := reached.get(message_id, 0)) >= RANKS["delivered"]:
            session.note(KINDS[rank], step, message_id)
        else:
            session.note(EventKind.RETRYING, step, reason="it was not delivered, and is sent again")
    await session.flush()


async def _reached(session: Session, max_wait: float) -> Mapping[str, int]:
    """How far the messages have come by now, by their ids; nothing where that cannot be read."""
    question = partial(session.client.messages, session.run.recipient)
    try:
        listed = await ask(question, session.client, session.pace, session.sleep, max_wait)
    except TransportError:
        return {}
    return {each.message_id: each.rank for each in listed or ()}
