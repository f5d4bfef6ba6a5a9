"""One run, step by step, from wherever it stands.

A process may die at any instant: whoever goes on reads from the journal what is done and what is in doubt.
"""

import asyncio
import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from flowrunner.client import TransportError
from flowrunner.clock import SYSTEM, Clock, Stamp
from flowrunner.delivery.asking import ask
from flowrunner.delivery.doubt import Doubt, Doubts, settle
from flowrunner.delivery.lost import decide
from flowrunner.delivery.moments import grace_left
from flowrunner.delivery.pace import Pace, Rate
from flowrunner.delivery.reconcile import ours
from flowrunner.delivery.sending import send
from flowrunner.delivery.session import ConversationBusy, Session
from flowrunner.delivery.waiting import wait, wait_after
from flowrunner.engine.begun import begun
from flowrunner.engine.state import KINDS, OPEN, RANKS, Stage, State, StepState, said_yes, state_of
from flowrunner.journal import Journal
from flowrunner.model import Event, EventKind, Message, Pause, Rendering, Run, Skipped

if TYPE_CHECKING:
    from flowrunner.client.http import Client

Hold = Callable[[float], float]
"""The first moment from the given one on at which a message may leave, both in seconds since the epoch."""
Refuse = Callable[[], Awaitable[str]]
"""Why a run must not begin; empty where it may."""
HELD = "held until the allowed hours"
"""Why a run waits outside of its steps."""


@dataclass(frozen=True, slots=True)
class _Work:
    """What all steps of a run share."""

    rendering: Rendering
    transport: "Client"
    journal: Journal
    pace: Pace
    doubts: Doubts
    max_wait: float
    park: bool
    hold: Hold | None
    refuse: Refuse
    undelivered: bool

    async def taken(self, session: Session, action: Message, done: StepState, ended: Stamp | None) -> Doubt:
        """What is known of a message that may have been taken."""
        its = session.run
        sent = await self.journal.sent_to(its.target, its.recipient.conversation)
        accepted = state_of(await self.journal.events(its.id)).accepted
        steps = {each.step.address: each.body for each in self.rendering.messages}
        earlier = {message_id: each.begun for message_id, each in accepted.items()}
        bodies = {message_id: steps[each.step] for message_id, each in accepted.items() if each.step in steps}
        others = ours(sent, its.id, action.step.address)
        return Doubt(action, done.begun, ended, others, earlier, bodies, done.message_id, done.said_yes)


async def carry_out(
    run: Run,
    rendering: Rendering,
    transport: "Client",
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
    clock: Clock = SYSTEM,
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
        refuse: Asked before the first message, once this run alone has the conversation; where it must not begin, it
            ends with a `skipped` event. By default whether another run has sent the flow since this one began.
        hold: Asked before each message that has not left; where it may not leave yet, the run ends as at a pause.
        undelivered: Send those messages again of which WhatsApp said afterwards that they could not be delivered.
        clock: Where time comes from.

    Raises:
        RunElsewhere: Another process carries this run out; nothing was written. One that settles a doubt of it is
            waited for, up to ``max_wait`` seconds, and not with ``park``.
        LostClaim: Another process took the conversation over; it goes on there.
        JournalError: The journal cannot be written; nothing further was sent.
    """
    pace, doubts = pace or Pace(Rate(100, 60.0)), doubts or Doubts()
    tell = doubts.tell or (lambda _text, _seconds: None)
    session = Session(run, journal, stop, clock, None if park else tell)
    refuse = refuse or partial(_had_elsewhere, run, journal)
    work = _Work(rendering, transport, journal, pace, doubts, max_wait, park, hold, refuse, undelivered)
    try:
        async with session.claimed(max_wait), aclosing(_steps(session, work)) as events:
            async for event in events:
                yield event
    except ConversationBusy as busy:
        if stop.is_set():
            return
        hint = "it can continue when that run has ended or pauses"
        yield await session.write(EventKind.FAILED, reason=str(busy), hint=hint)


async def _had_elsewhere(run: Run, journal: Journal) -> str:
    """Why a run must not begin: its person may have had the flow by another one, and it was not begun `again`."""
    record = await journal.record(run.id)
    if record is not None and record.again:
        return ""
    had = await journal.had_before(run.flow_name, run.target, [run.recipient], but=run.id)
    return "had this flow before" if had else ""


async def _steps(session: Session, work: _Work) -> AsyncGenerator[Event, None]:
    state = state_of(await work.journal.events(session.run.id))
    session.taken.update(state.accepted)
    if (end := _end(state, shared=session.shared)) is not None:
        yield end  # another process has brought it there meanwhile
        return
    if state.lost is not None:
        decision = await decide(session, state.lost, work.doubts)
        yield decision
        if decision.kind is not EventKind.RETRYING:
            return
    known, had = state, state.run.had != "none"
    if work.undelivered:
        again = [each.step for each in work.rendering.actions if known.step(each.step.address).undelivered]
        reached = await _reached(session, work) if again else {}
        for step in again:
            # All before the first of them leaves: an end on the way does not forget the others.
            message_id = known.step(step.address).message_id
            if (rank := reached.get(message_id, 0)) >= RANKS["delivered"]:
                session.note(KINDS[rank], step, message_id)  # it came late
            else:
                session.note(EventKind.RETRYING, step, reason="it was not delivered, and is sent again")
        await session.flush()
        # Another run may have sent them the flow since.
        known, had = state_of(await work.journal.events(session.run.id)), False
    for action in work.rendering.actions:
        done = known.step(action.step.address)
        last: Event | None = None
        if isinstance(action, Message) and not had:
            if why := await work.refuse():
                yield await session.write(EventKind.SKIPPED, reason=why)
                return
            had = True
        if isinstance(action, Message):
            stream = _message(session, action, done, work)
        elif isinstance(action, Pause):
            stream = _pause(session, action, done, work)
        else:
            stream = _skip(session, action, done)
        async for last in stream:
            yield last
        if session.stop.is_set() or (last is not None and last.kind in (EventKind.FAILED, EventKind.IN_DOUBT)):
            return
        if last is not None and last.kind is EventKind.PAUSED and (work.park or not last.step):
            return
        if isinstance(action, Pause):
            # The conversation was given back meanwhile: another process may have gone on with this very run.
            known = state_of(await work.journal.events(session.run.id))
            if (end := _end(known, shared=session.shared)) is not None:
                yield end
                return
    yield await session.write(EventKind.FINISHED)


async def _reached(session: Session, work: _Work) -> Mapping[str, int]:
    """How far the messages have come by now, by their ids; nothing where that cannot be read."""
    question = partial(work.transport.messages, session.run.recipient)
    try:
        listed = await ask(question, work.transport, work.pace, session.sleep, work.max_wait)
    except TransportError:
        return {}
    return {each.message_id: each.rank for each in listed or ()}


def _end(state: State, *, shared: bool) -> Event | None:
    """The event that a run has ended with; a failure only where ``shared``, or else it is to be tried again."""
    if state.cancelled is not None:
        return state.cancelled
    ends, last = (EventKind.FINISHED, EventKind.FAILED) if shared else (EventKind.FINISHED,), state.last
    return last if last is not None and last.kind in ends and not last.detail.get("learnt") else None


async def _skip(session: Session, action: Skipped, done: StepState) -> AsyncGenerator[Event, None]:
    if done.stage is Stage.NEW:
        yield await session.write(EventKind.SKIPPED, action.step, reason=action.reason)


async def _pause(session: Session, action: Pause, done: StepState, work: _Work) -> AsyncGenerator[Event, None]:
    clock, is_new = session.clock, done.stage is Stage.NEW
    began, wake_at = (clock.stamp(), clock.now() + action.seconds) if is_new else (done.begun.at, done.until)
    passed = None if work.park else clock.since(began)  # who wakes the parked goes by the wall
    left = wake_at - clock.now() if passed is None else action.seconds - passed
    if is_new or (work.park and left > 0):
        yield await session.write(EventKind.PAUSED, action.step, wake_at=wake_at, clock=list(began or ()))
    if left > 0 and not work.park:
        # A clock that was set back must not make it longer than it was meant to be.
        await session.sleep_released(min(left, action.seconds), work.max_wait)


async def _message(session: Session, action: Message, done: StepState, work: _Work) -> AsyncGenerator[Event, None]:
    if done.stage in (Stage.GIVEN_UP, Stage.NOT_APPLICABLE):
        return  # it was in doubt, and is not sent again
    event: Event | None = None
    doubts, give_up, doubted = work.doubts, math.inf, False
    ended: Stamp | None = None
    while done.stage is not Stage.ACCEPTED:
        if done.stage is Stage.BEGUN:
            left = grace_left(done.begun, None, doubts.timeout, doubts.grace, session.clock)
            # Who watches is told of it at the moment it is waited for.
            hint = f"it is looked up in {math.ceil(left)} s" if doubts.looks_up and doubts.tell is None else ""
            reason = "the program ended before the API's answer was known"
            yield await session.write(EventKind.IN_DOUBT, action.step, reason=reason, hint=hint)
        if done.stage in OPEN:
            doubt = await work.taken(session, action, done, ended)
            events = settle(session, doubt, work.transport, work.pace, doubts, give_up)
            if doubts.policy == "resend":
                doubts = replace(doubts, policy="stop")  # a server that is down would send it again and again
        else:
            if work.hold is not None and (may := work.hold(session.clock.now())) > session.clock.now():
                yield await session.write(EventKind.PAUSED, wake_at=may, reason=HELD)
                return
            give_up = min(give_up, session.clock.monotonic() + work.max_wait)
            events = send(session, action, work.transport, work.pace, work.max_wait, doubted=doubted)
        at = done.begun
        event = None
        async for event in events:
            yield event
            at = begun(event) if event.kind is EventKind.BEGUN else at
        if event is None or event.kind in (EventKind.FAILED, EventKind.SKIPPED) or session.stop.is_set():
            return
        if event.kind is EventKind.IN_DOUBT:
            if done.stage in OPEN or event.message_id:
                return  # looked up, and still in doubt; or perhaps with somebody else, which a person must look into
            # A slow journal may let a request leave long after it was begun; it has its grace all the same.
            done = StepState(Stage.IN_DOUBT, begun=at, said_yes=said_yes(event))
            ended = session.clock.stamp()
        elif event.kind is EventKind.ACCEPTED:
            done = StepState(Stage.ACCEPTED, message_id=event.message_id)
        else:
            done, doubted = StepState(), True  # looked up, and not taken: it is sent like any other
    wanted = wait_after(action, work.rendering)
    if not done.waited and done.rank < wanted.rank:
        await session.flush()
        async for event in wait(session, action.step, done, wanted, work.transport, work.pace):
            yield event
