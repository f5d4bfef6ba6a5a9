"""A run or a campaign is found by its id."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, TypeVar

from flowrunner.diagnostics.errors import RefusedError
from flowrunner.journal import Journal, RunRecord

if TYPE_CHECKING:
    from flowrunner.model.campaigns import Campaign

_Found = TypeVar("_Found")
_LISTED: Final = "flowrunner.runs() lists them"
_NAMED: Final = 5
"""Ids that are named of those that match."""


async def find(run_id: str, journal: Journal, hint: str = _LISTED) -> "Campaign | RunRecord":
    """The campaign or the run with this id, or the only one whose id begins so.

    Raises:
        RefusedError: It is neither, with that hint; or several begin so.
    """

    async def exactly(its_id: str) -> "Campaign | RunRecord | None":
        return await journal.campaign(its_id) or await journal.record(its_id)

    campaigns, runs = await journal.ids(run_id, limit=_NAMED + 1)
    return await _only("run", run_id, exactly, [*campaigns, *runs], hint)


async def find_campaign(campaign_id: str, journal: Journal, hint: str = _LISTED) -> "Campaign":
    """As `find`, of campaigns."""
    campaigns, _ = await journal.ids(campaign_id, limit=_NAMED + 1)
    return await _only("campaign", campaign_id, journal.campaign, campaigns, hint)


async def find_run(run_id: str, journal: Journal, hint: str = _LISTED) -> RunRecord:
    """As `find`, of runs."""
    _, runs = await journal.ids(run_id, limit=_NAMED + 1)
    return await _only("run", run_id, journal.record, runs, hint)


async def _only(
    what: str, its_id: str, exactly: Callable[[str], Awaitable[_Found | None]], matching: list[str], hint: str
) -> _Found:
    found = await exactly(its_id if len(matching) != 1 or not its_id else matching[0])
    if found is not None:
        return found
    if not its_id or not matching:
        raise RefusedError(f"no {what} matches {its_id or repr(its_id)}", hint)
    more = " and more" if len(matching) > _NAMED else ""
    named = ", ".join(matching[:_NAMED])
    raise RefusedError(f"more than one {what} matches {its_id}: {named}{more}", "give more of its id")
