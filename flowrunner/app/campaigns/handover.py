"""A campaign is handed over to workers: by what it is carried out is written down, then its units are submitted."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from flowrunner.campaign import Only
from flowrunner.client.access import target_key
from flowrunner.clock import Clock
from flowrunner.cluster import Executor, Unit
from flowrunner.diagnostics.errors import RefusedError
from flowrunner.engine.history.phases import Phase
from flowrunner.journal import Journal
from flowrunner.journal.many import Member
from flowrunner.journal.places import DatabaseUrl, Place, place_of
from flowrunner.journal.work import HandOver, Terms
from flowrunner.model.campaigns import Campaign

UNIT: Final = 150
"""People of one unit, at most: with fewer the queue costs more, with more a worker that ends leaves more to others."""
_LEAST: Final = 10
_PARTS: Final = 12
"""Units of a campaign, at least: a small one shall be shared, too."""
ATTEMPTS: Final = 10_000
"""Of a unit, within one handing over: the ids of the next one's are others."""
_AT_ONCE: Final = 20
"""Units that are cut, and submitted, together."""
_LEFT: Final = (Phase.NEW, Phase.UNDER_WAY, Phase.IN_DOUBT, Phase.FAILED)


def require_shared(journal: Place | str) -> DatabaseUrl:
    """The place of a journal that other machines reach, too.

    Raises:
        RefusedError: It is a file.
        JournalError: It is a URL that cannot be read.
    """
    place = place_of(journal)
    if isinstance(place, DatabaseUrl):
        return place
    raise RefusedError(
        f"a worker needs a journal in PostgreSQL, and {place} is a file",
        "set FLOWRUNNER_JOURNAL=postgresql://...; on one machine `flowrunner run` and `flowrunner listen` do it",
    )


async def hand_over(
    campaign: Campaign, terms: Terms, journal: Journal, executor: Executor, clock: Clock, *, first: int = 0
) -> HandOver:
    """Give what is left of a campaign to workers. Whatever dies on the way, a worker that is there submits the rest.

    Args:
        campaign: It is written down as a whole.
        terms: How it is carried out; its last key is found here.
        journal: Where it is.
        executor: What gives its units to workers.
        clock: Where time comes from.
        first: Only so many people, the first of those who are left; 0 for all.
    """
    last = await _last(campaign, terms, journal, first) if first else 0
    # By the clock that workers go by: this machine need not be one of theirs, nor its clock right.
    at = clock.now() - await journal.clock_offset()
    handed = await journal.work.hand_over(campaign.id, terms._replace(last=last), at)
    await submit(handed, campaign, journal, executor)
    return handed


async def submit(handed: HandOver, campaign: Campaign, journal: Journal, executor: Executor) -> None:
    """Submit all units of what was handed over; those that are there already are there once."""
    units: list[Unit] = []
    # The first time its parts are the same whoever cuts it, however many have been sent to by then.
    phases = _left(handed.terms) if handed.number > 1 else tuple(Phase)
    sender = target_key(campaign.target)
    async for page in _pages(campaign, handed.terms, journal, phases):
        units.append(Unit(campaign.id, page[0].key, page[-1].key, handed.number * ATTEMPTS, sender=sender))
        if len(units) == _AT_ONCE:
            await executor.submit(units)
            units = []
    if units:
        await executor.submit(units)
    await journal.work.submitted(handed)


def terms_of(campaign: Campaign, only: Only = None, *, in_doubt: str = "", busy: str = "") -> Terms:
    """How a campaign is carried out, with the limits that it was begun with; for the rest see `Terms`."""
    return Terms(only or "", in_doubt, busy, max_failures=float(campaign.options.get("max_failures", 1.0)))


def _left(terms: Terms) -> Sequence[Phase]:
    return [Phase(terms.only)] if terms.only else _LEFT


async def _pages(
    campaign: Campaign, terms: Terms, journal: Journal, phases: Sequence[Phase]
) -> AsyncIterator[Sequence[Member]]:
    """Its people in portions, each a unit."""
    size, after = min(max(campaign.total // _PARTS, _LEAST), UNIT), 0
    while page := await journal.pending(campaign.id, phases=phases, after=after, limit=size * _AT_ONCE):
        after = page[-1].key
        found = [each for each in page if each.key <= (terms.last or after)]
        for start in range(0, len(found), size):
            yield found[start : start + size]
        if len(found) < len(page):
            return


async def _last(campaign: Campaign, terms: Terms, journal: Journal, first: int) -> int:
    """The key of the last of the first so many."""
    last = 0
    async for page in _pages(campaign, terms, journal, _left(terms)):
        last = page[min(first, len(page)) - 1].key
        first -= len(page)
        if first <= 0:
            break
    return last
