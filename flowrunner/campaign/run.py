"""One run of a campaign: held until its hours, its conversation found, rendered as it was checked, carried out."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from flowrunner.campaign.schedule import schedule_from
from flowrunner.campaign.selection import HAD_BEFORE
from flowrunner.client import TransportError
from flowrunner.clock import Clock
from flowrunner.delivery import HELD, Doubts, Pace, RunElsewhere, Uploads, WhenBusy, deliver, find
from flowrunner.delivery.ending import TAKEN_EARLIER
from flowrunner.delivery.putting_off import passes, put_off, times_put_off
from flowrunner.delivery.queries import said
from flowrunner.delivery.rate.in_flight import SendingWindow
from flowrunner.delivery.session import LEASE
from flowrunner.diagnostics import Location
from flowrunner.engine import Given, Prepared, Scope
from flowrunner.engine.decide import Cursor
from flowrunner.engine.decisions import LookAtWindow, Reconcile, Send
from flowrunner.engine.history.phases import Phase
from flowrunner.engine.history.state import State, state_of
from flowrunner.flow import Loaded
from flowrunner.journal import Journal, LostClaim
from flowrunner.journal.many import Member
from flowrunner.model import Event, EventKind, Message, Recipient, Run
from flowrunner.model.campaigns import Campaign

if TYPE_CHECKING:
    from flowrunner.client.http import Client

_OF_THE_RUN = Location("the run")


class _Unrenderable(Exception):  # noqa: N818 - the reason why one person gets nothing
    """What was once checked is refused now."""


class CampaignEvent(NamedTuple):
    """An event of one of a campaign's runs.

    Attributes:
        line: The recipient's line in the audience's file.
    """

    line: int
    recipient: Recipient
    event: Event


@dataclass(frozen=True, slots=True)
class Channel:
    """What the runs of a campaign are sent through.

    Attributes:
        stop: Once set, nothing further is begun.
        max_wait: Seconds that one message may be tried again.
        uploads: The files of the flow; by default each run has its own.
        busy: What to do while another run asks a person something.
        lease: Seconds after which another process may take a person over, should this one have died.
    """

    client: "Client"
    journal: Journal
    pace: Pace
    doubts: Doubts
    stop: asyncio.Event
    max_wait: float = 120.0
    uploads: Uploads | None = None
    busy: WhenBusy = "wait"
    lease: float = LEASE

    @property
    def clock(self) -> Clock:
        """Where time comes from."""
        return self.pace.clock

    async def sleep(self, seconds: float) -> bool:
        """Sleep, or wake as soon as a stop is asked for. Returns whether it was."""
        return await self.clock.sleep(seconds, self.stop)


class RunSender:
    """Sends the runs of one campaign, any number of them at a time; ``hear`` is told each event of theirs.

    Attributes:
        elsewhere: The ids of runs that another process had when they were to be sent.
    """

    def __init__(
        self,
        campaign: Campaign,
        loaded: Loaded,
        channel: Channel,
        hear: Callable[[Member, Event], Awaitable[None]],
        *,
        window: SendingWindow | None = None,
        undelivered: bool = False,
        puts_off: bool = False,
    ) -> None:
        """``window`` is shared by all of them.

        With ``undelivered``: messages that could not be delivered are sent again. ``puts_off`` is `deliver`'s.
        """
        self._campaign, self._channel, self._hear = campaign, channel, hear
        self._window, self._undelivered, self._puts_off = window, undelivered, puts_off
        self._schedule = schedule_from(campaign.options, campaign.created_at)
        self._prepared = Prepared(loaded, channel.client.dialect, is_flat=campaign.options.get("is_flat") is True)
        self.elsewhere: set[str] = set()

    async def send(self, member: Member) -> Event | None:
        """Go on with a run until it ends, waits or is stopped.

        Returns its last event; None where it was stopped before anything was done, or another process has it.

        Raises:
            JournalError: The journal cannot be written; nothing further was sent.
        """
        channel, run = self._channel, member.run
        if await channel.journal.cancelled_at(self._campaign.id) is not None:
            return None  # it was handed out before that
        self.elsewhere.discard(run.id)
        hold = partial(self._schedule.next, member.zone)
        if member.phase is Phase.NEW and (may := hold(channel.clock.now())) > channel.clock.now():
            # Before anything is asked of the API: it would be asked again.
            detail = {"wake_at": may, "reason": HELD}
            return await self._note(EventKind.PAUSED, member, detail)
        try:
            prepared, scope = self._rendered(run)
            whom = await self._recipient(run, member.conversation, prepared, scope)
        except _Unrenderable as unlike:
            kind = EventKind.IN_DOUBT if await self._has_doubts(run) else EventKind.FAILED
            return await self._note(kind, member, {"reason": str(unlike), "hint": TAKEN_EARLIER})
        except TransportError as refusal:
            if not (self._puts_off and passes(refusal)):
                return await self._note(EventKind.FAILED, member, said(refusal))
            state = state_of(await channel.journal.events(run.id))
            later = put_off(times_put_off(state.last), channel.clock.now(), said(refusal))
            return await self._note(EventKind.PAUSED, member, later | {"heard": state.run.heard})
        if whom is None:
            return None
        if whom.conversation not in ("", member.conversation):
            await channel.journal.found(run.id, whom.conversation)
        run = run._replace(recipient=whom)
        events = deliver(
            run, prepared, scope, channel.client, channel.journal,
            stop=channel.stop, pace=channel.pace, doubts=channel.doubts, max_wait=channel.max_wait, park=True,
            hold=hold, refuse=partial(self._had_it, run), undelivered=self._undelivered,
            uploads=channel.uploads, busy=channel.busy, lease=channel.lease, window=self._window,
            puts_off=self._puts_off,
        )  # fmt: skip
        last: Event | None = None
        try:
            async with aclosing(events):
                async for last in events:
                    await self._hear(member, last)
        except (RunElsewhere, LostClaim):
            self.elsewhere.add(run.id)
            return None
        return last

    async def _had_it(self, run: Run) -> str:
        """Whether another run has sent them the flow since they were checked."""
        since = self._schedule.too_recent(self._channel.clock.now())
        journal, whom = self._channel.journal, [run.recipient]
        had = await journal.had_before(run.flow_name, run.target, whom, but=run.id, since=since)
        return HAD_BEFORE if had else ""

    async def _note(self, kind: EventKind, member: Member, detail: dict[str, object]) -> Event | None:
        """Write down why a run is not gone on with; nothing of one that somebody else has begun since it was new."""
        record = await self._channel.journal.record(member.run.id) if member.phase is Phase.NEW else None
        if record is not None and record.phase is not Phase.NEW:
            self.elsewhere.add(member.run.id)
            return None
        event = Event(kind, member.run.id, self._channel.clock.now(), detail=detail)
        await self._channel.journal.append(event)
        await self._hear(member, event)
        return event

    def _rendered(self, run: Run) -> tuple[Prepared, Scope]:
        """A run's flow, rendered as it was checked, and what its first step may read.

        The same text, values and moment give the same bytes.

        Raises:
            _Unrenderable: Another flowrunner checked it, and this one refuses it.
        """
        bound, problems = self._prepared.inputs.bind(
            {name: Given(value, _OF_THE_RUN) for name, value in run.variables.items()}
        )
        if bound is not None:
            prepared = self._prepared.for_one()
            actions, problems = prepared.actions(run.recipient, bound, run.now)
            if actions is not None:
                return prepared, prepared.scope(run.recipient, bound.values, run.now, bound.given)
        raise _Unrenderable(next(each.message for each in problems if each.is_error))

    async def _recipient(self, run: Run, known: str, prepared: Prepared, scope: Scope) -> Recipient | None:
        """Whom a run goes to, found where the audience names them otherwise; None once a stop is asked for.

        Who gets a message next that opens a conversation, or of whom a question comes next, is not looked for.

        Args:
            run: The run.
            known: The conversation that it had when it was looked at last.
            prepared: Its flow.
            scope: What its first step may read.

        Raises:
            TransportError: There is none, more than one, or nobody knows.
        """
        its, channel = run.recipient, self._channel
        dialect = channel.client.dialect
        if its.conversation and dialect.addresses(its):
            return its  # whatever has come of the run, its messages went there
        state = state_of(await channel.journal.events(run.id))
        chosen = any(each.begun.by_phone for each in state.steps.values())
        if known and state.is_open:  # what was perhaps sent is looked for where it was sent
            its = state.recipient_of(its) if chosen else its._replace(conversation=known)
        if not any(getattr(its, name) for name in dialect.names):
            its = await channel.journal.known(run.target, its)
            its = its._replace(conversation="") if its.phone else its  # they may have another by now
        if dialect.addresses(its) or (its.phone and self._opens(state, prepared, scope)):
            return its
        found = await find(its, channel.client, channel.pace, channel.sleep, channel.max_wait)
        # Their phone stays as the audience has it.
        return found and found._replace(phone=its.phone or found.phone, user_id=its.user_id or found.user_id)

    def _opens(self, state: State, prepared: Prepared, scope: Scope) -> bool:
        """Whether what a run does next needs no conversation."""
        dialect, now = self._channel.client.dialect, self._channel.clock.now()
        match Cursor(prepared, scope, state).decide(now):
            case Send(message):
                return dialect.opens(message.body)
            case LookAtWindow():
                return True
            case Reconcile(Message() as message):
                return state.step(message.step.address).begun.by_phone
            case _:
                return False

    async def _has_doubts(self, run: Run) -> bool:
        return state_of(await self._channel.journal.events(run.id)).is_open
