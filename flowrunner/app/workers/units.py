"""A sender's units, carried out by a worker: each campaign opened once, all their people sent to by one window."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Final, cast

from flowrunner.app.campaigns.handover import ATTEMPTS, UNIT
from flowrunner.app.flows import sound
from flowrunner.app.resuming.due_runs import OpenSender
from flowrunner.app.services.lifecycle import while_allowed
from flowrunner.app.services.log import RunLog
from flowrunner.campaign.shared import SharedCampaign
from flowrunner.client.access import target_key
from flowrunner.cluster import Executor, Unit
from flowrunner.delivery import Policy, Uploads, WhenBusy
from flowrunner.delivery.rate.in_flight import SendingWindow
from flowrunner.diagnostics.errors import FlowError
from flowrunner.flow import load_bundle
from flowrunner.journal import JournalAwayError
from flowrunner.journal.many import Member
from flowrunner.journal.work import HandOver
from flowrunner.model import Event, EventKind
from flowrunner.model.campaigns import Campaign
from flowrunner.receiver.logs import Log

_AT_ONCE: Final = 4
"""Units of one sender, at least: those of a small campaign are small."""
_KEPT: Final = 32
"""So many campaigns stay opened."""
_AGAIN: Final = 1.0
"""Seconds after which a journal that was away is tried again."""


class SenderUnits:
    """Carries out the units of one sender.

    Attributes:
        under_way: How many, now.
    """

    def __init__(
        self,
        sender: OpenSender,
        run_log: RunLog,
        log: Log,
        window: int,
        stop: asyncio.Event,
        is_held: Callable[[], bool],
    ) -> None:
        """Nothing is taken yet.

        Args:
            sender: The sender.
            run_log: Told each event.
            log: Told of each unit.
            window: How many messages are on their way at once.
            stop: Once set, no more is taken, and what is left of those under way is given back.
            is_held: Whether the same holds for now.
        """
        self._sender, self._run_log, self._log, self._stop = sender, run_log, log, stop
        self._at_once, self._messages = max(_AT_ONCE, window // UNIT + 1), SendingWindow(window)
        self._is_held, self._halt = is_held, asyncio.Event()
        self._campaigns: dict[str, SharedCampaign] = {}
        self._opening = asyncio.Lock()
        self.under_way = 0

    @property
    def in_flight(self) -> int:
        """How many people are sent to now."""
        return sum(each.in_flight for each in self._campaigns.values())

    async def work(self, executor: Executor) -> None:
        """Take units and carry them out, until a stop is asked for.

        Raises:
            JournalAwayError: The queue cannot be reached.
        """

        async def take(halt: asyncio.Event) -> None:
            self._halt = halt
            await executor.work(self._carry_out, halt, self._at_once, target_key(self._sender.target))

        its = self._sender
        await while_allowed(take, lambda: its.is_refused or self._is_held(), self._stop, its.channel.clock)

    async def _carry_out(self, unit: Unit) -> Unit | None:
        """Carry one out. Returns what is left of it for others."""
        clock, halt = self._sender.channel.clock, self._halt
        began = clock.monotonic()
        self.under_way += 1
        try:
            while True:
                try:
                    with self._run_log.watching(self._sender.target, unit.campaign):
                        is_done = await self._is_carried_out(unit)
                except JournalAwayError as error:
                    self._log.say("no journal", "error", reason=error.message)
                    if await clock.sleep(_AGAIN, halt):
                        return _again(unit)
                else:
                    self._say(unit, "carried out" if is_done else "given back", clock.monotonic() - began)
                    return None if is_done else _again(unit)
        finally:
            self.under_way -= 1

    async def _is_carried_out(self, unit: Unit) -> bool:
        """Whether nothing of it is left; else others are to go on with it."""
        try:
            async with self._opening:
                shared = await self._opened(unit)
        except FlowError as error:
            reason = next(each.message for each in error.diagnostics if each.is_error)
            await self._sender.channel.journal.work.stop(unit.campaign, reason)
            return True
        if shared is None:
            return True
        await shared.carry_out(unit.first, unit.last)
        return not self._halt.is_set() or shared.is_over

    async def _opened(self, unit: Unit) -> SharedCampaign | None:
        """Its campaign; None where nothing of it is to be done any more.

        Raises:
            FlowError: Its flow has errors for this flowrunner.
        """
        journal, known = self._sender.channel.journal, self._campaigns.get(unit.campaign)
        handed = await journal.work.of(unit.campaign)
        if handed is None or handed.stopped or handed.number != unit.attempt // ATTEMPTS:
            return None
        if known is not None and known.handed.number == handed.number and not known.channel.stop.is_set():
            return known
        campaign = await journal.campaign(unit.campaign)
        if campaign is None:
            return None
        self._campaigns.pop(unit.campaign, None)
        self._campaigns[unit.campaign] = made = self._made(campaign, handed)
        if len(self._campaigns) > _KEPT:
            idle = (its for its, each in self._campaigns.items() if not each.in_flight)
            self._campaigns.pop(next(idle, ""), None)
        return made

    def _made(self, campaign: Campaign, handed: HandOver) -> SharedCampaign:
        sender, terms = self._sender, handed.terms
        its = sender.channel
        uploads = Uploads(campaign.bundle, campaign.target, its.client, its.journal, its.pace, its.max_wait)
        doubts = its.doubts._replace(policy=cast("Policy", terms.in_doubt or its.doubts.policy))
        busy = cast("WhenBusy", terms.busy or its.busy)
        channel = replace(its, stop=self._halt, uploads=uploads, doubts=doubts, busy=busy)

        def named(member: Member) -> Member:
            return member._replace(campaign=campaign.id)

        async def hear(member: Member, event: Event) -> None:
            sender.note(event)
            # Of a million who are finished nobody wants a line each.
            note = self._run_log.count if event.kind is EventKind.FINISHED else self._run_log.told
            note(named(member), event)

        loaded = sound(load_bundle(campaign.bundle))
        return SharedCampaign(
            campaign, loaded, handed, channel, self._messages, hear,
            lambda member, error: self._run_log.unforeseen(named(member), error),
        )  # fmt: skip

    def _say(self, unit: Unit, event: str, seconds: float) -> None:
        attempt = unit.attempt % ATTEMPTS
        self._log.say(
            event, campaign=unit.campaign, first=unit.first, last=unit.last, attempt=attempt, seconds=round(seconds, 3)
        )


def _again(unit: Unit) -> Unit:
    return unit._replace(attempt=unit.attempt + 1, not_before=0.0)
