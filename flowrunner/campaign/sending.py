"""Everybody of a campaign is sent to: a bounded window of runs, each in its own order, all state in the journal."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from flowrunner.campaign.duration import ANSWERED
from flowrunner.campaign.limits import LEAST_FAILURES, Limits
from flowrunner.campaign.polling import hearing_of, listen, only_asks
from flowrunner.campaign.progress import ENDED_BADLY, CampaignProgress
from flowrunner.campaign.run import CampaignEvent, Channel, RunSender
from flowrunner.delivery.owner import new_owner
from flowrunner.delivery.rate.in_flight import SendingWindow
from flowrunner.delivery.rate.turn_order import Place
from flowrunner.delivery.transit_times import FIRST
from flowrunner.engine.history.phases import Phase
from flowrunner.flow import Loaded
from flowrunner.model import Event, EventKind
from flowrunner.model.campaigns import Campaign

if TYPE_CHECKING:
    from flowrunner.journal.many import Member

PAGE: Final = 500
_LOOK: Final = 0.3
"""Seconds between two looks whether somebody has cancelled the campaign."""
_DONE: Final = (EventKind.FINISHED, EventKind.OPTED_OUT, EventKind.HANDED_OVER)
_WAKE: Final = 0.2
"""Seconds between two looks whether somebody is to be woken."""
_FAILED: Final = (Phase.FAILED,)
_LEFT: Final = (Phase.NEW, Phase.UNDER_WAY)
_OPEN: Final = (*_LEFT, Phase.IN_DOUBT)


class CampaignDelivery:
    """Sends a campaign of the journal.

    Attributes:
        channel: What it is sent through.
        progress: How far it has come, while `events` goes on.
    """

    def __init__(self, campaign: Campaign, loaded: Loaded, channel: Channel, limits: Limits) -> None:
        self.campaign, self.channel, self.progress = campaign, channel, CampaignProgress()
        self._loaded, self._limits = loaded, limits
        self._window, undelivered = SendingWindow(limits.window), limits.only == "undelivered"
        self._runs = RunSender(campaign, loaded, channel, self._hear, window=self._window, undelivered=undelivered)
        self._owner = new_owner("")  # of whom is woken: should this process die, whoever listens has them
        self._parked: list[tuple[float, int]] = []  # with `only`: who is to be woken here, and when
        self._doubtful: set[str] = set()  # runs with a message that is being looked up
        self._failures, self._looked = 0, 0.0  # since this began; when it was last looked who is to be woken
        self._running: set[asyncio.Task[None]] = set()
        self._idle = asyncio.Event()  # the last of them has ended
        self._latest: dict[int, asyncio.Task[None]] = {}  # who carries a run out, or is about to, by its key
        self._early: set[int] = set()  # parked, and woken before their place in the order came
        self._events: asyncio.Queue[CampaignEvent | None] = asyncio.Queue(maxsize=limits.window)

    async def events(self) -> AsyncGenerator[CampaignEvent, None]:
        """Send until everybody was sent to, it was stopped, or too much failed; once.

        Each event is in the journal when it comes. Whoever takes none holds the sending up after as many as its window.

        Raises:
            JournalError: The journal cannot be written; nothing further was sent.
        """
        await self.progress.take_up(self.campaign, self._loaded, self.channel.journal)
        sending = asyncio.create_task(self._run())
        try:
            while (each := await self._events.get()) is not None:
                yield each
            await sending
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)

    async def _run(self) -> None:
        """Send, and tell the end; whoever cancels this listens no more."""
        try:
            await self._send()
        except asyncio.CancelledError:
            raise
        except BaseException:
            await self._events.put(None)
            raise
        await self._events.put(None)

    async def _send(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                watching = [group.create_task(self._stop_when_cancelled())]
                if self._listens:
                    hearing = hearing_of(self.channel, self.campaign.target)
                    await hearing.ask()  # what was written while nobody listened
                    watching.append(group.create_task(listen(hearing)))
                await (self._feed() if self._limits.only is None else self._feed_only(Phase(self._limits.only)))
                await self._all_ended()
                for each in watching:
                    each.cancel()
        except BaseExceptionGroup as several:
            error: BaseException = several
            while isinstance(error, BaseExceptionGroup):
                error = error.exceptions[0]  # a journal that cannot be written is the same for all
            raise error from None

    async def _feed(self) -> None:
        """Hand out runs in the order of the audience, and parked ones as their time comes.

        Those that had failed before come first, so that none of this process's own comes a second time.
        """
        journal, stop, progress = self.channel.journal, self.channel.stop, self.progress
        phases = [_FAILED, _OPEN]
        after = begun = 0
        is_read = False  # to the end, of all phases: whoever is woken is found otherwise
        while not stop.is_set():
            room = min(PAGE, self._limits.canary - begun) if self._limits.canary else PAGE
            woken, page = await self._wake(), []
            if not is_read:
                page = await journal.pending(self.campaign.id, phases=phases[0], after=after, limit=room)
            await self._hand_out([each for each in page if each.key not in self._early])
            if stop.is_set():
                return
            if page:
                after = page[-1].key
                begun += len(page)
                self._early = {key for key in self._early if key > after}
            elif len(phases) > 1:
                await self._all_ended()  # what is under way would be found a second time
                phases.pop(0)
                after = 0
            elif not woken:
                is_read = True
                if not self._running and (await journal.next_wake(self.campaign.id) is None or await self._is_left()):
                    others = await self._looked_up_elsewhere()
                    if self._limits.canary or not (others or await journal.pending(self.campaign.id, limit=1)):
                        break
                    await self._hand_out(others)
                    # Another process has them: if it ends before they do, they are found here.
                    phases, after, is_read = [_LEFT], 0, False
                    await self.channel.sleep(1)
                await self.channel.clock.sleep(_WAKE, self._idle if self._running else stop)
        if self._limits.canary and not stop.is_set():
            progress.is_canary = bool(await journal.pending(self.campaign.id, phases=_OPEN, after=after, limit=1))

    async def _feed_only(self, phase: Phase) -> None:
        """Hand out those whose run is so, once each, and wake them where they are parked; nobody else is touched."""
        journal, stop, after = self.channel.journal, self.channel.stop, 0
        while page := await journal.pending(self.campaign.id, phases=(phase,), after=after, limit=PAGE):
            if stop.is_set():
                return
            await self._hand_out(page)
            after = page[-1].key
        await self._all_ended()
        while self._parked and not stop.is_set():
            now = self.channel.clock.now()
            due = [key for wake_at, key in self._parked if wake_at <= now]
            self._parked = [each for each in self._parked if each[0] > now]
            wake = partial(journal.wake, self.campaign.id, now, owner=self._owner)
            await self._hand_out(await wake(len(due), only=due) if due else [])
            await self._all_ended()
            await self.channel.sleep(_WAKE)

    async def _wake(self) -> bool:
        """Hand out those parked runs whose time has come, as often as it is worth to look. Returns whether any had."""
        clock = self.channel.clock
        if clock.monotonic() < self._looked + _WAKE:
            return False
        self._looked = clock.monotonic()
        woken = await self.channel.journal.wake(self.campaign.id, clock.now(), PAGE, owner=self._owner)
        self._early.update(member.key for member in woken)
        await self._hand_out(woken)
        return bool(woken)

    async def _hand_out(self, members: "Sequence[Member]") -> None:
        for member in members:
            await self._window.enter()
            place = await self._place(member)
            if place is None or self.channel.stop.is_set():
                self._window.leave()
                return
            self.progress.begin(member)
            task = self._group.create_task(self._work(member, place, self._latest.get(member.key)))
            self._latest[member.key] = task
            self._running.add(task)
            self._idle.clear()
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not self._running:
            self._idle.set()

    async def _place(self, member: "Member") -> Place | None:
        """A place for a run in the order of the pace; None once a stop is asked for.

        Who is new waits until those under way leave some of the rate, and until those are under way who are woken
        meanwhile.
        """
        pace, channel, progress = self.channel.pace, self.channel, self.progress
        requests = progress.each + progress.looks
        if member.phase is not Phase.NEW:
            return pace.enter(requests)
        while not channel.stop.is_set():
            alone = progress.each * ANSWERED + progress.looks * FIRST
            if place := await pace.begin(channel.sleep, requests, alone, _WAKE):
                return place
            if self._limits.only is None:
                await self._wake()
        return None

    async def _all_ended(self) -> None:
        while self._running:
            await asyncio.wait(self._running)

    @property
    def _listens(self) -> bool:
        return self._loaded.flow is not None and self._loaded.flow.listens

    async def _is_left(self) -> bool:
        """Whether this process leaves everybody who is left, because they wait for an answer and it does not."""
        return self._listens and not self._limits.wait and await only_asks(self.channel, self.campaign.id)

    async def _stop_when_cancelled(self) -> None:
        while await self.channel.journal.cancelled_at(self.campaign.id) is None:
            await self.channel.clock.sleep(_LOOK)
        self.channel.stop.set()

    async def _looked_up_elsewhere(self) -> "list[Member]":
        """Those in doubt that another process had: it settles them, or they are looked up here once it has ended."""
        elsewhere = self._runs.elsewhere
        if not elsewhere:
            return []
        found = await self.channel.journal.pending(self.campaign.id, phases=(Phase.IN_DOUBT,), limit=PAGE)
        return [member for member in found if member.run.id in elsewhere]

    async def _work(self, member: "Member", place: Place, before: asyncio.Task[None] | None) -> None:
        try:
            if before is not None:  # it was heard while it was still being parked
                await asyncio.wait([before])
            with place.taken():
                last = await self._runs.send(member)
            self._count(member, last)
            self._stop_at_refusal(last)
        finally:
            if self._latest.get(member.key) is asyncio.current_task():
                del self._latest[member.key]
            self.channel.pace.leave(place)
            self._window.leave()
            self.progress.in_flight -= 1
        self._stop_at_failures()

    def _stop_at_refusal(self, last: Event | None) -> None:
        """Once the API has refused the sender, it refuses everybody."""
        if last is not None and last.kind is EventKind.FAILED and last.detail.get("concerns") == "sender":
            reason, hint = last.detail["reason"], last.detail.get("hint")
            self.progress.stopped = self.progress.stopped or (f"{reason}; {hint}" if hint else str(reason))
            self.channel.stop.set()

    async def _hear(self, member: "Member", event: Event) -> None:
        """Follow a run that is under way."""
        await self._events.put(CampaignEvent(member.line, member.run.recipient, event))
        self.progress.accepted += event.kind is EventKind.ACCEPTED
        self.progress.held_back += event.detail.get("held") is True
        doubtful = event.kind is EventKind.IN_DOUBT
        if doubtful is not (event.run in self._doubtful):
            self.progress.in_doubt += 1 if doubtful else -1
            self._doubtful ^= {event.run}

    def _count(self, member: "Member", last: Event | None) -> None:
        """Add a run up by the last of its events."""
        progress, kind = self.progress, last.kind if last is not None else None
        if member.run.id in self._doubtful:
            self._doubtful.remove(member.run.id)
            progress.in_doubt -= kind is not EventKind.IN_DOUBT
        elif last is None and member.phase is Phase.IN_DOUBT:  # another process has them
            progress.in_doubt += 1
        progress.done += kind in _DONE
        progress.asked += kind is EventKind.ASKED
        progress.failed += kind is EventKind.FAILED
        if member.phase not in ENDED_BADLY:  # that one fails again is no news
            self._failures += kind in (EventKind.FAILED, EventKind.IN_DOUBT)
        progress.left_out += last is not None and kind is EventKind.SKIPPED and not last.step
        progress.ended += kind in (*_DONE, EventKind.FAILED, EventKind.IN_DOUBT)
        if last is not None and kind is EventKind.ASKED and self._limits.only is not None and self._limits.wait:
            self._parked.append((float(last.detail["wake_at"]), member.key))
        if last is not None and kind is EventKind.PAUSED:
            progress.wakes_at = max(progress.wakes_at, float(last.detail["wake_at"]))
            progress.paused += bool(last.step)
            progress.held += not last.step
            if self._limits.only is not None:
                self._parked.append((float(last.detail.get("wake_at", 0.0)), member.key))

    def _stop_at_failures(self) -> None:
        ended = self.progress.ended
        if self.channel.stop.is_set():
            return
        if self._failures > max(LEAST_FAILURES, self._limits.max_failures * ended):
            self.progress.stopped = f"{self._failures} of {ended} runs failed or are in doubt"
            self.channel.stop.set()
