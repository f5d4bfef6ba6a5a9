"""Staying with a run that waits, until its person has written or its moment has come."""

import asyncio

from flowrunner.delivery.inbound.polling import Hearing
from flowrunner.journal import Journal
from flowrunner.model import Event, EventKind, Run

_LEAST, _MOST, _GROWTH = 0.2, 5.0, 1.2
"""Seconds between two looks into the journal, at first and at last, and how they grow."""


async def stay(run: Run, parked: Event, journal: Journal, hearing: Hearing, stop: asyncio.Event) -> bool:
    """Wait until a parked run can be gone on with. Returns whether a stop was asked for instead.

    What is heard comes into the journal: by this process's own questions, or by a listener.

    Args:
        run: The run.
        parked: The event that parked it, which is its last.
        journal: Where its events are.
        hearing: Asks the API, where nobody else is told.
        stop: Ends the wait.

    Raises:
        JournalError: The journal cannot be used.
    """
    clock = hearing.clock
    events, until = await journal.events(run.id), float(parked.detail["wake_at"])
    known, heard = len(events), sum(each.kind is EventKind.HEARD for each in events)
    if heard > parked.detail.get("heard", heard):
        return False  # it came while the run was being parked
    gap: float = _LEAST
    while (left := until - clock.now()) > 0:
        await hearing.ask()
        if await journal.news(run.id, known):
            return False
        if await clock.sleep(min(left, gap), stop):
            return True
        gap = min(gap * _GROWTH, _MOST)
    return stop.is_set()
