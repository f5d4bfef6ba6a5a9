"""A run that listens: it lets go of its person while it waits, and looks once more before silence counts."""

from functools import partial

from flowrunner.client import TransportError
from flowrunner.delivery.queries import ask, said
from flowrunner.delivery.session import Session
from flowrunner.engine.answers.candidates import opened
from flowrunner.engine.answers.opting_out import stopped
from flowrunner.engine.decisions import TakeAnswer, WaitForReply
from flowrunner.engine.history.state import State
from flowrunner.journal import Journal
from flowrunner.model import Event, EventKind, Flow, MessageStep

_LATER = 300.0
"""Seconds after which an API that could not be asked is asked again whether somebody has answered."""
_EARLIER = 120.0
"""Seconds before a question that a look goes back: the API's clock may be behind what it stamps messages with."""


async def listen(session: Session, flow: Flow, state: State, wanted: WaitForReply | TakeAnswer) -> Event:
    """Wait for an answer, or write down what was heard as one; raises as `take` does."""
    return await (park(session, state, wanted) if isinstance(wanted, WaitForReply) else take(session, flow, wanted))


async def park(session: Session, state: State, wanted: WaitForReply) -> Event:
    """Wait for an answer: from here on no process has anything to do with the run, until it is woken."""
    return await session.write(EventKind.ASKED, wanted.step, wake_at=wanted.until, heard=state.run.heard)


async def take(session: Session, flow: Flow, wanted: TakeAnswer) -> Event:
    """Write down what was heard as the answer to a question, or that nothing was; in the same commit, who said stop.

    Raises:
        HeardMore: It is silence, and something was heard meanwhile.
    """
    stop = stopped(flow, wanted)
    more = {} if stop is None else {"opts_out": stop}
    detail = {**wanted.answered.detail, **more}
    return await session.write(EventKind.ANSWERED, wanted.step, if_quiet=wanted.unless_replied, **detail)


async def look(
    session: Session, journal: Journal, state: State, question: MessageStep, max_wait: float
) -> Event | bool | None:
    """Look at the conversation once more: a webhook may be late, or lost.

    Args:
        session: The run.
        journal: Where what is heard goes.
        state: What its events come to.
        question: What was asked.
        max_wait: Seconds that the API is asked again.

    Returns:
        Whether anything new was heard; the event that parks the run once more, where the API could not be asked; None
        where a stop came first.
    """
    client, since = session.client, opened(state.step(question.address)) - _EARLIER
    if not client.lists:
        return False
    await session.flush()
    try:
        inbound = await ask(
            partial(client.heard_of, session.recipient, since), client, session.pace, session.sleep, max_wait
        )
    except TransportError as refusal:
        wake_at = session.clock.now() + _LATER
        return await session.write(EventKind.ASKED, question, wake_at=wake_at, heard=state.run.heard, **said(refusal))
    if inbound is None:
        return None
    heard = await journal.hear(session.run.target, [(session.recipient, each) for each in inbound])
    return session.run.id in heard
