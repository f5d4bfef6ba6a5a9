"""A plan as it is carried out: what it said is sent, or it is said why not."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from flowrunner.app.campaigns.audience import NobodyLeftError
from flowrunner.app.plans.run import opened, planned_by
from flowrunner.app.senders.sender import Sender
from flowrunner.cli.audience_run import nobody_left
from flowrunner.cli.campaign_run import send_ready
from flowrunner.cli.config_defaults import used
from flowrunner.cli.confirmation import counts
from flowrunner.cli.console import DONE, WRONG_INPUT, complain, refuse, say, tell
from flowrunner.cli.recipient_options import Extent
from flowrunner.plan.values import PlanError
from flowrunner.views.report.json import summary_line

if TYPE_CHECKING:
    from flowrunner.config.overrides import Overrides
    from flowrunner.journal.places import Place


async def run_plan(
    path: Path,
    max_age: float,
    journal: "Place | None",
    extent: Extent,
    said: "Overrides",
    how: Sender,
    form: str,
    *,
    skip_unreachable: bool,
) -> int:
    """Send exactly what a plan says, or say why not. Returns the exit code."""
    try:
        sender_at = partial(planned_by, used(), said=said, base=how)
        async with opened(
            path,
            sender_at,
            journal=journal,
            max_age=max_age,
            skip_unreachable=skip_unreachable,
            missing=_tell_missing,
        ) as its:
            return await send_ready(its.ready, its.journal, its.path, extent, its.sender, form)
    except NobodyLeftError as nobody:
        say(summary_line(None, {}, (), **counts(nobody.checked)) if form == "jsonl" else nobody_left(nobody))
        return DONE
    except PlanError as error:
        complain(error.diagnostics)
        refuse(f"the plan {path} is refused: {error.message}", error.hint)
    return WRONG_INPUT


def _tell_missing(path: Path) -> None:
    tell(f"{path} is missing, so nobody can say whether it was changed; the plan is sent as it was made")
