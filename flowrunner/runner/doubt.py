"""A message that was perhaps taken: looked up in the conversation before anything else is sent there.

What this cannot promise, for the API has no key to tell two requests apart: a process frozen between its lease check
and its send may send after it was taken over; an API that records a message later than the grace defeats the look-up.
"""

import math
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal

from flowrunner.model import Event, EventKind, Message
from flowrunner.runner.asking import ask
from flowrunner.runner.finding import messages_of
from flowrunner.runner.pace import Pace
from flowrunner.runner.session import Session
from flowrunner.transport import RemoteMessage, Transport, TransportError

Policy = Literal["reconcile", "stop", "ask", "resend", "skip"]
Decision = Literal["stop", "resend", "skip"]
Ask = Callable[[Message, str], Awaitable[Decision]]
"""Asks a person about a message; gets the reason why a look-up could not settle it."""

_SKEW = 60.0  # seconds by which the API's clock and ours may differ
_TOLERANCE = 5.0  # seconds by which they may differ without a doubt


@dataclass(frozen=True, slots=True)
class Doubts:
    """What to do with a message in doubt.

    Attributes:
        policy: ``reconcile`` looks it up and, where that settles nothing, asks or stops.
        timeout: Seconds after which a request of ours has ended, one way or the other.
        grace: Seconds more that the API may need to list what it took.
        patience: Seconds that the list is asked for again where it cannot be read.
        ask: Asks a person; None where there is none.
    """

    policy: Policy = "reconcile"
    timeout: float = 30.0
    grace: float = 5.0
    patience: float = 120.0
    ask: Ask | None = None

    @property
    def plan(self) -> str:
        """What will be done about a doubt, for whoever watches."""
        if self.policy in ("reconcile", "ask"):
            return f"it is looked up within {self.timeout + self.grace:g} s"
        return ""


async def settle(
    session: Session,
    action: Message,
    begun_at: float,
    taken: Collection[str],
    transport: Transport,
    pace: Pace,
    doubts: Doubts,
    give_up: float = math.inf,
    earlier: Collection[str] = (),
    message_id: str = "",
) -> AsyncGenerator[Event, None]:
    """Settle a doubt. The last event says how: accepted, retrying or failed (not taken), skipped, or still in doubt.

    Args:
        session: The run.
        action: The message.
        begun_at: When it was begun, in seconds since the epoch.
        taken: Ids of messages that are known to be others.
        transport: The door.
        pace: Questions count, too.
        doubts: What to do.
        give_up: When a message that was not taken has been tried long enough, on the clock of ``time.monotonic``.
        earlier: Those of ``taken`` that the API took before this one was begun.
        message_id: Its id, where the API took it but named somebody else: then only that id in the list settles it.
    """
    reason = "not looked up"
    if doubts.policy in ("reconcile", "ask"):
        wait = begun_at + doubts.timeout + doubts.grace - time.time()
        if await session.sleep(wait):
            return
        found = await _look_up(session, action, begun_at, taken, transport, pace, doubts.patience, earlier, message_id)
        if isinstance(found, RemoteMessage):
            yield await session.write(
                EventKind.ACCEPTED, action.step, found.message_id, reason="looked up: the API had taken it"
            )
            return
        if found is None:
            kind = EventKind.RETRYING if time.monotonic() < give_up else EventKind.FAILED
            yield await session.write(kind, action.step, reason="looked up: the API had not taken it")
            return
        reason = found
    decision: Decision = "stop"
    if doubts.policy in ("resend", "skip"):
        decision = "resend" if doubts.policy == "resend" else "skip"
    elif doubts.policy != "stop" and doubts.ask is not None and not session.stop.is_set():
        decision = await doubts.ask(action, reason)
    if decision == "resend":
        yield await session.write(EventKind.RETRYING, action.step, reason="sent again, though it may have been taken")
    elif decision == "skip":
        yield await session.write(EventKind.SKIPPED, action.step, reason="in doubt, and not sent again")
    else:
        hint = "look at the chat, then resume with --in-doubt resend or --in-doubt skip"
        yield await session.write(EventKind.IN_DOUBT, action.step, reason=reason, hint=hint)


async def _look_up(
    session: Session,
    action: Message,
    begun_at: float,
    taken: Collection[str],
    transport: Transport,
    pace: Pace,
    patience: float,
    earlier: Collection[str],
    message_id: str,
) -> RemoteMessage | str | None:
    """The one message that is it; None when it surely is not there; else why neither can be said."""
    question = partial(messages_of, session.run.recipient, transport)
    try:
        listed = await ask(question, transport, pace, session.sleep, patience)
    except TransportError as refusal:
        return f"the conversation could not be read: {refusal.reason}"
    if listed is None:
        return "stopped before it could be looked up"
    if message_id:
        mine = next((each for each in listed if each.message_id == message_id), None)
        return mine or f"the API took it as {message_id}, and this conversation does not have it: who got it?"
    # The API's own clock, where it has dated an earlier message of ours: nothing much older is the one in question.
    known = max((each.created_at for each in listed if each.message_id in earlier), default=0.0)
    since, sure = (known - _TOLERANCE, known) if known else (begun_at - _SKEW, begun_at - _TOLERANCE)
    likely: list[RemoteMessage] = []
    unclear = 0
    for message in listed:
        if message.direction == "inbound" or message.message_id in taken:
            continue
        if message.created_at and message.created_at < since:
            continue
        same = _is_same(action.body, message)
        if same and message.created_at and message.created_at < sure:
            same = None  # by the clocks it was there before: somebody else's, or the clocks differ
        if same is None:
            unclear += 1
        elif same:
            likely.append(message)
    if len(likely) == 1 and not unclear:
        return likely[0]
    if not likely and not unclear:
        return None
    candidates = ", ".join(each.message_id for each in likely) or "of the same type"
    return f"{len(likely) + unclear} messages in the conversation could be it ({candidates})"


def _is_same(body: Mapping[str, object], message: RemoteMessage) -> bool | None:
    """Whether the API's record is of this message; None when the record does not show enough to tell."""
    kind = body.get("message_type", "text")
    if not message.message_type:
        return None
    if message.message_type != kind:
        return False
    if kind == "text":
        if not message.content:
            return None
        return _normal(message.content) == _normal(str(body["content"]))
    content = body.get("content")
    if content is not None and _normal(message.content) == _normal(str(content)):
        return True
    told = {name: list(_values(message.data, name)) for name in _TELLING if name in body}
    if any(found and body[name] not in found for name, found in told.items()):
        return None if "media_url" in told else False  # the API may keep a file under an address of its own
    return True if any(told.values()) else None


_TELLING = ("media_url", "media_id", "template_name", "body_text", "latitude", "longitude", "reaction_emoji")


def _values(data: object, name: str) -> Iterator[object]:
    """Every value that stands under a key of that name."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            if key == name and value is not None:
                yield value
            yield from _values(value, name)
    elif isinstance(data, list):
        for item in data:
            yield from _values(item, name)


def _normal(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())
