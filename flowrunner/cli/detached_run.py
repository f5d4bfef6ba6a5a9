"""A campaign is left to workers: what was done is said, and how to follow it."""

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from flowrunner.app.campaigns.detach import detached, require_detachable
from flowrunner.app.campaigns.send import resume_campaign
from flowrunner.app.senders.sender import Sender
from flowrunner.campaign import CampaignDelivery, Limits
from flowrunner.cli.cautions import warn_of_doubts
from flowrunner.cli.console import DONE, say, tell
from flowrunner.cli.journals import command
from flowrunner.clock import SYSTEM
from flowrunner.engine.history.phases import LEFT
from flowrunner.journal import Journal
from flowrunner.model.campaigns import Campaign
from flowrunner.views.report.json import summary_line

if TYPE_CHECKING:
    from flowrunner.campaign import Only
    from flowrunner.journal.places import Place


async def leave_again(
    campaign: Campaign, journal: Journal, path: "Place", sender: Sender, form: str, only: "Only"
) -> int:
    """Leave what is left of a campaign of the journal to workers. Returns the exit code."""
    require_detachable(path, sender)
    warn_of_doubts(sender, campaign.target)
    opening = resume_campaign(campaign, sender, journal, only, asyncio.Event())
    return await leave(opening, path, sender, Limits(only=only), form)


async def leave(
    opening: AbstractAsyncContextManager[CampaignDelivery], path: "Place", sender: Sender, limits: Limits, form: str
) -> int:
    """Begin a campaign, or go on with it, and leave it to workers. Returns the exit code.

    Raises:
        RefusedError: There can be no workers, or it was not confirmed.
    """
    its = await detached(opening, require_detachable(path, sender), sender, limits, SYSTEM)
    campaign, journal = its.delivery.campaign, its.delivery.channel.journal
    counts = await journal.counts(campaign.id)
    if form == "jsonl":
        say(summary_line(campaign, counts.states, (), exit_code=DONE))
    else:
        people = sum(counts.phases.get(each, 0) for each in LEFT)
        by = f"{its.workers:,} worker{'' if its.workers == 1 else 's'}" if its.workers else "workers"
        say(f"campaign {campaign.id} is left to {by}: {people:,} {'person' if people == 1 else 'people'} to send to")
    if not its.workers:
        tell("no worker that has the key of this sender runs now; what starts one: flowrunner worker")
    if not its.is_heard:
        tell("nobody listens to what people answer; what does: flowrunner listen")
    for what, word in (("how far it is", "runs"), ("its results", "report"), ("call it off", "cancel")):
        tell(f"{what}: {command(word, campaign.id, journal=path)}")
    return DONE
