"""A run or a campaign is cancelled for good, of which whoever is sending it learns."""

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from flowrunner.app.blocking import blocking
from flowrunner.clock import SYSTEM, Clock
from flowrunner.engine.history.phases import LEFT, Phase
from flowrunner.journal import Journal, JournalError, RunRecord, open_journal
from flowrunner.journal.places import Place
from flowrunner.model import Event, EventKind, Run

if TYPE_CHECKING:
    from flowrunner.model.campaigns import Campaign

_LOOK = 0.3
"""Seconds between two looks whether somebody has cancelled the run."""


async def call_off(
    its: "Campaign | RunRecord", journal: Journal, clock: Clock = SYSTEM
) -> Literal["ended", "was", "cancelled"]:
    """Have no further message of it begun, by whatever process.

    Returns:
        ``ended`` where there was nothing left to cancel, ``was`` where it was cancelled before, else ``cancelled``.
    """
    from flowrunner.delivery.inbound import late_optouts  # a run that is sent needs none of it

    if not isinstance(its, RunRecord):
        was = await journal.cancelled_at(its.id) is not None
        left = await journal.campaigns(*LEFT, Phase.FAILED)  # whoever resumes it tries the failed ones again
        if not was and its.id not in {each.id for each in left}:
            return "ended"
        await journal.cancel(its.id)  # once more where a process died on the way
        if its.listens:
            await late_optouts.keep_stops_of_campaign(journal, its.id)
        return "was" if was else "cancelled"
    was = its.phase is Phase.CANCELLED
    if its.has_ended and not was:
        return "ended"
    if not was:
        await journal.append(Event(EventKind.CANCELLED, its.run.id, clock.now()))
    await late_optouts.keep_stops_of(journal, its.run)
    return "was" if was else "cancelled"


async def is_cancelled(run: Run, journal: Journal) -> bool:
    """Whether somebody has cancelled it, even if the message that was in flight has ended it since."""
    return _cancels(await journal.events(run.id))


def _cancels(events: Iterable[Event]) -> bool:
    return any(event.kind is EventKind.CANCELLED for event in events)


async def stop_when_cancelled(run: Run, journal: Journal, stop: asyncio.Event, clock: Clock) -> None:
    """Look from time to time, and ask to stop as soon as it is.

    Raises:
        JournalError: Nobody can know; a stop was asked for.
    """
    known = 0
    try:
        while not _cancels(news := await journal.news(run.id, known)):  # another process does it
            known += len(news)
            await clock.sleep(_LOOK)
    except JournalError:
        stop.set()
        raise
    stop.set()


async def cancel_async(run_id: str, *, journal: Place | str) -> Literal["ended", "was", "cancelled"]:
    """Cancel a run or a campaign for good, even while another process is sending it.

    Returns:
        ``ended`` where there was nothing left to cancel, ``was`` where it was cancelled before, else ``cancelled``.

    Raises:
        RefusedError: There is no such run.
        JournalError: The journal cannot be used.
    """
    from flowrunner.app.runs.find import find  # a run that is sent needs only the rest

    async with open_journal(journal, clock=SYSTEM) as kept:
        return await call_off(await find(run_id, kept), kept)


cancel = blocking(cancel_async)
