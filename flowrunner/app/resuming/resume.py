"""What of the journal can be gone on with, and going on with it."""

import asyncio
from collections.abc import Callable
from typing import Literal

from flowrunner.app.blocking import blocking
from flowrunner.app.campaigns.send import CampaignResult, carried_out, require_resumable, resume_campaign, shared_place
from flowrunner.app.runs.find import find
from flowrunner.app.runs.result import RunResult
from flowrunner.app.runs.send import resume_run
from flowrunner.app.senders.sender import Sender
from flowrunner.campaign import Limits, Only
from flowrunner.clock import SYSTEM, Clock
from flowrunner.diagnostics.errors import RefusedError
from flowrunner.engine.history.phases import LEFT, Phase
from flowrunner.journal import Journal, RunRecord, open_journal
from flowrunner.journal.places import Place
from flowrunner.model import Event
from flowrunner.model.campaigns import Campaign


async def unfinished(journal: Journal, only: Only) -> tuple[list[Campaign], list[RunRecord]]:
    """Campaigns and runs that have not ended; with ``only`` those that have ended so, in part at least."""
    if only is None:
        return await journal.campaigns(*LEFT), await journal.runs(*LEFT, Phase.FAILED)
    return await journal.campaigns(Phase(only)), [each for each in await journal.runs() if has_ended_so(each, only)]


def has_ended_so(record: RunRecord, only: Only) -> bool:
    """Whether a run has failed, or a message of it was not delivered."""
    return record.undelivered if only == "undelivered" else record.state == only


async def idle(its: Campaign | RunRecord, journal: Journal, only: Only) -> Literal["", "ended", "not so"]:
    """Why there is nothing to go on with; empty where there is.

    Returns:
        ``ended`` where all of it was sent, ``not so`` where nobody is as ``only`` says.

    Raises:
        RefusedError: It was cancelled, or never written down as a whole.
    """
    if isinstance(its, Campaign):
        await require_resumable(its, journal)
        is_so = not only or (await journal.counts(its.id)).phases.get(Phase(only))
    elif its.state == "cancelled":
        hint = "to send the flow again: flowrunner run FLOW --again"
        raise RefusedError(f"run {its.run.id} was cancelled", hint)
    elif only is None:
        return "ended" if its.has_ended else ""
    else:
        is_so = has_ended_so(its, only)
    return "" if is_so else "not so"


def alone(its: RunRecord) -> RefusedError:
    """Why a run cannot be left to workers."""
    return RefusedError(f"run {its.run.id} is one person's: it is sent from here", "leave out --detach")


async def resume_async(
    run_id: str,
    sender: Sender,
    *,
    journal: Place | str,
    only: Only = None,
    stop: asyncio.Event | None = None,
    on_event: Callable[[Event], None] = lambda _: None,
    detach: bool = False,
    clock: Clock = SYSTEM,
) -> RunResult | CampaignResult:
    """Go on with a run or a campaign where it stopped, with its own flow, values and moment.

    Args:
        run_id: Its id, or what the id begins with.
        sender: Who sends; the API is the one that it was begun with.
        journal: The file that it is in.
        only: With nobody but those who failed, or to whom a message could not be delivered.
        stop: Once set, nothing further is begun.
        on_event: Told each event.
        detach: Leave a campaign to workers, and return.
        clock: Where time comes from.

    Returns:
        How it ended. A run that had ended before has no events.

    Raises:
        RefusedError: There is no such run, it was cancelled, or something else is in the way.
        SenderError: The key cannot be used.
        JournalError: The journal cannot be used.
    """
    stop = stop or asyncio.Event()
    async with open_journal(journal, clock=clock) as kept:
        its = await find(run_id, kept)
        nothing = await idle(its, kept, only)
        if isinstance(its, Campaign):
            shared = shared_place(journal, sender) if detach else None
            opening = resume_campaign(its, sender, kept, only, stop, clock)
            return await carried_out(
                opening, sender, Limits(only=only), lambda each: on_event(each.event), clock, shared
            )
        if detach:
            raise alone(its)
        if nothing:
            return RunResult(its.run.id, "finished" if its.has_ended else "stopped", ())
        async with resume_run(its.run, sender, kept, clock=clock) as delivery:
            return await delivery.carried_out(stop, on_event, undelivered=only == "undelivered")


resume = blocking(resume_async)
