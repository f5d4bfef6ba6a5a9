"""One message: begun, handed over until it is taken or refused, and written down either way."""

import math
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Container
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING

from flowrunner.client import InDoubt, Receipt, Rejected, Retryable
from flowrunner.clock import Clock
from flowrunner.delivery.doubt.references import reference
from flowrunner.delivery.putting_off import refused
from flowrunner.delivery.queries import said
from flowrunner.delivery.read_receipts import is_mark, mark
from flowrunner.delivery.session import LAST_WAIT, Session
from flowrunner.delivery.uploads import UploadError
from flowrunner.dialects.refusals import NO_MARKETING, OUTSIDE
from flowrunner.engine.decide import digest_of
from flowrunner.journal import HeardMore
from flowrunner.model import Event, EventKind, Json, Message, MessageStep, Recipient, Step

if TYPE_CHECKING:
    from flowrunner.delivery.rate.pace import Turn

HELD = "WhatsApp holds it back for now, to see how others like it are received; it may still fail"
"""Said of what was accepted so: https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/template-pacing"""
IsNext = Callable[[], Awaitable[bool]]
"""Says whether a message still comes next, now that it has its turn."""
_IN_FLIGHT = 409
_NOTICED = 60.0
"""Seconds after which Kapso knows surely that somebody wrote: its own record may be later than its webhook."""
_UNNOTICED = "they have just written, which the API may know in a moment"
_STILL_BUSY = "the API is still busy with a message of this conversation, which may be this one"
_HELD_UP = "it could not leave while it had its turn, which other processes may have by now"
_LOOK = "look at both chats before you resume with --in-doubt resend or --in-doubt skip"


async def send(
    session: Session,
    message: Message,
    whom: Recipient,
    max_wait: float,
    taken: Container[str],
    is_next: IsNext,
    quoted: str = "",
    *,
    doubted: bool,
    wrote: float,
) -> AsyncGenerator[Event, None]:
    """Send one message; the last event says what became of it: accepted, failed or in doubt.

    The begun row is durable before the request leaves; what became of it is noted for the next write. What was surely
    not taken is tried again for up to ``max_wait`` seconds; what was perhaps taken is never tried again here.

    Args:
        session: The run.
        message: What is sent.
        whom: Where it goes; without a conversation the API finds or opens it.
        max_wait: Seconds that it is tried again.
        taken: The ids of the run's messages that the API took before.
        is_next: Whether it still is what comes next; where not, nothing is sent, and no event says so.
        quoted: WhatsApp's id of the message that it answers; empty for none.
        doubted: It was looked up and not found: then an API that is busy with a message of the conversation may be
            busy with this very one.
        wrote: When it was written down that its person wrote, in seconds since the epoch; 0.0 for never.
    """
    if is_mark(message.body):
        async for event in mark(session, message, max_wait):
            yield event
        return
    client, pace, give_up = session.client, session.pace, math.inf
    for tries in count(1):
        # Waiting for a turn comes before the begun row: a begun row says that a request may have left.
        if pace.wait() > 0 or session.window.waits:
            await session.flush()
        try:
            if (wire := await session.uploads.filled(message.wire, session.sleep)) is None:
                return
        except UploadError as why:
            yield await refused(session, message.step, why, if_quiet=True)
            return
        turn: Turn | None = None
        try:
            async with session.window.place() as place:
                turn = await pace.turn(session.sleep, session.key)
                if turn is None or (begun := await _begun(session, message, whom, is_next)) is None:
                    return
                give_up = min(give_up, session.clock.monotonic() + max_wait)
                yield begun
                await place.take()
                await turn.due()
                request = client.send(whom, wire, reference(session.run.id, message.step.address, tries), quoted)
                receipt = await session.answered(_noticed(request, session.clock, wrote), turn)
        except Retryable as refusal:
            if turn is not None and turn.is_over:
                yield await session.write(EventKind.RETRYING, message.step, reason=_HELD_UP, wait=0.0)
                continue
            pace.learn(client.rate)
            pace.refused(refusal.retry_after, max_wait)
            if doubted and refusal.status == _IN_FLIGHT:
                yield await session.write(EventKind.IN_DOUBT, message.step, reason=_STILL_BUSY)
                return
            wait = refusal.delay(tries - 1) + random.uniform(0, 0.1)  # noqa: S311  # jitter, no secret
            if session.clock.monotonic() + wait > give_up and not session.stop.is_set():
                yield await refused(session, message.step, refusal, is_begun=True)
                return
            yield await session.write(EventKind.RETRYING, message.step, **said(refusal), wait=round(wait, 1))
            if await session.sleep(wait):
                return
        except (Rejected, InDoubt) as refusal:
            if isinstance(refusal, Rejected) and await session.uploads.renewed(
                refusal, message.wire, wire, session.sleep
            ):
                yield await session.write(EventKind.RETRYING, message.step, **said(refusal), wait=0.0)
                continue
            if refusal.code in NO_MARKETING:
                await session.refuse_marketing()
            yield await (
                refused(session, message.step, refusal, is_begun=True)
                if isinstance(refusal, Rejected)
                else session.write(EventKind.IN_DOUBT, message.step, **said(refusal))
            )
            return
        except TimeoutError:
            reason = f"stopped, and no answer came within {LAST_WAIT:g} s"
            yield await session.write(EventKind.IN_DOUBT, message.step, reason=reason)
            return
        else:
            pace.learn(client.rate)
            yield await _received(session, message.step, whom, receipt, taken)
            return


async def _noticed(request: Awaitable[Receipt], clock: Clock, wrote: float) -> Receipt:
    """The request's receipt; that its person is outside of the 24 hours is `Retryable` right after they wrote."""
    try:
        return await request
    except Rejected as refusal:
        if refusal.code != OUTSIDE or clock.now() >= wrote + _NOTICED:
            raise
        reason, status = refusal.reason, refusal.status
    raise Retryable(reason, hint=_UNNOTICED, status=status, code=OUTSIDE, concerns="recipient")


async def _begun(session: Session, message: Message, whom: Recipient, is_next: IsNext) -> Event | None:
    """The event that begins a message, if it still comes next by all that its person has written; else None.

    One for each try: it fails if the claim was lost, and a look-up counts its waiting from the last.
    """
    while await is_next():
        with suppress(HeardMore):
            return await session.begin(message.step, digest_of(message), whom)
    return None


async def _received(session: Session, step: Step, whom: Recipient, receipt: Receipt, taken: Container[str]) -> Event:
    """What a receipt says became of a message: accepted, unless it may be somebody else's."""
    if stranger := receipt.named.stranger(whom):
        reason = f"the API took it, but says that it went to {stranger}, who may have it now"
        return await session.write(EventKind.IN_DOUBT, step, receipt.message_id, reason=reason, hint=_LOOK)
    if receipt.message_id in taken:
        reason = f"the API said yes, but with the id of an earlier message ({receipt.message_id})"
        return await session.write(EventKind.IN_DOUBT, step, reason=reason, status=201)
    detail: dict[str, Json] = {"wamid": receipt.wamid} if receipt.wamid else {}
    detail |= {"held": True, "reason": HELD} if receipt.held else {}
    detail |= receipt.named.learnt(whom)
    if isinstance(step, MessageStep) and step.reply is not None:  # what is written from now on may be its answer
        detail |= session.moment(session.clock.up())
    return session.note(EventKind.ACCEPTED, step, receipt.message_id, **detail)
