"""How far a message has come: asked of that message, or learnt from the conversation's list where it cannot be."""

from collections.abc import AsyncGenerator
from functools import partial

from flowrunner.client import Rejected, RemoteMessage, Retryable
from flowrunner.delivery.asking import once
from flowrunner.delivery.session import Session
from flowrunner.delivery.verdict import SURELY
from flowrunner.dialects.refusals import NO_MARKETING
from flowrunner.engine.decisions import WaitForStatus
from flowrunner.engine.state import KINDS, StepState
from flowrunner.model import Event, EventKind

_POLL_FIRST, _POLL_MOST, _POLL_GROWTH = 0.1, 5.0, 1.5


async def wait(session: Session, known: StepState, wanted: WaitForStatus) -> AsyncGenerator[Event, None]:
    """Wait until the message has come far enough; a last `failed` event means that the run must stop."""
    await session.flush()
    pace, step, rank = session.pace, wanted.step, known.rank
    give_up = session.clock.monotonic() + wanted.timeout
    delay = _POLL_FIRST
    while rank < wanted.rank:
        left = give_up - session.clock.monotonic()
        if session.stop.is_set():
            return
        if left <= 0:
            reason = f"not {KINDS[wanted.rank]} within {wanted.timeout:g} s"
            if wanted.on_timeout == "continue":
                yield await session.write(EventKind.WAITED, step, known.message_id, reason=f"{reason}; continuing")
            else:
                hint = "resume continues to wait; the phone may be off"
                yield await session.write(EventKind.FAILED, step, known.message_id, reason=reason, hint=hint, late=True)
            return
        is_told = session.client.lists or session.client.says_status
        # Where the API tells nothing, time is all that can be waited for.
        if await session.sleep(min(max(delay, pace.wait()), left) if is_told else left):
            return
        if not is_told:
            continue
        if pace.wait() > give_up - session.clock.monotonic():
            continue  # asking now would be before its turn
        if await pace.turn(session.sleep) is None:
            return
        delay = min(delay * _POLL_GROWTH, _POLL_MOST)
        try:
            message = await once(partial(_seen, session, known.message_id), pace, session.sleep)
        except Retryable as refusal:
            pace.refused(refusal.retry_after, give_up - session.clock.monotonic())
            continue  # what cannot be read now may be read later; the wait has its own end
        except Rejected:
            continue
        if message is None:
            continue
        if message.failed:
            if stops_marketing(message):
                await session.refuse_marketing()
            yield await session.write(EventKind.FAILED, step, known.message_id, reason=failure_of(message))
            return
        reached = message.rank
        if reached > rank:  # a status that goes back is an old one that came late
            rank = reached
            yield await session.write(KINDS[rank], step, known.message_id)
    yield await session.write(EventKind.WAITED, step, known.message_id)


async def _seen(session: Session, message_id: str) -> RemoteMessage | None:
    """The message as it is now; None where it is not listed yet."""
    if session.client.says_status:
        its = await session.client.status(message_id)
        await session.heard(its)
        return its
    listed = await session.client.messages(session.recipient, since=session.run.created_at - SURELY)
    message = next((each for each in listed if each.message_id == message_id), None)
    if message is not None and not session.recipient.conversation:
        session.found = next(iter(message.named.conversations), "")
    return message


def stops_marketing(message: RemoteMessage) -> bool:
    """Whether a message failed because its person has stopped marketing messages."""
    return message.failed and message.error.partition(":")[0] in NO_MARKETING


def failure_of(message: RemoteMessage) -> str:
    """Why a message failed that the API had taken."""
    return message.error or "WhatsApp could not deliver it, and gave no reason"
