"""How far messages have come: late statuses are asked for, and what is known is added up."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Final

from flowrunner.app.blocking import blocking
from flowrunner.app.runs.find import find
from flowrunner.app.senders.sender import Sender, SenderError, open_sender, paced
from flowrunner.client import EMULATOR
from flowrunner.client.targets import read_target
from flowrunner.clock import SYSTEM, Clock
from flowrunner.delivery.late_statuses import Learnt
from flowrunner.delivery.late_statuses import refresh as refresh_runs
from flowrunner.flow import load_bundle
from flowrunner.flow.steps import verb_of, walk_flow
from flowrunner.journal import Journal, RunRecord, open_journal
from flowrunner.journal.places import Place
from flowrunner.model import MessageStep, Run
from flowrunner.model.campaigns import Campaign, StepTally

SenderAt = Callable[[str], Sender]
"""Who asks the API that the journal calls so."""
_LISTED: Final = 50
_UNHEARD: Final = 30 * 86_400.0
"""Seconds: of what nothing was heard for so long, nothing more is asked."""


async def statuses(
    journal: Journal,
    its: Campaign | RunRecord | None,
    sender_at: SenderAt,
    stop: asyncio.Event,
    *,
    tell: Callable[[Learnt], None] = lambda _: None,
    clock: Clock = SYSTEM,
) -> AsyncIterator[Learnt]:
    """Ask each API that something was sent to, about all messages that are not known to be read.

    Args:
        journal: What is learnt is written there.
        its: About whose messages; None for all.
        sender_at: Who asks an API, as the journal calls it.
        stop: Once set, nothing more is asked.
        tell: Told now and then how far it is.
        clock: Where time comes from.

    Yields:
        What one API had to say.

    Raises:
        SenderError: The API's URL or the key cannot be used, or nobody sends where ``its`` were sent.
    """
    campaign, run = (its, None) if isinstance(its, Campaign) else (None, its.run if its is not None else None)
    one = campaign or run
    for target in [one.target] if one is not None else await journal.targets():
        if read_target(target).url == EMULATOR:
            continue  # it ended with its program
        runs = journal.followed(
            target, campaign=campaign.id if campaign else "", run=run.id if run else "", since=clock.now() - _UNHEARD
        )
        try:
            sender = sender_at(target)
        except SenderError as error:
            if one is not None:
                raise
            # The others can be asked; nor need this one be, where nothing more is to come of it.
            if unread := sum([1 async for _ in runs]):
                yield Learnt(unread=unread, reason=error.message, hint=error.hint)
            continue
        async with open_sender(sender, clock=clock) as (client, _), paced(sender, journal, clock) as pace:
            yield await refresh_runs(runs, target, journal, client, pace, stop, max_wait=sender.max_wait, tell=tell)
        if stop.is_set():
            return


async def tallies(journal: Journal, its: Campaign | RunRecord) -> Sequence[StepTally]:
    """What became of each message step of a campaign or of a run."""
    if isinstance(its, Campaign):
        return (await journal.report(its.id, message_steps(its))).tallies
    return await journal.tally(its.run.id, message_steps(its.run))


async def newest_tallies(journal: Journal) -> list[StepTally]:
    """What became of the newest campaigns and runs as a whole; the label is the id of each."""
    found = [
        _sum(its.id, f"{its.flow_name}, {its.audience}", (await journal.report(its.id)).tallies)
        for its in await journal.campaigns(limit=_LISTED)
    ]
    for record in await journal.runs(limit=_LISTED):
        whom = record.run.recipient.label
        found.append(_sum(record.run.id, f"{record.run.flow_name}, {whom}", await journal.tally(record.run.id, {})))
    return found


def message_steps(its: Campaign | Run) -> Mapping[str, tuple[str, str]]:
    """The message steps of its flow: address -> label, what it is."""
    flow = load_bundle(its.bundle).flow
    return {
        step.address: (step.label, verb_of(step).outline(step))
        for step in (walk_flow(flow) if flow else ())
        if isinstance(step, MessageStep)
    }


async def refresh_async(
    sender: Sender, *, journal: Place | str, run_id: str = "", stop: asyncio.Event | None = None, clock: Clock = SYSTEM
) -> list[Learnt]:
    """Bring late statuses into the journal: delivered, read, or failed on the way.

    Args:
        sender: Who asks; each run's own API is asked.
        journal: The file that the runs are in.
        run_id: A run or a campaign; by default all.
        stop: Once set, nothing more is asked.
        clock: Where time comes from.

    Returns:
        What each API had to say.

    Raises:
        RefusedError: There is no such run.
        SenderError: The API's URL or the key cannot be used.
        JournalError: The journal cannot be used.
    """
    async with open_journal(journal, clock=clock) as kept:
        its = await find(run_id, kept) if run_id else None
        return [each async for each in statuses(kept, its, sender.at, stop or asyncio.Event(), clock=clock)]


refresh = blocking(refresh_async)


def _sum(run_id: str, what: str, of_steps: Sequence[StepTally]) -> StepTally:
    counts = [sum(column) for column in zip(*(each[3:] for each in of_steps), strict=True)]
    return StepTally("", run_id, what, *counts)
