"""A campaign is confirmed, written down and sent; or one of the journal is gone on with."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from flowrunner.app.blocking import blocking
from flowrunner.app.campaigns.audience import AudienceRequest, ReadyCampaign, Warn, ready_for
from flowrunner.app.campaigns.closed_windows import reached
from flowrunner.app.flows import sound
from flowrunner.app.senders.sender import Sender, open_sender, paced
from flowrunner.campaign import (
    CampaignDelivery,
    CampaignEvent,
    Channel,
    Facts,
    Limits,
    Only,
    begin_campaign,
    facts_of,
    new_campaign,
)
from flowrunner.clock import SYSTEM, Clock
from flowrunner.delivery import Doubts, Uploads
from flowrunner.diagnostics.errors import RefusedError
from flowrunner.engine.history.phases import Phase
from flowrunner.flow import Loaded, load_bundle
from flowrunner.journal import Journal, open_journal
from flowrunner.journal.places import DatabaseUrl, Place
from flowrunner.model.campaigns import Campaign
from flowrunner.views.times import minute

_ALL: Final = Limits()
_ENDED_BADLY: Final = (Phase.FAILED, Phase.UNDELIVERED, Phase.IN_DOUBT)


class CampaignResult(NamedTuple):
    """How a campaign, or the part of it that was sent, ended.

    Attributes:
        states: How many recipients are in each state.
        reasons: Why recipients failed, with how many, the most frequent first.
        stopped: Why it stopped before everybody was sent to; empty when nothing did.
        failed: How many failed.
        undelivered: How many did not get a message because WhatsApp could not deliver it.
        in_doubt: How many have a message that was perhaps taken.
        is_canary: The first ones were sent to, as was asked for, and there are more.
        is_cancelled: Somebody has cancelled it.
    """

    campaign: Campaign
    states: Mapping[str, int]
    reasons: Sequence[tuple[str, int]]
    stopped: str
    failed: int
    undelivered: int
    in_doubt: int
    is_canary: bool
    is_cancelled: bool


async def result_of(delivery: CampaignDelivery) -> CampaignResult:
    """What a campaign has come to."""
    its, journal, progress = delivery.campaign, delivery.channel.journal, delivery.progress
    report = await journal.report(its.id)
    is_cancelled = await journal.cancelled_at(its.id) is not None
    phases = (await journal.counts(its.id)).phases
    failed, undelivered, in_doubt = (phases.get(each, 0) for each in _ENDED_BADLY)
    stopped = "it was cancelled" if is_cancelled else progress.stopped
    return CampaignResult(
        its, report.states, report.reasons, stopped, failed, undelivered, in_doubt, progress.is_canary, is_cancelled
    )


@asynccontextmanager
async def begin(
    ready: ReadyCampaign,
    sender: Sender,
    journal: Journal,
    confirm: Callable[[Facts], bool],
    limits: Limits,
    stop: asyncio.Event,
    clock: Clock = SYSTEM,
) -> AsyncIterator[CampaignDelivery]:
    """Confirm a campaign whose recipients were checked, and write it down; once ``stop`` is set, nothing more is begun.

    Raises:
        RefusedError: It was not confirmed.
        NobodyLeftError: Nobody can be reached, and who cannot be is left out.
        SenderError: The API's URL or the key cannot be used.
        UploadError: A file of the flow cannot be handed over; nothing was sent, and it can be gone on with.
        JournalError: The journal cannot be written.
    """
    flow, checked = ready.loaded.flow, ready.checked
    assert flow is not None  # noqa: S101  # it was checked
    is_heard = await journal.listened_until(ready.target) > clock.now()
    known = ready.first, checked, ready.target, ready.schedule, sender.rate
    of = partial(facts_of, *known, window=limits.window, is_heard=is_heard)
    its = await reached(ready, sender, of(now=clock.now()).seconds, clock)
    facts = of(now=clock.now())._replace(**its._asdict())
    if not confirm(facts):
        raise RefusedError("the campaign was not confirmed; nothing was sent")
    total = checked.people + len(checked.omissions)
    options = {**limits._asdict(), **ready.schedule.data(), "messages": checked.messages, "look_ups": checked.phones}
    options["looks"] = facts.looks
    if ready.is_flat:
        options["is_flat"] = True
    campaign = new_campaign(flow, ready.audience, ready.target, ready.now, total, options, clock, ready.schedule.since)
    await begin_campaign(campaign, ready.recipients, checked.omissions, journal)
    async with _delivery(campaign, ready.loaded, sender, journal, limits, stop, clock) as delivery:
        yield delivery


async def require_resumable(campaign: Campaign, journal: Journal) -> None:
    """Make sure that a campaign of the journal can be gone on with.

    Raises:
        RefusedError: It was cancelled, or it was never written down as a whole.
    """
    if at := await journal.cancelled_at(campaign.id):
        raise RefusedError(
            f"campaign {campaign.id} was cancelled on {minute(at)}",
            "to send to those it did not reach, run the flow again",
        )
    if sum((await journal.counts(campaign.id)).states.values()) < campaign.total:
        raise RefusedError(
            f"campaign {campaign.id} was interrupted before it was written down; nothing was sent", "run the flow again"
        )


@asynccontextmanager
async def resume_campaign(
    campaign: Campaign, sender: Sender, journal: Journal, only: Only, stop: asyncio.Event, clock: Clock = SYSTEM
) -> AsyncIterator[CampaignDelivery]:
    """Go on with a campaign of the journal; with ``only``, with nobody but those who ended so.

    What had stopped it while workers had it stops it no more.

    Raises:
        FlowError: Its flow has errors for this flowrunner.
        SenderError: The API's URL or the key cannot be used.
    """
    loaded = sound(load_bundle(campaign.bundle))
    kept = {name: campaign.options[name] for name in ("window", "max_failures") if name in campaign.options}
    async with _delivery(campaign, loaded, sender, journal, Limits(**kept, only=only), stop, clock) as delivery:
        if (handed := await journal.work.of(campaign.id)) is not None and handed.stopped:
            await journal.work.take_back(campaign.id)
        yield delivery


@asynccontextmanager
async def _delivery(
    campaign: Campaign,
    loaded: Loaded,
    sender: Sender,
    journal: Journal,
    limits: Limits,
    stop: asyncio.Event,
    clock: Clock,
) -> AsyncIterator[CampaignDelivery]:
    sender = sender.at(campaign.target)
    async with open_sender(sender, clock=clock) as (client, _), paced(sender, journal, clock) as pace:
        doubts = Doubts(sender.in_doubt, sender.timeout, sender.grace, sender.max_wait)
        uploads = Uploads(campaign.bundle, campaign.target, client, journal, pace, sender.max_wait)
        await uploads.ready(partial(clock.sleep, stop=stop), anew=limits.only == "undelivered")
        channel = Channel(client, journal, pace, doubts, stop, sender.max_wait, uploads, sender.busy)
        yield CampaignDelivery(campaign, loaded, channel, limits._replace(wait=limits.wait or sender.wait))


async def run_campaign_async(
    loaded: Loaded,
    audience: AudienceRequest | Path | str,
    sender: Sender,
    *,
    journal: Place | str,
    confirm: Callable[[Facts], bool],
    limits: Limits = _ALL,
    warn: Warn = lambda _: None,
    stop: asyncio.Event | None = None,
    on_event: Callable[[CampaignEvent], None] = lambda _: None,
    detach: bool = False,
    clock: Clock = SYSTEM,
) -> CampaignResult:
    """Send a flow to everybody of an audience, once all of it was checked.

    Args:
        loaded: What `load` gave.
        audience: The file of recipients; or a request that says more.
        sender: Who sends.
        journal: The file that keeps what was done; made if it is not there.
        confirm: Told what will be sent, to how many; nothing is written or sent unless it returns True.
        limits: How far it goes.
        warn: Told what is odd about the audience.
        stop: Once set, nothing further is begun.
        on_event: Told each event of each run.
        detach: Leave it to workers, and return.
        clock: Where time comes from.

    Raises:
        SenderError: The API's URL or the key cannot be used.
        FlowError: There is something wrong with the audience.
        NobodyLeftError: Nobody of it is to be sent to.
        RefusedError: It was not confirmed, or something else is in the way.
        JournalError: The journal cannot be used.
    """
    target, place = sender.check(), shared_place(journal, sender) if detach else None
    request = audience if isinstance(audience, AudienceRequest) else AudienceRequest(Path(audience))
    async with (
        open_journal(journal, clock=clock) as its,
        ready_for(loaded, request, target, its, warn=warn, clock=clock) as ready,
    ):
        return await send_ready(ready, sender, its, confirm, limits, stop or asyncio.Event(), on_event, clock, place)


def shared_place(journal: Place | str, sender: Sender) -> DatabaseUrl:
    """Where a campaign can be left to workers; see `flowrunner.app.campaigns.detach.require_detachable`."""
    from flowrunner.app.campaigns.detach import require_detachable  # most campaigns are sent here

    return require_detachable(journal, sender)


async def send_ready(
    ready: ReadyCampaign,
    sender: Sender,
    journal: Journal,
    confirm: Callable[[Facts], bool],
    limits: Limits,
    stop: asyncio.Event,
    on_event: Callable[[CampaignEvent], None],
    clock: Clock,
    shared: DatabaseUrl | None = None,
) -> CampaignResult:
    """Confirm, write down and send what is ready, or leave it to workers.

    For arguments and errors see `run_campaign_async`; ``shared`` is where the journal is, for workers.
    """
    opening = begin(ready, sender, journal, confirm, limits, stop, clock)
    return await carried_out(opening, sender, limits, on_event, clock, shared)


async def carried_out(
    opening: AbstractAsyncContextManager[CampaignDelivery],
    sender: Sender,
    limits: Limits,
    on_event: Callable[[CampaignEvent], None],
    clock: Clock,
    shared: DatabaseUrl | None = None,
) -> CampaignResult:
    """Send and tell each event, or leave it to workers. Returns what it came to by then."""
    if shared is not None:
        from flowrunner.app.campaigns.detach import detached

        return await result_of((await detached(opening, shared, sender, limits, clock)).delivery)
    async with opening as delivery:
        async with aclosing(delivery.events()) as events:
            async for event in events:
                on_event(event)
        return await result_of(delivery)


run_campaign = blocking(run_campaign_async)
