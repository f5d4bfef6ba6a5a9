"""A run that is in doubt as a whole: part of its journal was lost, and any of its messages may have been sent."""

from collections.abc import Sequence

from flowrunner.delivery.doubt import Doubts
from flowrunner.delivery.session import Session
from flowrunner.model import Event, EventKind


def lost(events: Sequence[Event]) -> Event | None:
    """The event that put the run in doubt as a whole, if nothing was decided since."""
    last = next((each for each in reversed(events) if not each.step and each.kind in _SETTLING), None)
    return last if last is not None and last.kind is EventKind.IN_DOUBT else None


_SETTLING = (EventKind.IN_DOUBT, EventKind.RETRYING)


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
