"""One run, step by step, from wherever it stands.

A process may die at any instant: whoever goes on reads from the journal what is done and what is in doubt.
"""

import asyncio
import math
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace

from flowrunner.journal import Journal
from flowrunner.model import Event, EventKind, Message, Pause, Rendering, Run, Skipped
from flowrunner.runner.doubt import Doubts, settle
from flowrunner.runner.pace import Pace, Rate
from flowrunner.runner.progress import Progress, Stage, progress_of
from flowrunner.runner.sending import send
from flowrunner.runner.session import ConversationBusy, Session
from flowrunner.runner.waiting import wait, wait_after
from flowrunner.transport import Transport

Hold = Callable[[float], float]
"""The first moment from the given one on at which a message may leave, both in seconds since the epoch."""
Refuse = Callable[[], str]
"""Why a run must not begin; empty where it may."""
HELD = "held until their hours"
"""Why a run waits outside of its steps."""


@dataclass(frozen=True, slots=True)
class _Work:
    """What all steps of a run share."""

    rendering: Rendering
    transport: Transport
    journal: Journal
    pace: Pace
    doubts: Doubts
    max_wait: float
    park: bool
    hold: Hold | None
    refuse: Refuse | None
    undelivered: bool


async def carry_out(
    run: Run,
    rendering: Rendering,
    transport: Transport,
    journal: Journal,
    *,
    stop: asyncio.Event,
    pace: Pace | None = None,
    doubts: Doubts | None = None,
    max_wait: float = 120.0,
    park: bool = False,
    hold: Hold | None = None,
    refuse: Refuse | None = None,
    undelivered: bool = False,
) -> AsyncGenerator[Event, None]:
    """Go on with a run; each event is durable when it is yielded, an `accepted` one before the next request leaves.

    The last event says how it ended: finished, failed or in doubt; any other means that it was stopped.

    Args:
        run: A run the journal knows.
        rendering: Its flow, rendered with its own variables and moment.
        transport: The door.
        journal: Where its events are and go.
        stop: Once set, no further message is begun.
        pace: Shared by all that use the same key.
        doubts: What to do with a message in doubt.
        max_wait: Seconds that one message may be tried again, and that a busy conversation is waited for.
        park: End at a pause that is not over, instead of waiting for it; the last event says when it will be.
        refuse: Asked of a run without any message yet, once it alone has the conversation; where it must not begin, it
            ends with a `skipped` event.
        hold: Asked before each message that has not left; where it may not leave yet, the run ends as at a pause.
        undelivered: Send those messages again of which WhatsApp said afterwards that they could not be delivered.

    Raises:
        RunElsewhere: Another process carries this run out; nothing was written.
        LostClaim: Another process took the conversation over; it goes on there.
        JournalError: The journal cannot be written; nothing further was sent.
    """
    session = Session(run, journal, stop)
    pace, doubts = pace or Pace(Rate(100, 60.0)), doubts or Doubts()
    work = _Work(rendering, transport, journal, pace, doubts, max_wait, park, hold, refuse, undelivered)
    try:
        async with session.claimed(max_wait), aclosing(_steps(session, work)) as events:
            async for event in events:
                yield event
    except ConversationBusy as busy:
        if stop.is_set():
            return
        hint = "it goes on when that run has ended or pauses"
        yield await session.write(EventKind.FAILED, reason=str(busy), hint=hint)


async def _steps(session: Session, work: _Work) -> AsyncGenerator[Event, None]:
    events = work.journal.events(session.run.id)
    if any(event.kind is EventKind.CANCELLED for event in events):
        return
    known = progress_of(events)
    if work.undelivered:
        lost = [each.step for each in work.rendering.actions if known.get(each.step.address, Progress()).undelivered]
        for step in lost:
            # All before the first of them leaves: an end on the way does not forget the others.
            session.note(EventKind.RETRYING, step, reason="it was not delivered, and is sent again")
        await session.flush()
        known = progress_of(work.journal.events(session.run.id))
    if work.refuse is not None and not known and (why := work.refuse()):
        yield await session.write(EventKind.SKIPPED, reason=why)
        return
    for action in work.rendering.actions:
        done = known.get(action.step.address, Progress())
        last: Event | None = None
        if isinstance(action, Message):
            taken = _message(session, action, done, work)
        elif isinstance(action, Pause):
            taken = _pause(session, action, done, work)
        else:
            taken = _skip(session, action, done)
        async for last in taken:
            yield last
        if session.stop.is_set() or (last is not None and last.kind in (EventKind.FAILED, EventKind.IN_DOUBT)):
            return
        if last is not None and last.kind is EventKind.PAUSED and (work.park or not last.step):
            return
        if isinstance(action, Pause):
            # The conversation was given back meanwhile: another process may have gone on with this very run.
            known = progress_of(work.journal.events(session.run.id))
    yield await session.write(EventKind.FINISHED)


async def _skip(session: Session, action: Skipped, done: Progress) -> AsyncGenerator[Event, None]:
    if done.stage is Stage.NEW:
        yield await session.write(EventKind.SKIPPED, action.step, reason=action.reason)


async def _pause(session: Session, action: Pause, done: Progress, work: _Work) -> AsyncGenerator[Event, None]:
    wake_at = time.time() + action.seconds if done.stage is Stage.NEW else done.wake_at
    if done.stage is Stage.NEW or (work.park and wake_at > time.time()):
        yield await session.write(EventKind.PAUSED, action.step, wake_at=wake_at)
    if wake_at > time.time() and not work.park:
        await session.sleep_released(wake_at - time.time(), work.max_wait)


async def _message(session: Session, action: Message, done: Progress, work: _Work) -> AsyncGenerator[Event, None]:
    if done.stage is Stage.SKIPPED:
        return  # it was in doubt, and is not sent again
    event: Event | None = None
    doubts, give_up, doubted = work.doubts, math.inf, False
    while done.stage is not Stage.ACCEPTED:
        if done.stage is Stage.OPEN:
            reason = "the program ended before the API's answer was known"
            yield await session.write(EventKind.IN_DOUBT, action.step, reason=reason, hint=work.doubts.plan)
        if done.stage in (Stage.OPEN, Stage.IN_DOUBT):
            taken = work.journal.message_ids(session.run.target, session.run.recipient.conversation)
            # Another run may have sent after this one was left in doubt: only its own messages surely came before.
            earlier = {event.message_id for event in work.journal.events(session.run.id)} & taken
            events = settle(
                session, action, done.begun_at, taken, work.transport, work.pace, doubts, give_up, earlier,
                done.message_id,
            )  # fmt: skip
            if doubts.policy == "resend":
                doubts = replace(doubts, policy="stop")  # a server that is down would send it again and again
        else:
            if work.hold is not None and (may := work.hold(time.time())) > time.time():
                yield await session.write(EventKind.PAUSED, wake_at=may, reason=HELD)
                return
            give_up = min(give_up, time.monotonic() + work.max_wait)
            events = send(session, action, work.transport, work.pace, work.max_wait, doubted=doubted)
        begun_at = done.begun_at
        event = None
        async for event in events:
            yield event
            begun_at = event.at if event.kind is EventKind.BEGUN else begun_at
        if event is None or event.kind in (EventKind.FAILED, EventKind.SKIPPED) or session.stop.is_set():
            return
        if event.kind is EventKind.IN_DOUBT:
            if done.stage in (Stage.OPEN, Stage.IN_DOUBT) or event.message_id:
                return  # looked up, and still in doubt; or perhaps with somebody else, which a person must look into
            # A slow journal may let a request leave long after it was begun; it has its grace all the same.
            done = Progress(Stage.IN_DOUBT, begun_at=max(begun_at, event.at - doubts.timeout))
        elif event.kind is EventKind.ACCEPTED:
            done = Progress(Stage.ACCEPTED, message_id=event.message_id)
        else:
            done, doubted = Progress(), True  # looked up, and not taken: it is sent like any other
    wanted = wait_after(action, work.rendering)
    if not done.waited and done.rank < wanted.rank:
        await session.flush()
        async for event in wait(session, action.step, done, wanted, work.transport, work.pace):
            yield event
