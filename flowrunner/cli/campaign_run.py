"""A campaign as it is sent: confirmed first, its line drawn while it goes on, and what it came to said at the end."""

import asyncio
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing
from functools import partial
from typing import TYPE_CHECKING, Self

from flowrunner.app.campaigns.audience import ReadyCampaign
from flowrunner.app.campaigns.send import CampaignResult, begin, result_of, resume_campaign
from flowrunner.app.senders.sender import Sender
from flowrunner.campaign import CampaignDelivery, Facts
from flowrunner.cli.cautions import warn_of_doubts
from flowrunner.cli.confirmation import require_confirmed, warn_of_asking
from flowrunner.cli.console import DONE, IN_DOUBT, INTERRUPTED, STOPPED, colour, refuse, say, tell, width
from flowrunner.cli.crash_message import resumable
from flowrunner.cli.interrupts import interruptible
from flowrunner.cli.journals import command
from flowrunner.cli.live_line import Live
from flowrunner.cli.machine_limits import require_files
from flowrunner.cli.parked_runs import say_asked
from flowrunner.cli.recipient_options import Extent
from flowrunner.delivery import Pace
from flowrunner.journal import Journal, JournalError
from flowrunner.journal.places import Place
from flowrunner.model.campaigns import Campaign
from flowrunner.views.report.json import event_line, summary_line
from flowrunner.views.report.text import in_words, why_failed
from flowrunner.views.terminal.foot import campaign_line

if TYPE_CHECKING:
    from flowrunner.campaign import CampaignProgress, Only

_MOMENT = 0.2
"""Seconds between two drawings, and a wait that is not worth a word."""


async def send_ready(
    ready: ReadyCampaign, journal: Journal, path: Place, extent: Extent, sender: Sender, form: str
) -> int:
    """Ask, write down, send. Returns the exit code."""

    def confirm(facts: Facts) -> bool:
        require_confirmed(ready.first, facts, extent)
        require_files(extent.window)
        return True

    warn_of_doubts(sender, ready.target)
    warn_of_asking(ready, sender)
    stop = asyncio.Event()
    opening = begin(ready, sender, journal, confirm, extent.limits(), stop)
    if extent.detach:
        from flowrunner.cli.detached_run import leave

        return await leave(opening, path, sender, extent.limits(), form)
    return await _show(opening, stop, path, form)


async def send_again(campaign: Campaign, journal: Journal, path: Place, sender: Sender, form: str, only: "Only") -> int:
    """Continue a campaign of the journal. Returns the exit code."""
    warn_of_doubts(sender, campaign.target)
    require_files(int(campaign.options.get("window", 1)))
    stop = asyncio.Event()
    return await _show(resume_campaign(campaign, sender, journal, only, stop), stop, path, form)


async def _show(
    opening: AbstractAsyncContextManager[CampaignDelivery], stop: asyncio.Event, path: Place, form: str
) -> int:
    async with AsyncExitStack() as stack:
        try:
            delivery = await stack.enter_async_context(opening)
        except asyncio.CancelledError:
            tell("stopped before it began: nothing was sent now")
            raise
        its = delivery.campaign
        tell(f"campaign {its.id}")
        async with resumable(partial(_how_far, delivery), command("resume", its.id, journal=path)):
            with _CampaignLine(delivery.channel.pace, delivery.progress) as line, interruptible(stop):
                try:
                    async with aclosing(delivery.events()) as events:
                        async for each in events:
                            if form == "jsonl":
                                say(event_line(each.event, each.line, each.recipient))
                            line.show()
                except JournalError as error:
                    refuse(error.message, error.hint)
                    return STOPPED
                except asyncio.CancelledError:
                    pass  # a second Ctrl-C
        if held := delivery.progress.held_back:
            refresh = command("status", its.id, "--refresh", journal=path)
            tell(f"WhatsApp holds {held:,} of the messages back for now, and may still refuse them: {refresh}")
        result = await result_of(delivery)
        code = _say_ended(result, path, form, interrupted=stop.is_set())
        if code != INTERRUPTED and not result.is_cancelled:
            await say_asked(result, delivery.channel.journal, path)
        return code


async def _how_far(delivery: CampaignDelivery) -> str:
    return ", ".join(in_words((await delivery.channel.journal.counts(delivery.campaign.id)).states))


def _say_ended(result: CampaignResult, path: Place, form: str, *, interrupted: bool) -> int:
    """Say how it ended and, by commands to be typed, what can be done about it. Returns the exit code."""
    code = _code(result.states, result.stopped, interrupted=interrupted)
    if form == "jsonl":
        say(summary_line(result.campaign, result.states, result.reasons, stopped=result.stopped, exit_code=code))
    else:
        say(", ".join(in_words(result.states)))
    for line in why_failed(result.reasons, width=width(), colour=colour(err=True)):
        tell(line)
    if result.stopped:
        tell(f"stopped: {result.stopped}")
    if not result.is_cancelled:
        for what, words in _next_steps(result, code):
            tell(f"{what}: {command(*words, journal=path)}")
    return code


def _code(states: Mapping[str, int], stopped: str, *, interrupted: bool) -> int:
    if stopped:
        return STOPPED
    if interrupted:
        return INTERRUPTED
    if states.get("in_doubt"):
        return IN_DOUBT
    return STOPPED if states.get("failed") else DONE


def _next_steps(its: CampaignResult, code: int) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What can be done now, and the words of the command that does it."""
    resume = ("resume", its.campaign.id)
    if its.stopped or code == INTERRUPTED:
        yield "continue with" if its.stopped else "interrupted; continue with", resume
    elif its.is_canary:
        yield "send to the others", resume
    if its.in_doubt:
        yield "in doubt: look for the messages again (or, once you saw the chats, add --in-doubt skip|resend)", resume
    if its.failed:
        yield f"try the {its.failed:,} failed again", (*resume, "--only", "failed")
    if its.undelivered:
        yield f"send the {its.undelivered:,} undelivered again", (*resume, "--only", "undelivered")
    if its.failed or its.undelivered:
        yield "list them, to correct them", ("report", its.campaign.id, "--state", "failed", "--format", "csv")


class _CampaignLine:
    """How far a campaign is: a line that is drawn again each second on a terminal, one line a minute elsewhere."""

    def __init__(self, pace: Pace, progress: "CampaignProgress") -> None:
        self._pace, self._progress = pace, progress
        self._live = Live(self._line)
        self._began = self._looked = self._pace.clock.monotonic()
        self._busy = 0.0
        self._minutes: asyncio.Task[None] | None = None

    def __enter__(self) -> Self:
        self._live.__enter__()
        if not self._live.is_seen:
            self._minutes = asyncio.create_task(self._tell_each_minute())
        return self

    def __exit__(self, *_: object) -> None:
        if self._minutes is not None:
            self._minutes.cancel()
        self._live.__exit__()

    def show(self) -> None:
        """Show it, unless it was shown a moment ago."""
        if self._pace.clock.monotonic() - self._looked > _MOMENT:
            self._live.draw()
            self._look()

    async def _tell_each_minute(self) -> None:
        while True:
            await self._pace.clock.sleep(60)
            tell(self._line())

    def _look(self) -> None:
        now = self._pace.clock.monotonic()
        if self._progress.is_sending:
            self._busy += now - self._looked
        self._looked = now

    def _line(self) -> str:
        self._look()
        its = self._progress
        numbers = {
            "done": its.done,
            "failed": its.failed,
            "in doubt": its.in_doubt,
            "in flight": its.in_flight,
            "left out": its.left_out,
            "held": its.held,
            "in a pause": its.paused,
            "waiting for an answer": its.asked,
        }
        passed = self._looked - self._began
        return campaign_line(
            its.people,
            numbers,
            rate=its.accepted / max(passed, 0.001),
            left=its.seconds_left(self._pace, self._busy),
            until=_rate_limit(self._pace) if its.is_sending else "",
            passed=passed,
            width=width() - 1 if self._live.is_seen else 0,
        )


def _rate_limit(pace: Pace) -> str:
    """Until when the rate lets no request leave; empty where it is about to."""
    wait = pace.wait()
    until = time.localtime(pace.clock.now() + wait)
    return f"rate limit until {time.strftime('%H:%M:%S', until)}" if wait > _MOMENT else ""
