"""Everybody of a campaign is sent to: a bounded window of runs, each in its own order, all state in the journal."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from flowrunner.campaign.one import Means, One
from flowrunner.engine.state import Phase
from flowrunner.flow import Loaded
from flowrunner.model import Campaign, Event, EventKind, MessageStep, PauseStep

if TYPE_CHECKING:
    from flowrunner.journal import Member

PAGE: Final = 500
_LOOK: Final = 0.3
"""Seconds between two looks whether somebody has cancelled the campaign."""
_ENDED_BADLY: Final = (Phase.FAILED, Phase.UNDELIVERED)
_FAILED: Final = (Phase.FAILED,)
_LEFT: Final = (Phase.NEW, Phase.UNDER_WAY)
_OPEN: Final = (*_LEFT, Phase.IN_DOUBT)
LEAST_FAILURES: Final = 20
"""So many runs may fail whatever the share."""


@dataclass(slots=True)
class Tally:
    """How far a campaign has come, with what was done before this process.

    Attributes:
        people: How many are to be sent to, all in all.
        done: How many were sent to, to the end.
        waiting: How many nothing was sent to yet.
        in_doubt: How many have a message that was perhaps taken, also while it is looked up.
        held: How many wait until their hours.
        paused: How many are in a pause step.
        left_out: How many were not to be sent to after all, in this process.
        accepted: Messages that the API took in this process.
        ended: Runs that ended in this process, well or not.
        is_canary: The canary's people were sent to, and there are more.
        each: Messages that a person gets, on average.
        by_phone: Whether each person's conversation is looked up first.
        pauses: Seconds that a run is in a pause, all in all.
        wakes_at: When the last of those that are known to wait goes on; seconds since the epoch.
        stopped: Why it stopped before everybody was sent to; empty when nothing did.
    """

    people: int = 0
    waiting: int = 0
    done: int = 0
    failed: int = 0
    in_doubt: int = 0
    in_flight: int = 0
    held: int = 0
    paused: int = 0
    left_out: int = 0
    accepted: int = 0
    ended: int = 0
    is_canary: bool = False
    each: float = 1.0
    by_phone: bool = False
    pauses: float = 0.0
    wakes_at: float = 0.0
    stopped: str = ""


class Bounds(NamedTuple):
    """How far a campaign goes.

    Attributes:
        window: How many runs are under way at once.
        max_failures: The share of runs that may fail before the campaign stops.
        canary: Send to so many people, each to the end, and stop; 0 for all.
        only: Go on with nobody but those who stand so; None for everybody. The undelivered get again what was not
            delivered to them, and nothing else.
    """

    window: int = 100
    max_failures: float = 0.05
    canary: int = 0
    only: Literal["failed", "undelivered"] | None = None


async def send_campaign(
    campaign: Campaign, loaded: Loaded, means: Means, bounds: Bounds, tell: Callable[[Tally], None]
) -> Tally:
    """Go on with a campaign until everybody was sent to, it was stopped, or too much failed.

    Args:
        campaign: A campaign of the journal.
        loaded: Its flow.
        means: What it is sent with.
        bounds: How far it goes.
        tell: Called after each run, and twice a second while nothing ends.

    Raises:
        JournalError: The journal cannot be written; nothing further was sent.
    """
    return await _Work(campaign, loaded, means, bounds, tell).run()


class _Work:
    def __init__(
        self, campaign: Campaign, loaded: Loaded, means: Means, bounds: Bounds, tell: Callable[[Tally], None]
    ) -> None:
        self._campaign, self._loaded, self._means, self._bounds, self._tell = campaign, loaded, means, bounds, tell
        self._one = One(campaign, loaded, means, self._hear, undelivered=bounds.only == "undelivered")
        self._parked: list[tuple[float, int]] = []  # with `only`: who is to be woken here, and when
        self._doubtful: set[str] = set()  # runs with a message that is being looked up
        self._tally = Tally()
        self._failures = 0  # whoever resumes has seen those before
        self._queue: asyncio.Queue[Member] = asyncio.Queue(maxsize=bounds.window)

    async def run(self) -> Tally:
        self._tally = await _begun(self._campaign, self._loaded, self._means)
        self._tell(self._tally)
        try:
            async with asyncio.TaskGroup() as group:
                workers = [group.create_task(self._work()) for _ in range(self._bounds.window)]
                workers.append(group.create_task(self._stop_when_cancelled()))
                await (self._feed() if self._bounds.only is None else self._feed_only(Phase(self._bounds.only)))
                await self._queue.join()
                for worker in workers:
                    worker.cancel()
        except BaseExceptionGroup as several:
            error: BaseException = several
            while isinstance(error, BaseExceptionGroup):
                error = error.exceptions[0]  # a journal that cannot be written is the same for all
            raise error from None
        return self._tally

    async def _feed(self) -> None:
        """Hand out runs in the order of the audience, and parked ones as their time comes.

        Those that had failed before come first, so that none of this process's own comes a second time.
        """
        journal, stop, tally = self._means.book, self._means.stop, self._tally
        phases = [_FAILED, _OPEN]
        after = begun = 0
        early: set[int] = set()  # parked by another process, and woken before their place in the order came
        while not stop.is_set():
            woken = await journal.wake(self._campaign.id, self._means.clock.now(), PAGE)
            early.update(member.key for member in woken if member.key > after)
            room = min(PAGE, self._bounds.canary - begun) if self._bounds.canary else PAGE
            page = await journal.pending(self._campaign.id, phases=phases[0], after=after, limit=room)
            await self._hand_out([*woken, *(each for each in page if each.key not in early)])
            if stop.is_set():
                return
            if page:
                after = page[-1].key
                begun += len(page)
                early = {key for key in early if key > after}
            elif len(phases) > 1:
                await self._queue.join()  # what is under way would be found a second time
                phases.pop(0)
                after = 0
            elif not woken:
                if not tally.in_flight and self._queue.empty() and await journal.next_wake(self._campaign.id) is None:
                    others = await self._looked_up_elsewhere()
                    if self._bounds.canary or not (others or await journal.pending(self._campaign.id, limit=1)):
                        break
                    for member in others:
                        await self._queue.put(member)
                    # Another process has them: if it ends before they do, they are found here.
                    phases, after = [_LEFT], 0
                    await self._means.sleep(1)
                await self._means.sleep(0.2)
                self._tell(tally)
        if self._bounds.canary and not stop.is_set():
            tally.is_canary = bool(await journal.pending(self._campaign.id, phases=_OPEN, after=after, limit=1))

    async def _feed_only(self, phase: Phase) -> None:
        """Hand out those whose run is so, once each, and wake them where they are parked; nobody else is touched."""
        journal, stop, after = self._means.book, self._means.stop, 0
        while page := await journal.pending(self._campaign.id, phases=(phase,), after=after, limit=PAGE):
            if stop.is_set():
                return
            await self._hand_out(page)
            after = page[-1].key
        await self._queue.join()
        while self._parked and not stop.is_set():
            now = self._means.clock.now()
            due = [key for wake_at, key in self._parked if wake_at <= now]
            self._parked = [each for each in self._parked if each[0] > now]
            await self._hand_out(await journal.wake(self._campaign.id, now, len(due), only=due) if due else [])
            await self._queue.join()
            await self._means.sleep(0.2)
            self._tell(self._tally)

    async def _hand_out(self, members: "Sequence[Member]") -> None:
        tally = self._tally
        for member in members:
            if self._means.stop.is_set():
                return
            await self._queue.put(member)
            tally.waiting -= member.phase is Phase.NEW
            tally.in_doubt -= member.phase is Phase.IN_DOUBT
            tally.by_phone = bool(member.run.recipient.phone)
            tally.held -= member.phase is Phase.HELD
            tally.paused = max(tally.paused - (member.phase is Phase.PAUSED), 0)  # others' are not known
            tally.failed -= member.phase in _ENDED_BADLY

    async def _stop_when_cancelled(self) -> None:
        while await self._means.book.cancelled_at(self._campaign.id) is None:
            await self._means.clock.sleep(_LOOK)
        self._means.stop.set()

    async def _looked_up_elsewhere(self) -> "list[Member]":
        """Those in doubt that another process had: it settles them, or they are looked up here once it has ended."""
        elsewhere = self._one.elsewhere
        if not elsewhere:
            return []
        found = await self._means.book.pending(self._campaign.id, phases=(Phase.IN_DOUBT,), limit=PAGE)
        return [member for member in found if member.run.id in elsewhere]

    async def _work(self) -> None:
        while True:
            member = await self._queue.get()
            try:
                if not self._means.stop.is_set():
                    self._tally.in_flight += 1
                    self._count(member, await self._one.send(member))
                    self._tally.in_flight -= 1
                    self._tell(self._tally)
            finally:
                self._queue.task_done()
            self._judge()

    def _hear(self, member: "Member", event: Event) -> None:
        """Follow a run that is under way."""
        self._means.each(member, event)
        self._tally.accepted += event.kind is EventKind.ACCEPTED
        doubtful = event.kind is EventKind.IN_DOUBT
        if doubtful is not (event.run in self._doubtful):
            self._tally.in_doubt += 1 if doubtful else -1
            self._doubtful ^= {event.run}

    def _count(self, member: "Member", last: Event | None) -> None:
        """Add a run up by the last of its events."""
        tally, kind = self._tally, last.kind if last is not None else None
        if member.run.id in self._doubtful:
            self._doubtful.remove(member.run.id)
            tally.in_doubt -= kind is not EventKind.IN_DOUBT
        tally.done += kind is EventKind.FINISHED
        tally.failed += kind is EventKind.FAILED
        if member.phase not in _ENDED_BADLY:  # that one fails again is no news
            self._failures += kind in (EventKind.FAILED, EventKind.IN_DOUBT)
        tally.left_out += last is not None and kind is EventKind.SKIPPED and not last.step
        tally.ended += kind in (EventKind.FINISHED, EventKind.FAILED, EventKind.IN_DOUBT)
        if last is not None and kind is EventKind.PAUSED:
            tally.wakes_at = max(tally.wakes_at, float(last.detail["wake_at"]))
            tally.paused += bool(last.step)
            tally.held += not last.step
            if self._bounds.only is not None:
                self._parked.append((float(last.detail.get("wake_at", 0.0)), member.key))

    def _judge(self) -> None:
        ended = self._tally.ended
        if self._means.stop.is_set():
            return
        if self._failures > max(LEAST_FAILURES, self._bounds.max_failures * ended):
            self._tally.stopped = f"{self._failures} of {ended} runs failed or are in doubt"
            self._means.stop.set()


async def _begun(campaign: Campaign, loaded: Loaded, means: Means) -> Tally:
    """What the journal says of a campaign when a process takes it up."""
    counts = (await means.book.counts(campaign.id)).states
    people = sum(count for state, count in counts.items() if state not in ("skipped", "invalid"))
    steps = loaded.flow.steps if loaded.flow else ()
    messages = campaign.options.get("messages")  # one of an older flowrunner does not say
    return Tally(
        people,
        waiting=counts.get("waiting", 0),
        done=counts.get("finished", 0),
        failed=counts.get("failed", 0),
        in_doubt=counts.get("in_doubt", 0),
        held=counts.get("held", 0),
        paused=counts.get("paused", 0),
        each=messages / people
        if isinstance(messages, int) and people
        else sum(isinstance(step, MessageStep) for step in steps),
        pauses=sum(step.seconds for step in steps if isinstance(step, PauseStep)),
        wakes_at=await means.book.next_wake(campaign.id) or 0.0,
    )
