"""A campaign that several processes send together: each carries out a stretch of its people at a time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

from flowrunner.campaign.duration import ANSWERED
from flowrunner.campaign.failure_limit import Toll
from flowrunner.campaign.progress import ENDED_BADLY, CampaignProgress
from flowrunner.campaign.run import Channel, RunSender
from flowrunner.campaign.sending import PAGE
from flowrunner.delivery.rate.in_flight import SendingWindow
from flowrunner.delivery.rate.turn_order import Place
from flowrunner.delivery.transit_times import FIRST
from flowrunner.engine.history.phases import Phase
from flowrunner.flow import Loaded
from flowrunner.journal import JournalError
from flowrunner.journal.many import Member
from flowrunner.journal.work import HandOver
from flowrunner.model import Event, EventKind
from flowrunner.model.campaigns import Campaign

_LOOK: Final = 1.0
"""Seconds between two looks at what others have done of the campaign, or at whom another process still has."""
_TOO_MANY: Final = 10
_TAKEN_UP: Final = (Phase.UNDER_WAY, Phase.IN_DOUBT)


class SharedCampaign:
    """One campaign in the hands of workers, as far as this process carries it out.

    Its limits hold over all processes: what has ended is added up in the journal, and so is the reason that stops it.

    Attributes:
        campaign: The campaign.
        handed: How it was handed over.
        channel: What it is sent through; its ``stop`` is set once nothing more of it is to be begun here, whyever.
        in_flight: How many people are sent to now.
    """

    def __init__(
        self,
        campaign: Campaign,
        loaded: Loaded,
        handed: HandOver,
        channel: Channel,
        window: SendingWindow,
        hear: Callable[[Member, Event], Awaitable[None]],
        unforeseen: Callable[[Member, Exception], None],
    ) -> None:
        """Nothing is begun yet.

        Args:
            campaign: The campaign.
            loaded: Its flow.
            handed: How it was handed over.
            channel: What it is sent through; once its ``stop`` is set, nothing further of it is begun.
            window: The messages that are on their way, shared with whatever else is sent by the same sender.
            hear: Told each event.
            unforeseen: Told of a run that failed as nobody foresaw: it is left, and after ten of them the campaign is.
        """
        self.campaign, self.handed = campaign, handed
        self._outer, self.channel = channel.stop, replace(channel, stop=asyncio.Event())
        undelivered = handed.terms.only == Phase.UNDELIVERED
        self._runs = RunSender(campaign, loaded, self.channel, hear, window=window, undelivered=undelivered)
        self._loaded, self._window, self._unforeseen = loaded, window, unforeseen
        self.in_flight = 0
        self._broken: set[int] = set()
        self._expected: CampaignProgress | None = None
        self._toll = Toll(handed, channel.journal)
        self._users = 0
        self._watching: asyncio.Task[None] | None = None

    @property
    def is_over(self) -> bool:
        """Whether it is to be left alone: it was cancelled, stopped, or handed over anew. Else it only ends here."""
        return self.channel.stop.is_set() and not self._outer.is_set()

    async def carry_out(self, first: int, last: int) -> None:
        """Go on with those of its people who have something to come, until each ends, waits, or is in doubt.

        Whoever another process has is waited for until it has ended with them, or died. May be called twice, at once or
        late.

        Args:
            first: The key of the first of them.
            last: Of the last.

        Raises:
            JournalAwayError: The journal cannot be reached; what was under way has ended.
            JournalError: The journal cannot be used; likewise.
        """
        tried: set[int] = set()
        async with self._watched():
            while not self.channel.stop.is_set() and (left := await self._left(first, last, tried)):
                is_anybody_new = not tried.issuperset(each.key for each in left)
                tried.update(each.key for each in left)
                if is_anybody_new or not await self.channel.sleep(_LOOK):
                    await self._send(left)

    async def _left(self, first: int, last: int, tried: set[int]) -> list[Member]:
        only, journal = self.handed.terms.only, self.channel.journal
        # Between two of those who alone are meant there may be any number of others; of new ones nothing is to be done.
        phases = (*_TAKEN_UP, Phase(only)) if only else (Phase.NEW, *_TAKEN_UP, Phase.FAILED)
        found: list[Member] = []
        after = first - 1
        while after < last:
            page = await journal.pending(self.campaign.id, phases=phases, after=after, limit=PAGE)
            its = [each for each in page if each.key <= last and each.key not in self._broken]
            found += [each for each in its if await self._is_left(each, tried)]
            after = page[-1].key if len(page) == PAGE else last
        return found

    async def _is_left(self, member: Member, tried: set[int]) -> bool:
        """Whether one is to be gone on with, by when anything became of them last."""
        if member.phase in (Phase.NEW, Phase.UNDER_WAY) and not self.handed.terms.only:
            return True
        if member.key in tried and member.phase is not Phase.UNDER_WAY:
            return member.phase is Phase.IN_DOUBT and member.run.id in self._runs.elsewhere
        if member.phase is Phase.IN_DOUBT and not self.handed.terms.only:
            return True
        its = await self.channel.journal.record(member.run.id)
        if its is None:
            return False  # somebody has deleted old runs meanwhile
        # Who failed since was tried; where only those are meant who had failed, all else is none of theirs.
        is_since = its.updated_at >= self.handed.at
        return not is_since if member.phase in ENDED_BADLY else is_since

    async def _send(self, members: Sequence[Member]) -> None:
        running: dict[asyncio.Task[None], Member] = {}
        try:
            for member in members:
                if any(map(_has_met_the_journal, running)) or (place := await self._place(member)) is None:
                    break
                running[asyncio.create_task(self._one(member, place))] = member
        except asyncio.CancelledError:
            for each in running:
                each.cancel()
            raise
        finally:
            ends = await asyncio.gather(*running, return_exceptions=True)
        for failure, member in zip(ends, running.values(), strict=True):
            if isinstance(failure, JournalError) or not isinstance(failure, Exception | None):
                raise failure  # that others have failed of the same need not be told
            if failure is not None:
                await self._leave(member, failure)

    async def _leave(self, member: Member, failure: Exception) -> None:
        self._unforeseen(member, failure)
        self._broken.add(member.key)
        if len(self._broken) >= _TOO_MANY:
            self.channel.stop.set()
            why = f"{_TOO_MANY} runs failed for a reason that nobody foresaw; the log of the worker has it"
            await self.channel.journal.work.stop(self.campaign.id, why)

    async def _one(self, member: Member, place: Place) -> None:
        began = self.channel.clock.now()
        self.in_flight += 1
        try:
            with place.taken():
                last = await self._runs.send(member)
            if last is not None and last.at >= began:  # else another process had brought it there
                await self._count(member, last)
        finally:
            self.in_flight -= 1
            self.channel.pace.leave(place)
            self._window.leave()

    async def _count(self, member: Member, last: Event) -> None:
        if last.kind is EventKind.FAILED and last.detail.get("concerns") == "sender":  # it refuses everybody's
            self.channel.stop.set()
            reason, hint = str(last.detail["reason"]), last.detail.get("hint")
            await self.channel.journal.work.stop(self.campaign.id, f"{reason}; {hint}" if hint else reason)
        if self._toll.count(member, last):
            await self._add_up()

    async def _place(self, member: Member) -> Place | None:
        """A place for a run in the order of the pace; None once a stop is asked for."""
        its = await self._usual()
        await self._window.enter()
        pace, requests, place = self.channel.pace, its.each + its.looks, None
        if not self.channel.stop.is_set():
            alone = its.each * ANSWERED + its.looks * FIRST
            is_new = member.phase is Phase.NEW
            place = await pace.begin(self.channel.sleep, requests, alone) if is_new else pace.enter(requests)
        if place is None:
            self._window.leave()
        return place

    async def _usual(self) -> CampaignProgress:
        """How many requests one of its runs makes."""
        if self._expected is None:
            its = CampaignProgress()
            await its.take_up(self.campaign, self._loaded, self.channel.journal)
            self._expected = its
        return self._expected

    @asynccontextmanager
    async def _watched(self) -> AsyncIterator[None]:
        """Within, it is learnt when nothing more is to be begun."""
        self._users += 1
        if self._watching is None:
            self._watching = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            self._users -= 1
            if not self._users:
                watching, self._watching = self._watching, None  # who comes while it ends has one of their own
                watching.cancel()
                await asyncio.gather(watching, return_exceptions=True)
                await self._add_up()

    async def _watch(self) -> None:
        while not self.channel.stop.is_set():
            try:
                if await self.channel.journal.cancelled_at(self.campaign.id) is not None:
                    self.channel.stop.set()
                await self._add_up()
            except JournalError:
                pass  # whoever sends finds that, too; and a stop is still followed
            if await self.channel.clock.sleep(_LOOK, self._outer):
                self.channel.stop.set()

    async def _add_up(self) -> None:
        if not await self._toll.add_up():
            self.channel.stop.set()


def _has_met_the_journal(task: asyncio.Task[None]) -> bool:
    """Whether a run has failed of the journal: one more would, too."""
    return task.done() and not task.cancelled() and isinstance(task.exception(), JournalError)
