"""Everybody of a campaign is sent to: a bounded window of runs, each in its own order, all state in the journal."""

import asyncio
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final

from flowrunner.journal import Journal, Member
from flowrunner.loading import Loaded
from flowrunner.model import Campaign, Event, EventKind, Recipient, Rendering, Run
from flowrunner.rendering import Given, bind, render
from flowrunner.rendering.fast import Renderer
from flowrunner.runner import Doubts, Pace, carry_out
from flowrunner.transport import Transport, TransportError

PAGE: Final = 500
_OPEN: Final = ("new", "unfinished", "in_doubt")
LEAST_FAILURES: Final = 20
"""So many runs may fail whatever the share."""


@dataclass(slots=True)
class Tally:
    """How far a campaign has come, in this process.

    Attributes:
        stopped: Why it stopped before everybody was sent to; empty when nothing did.
    """

    done: int = 0
    failed: int = 0
    in_doubt: int = 0
    in_flight: int = 0
    accepted: int = 0
    parked: int = 0
    began: float = field(default_factory=time.monotonic)
    stopped: str = ""


@dataclass(frozen=True, slots=True)
class Means:
    """What a campaign is sent with.

    Attributes:
        window: How many runs are under way at once.
        max_failures: The share of runs that may fail before the campaign pauses.
        canary: Stop after so many people; 0 for all.
        tell: Called after each run and each event.
    """

    transport: Transport
    book: Journal
    pace: Pace
    doubts: Doubts
    stop: asyncio.Event
    max_wait: float = 120.0
    window: int = 100
    max_failures: float = 0.05
    canary: int = 0
    tell: Callable[[Tally], None] = lambda _: None


async def send_campaign(campaign: Campaign, loaded: Loaded, means: Means) -> Tally:
    """Go on with a campaign until everybody was sent to, it was stopped, or too much failed.

    Raises:
        JournalError: The journal cannot be written; nothing further was sent.
    """
    return await _Work(campaign, loaded, means).run()


class _Work:
    def __init__(self, campaign: Campaign, loaded: Loaded, means: Means) -> None:
        self._campaign, self._loaded, self._means = campaign, loaded, means
        self._renderer = Renderer(loaded)
        self._tally = Tally()
        self._queue: asyncio.Queue[Member] = asyncio.Queue(maxsize=means.window)
        self._begun = 0

    async def run(self) -> Tally:
        await self._means.book.campaigns.reset_failures(self._campaign.id)
        async with asyncio.TaskGroup() as group:
            workers = [group.create_task(self._work()) for _ in range(self._means.window)]
            await self._feed()
            await self._queue.join()
            for worker in workers:
                worker.cancel()
        return self._tally

    async def _feed(self) -> None:
        """Hand out runs in the order of the audience, and parked ones as their time comes."""
        campaigns, stop = self._means.book.campaigns, self._means.stop
        after, more = 0, True
        while not stop.is_set():
            woken = await campaigns.wake(self._campaign.id, time.time(), PAGE)
            page = campaigns.pending(self._campaign.id, standings=_OPEN, after=after, limit=PAGE) if more else []
            for member in [*woken, *page]:
                if stop.is_set():
                    return
                if self._means.canary and self._begun >= self._means.canary:
                    self._tally.stopped = f"the first {self._means.canary} were sent to"
                    return  # those that were handed out go on to their end
                self._begun += 1
                await self._queue.put(member)
            after = page[-1].key if page else after
            more = bool(page)
            if not woken and not page:
                wake_at = campaigns.next_wake(self._campaign.id)
                if wake_at is None and self._tally.in_flight == 0 and self._queue.empty():
                    return
                await self._rest(min(max((wake_at or 0) - time.time(), 0.05), 0.5))

    async def _rest(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._means.stop.wait(), seconds)
        except TimeoutError:
            return

    async def _work(self) -> None:
        while True:
            member = await self._queue.get()
            try:
                if not self._means.stop.is_set():
                    self._tally.in_flight += 1
                    await self._send(member.run)
                    self._tally.in_flight -= 1
            finally:
                self._queue.task_done()
            self._judge()

    async def _send(self, run: Run) -> None:
        rendering = self._rendered(run)
        try:
            recipient = await self._found(run.recipient)
        except TransportError as refusal:
            reason = {"reason": refusal.reason, "hint": refusal.hint}
            await self._means.book.append(Event(EventKind.FAILED, run.id, time.time(), detail=reason))
            self._tally.failed += 1
            return
        means = self._means
        events = carry_out(
            run._replace(recipient=recipient), rendering, means.transport, means.book,
            stop=means.stop, pace=means.pace, doubts=means.doubts, max_wait=means.max_wait, park=True,
        )  # fmt: skip
        last: Event | None = None
        async with aclosing(events):
            async for last in events:
                self._tally.accepted += last.kind is EventKind.ACCEPTED
        kind = last.kind if last is not None else None
        self._tally.done += kind is EventKind.FINISHED
        self._tally.failed += kind is EventKind.FAILED
        self._tally.in_doubt += kind is EventKind.IN_DOUBT
        self._tally.parked += kind is EventKind.PAUSED
        means.tell(self._tally)

    def _rendered(self, run: Run) -> Rendering:
        """As it was checked: the same text, values and moment give the same bytes."""
        flow = self._loaded.flow
        assert flow is not None  # noqa: S101  # it was checked
        actions = self._renderer.render(run.recipient, run.variables, run.now)
        if actions is not None:
            return Rendering(flow, run.recipient, (), run.now, actions)
        from flowrunner.diagnostics import Location

        given = {name: Given(value, Location("the run")) for name, value in run.variables.items()}
        bound, problems = bind(self._loaded, given, examples=False)
        rendering = None
        if bound is not None:
            rendering, problems = render(self._loaded, run.recipient, bound, run.now)
        assert rendering is not None, problems  # noqa: S101  # it was checked
        return rendering

    async def _found(self, recipient: Recipient) -> Recipient:
        """The recipient with a conversation; by its phone, where the audience has phones."""
        if recipient.conversation:
            return recipient
        active = await self._means.transport.find_conversations(recipient.phone)
        if len(active) != 1:
            from flowrunner.transport import Rejected

            count = "no" if not active else str(len(active))
            raise Rejected(f"{count} active conversations with {recipient.phone}", hint="the customer writes first")
        return Recipient(active[0].conversation_id, recipient.phone)

    def _judge(self) -> None:
        tally = self._tally
        ended = tally.done + tally.failed + tally.in_doubt
        if tally.failed > max(LEAST_FAILURES, self._means.max_failures * ended):
            self._stop(f"{tally.failed} of {ended} runs failed")

    def _stop(self, why: str) -> None:
        if not self._tally.stopped:
            self._tally.stopped = why
        self._means.stop.set()
