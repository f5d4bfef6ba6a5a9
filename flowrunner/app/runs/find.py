"""A run or a campaign is found by its id."""

from typing import TYPE_CHECKING

from flowrunner.diagnostics.errors import RefusedError
from flowrunner.journal import Journal, RunRecord

if TYPE_CHECKING:
    from flowrunner.model.campaigns import Campaign


async def find(run_id: str, journal: Journal, hint: str = "flowrunner.runs() lists them") -> "Campaign | RunRecord":
    """The campaign or the run with this id, or the only one whose id begins so.

    Raises:
        RefusedError: It is neither, with that hint.
    """
    its = await journal.campaign(run_id) or await journal.record(run_id)
    if its is None:
        raise RefusedError(f"no run matches {run_id}, or several do", hint)
    return its
