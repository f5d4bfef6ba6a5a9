"""Going on with the runs that wait, of single people and of campaigns, as their people write or their time comes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Coroutine, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Final, NamedTuple, TypeVar

from flowrunner.app.flows import sound
from flowrunner.app.resuming.set_aside import SetAside, Unforeseen
from flowrunner.app.runs.send import prepared_again
from flowrunner.app.senders.sender import Sender, open_sender, paced
from flowrunner.campaign import Channel
from flowrunner.campaign.run import RunSender
from flowrunner.client.access import target_key
from flowrunner.clock import SYSTEM, Clock
from flowrunner.delivery import Doubts, RunElsewhere, deliver
from flowrunner.delivery.ending import TAKEN_EARLIER
from flowrunner.delivery.inbound.late_optouts import keep_stops_of
from flowrunner.delivery.inbound.polling import Hearing
from flowrunner.delivery.owner import has_ended, new_owner
from flowrunner.delivery.session import LEASE
from flowrunner.diagnostics.errors import FlowError
from flowrunner.engine import Prepared
from flowrunner.engine.history.phases import PARKED
from flowrunner.flow import load_bundle
from flowrunner.journal import Journal, LostClaim
from flowrunner.journal.many import Member
from flowrunner.model import Event, EventKind

T = TypeVar("T")
Tell = Callable[[Member, Event], None]
"""Told each event of a run that is gone on with."""
LOOK = 0.5
"""Seconds between two looks into the journal, at most: another process may have heard somebody. Whose moment is known
is gone on with at that moment."""
_KEPT = 32
"""So many flows stay prepared."""
_MOMENT = 5.0
"""Seconds for which what comes next is waited for: what was just written settles."""
_REFUSED = 300.0
"""Seconds for which nothing is gone on with by a sender whom the API has refused: it would refuse everybody's."""


class Taking(NamedTuple):
    """How due runs are taken.

    Attributes:
        owner: By whom; empty for a name that is made.
        lease: Seconds for which nobody else is given them.
        has_ended: Whether somebody who has taken some is surely there no more; None to go by their name.
    """

    owner: str = ""
    lease: float = 60.0
    has_ended: Callable[[str], bool] | None = None


AS_A_LISTENER: Final = Taking()


@dataclass(slots=True)
class OpenSender:
    """A sender, opened.

    Attributes:
        target: What the journal calls its API.
        channel: What its runs are sent through.
        hearing: Asks what people have written.
        refused_until: Until when the API is not tried that has refused the sender, on the clock of `Clock.monotonic`.
        in_flight: How many parked runs are gone on with now.
        came_to: Told the last event of each run of a campaign, where it had any.
    """

    target: str
    channel: Channel
    hearing: Hearing
    refused_until: float = 0.0
    in_flight: int = 0
    came_to: Callable[[Member, Event], Awaitable[None]] | None = None
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)
    _campaigns: dict[str, RunSender] = field(default_factory=dict)
    _prepared: dict[str, Prepared] = field(default_factory=dict)

    async def go_on(self, member: Member, tell: Tell) -> None:
        """Go on with a run until it ends, or waits again; nothing is done where another process has it.

        Raises:
            JournalError: The journal cannot be used.
        """
        told = partial(self._told, tell)
        self.in_flight += 1
        try:
            if not member.campaign:
                last = await self._single(member, told)
            else:
                async with self._opening:  # whose people are due together: once for all of them
                    runs = await self._of(member.campaign, told)
                last = await runs.send(member)
            if last is not None and member.campaign and self.came_to is not None:
                await self.came_to(member, last)
        except (RunElsewhere, LostClaim):
            return
        except FlowError as error:
            reason = next(each.message for each in error.diagnostics if each.is_error)
            detail = {"reason": reason, "hint": TAKEN_EARLIER}
            event = Event(EventKind.FAILED, member.run.id, self.channel.clock.now(), detail=detail)
            await self.channel.journal.append(event)
            await keep_stops_of(self.channel.journal, member.run)
            tell(member, event)
        finally:
            self.in_flight -= 1

    def note(self, event: Event) -> None:
        """Take into account what an event says of the sender: once refused, it is left alone for a while."""
        if event.detail.get("concerns") == "sender":
            self.refused_until = self.channel.clock.monotonic() + _REFUSED

    @property
    def is_refused(self) -> bool:
        """Whether it is left alone."""
        return self.refused_until > self.channel.clock.monotonic()

    def _told(self, tell: Tell, member: Member, event: Event) -> None:
        self.note(event)
        tell(member, event)

    async def _of(self, campaign_id: str, tell: Tell) -> RunSender:
        if (known := self._campaigns.get(campaign_id)) is not None:
            return known
        its = await self.channel.journal.campaign(campaign_id)
        assert its is not None  # noqa: S101  # a run of it was found

        async def hear(member: Member, event: Event) -> None:
            tell(member, event)

        made = RunSender(its, sound(load_bundle(its.bundle)), self.channel, hear, puts_off=True)
        _keep(self._campaigns, campaign_id, made)
        return made

    async def _single(self, member: Member, tell: Tell) -> Event | None:
        run, channel = member.run, self.channel
        prepared, scope = prepared_again(run, self._prepared.get(run.bundle.digest))
        _keep(self._prepared, run.bundle.digest, prepared)
        stream = deliver(
            run, prepared, scope, channel.client, channel.journal, stop=channel.stop, pace=channel.pace,
            doubts=channel.doubts, max_wait=channel.max_wait, park=True, busy=channel.busy,
            lease=channel.lease, puts_off=True,
        )  # fmt: skip
        last: Event | None = None
        async with aclosing(stream):
            async for last in stream:
                tell(member, last)
        return last


@asynccontextmanager
async def opened(
    sender: Sender, journal: Journal, stop: asyncio.Event, clock: Clock = SYSTEM, *, lease: float = LEASE
) -> AsyncIterator[OpenSender]:
    """Open a sender to go on with its runs, each person claimed for so many seconds at a time.

    Raises:
        SenderError: The API's URL or the key cannot be used.
    """
    async with open_sender(sender, clock=clock) as (client, _), paced(sender, journal, clock) as pace:
        doubts = Doubts(sender.in_doubt, sender.timeout, sender.grace, sender.max_wait)
        channel = Channel(client, journal, pace, doubts, stop, sender.max_wait, busy=sender.busy, lease=lease)
        target = sender.target
        yield OpenSender(target, channel, Hearing(client, journal, target, pace, channel.sleep, sender.max_wait))


async def carry_on(
    open_senders: Sequence[OpenSender],
    journal: Journal,
    stop: asyncio.Event,
    *,
    tell: Tell = lambda _member, _event: None,
    unforeseen: Unforeseen | None = None,
    stir: asyncio.Event | None = None,
    window: int = 100,
    look: float = LOOK,
    once: bool = False,
    taking: Taking = AS_A_LISTENER,
) -> None:
    """Go on with the parked runs of these senders as they become due, until a stop is asked for.

    A run that was taken by a process of this machine that died is due again at once; of another, after a minute.
    One that becomes due while it is still being parked here is gone on with right after that.

    Args:
        open_senders: The senders.
        journal: Where the runs are.
        stop: Once set, nothing further is begun; it returns when what is under way has stopped.
        tell: Told each event.
        unforeseen: Told of a run that failed as nobody foresaw, which is left for a while; None to have that raised.
        stir: Set by whoever has heard somebody: the journal is looked into at once.
        window: How many runs are gone on with at a time.
        look: Seconds between two looks into the journal, at most.
        once: Return as soon as nothing is under way, or due within a moment.
        taking: How runs are taken.

    Raises:
        JournalError: The journal cannot be used.
    """
    by_target = {target_key(sender.target): sender for sender in open_senders}  # it has several spellings
    under_way: dict[asyncio.Task[None], Member] = {}
    clock = open_senders[0].channel.clock
    set_aside = SetAside(unforeseen, clock)
    owner = taking.owner or new_owner("")
    gone = taking.has_ended or partial(has_ended, is_shared=journal.is_shared)
    taken = partial(journal.due, lease=taking.lease, owner=owner, has_ended=gone)
    stir = stir or asyncio.Event()

    def ended(task: asyncio.Task[None]) -> BaseException | None:
        return set_aside.ended(under_way.pop(task), asyncio.CancelledError() if task.cancelled() else task.exception())

    try:
        while not stop.is_set():
            stir.clear()
            room, now = window - len(under_way), clock.now()
            targets = [its for its, sender in by_target.items() if not (sender.is_refused or set_aside.holds(its))]
            due = await taken(targets, now, room) if room and targets else []
            tasks = {member.key: task for task, member in under_way.items()}
            for member in due:
                before = tasks.get(member.key)
                if set_aside.holds(member.key):
                    continue
                if before is None or member.phase in PARKED:  # else it takes longer than a lease
                    going_on = by_target[target_key(member.run.target)].go_on(member, tell)
                    under_way[asyncio.create_task(_after(before, going_on))] = member
            following = await journal.next_due(targets) if targets else None
            if once and not under_way and (following is None or following > clock.now() + _MOMENT):
                return
            # What is due already, and was not taken, is not to be had before somebody ends.
            left = max(0.0, following - clock.now()) if following is not None and following > now else look
            for task in await _wait(under_way, stir, partial(clock.sleep, min(look, left), stop)):
                if failure := ended(task):
                    raise failure
    finally:
        if under_way:
            await asyncio.wait(under_way)
            for task in [*under_way]:
                ended(task)  # one failure is raised; that others have failed of the same need not be told


async def _after(before: asyncio.Task[None] | None, work: Coroutine[None, None, None]) -> None:
    if before is not None:
        await asyncio.wait([before])
    await work


async def _wait(
    tasks: Collection[asyncio.Task[None]], stir: asyncio.Event, sleep: Callable[[], Awaitable[bool]]
) -> set[asyncio.Task[None]]:
    """Wait until a run has ended or waits again, somebody was heard, or it is time to look. Returns who has ended."""
    beside = [asyncio.ensure_future(each) for each in (stir.wait(), sleep())]
    try:
        await asyncio.wait([*tasks, *beside], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in beside:
            each.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
    return {each for each in tasks if each.done()}


def _keep(kept: dict[str, T], key: str, value: T) -> None:
    """Keep the latest, and not more than `_KEPT`."""
    kept.pop(key, None)
    kept[key] = value
    if len(kept) > _KEPT:
        del kept[next(iter(kept))]
