"""Whether a recipient may be sent free text: asked of the API where a step depends on it, and written down."""

from collections.abc import AsyncGenerator
from functools import partial

from flowrunner.client import TransportError
from flowrunner.delivery.asking import ask
from flowrunner.delivery.sending import said
from flowrunner.delivery.session import Session
from flowrunner.model import Event, EventKind, Json, Step


async def look_at_window(session: Session, step: Step, max_wait: float) -> AsyncGenerator[Event, None]:
    """Ask how long the recipient's 24 hours go on; a `failed` event where the API does not tell.

    Args:
        session: The run.
        step: What depends on it.
        max_wait: Seconds that it is asked again.
    """
    question = partial(session.client.window, session.recipient)
    await session.flush()
    try:
        window = await ask(question, session.client, session.pace, session.sleep, max_wait)
    except TransportError as refusal:
        yield await session.write(EventKind.FAILED, step, **said(refusal))
        return
    if window is None:
        return  # a stop was asked for
    is_open = window.is_open(session.clock.now())
    detail: dict[str, Json] = {"open": True, "until": window.until} if is_open else {"open": False}
    if window.conversation and not session.recipient.conversation:
        detail["conversation"] = window.conversation
    yield await session.write(EventKind.WINDOW, step, **detail)
