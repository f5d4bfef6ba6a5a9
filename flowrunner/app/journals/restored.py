"""A journal of which an earlier state was put back: what may have been sent since counts as in doubt."""

from collections.abc import Sequence
from typing import Final

from flowrunner.clock import Clock
from flowrunner.engine.history.phases import ENDED, Phase
from flowrunner.journal import Journal, JournalError, open_journal
from flowrunner.journal.places import DatabaseUrl
from flowrunner.model import Event, EventKind

LOST: Final = "an earlier state of the journal was put back: messages may have been sent of which it does not know"
_HINT: Final = "look at the chat, then resume with --in-doubt resend or --in-doubt skip"
_FIRST: Final = "end all workers and listeners first; where one was killed, wait a minute"
_OPEN: Final = tuple(sorted(set(Phase) - ENDED))
_AT_ONCE: Final = 1_000


async def put_back(place: DatabaseUrl, clock: Clock) -> int:
    """Go on with a database to which an earlier state was put back.

    Every run that had not ended by then is in doubt: any of its messages may have been sent since. Campaigns that
    workers had are stopped.

    Returns:
        How many runs that are.

    Raises:
        JournalError: Workers are there, or listeners, or the journal cannot be written.
    """
    async with open_journal(place, clock=clock) as journal:
        now = clock.now()
        if any(each.until > now for each in await journal.work.workers()):
            raise JournalError(f"a worker works by the journal {place}", _FIRST)
        for target in await journal.targets():
            if await journal.listened_until(target) > now:
                raise JournalError(f"a process listens to {target} by the journal {place}", _FIRST)
        return await put_in_doubt(journal, clock)


async def put_in_doubt(journal: Journal, clock: Clock) -> int:
    """Put every run in doubt that has not ended. Returns how many that are."""
    count = 0
    for campaign in await journal.campaigns():
        await journal.work.stop(campaign.id, LOST)
        after = 0
        while page := await journal.pending(campaign.id, phases=_OPEN, after=after, limit=_AT_ONCE):
            await journal.append(*_doubtful([each.run.id for each in page], clock))
            after, count = page[-1].key, count + len(page)
    alone = [each.run.id for each in await journal.runs(*_OPEN)]
    for start in range(0, len(alone), _AT_ONCE):
        await journal.append(*_doubtful(alone[start : start + _AT_ONCE], clock))
    return count + len(alone)


def _doubtful(runs: Sequence[str], clock: Clock) -> list[Event]:
    detail = {"reason": LOST, "hint": _HINT}
    return [Event(EventKind.IN_DOUBT, run, clock.now(), detail=detail) for run in runs]
