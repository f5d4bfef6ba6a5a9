"""What is asked of the API of a recipient before a message can leave: their conversation, and their 24 hours."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from functools import partial

from flowrunner.client import Rejected, TransportError
from flowrunner.delivery.putting_off import refused
from flowrunner.delivery.queries import ask, find
from flowrunner.delivery.session import Session
from flowrunner.model import Event, EventKind, Json, Message, Recipient, Step


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
        yield await refused(session, step, refusal, if_quiet=True)
        return
    if window is None:
        return  # a stop was asked for
    left = window.left(session.client.api_clock.now(session.clock))
    # By our own clock, however wrong, for whoever asks it later whether that is over.
    detail: dict[str, Json] = {"open": True, "until": session.clock.now() + left} if left > 0 else {"open": False}
    if window.conversation and not session.recipient.conversation:
        detail["conversation"] = window.conversation
    yield await session.write(EventKind.WINDOW, step, **detail)


async def address(
    session: Session, message: Message, refuse: Callable[[], Awaitable[str]] | None, max_wait: float
) -> Recipient | Event | None:
    """Where a message goes of which that is not sure: to the phone, if it may open a conversation; else it is found.

    Args:
        session: The run.
        message: What is to be sent.
        refuse: Why it must not be, asked once more where only the API's answer says who they are; None where it may.
        max_wait: Seconds that each question is asked again.

    Returns:
        The recipient; the event that ends the run, where nothing can be sent; None where a stop came first.
    """
    whom = session.recipient
    if whom.phone and session.client.dialect.opens(message.body):
        return whom._replace(conversation="")
    await session.flush()
    look_up = partial(find, client=session.client, pace=session.pace, sleep=session.sleep, max_wait=max_wait)
    try:
        try:
            found = await look_up(whom)
        except Rejected:
            if not whom.conversation:
                raise
            found = await look_up(whom._replace(conversation=""))  # the one that the run knows has ended
    except TransportError as refusal:
        return await refused(session, message.step, refusal, if_quiet=True)
    if found is None:
        return None
    whom = whom._replace(conversation=found.conversation)
    session.found = whom.conversation
    if await session.learn(whom, max_wait) and refuse is not None and (why := await refuse()):
        return await session.write(EventKind.SKIPPED, reason=why)
    return whom
