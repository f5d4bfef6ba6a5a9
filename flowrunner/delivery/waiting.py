"""How far a message has come: learnt from the conversation's list, for the API has no other way to ask."""

import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowrunner.client import Rejected, RemoteMessage, Retryable
from flowrunner.delivery.pace import Pace
from flowrunner.delivery.session import Session
from flowrunner.engine.state import KINDS, RANKS, StepState
from flowrunner.model import Event, EventKind, Message, OnTimeout, Rendering, Step

if TYPE_CHECKING:
    from flowrunner.client.http import Client

AUTO_TIMEOUT = 20.0
"""Seconds that the default waits for a slow message to be delivered before the next one goes."""
UNTIL_TIMEOUT = 60.0
"""Seconds that `until` waits unless the step says otherwise."""
_POLL_FIRST, _POLL_MOST, _POLL_GROWTH = 0.1, 5.0, 1.5
_SLOW = frozenset(["image", "video", "audio", "document", "interactive"])


@dataclass(frozen=True, slots=True)
class Wait:
    """How far, how long, and what then."""

    rank: int
    timeout: float
    on_timeout: OnTimeout


def wait_after(action: Message, rendering: Rendering) -> Wait:
    """The wait that belongs to a message.

    Where its author has not said ``until``: media and interactive messages are overtaken by the text that follows
    them (https://github.com/theopenconversationkit/tock/issues/1860), so one that another message follows is waited
    for. A reaction only ever gets `sent`.
    """
    step = action.step
    reaction = action.body.get("message_type") == "reaction"
    if step.until is not None:
        rank = min(RANKS[step.until], 1) if reaction else RANKS[step.until]
        return Wait(rank, _given(step.timeout, UNTIL_TIMEOUT), step.on_timeout or "stop")
    followed = step.address != rendering.messages[-1].step.address
    slow = action.body.get("message_type") in _SLOW or action.body.get("header_type") in _SLOW
    return Wait(2 if slow and followed else 0, _given(step.timeout, AUTO_TIMEOUT), step.on_timeout or "continue")


def _given(seconds: float | None, default: float) -> float:
    return default if seconds is None else seconds


async def wait(
    session: Session, step: Step, known: StepState, wanted: Wait, transport: "Client", pace: Pace
) -> AsyncGenerator[Event, None]:
    """Wait until the message has come far enough; a last `failed` event means that the run must stop."""
    rank = known.rank
    give_up = time.monotonic() + wanted.timeout
    delay = _POLL_FIRST
    while rank < wanted.rank:
        left = give_up - time.monotonic()
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
        if await session.sleep(min(max(delay, pace.wait()), left)):
            return
        if pace.wait() > give_up - time.monotonic():
            continue  # asking now would be before its turn
        if await pace.turn(session.sleep) is None:
            return
        delay = min(delay * _POLL_GROWTH, _POLL_MOST)
        try:
            listed = await transport.messages(session.run.recipient)
        except Retryable as refusal:
            pace.refused(refusal.retry_after, give_up - time.monotonic())
            continue  # what cannot be read now may be read later; the wait has its own end
        except Rejected:
            continue
        message = next((each for each in listed if each.message_id == known.message_id), None)
        if message is None:
            continue
        if message.failed:
            yield await session.write(EventKind.FAILED, step, known.message_id, reason=failure_of(message))
            return
        reached = message.rank
        if reached > rank:  # a status that goes back is an old one that came late
            rank = reached
            yield await session.write(KINDS[rank], step, known.message_id)
    if wanted.rank:
        yield await session.write(EventKind.WAITED, step, known.message_id)


def failure_of(message: RemoteMessage) -> str:
    """Why a message failed that the API had taken."""
    return message.error or "WhatsApp could not deliver it, and gave no reason"
