"""What the person wrote last is marked as read, perhaps with a sign that somebody types: nothing is sent to anybody.

So it may be done twice, and is never in doubt.
"""

from collections.abc import AsyncGenerator, Mapping
from functools import partial

from flowrunner.client import TransportError
from flowrunner.delivery.putting_off import refused
from flowrunner.delivery.queries import ask
from flowrunner.delivery.session import Session
from flowrunner.dialects import dialects_that
from flowrunner.engine.decide import digest_of
from flowrunner.model import Event, EventKind, Json, Message

AGAIN = "marked once more, which changes nothing"
"""Why it is done again where nobody knows whether it was done."""
_NOTHING = "the person has written nothing that could be marked as read"
_UNTOLD = "this API does not tell what the person wrote last; message_id would name it"


def is_mark(body: Mapping[str, Json]) -> bool:
    """Whether a message is none, but marks one of the person's."""
    return body.get("message_type") == "read"


async def mark(session: Session, message: Message, max_wait: float) -> AsyncGenerator[Event, None]:
    """Mark as read what the message names, else what the person wrote last; tried for up to ``max_wait`` seconds."""
    client, step = session.client, message.step
    asking = (client, session.pace, session.sleep, max_wait)
    if not client.dialect.marks:
        hint = f"remove the step, or send with the dialect {dialects_that(lambda each: each.marks)}"
        reason = "this API marks no message as read"
        yield await session.write(EventKind.FAILED, step, reason=reason, hint=hint, unsent=True)
        return
    await session.flush()
    try:
        named = message.body.get("message_id")
        if not named and client.lists:
            named = await ask(partial(client.last_inbound, session.recipient), *asking)
            if named is None:
                return
        if not named:
            yield await session.write(EventKind.SKIPPED, step, reason=_NOTHING if client.lists else _UNTOLD)
            return
        yield await session.begin(step, digest_of(message), session.recipient, unsent=True)
        if await ask(partial(client.mark, session.recipient, message.wire, named), *asking):
            yield session.note(EventKind.ACCEPTED, step, unsent=True)
    except TransportError as refusal:
        yield await refused(session, step, refusal)
