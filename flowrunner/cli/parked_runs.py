"""What is said of runs that are left waiting: for what, until when, and what goes on with them."""

import re
from typing import TYPE_CHECKING

from flowrunner.app.runs.deliver import Delivery
from flowrunner.cli.console import tell
from flowrunner.cli.journals import command
from flowrunner.client import EMULATOR
from flowrunner.client.targets import read_target
from flowrunner.clock import SYSTEM
from flowrunner.engine.history.state import state_of
from flowrunner.flow.steps import walk_flow
from flowrunner.journal import Journal
from flowrunner.journal.places import Place
from flowrunner.model import Event, EventKind, MessageStep
from flowrunner.views.times import minute

if TYPE_CHECKING:
    from flowrunner.app.campaigns.send import CampaignResult

_SOON = 60.0
"""Seconds in which a run goes on so early that nobody is told when."""


async def say_waiting(delivery: Delivery, parked: Event, path: Place) -> None:
    """Say what a run waits for, until when, and what goes on with it."""
    run, journal, wakes = delivery.run, delivery.journal, float(parked.detail["wake_at"])
    if parked.kind is EventKind.ASKED:
        until = await _until(delivery, parked)
        early = wakes < until - _SOON and wakes > parked.at + _SOON
        tell(f"waits for an answer until {minute(until)}" + (f"; reminds at {minute(wakes)}" if early else ""))
    else:
        tell(f"{parked.detail.get('reason', 'waits')}; looks again at {minute(wakes)}")
    if read_target(run.target).url == EMULATOR:
        tell("  hint: nobody answers in an emulator inside this program; answer in the page of flowrunner emulator")
    elif await journal.listened_until(run.target) > SYSTEM.now():
        tell("flowrunner listen is up, and goes on with it")
    else:
        listen, resume = (command(*words, journal=path) for words in (("listen",), ("resume", run.id)))
        tell(f"  hint: {listen} goes on with it, or run {resume} now and then; --wait stays")


async def _until(delivery: Delivery, parked: Event) -> float:
    """Until when a question's answer is waited for, in seconds since the epoch."""
    address = re.sub(r"#\d+", "#", parked.step)  # whichever turn it is of
    asked = next((each for each in walk_flow(delivery.prepared.flow) if each.address == address), None)
    its = state_of(await delivery.journal.events(delivery.run.id)).step(parked.step)
    if not isinstance(asked, MessageStep) or asked.reply is None:
        return float(parked.detail["wake_at"])
    return its.accepted_at + asked.reply.within


async def say_asked(its: "CampaignResult", journal: Journal, path: Place) -> None:
    """Say how many of a campaign wait for an answer, if any do, and what goes on with them."""
    if not (asked := its.states.get("asked", 0)):
        return
    them, wait = ("it", "waits") if asked == 1 else ("them", "wait")
    tell(f"{asked:,} {wait} for an answer")
    if await journal.listened_until(its.campaign.target) > SYSTEM.now():
        tell(f"flowrunner listen is up, and goes on with {them}")
        return
    listen, resume = (command(*words, journal=path) for words in (("listen",), ("resume", its.campaign.id)))
    tell(f"  hint: {listen} goes on with {them}, or run {resume} now and then; --wait stays")
