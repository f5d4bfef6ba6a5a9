"""Each message goes out with a reference to its step; where the API tells it, it settles which message is which.

The API tells it with the statuses that WhatsApp gives of a message: before the first of them nothing is told.
https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages/status
"""

from collections.abc import Sequence
from functools import partial
from typing import Final, NamedTuple

from flowrunner.client import RemoteMessage, TransportError
from flowrunner.delivery.queries import ask
from flowrunner.delivery.session import OURS, Session

_MOST: Final = 30
"""Messages that are asked for, the newest first."""
_LOOKS: Final = 3
"""Times that one is asked for of which WhatsApp has said nothing yet."""
_BETWEEN: Final = 2.0
"""Seconds between two of them."""


def reference(run: str, step: str, attempt: int) -> str:
    """What a message is posted with; it tells nothing of its person."""
    return f"{_mine(run, step)}{attempt}"


def _mine(run: str, step: str) -> str:
    return f"{OURS}{run}:{step}:"


class Told(NamedTuple):
    """What references tell of some messages.

    Attributes:
        mine: The one that was posted for this step, by whatever attempt.
        others: The ids of those that surely were not.
    """

    mine: RemoteMessage | None = None
    others: frozenset[str] = frozenset()


async def told(session: Session, step: str, listed: Sequence[RemoteMessage], patience: float) -> Told:
    """Ask for each of these messages, and for what it was posted with.

    Args:
        session: The run.
        step: The address of the step whose message is looked for.
        listed: What it may be.
        patience: Seconds that each is asked for again where that is refused.
    """
    left = sorted(listed, key=lambda each: each.created_at, reverse=True)[:_MOST]
    mine, others = _mine(session.run.id, step), set[str]()
    for look in range(_LOOKS):
        if look and await session.sleep(_BETWEEN):
            break
        silent = []
        for each in left:
            its = await _reference_of(session, each, patience)
            if its is None:
                silent.append(each)
            elif its.startswith(mine):
                return Told(each, frozenset(others))
            elif its or await session.echoes():
                others.add(each.message_id)
        if not silent:
            break
        left = silent
    return Told(None, frozenset(others))


async def _reference_of(session: Session, message: RemoteMessage, patience: float) -> str | None:
    """What a message was posted with, empty for nothing; None where nothing tells it."""
    question = partial(session.client.status, message.message_id)
    try:
        its = await ask(question, session.client, session.pace, session.sleep, patience)
    except TransportError:
        return None
    if its is not None:
        await session.heard(its)
    return its.reference if its is not None else None
