"""A run that is in doubt as a whole: part of its journal was lost, and any of its messages may have been sent."""

from flowrunner.delivery.doubt import Doubts
from flowrunner.delivery.session import Session
from flowrunner.model import Event, EventKind


async def decide(session: Session, doubt: Event, doubts: Doubts) -> Event:
    """Write what was decided: `retrying`, it goes on after the last step that is known; `skipped`, it ends here.

    Without a decision it stays in doubt: looking one message up would say nothing of those after it.
    """
    if doubts.policy == "resend":
        reason = "continued after the last step that is known, though more may have been sent"
        return await session.write(EventKind.RETRYING, reason=reason, doubtful=True)
    if doubts.policy == "skip":
        return await session.write(EventKind.SKIPPED, reason="in doubt, and not continued")
    return await session.write(EventKind.IN_DOUBT, **doubt.detail)
