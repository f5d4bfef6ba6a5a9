"""What `flowrunner resume` continues: the run or campaign that is named, or the only one that has not ended."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from flowrunner.app.reports.report import run_rows, summary
from flowrunner.app.resuming.resume import alone, idle, unfinished
from flowrunner.app.senders.sender import Sender
from flowrunner.cli import campaign_run as of_campaigns
from flowrunner.cli import single_run as of_runs
from flowrunner.cli.console import DONE, WRONG_INPUT, colour, refuse, say, tell, width
from flowrunner.cli.journals import command
from flowrunner.engine.history.phases import Phase
from flowrunner.journal import Journal, RunRecord
from flowrunner.journal.places import Place
from flowrunner.model.campaigns import Campaign
from flowrunner.views.report.json import summary_line
from flowrunner.views.report.text import campaign_in_short
from flowrunner.views.terminal.runs import runs_table

if TYPE_CHECKING:
    from flowrunner.campaign import Only

_FAILED = {Phase.FAILED: "failed", Phase.UNDELIVERED: "did not get a message"}


async def resume_one(
    its: Campaign | RunRecord,
    journal: Journal,
    path: Place,
    only: "Only",
    sender_at: Callable[[str], Sender],
    form: str,
    *,
    detach: bool,
) -> int:
    """Continue a run or a campaign, or say why there is nothing to continue. Returns the exit code.

    Raises:
        RefusedError: Workers are to continue it, and cannot.
    """
    if detach and not isinstance(its, Campaign):
        raise alone(its)
    if nothing := await idle(its, journal, only):
        show = tell if form == "jsonl" else say  # with --format jsonl standard output has nothing but events
        if isinstance(its, Campaign):
            show(f"nobody in campaign {its.id} is known to be {only}")
            if only == "undelivered":
                tell(f"  hint: ask the API first: {command('status', its.id, '--refresh', journal=path)}")
            if form == "jsonl":
                say(summary_line(its, {}, ()))
            return DONE
        show(f"run {its.run.id} {'has already ended' if nothing == 'ended' else f'is not known to be {only}'}")
        if nothing == "ended" and its.undelivered:
            again = command("resume", its.run.id, "--only", "undelivered", journal=path)
            show(f"a message of it could not be delivered; send it again: {again}")
        return DONE
    if isinstance(its, Campaign):
        if detach:
            from flowrunner.cli.detached_run import leave_again

            return await leave_again(its, journal, path, sender_at(its.target), form, only)
        return await of_campaigns.send_again(its, journal, path, sender_at(its.target), form, only)
    return await of_runs.send_again(
        its.run, journal, path, sender_at(its.run.target), form, undelivered=only == "undelivered"
    )


async def resume_the_only_one(
    journal: Journal, path: Place, only: "Only", sender_at: Callable[[str], Sender], form: str, *,
    detach: bool = False,
) -> int:  # fmt: skip
    """Continue what has not ended, if that is one thing; say what there is otherwise. Returns the exit code."""
    campaigns, records = await unfinished(journal, only)
    found: list[Campaign | RunRecord] = [*campaigns, *records]
    if len(found) > 1:
        return await _choose(journal, campaigns, records, path)
    if found:
        return await resume_one(found[0], journal, path, only, sender_at, form, detach=detach)
    show = tell if form == "jsonl" else say
    show("nothing to resume")
    for line in await _who_failed(journal, path) if only is None else ():
        show(line)
    return DONE


async def _who_failed(journal: Journal, path: Place) -> list[str]:
    """The newest campaigns with people who failed, which nothing but a wish tries again."""
    lines = []
    for phase, what in _FAILED.items():
        for campaign in await journal.campaigns(phase, limit=5):
            again = command("resume", campaign.id, "--only", phase, journal=path)
            count = (await journal.counts(campaign.id)).phases[phase]
            lines.append(f"campaign {campaign.id}: {count:,} {'person' if count == 1 else 'people'} {what}")
            lines.append(f"  try again: {again}")
    return lines


async def _choose(journal: Journal, campaigns: Sequence[Campaign], records: Sequence[RunRecord], path: Place) -> int:
    hint = f"name one: {command('resume', 'RUN', journal=path)}"
    targets = {each.target for each in campaigns} | {each.run.target for each in records}
    if any([await journal.asking(target) for target in targets]):
        hint += f"; or go on with all who have answered: {command('listen', '--once', journal=path)}"
    refuse("there is more than one to continue", hint)
    for campaign in campaigns:
        tell(campaign_in_short(campaign, (await summary(campaign, journal)).states))
    if records:
        tell(runs_table(await run_rows(records, journal), width=width(), colour=colour(err=True)))
    return WRONG_INPUT
