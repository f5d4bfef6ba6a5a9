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

    campaigns, runs = await _ids(run_id, journal)
    return await _only("run", run_id, exactly, [*campaigns, *runs], hint)


async def find_campaign(campaign_id: str, journal: Journal, hint: str = _LISTED) -> "Campaign":
    """As `find`, of campaigns."""
    campaigns, _ = await _ids(campaign_id, journal)
    return await _only("campaign", campaign_id, journal.campaign, campaigns, hint)


async def find_run(run_id: str, journal: Journal, hint: str = _LISTED) -> RunRecord:
    """As `find`, of runs."""
    _, runs = await _ids(run_id, journal)
    return await _only("run", run_id, journal.record, runs, hint)


async def _ids(beginning: str, journal: Journal) -> tuple[list[str], list[str]]:
    """As `Journal.ids`; none for what a journal cannot even be asked, such as bytes that are no text."""
    return await journal.ids(beginning, limit=_NAMED + 1) if beginning.isprintable() else ([], [])


async def _only(
    what: str, its_id: str, exactly: Callable[[str], Awaitable[_Found | None]], matching: list[str], hint: str
) -> _Found:
    if its_id and matching:
        found = await exactly(matching[0] if len(matching) == 1 else its_id)
        if found is not None:
            return found
    if not its_id or not matching:
        raise RefusedError(f"no {what} matches {its_id if its_id and its_id.isprintable() else repr(its_id)}", hint)
    more = " and more" if len(matching) > _NAMED else ""
    named = ", ".join(matching[:_NAMED])
    raise RefusedError(f"more than one {what} matches {its_id}: {named}{more}", "give more of its id")
