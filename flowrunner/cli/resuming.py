"""What `flowrunner resume` continues: the run or campaign that is named, or the only one that has not ended."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from flowrunner.app.cancel import find
from flowrunner.app.report import run_rows, summary
from flowrunner.app.resume import has_ended_so, require_not_cancelled, unfinished
from flowrunner.app.sender import Sender
from flowrunner.cli import campaigns as of_campaigns
from flowrunner.cli import sending as of_runs
from flowrunner.cli.console import DONE, WRONG_INPUT, colour, refuse, say, tell, width
from flowrunner.cli.journals import command, where_listed
from flowrunner.cli.runs import campaign_line
from flowrunner.engine.state import Phase
from flowrunner.journal import Journal, RunRecord
from flowrunner.model import Campaign
from flowrunner.views.terminal.runs import runs_table

if TYPE_CHECKING:
    from flowrunner.campaign import Only

_FAILED = {Phase.FAILED: "failed", Phase.UNDELIVERED: "did not get a message"}


async def resume_one(run_id: str, journal: Journal, path: Path, only: "Only", sender: Sender, form: str) -> int:
    """Continue the run or the campaign with this id. Returns the exit code."""
    its = await find(run_id, journal, where_listed(path))
    if isinstance(its, Campaign):
        return await of_campaigns.send_again(its, journal, path, sender, form, only)
    return await _resume(its, journal, path, only, sender, form)


async def resume_the_only_one(journal: Journal, path: Path, only: "Only", sender: Sender, form: str) -> int:
    """Continue what has not ended, if that is one thing; say what there is otherwise. Returns the exit code."""
    campaigns, records = await unfinished(journal, only)
    if len(campaigns) + len(records) > 1:
        return await _choose(journal, campaigns, records, path)
    if campaigns:
        return await of_campaigns.send_again(campaigns[0], journal, path, sender, form, only)
    if records:
        return await _resume(records[0], journal, path, only, sender, form)
    # With --format jsonl standard output has nothing but events.
    show = tell if form == "jsonl" else say
    show("nothing to resume")
    for line in await _who_failed(journal, path) if only is None else ():
        show(line)
    return DONE


async def _resume(record: RunRecord, journal: Journal, path: Path, only: "Only", sender: Sender, form: str) -> int:
    run = record.run
    show = tell if form == "jsonl" else say
    require_not_cancelled(record)
    if only is not None and not has_ended_so(record, only):
        show(f"run {run.id} is not known to be {only}")
        return DONE
    if record.state == "finished" and only is None:
        show(f"run {run.id} has already ended")
        if record.undelivered:
            again = command("resume", run.id, "--only", "undelivered", journal=path)
            show(f"a message of it could not be delivered; send it again: {again}")
        return DONE
    return await of_runs.send_again(run, journal, path, sender, form, undelivered=only == "undelivered")


async def _who_failed(journal: Journal, path: Path) -> list[str]:
    """The newest campaigns with people who failed, which nothing but a wish tries again."""
    lines = []
    for phase, what in _FAILED.items():
        for campaign in await journal.campaigns(phase, limit=5):
            again = command("resume", campaign.id, "--only", phase, journal=path)
            count = (await journal.counts(campaign.id)).phases[phase]
            lines.append(f"campaign {campaign.id}: {count:,} {'person' if count == 1 else 'people'} {what}")
            lines.append(f"  try again: {again}")
    return lines


async def _choose(journal: Journal, campaigns: Sequence[Campaign], records: Sequence[RunRecord], path: Path) -> int:
    refuse("there is more than one to continue", f"name one: {command('resume', 'RUN', journal=path)}")
    for campaign in campaigns:
        tell(campaign_line(await summary(campaign, journal)))
    if records:
        tell(runs_table(await run_rows(records, journal), width=width(), colour=colour(err=True)))
    return WRONG_INPUT
