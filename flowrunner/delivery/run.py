"""One run, from wherever it is: what comes next is asked, carried out, written down, and asked again.

A process may die at any instant: whoever goes on reads from the journal what is done and what is in doubt.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from functools import partial
from typing import TYPE_CHECKING

from flowrunner.delivery.beginning import Refuse, had_elsewhere, yields
from flowrunner.delivery.conflicts import ConversationBusy
from flowrunner.delivery.doubt.policy import Doubts
from flowrunner.delivery.ending import alone, end_of, given_way, keep_unread_stop, unsendable
from flowrunner.delivery.messages import Messages
from flowrunner.delivery.permission import OPTED_OUT, Hold, Permission, WhenBusy
from flowrunner.delivery.putting_off import recall
from flowrunner.delivery.rate.in_flight import SendingWindow
from flowrunner.delivery.rate.pace import Pace
from flowrunner.delivery.session import LEASE, Session
from flowrunner.delivery.uploads import Uploads
from flowrunner.engine.decide import Cursor
from flowrunner.engine.decisions import (
    Decision,
    End,
    LookAtWindow,
    Reconcile,
    Send,
    Skip,
    TakeAnswer,
    WaitForMoment,
    WaitForReply,
    WaitForStatus,
)  # fmt: skip
from flowrunner.engine.history.phases import Phase
from flowrunner.engine.history.recipient_learnt import filled
from flowrunner.engine.history.state import Stage, state_of
from flowrunner.engine.render import Prepared
from flowrunner.engine.rendering.scope import Scope, StepProblems
from flowrunner.journal import CalledOff, HeardMore, Journal, OptedOut
from flowrunner.model import Event, EventKind, Json, Message, MessageStep, Recipient, Run, Step

if TYPE_CHECKING:
    from flowrunner.client.http import Client


async def deliver(
    run: Run,
    prepared: Prepared,
    scope: Scope,
    client: "Client",
    journal: Journal,
    *,
    stop: asyncio.Event,
    pace: Pace,
    doubts: Doubts | None = None,
    max_wait: float = 120.0,
    park: bool = False,
    hold: Hold | None = None,
    refuse: Refuse | None = None,
    undelivered: bool = False,
    busy: WhenBusy | None = "wait",
    uploads: Uploads | None = None,
    lease: float = LEASE,
    window: SendingWindow | None = None,
    puts_off: bool = False,
) -> AsyncGenerator[Event, None]:
    """Go on with a run.

    Each event is in the journal when it is yielded, an `accepted` one before the next request leaves. The
    last event says how it ended: finished, failed or in doubt; any other means that it was stopped.

    Args:
        run: A run the journal knows.
        prepared: Its flow.
        scope: What its first step may read: the run's own variables and moment, which were rendered before.
        client: Of the API.
        journal: Where its events are and go.
        stop: Once set, no further message is begun.
        pace: Shared by all that use the same key; time comes from its clock.
        doubts: What to do with a message in doubt.
        max_wait: Seconds that one message may be tried again, and that a busy conversation is waited for.
        park: End at a pause that is not over, instead of waiting for it; the last event says when it will be.
        refuse: Asked before the first message, once this run alone has the conversation; where it must not begin, it
            ends with a `skipped` event. By default whether another run has sent the flow since this one began.
        hold: Asked before each message that has not left; where it may not leave yet, the run ends as at a pause.
        undelivered: Send those messages again of which WhatsApp said afterwards that they could not be delivered.
        busy: What to do while another run asks the person something: wait, which parks this one; or, before its first
            message, refuse. None not to look.
        uploads: The files of the flow, shared by all runs of it; by default for this run alone.
        lease: Seconds after which another process may take the person over, should this one have died.
        window: The messages that are on their way, shared by all runs of a campaign; by default of this run alone.
        puts_off: Have it wait, not fail, where the API is out of reach or refuses the sender: whoever calls goes on.

    Raises:
        RunElsewhere: Another process carries this run out; nothing was written. One that reconciles a message of it is
            waited for, up to ``max_wait`` seconds, and not with ``park``.
        LostClaim: Another process took the conversation over; it goes on there.
        JournalError: The journal cannot be written; nothing further was sent.
    """
    doubts, uploads = doubts or Doubts(), uploads or Uploads(run.bundle, run.target, client, journal, pace, max_wait)
    tell = None if park else doubts.tell or (lambda _text, _seconds: None)
    session = Session(run, client, journal, pace, stop, uploads, tell, lease, window, puts_off=puts_off)
    messages = Messages(session, prepared.flow, journal, doubts, max_wait)
    refuse = refuse or partial(had_elsewhere, run, journal)
    permission = Permission(session, journal, hold, refuse, busy)
    under_way = _UnderWay(
        session, messages, prepared, scope, journal, max_wait, refuse, permission, park=park, undelivered=undelivered
    )
    last: Event | None = None
    try:
        with suppress(CalledOff):  # it stands where whoever called it off has put it
            async with session.claimed(max_wait), aclosing(under_way.events()) as events:
                try:
                    async for last in events:
                        yield last
                    await keep_unread_stop(run, journal, last)
                except OptedOut:
                    yield await session.write(EventKind.SKIPPED, reason=OPTED_OUT)
    except ConversationBusy as taken:
        if not stop.is_set():
            yield await given_way(session, journal, str(taken), parks=park)


class _UnderWay:
    """A run that this process carries out; the arguments are `deliver`'s."""

    def __init__(
        self, session: Session, messages: Messages, prepared: Prepared, scope: Scope, journal: Journal,
        max_wait: float, refuse: Refuse, permission: Permission, *, park: bool, undelivered: bool,
    ) -> None:  # fmt: skip
        self.session, self.messages, self.prepared, self.scope = session, messages, prepared, scope
        self.journal, self.max_wait, self.refuse, self.permission = journal, max_wait, refuse, permission
        self.park, self.undelivered = park, undelivered
        self.known = 0  # how many events of the run are in the cursor
        self.slept: set[str] = set()  # pauses that are over, whatever a clock says that was set back

    async def events(self) -> AsyncGenerator[Event, None]:
        session = self.session
        await self._read()
        recall(session, self.cursor.state.last)
        self.permission.may_begin = self.cursor.state.run.may_have_had
        unknown = None
        if self.undelivered and self.cursor.state.run.phase is Phase.UNDELIVERED:
            from flowrunner.delivery.late_statuses import mark_undelivered  # few runs need it

            unknown = await mark_undelivered(session, self.cursor.state, self.prepared.flow, self.max_wait)
            await self._read()
            self.permission.may_begin = False  # another run may have sent them the flow since
        if (waits := unknown or await self.permission.to_go_on(self.cursor.state)) is not None:
            yield waits
            return
        while not session.stop.is_set():
            last = self.cursor.state.last
            if session.shared and last is not None and last.kind is EventKind.FAILED and not last.detail.get("learnt"):
                yield last  # another process has brought it there meanwhile
                return
            if why := await self._learn():
                yield await session.write(EventKind.SKIPPED, reason=why)
                return
            await self._hear()
            with suppress(HeardMore):  # it is looked at what that is, and decided anew
                try:
                    decision = self._decision()
                except StepProblems as problems:
                    yield await unsendable(session, problems)
                    return
                if isinstance(decision, WaitForMoment) and decision.step.address in self.slept:
                    self.cursor.pass_step()
                    continue
                event = None
                async for event in self._carried_out(decision):
                    self.cursor.add(event)
                    self.known += 1
                    yield event
                if isinstance(decision, End) or (event is not None and await self._ends(decision, event)):
                    return

    async def _read(self) -> None:
        """What the journal knows by now."""
        events = await self.journal.events(self.session.run.id)
        self.known = len(events)
        self.cursor = Cursor(self.prepared, self.scope, state_of(events))
        self.session.read = self.cursor.state.run.heard

    async def _hear(self) -> None:
        """Take into account what other processes have written meanwhile: what the person wrote, and statuses."""
        if self.session.run.listens:
            await self.session.flush()
            if await self.journal.news(self.session.run.id, self.known):
                await self._read()

    async def _learn(self) -> str:
        """Hold the person by what was learnt of them. Returns why the run goes no further, where that shows now."""
        session = self.session
        its = filled(self.cursor.state.recipient_of(session.run.recipient), Recipient(session.found))
        if not await session.learn(its, self.max_wait) or not (why := await self.refuse()):
            return ""
        return why if await yields(session.run, self.journal) else ""

    def _decision(self) -> Decision:
        clock = self.session.clock
        return self.cursor.decide(clock.now(), None if self.park else clock.stamp())  # the parked wake by the wall

    def _carried_out(self, decision: Decision) -> AsyncGenerator[Event, None]:
        """The events of carrying a Decision out."""
        match decision:
            case Send(message, question):
                return self._send(message) if question is None else self._unless_replied(question, decision)
            case Reconcile(message):
                if message is not None:
                    return self.messages.reconcile(message, self.cursor)
                lost = self.cursor.state.lost
                assert lost is not None  # noqa: S101  # nothing else is reconciled without a message
                return self.messages.reconcile_run(lost)
            case WaitForStatus(step):
                from flowrunner.delivery.message_status import wait

                return wait(self.session, self.journal, self.cursor.state.step(step.address), decision)
            case WaitForMoment():
                return self._pause(decision)
            case LookAtWindow(step):
                return self._look(step)
            case Skip(step, reason):
                return alone(self.session.write(EventKind.SKIPPED, step, reason=reason))
            case End():
                return alone(end_of(self.session, self.cursor.state, decision))
            case TakeAnswer(MessageStep() as question, _, True):
                return self._unless_replied(question, decision)
            case WaitForReply() | TakeAnswer():
                return alone(self._listen(decision))

    async def _ends(self, decision: Decision, last: Event) -> bool:
        """Whether nothing more is to be done in this process after a Decision was carried out."""
        match last.kind:
            case EventKind.IN_DOUBT:
                # Looked up, and still in doubt; or perhaps with somebody else, which a person must look into.
                if isinstance(decision, Send) and not last.message_id:
                    return False
                await self._hear()  # it may have taken long to look it up
                return not isinstance(self._decision(), TakeAnswer)  # who says stop is heard all the same
            case EventKind.PAUSED | EventKind.SKIPPED as kind:
                return not last.step or (self.park and kind is EventKind.PAUSED)
            case kind:
                return kind in (EventKind.ASKED, EventKind.FAILED)

    async def _look(self, step: Step) -> AsyncGenerator[Event, None]:
        from flowrunner.delivery.recipient_lookup import look_at_window  # few flows ask

        if withheld := await self.permission.to_leave(self.cursor.state.run):
            yield withheld  # what would be learnt now may be otherwise then
            return
        async for event in look_at_window(self.session, step, self.max_wait):
            self.messages.sure = self.messages.sure or "conversation" in event.detail
            yield event

    async def _send(self, message: Message) -> AsyncGenerator[Event, None]:
        if withheld := await self.permission.to_send(message, self.cursor.state.run):
            yield withheld
            return
        async for event in self.messages.send(message, self.cursor, self.refuse, partial(self._is_next, message)):
            yield event

    async def _is_next(self, message: Message) -> bool:
        """Whether it still comes next, now that it has its turn: by what they wrote, and by the hour that it is."""
        await self._hear()
        its = self._decision()
        return isinstance(its, Send) and its.message.step == message.step and not self.permission.held_until()

    async def _listen(self, wanted: WaitForReply | TakeAnswer) -> Event:
        from flowrunner.delivery.inbound.parking import listen  # few flows ask

        return await listen(self.session, self.prepared.flow, self.cursor.state, wanted)

    async def _unless_replied(self, question: MessageStep, wanted: Send | TakeAnswer) -> AsyncGenerator[Event, None]:
        """Carry out what silence leads to, unless it is none: then what was heard decides what comes next."""
        from flowrunner.delivery.inbound.parking import look

        heard = await look(self.session, self.journal, self.cursor.state, question, self.max_wait)
        if isinstance(heard, Event):
            yield heard
        elif heard is False:
            carried = self._send(wanted.message) if isinstance(wanted, Send) else alone(self._listen(wanted))
            async for event in carried:
                yield event

    async def _pause(self, wanted: WaitForMoment) -> AsyncGenerator[Event, None]:
        session, its = self.session, self.cursor.state.step(wanted.step.address)
        is_new = its.stage is Stage.NEW
        if self.park or is_new:
            stamp = list((session.clock.stamp() if is_new else its.begun.at) or ())
            heard: dict[str, Json] = {"heard": self.cursor.state.run.heard} if session.run.listens else {}
            yield await session.write(EventKind.PAUSED, wanted.step, wake_at=wanted.until, clock=stamp, **heard)
        if not self.park:
            self.slept.add(wanted.step.address)
            # The conversation is given back meanwhile: another process may have gone on with this very run.
            await session.sleep_released(wanted.left, self.max_wait)
            self.messages.forget()
            await self._read()
