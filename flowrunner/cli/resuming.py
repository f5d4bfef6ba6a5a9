"""What `flowrunner resume` continues: the run or campaign that is named, or the only one that has not ended."""

from pathlib import Path
from typing import TYPE_CHECKING

from flowrunner.cli.books import named
from flowrunner.cli.campaigns import Only, resume_campaign
from flowrunner.cli.console import DONE, WRONG_INPUT, colour, refuse, say, tell, width
from flowrunner.cli.hints import command
from flowrunner.cli.runs import campaign_line, rows
from flowrunner.cli.sending import send_again
from flowrunner.engine.state import LEFT, Phase
from flowrunner.views.terminal.runs import runs_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowrunner.app.sender import Sender
    from flowrunner.journal import Journal, RunRecord
    from flowrunner.model import Campaign

_FAILED = {Phase.FAILED: "failed", Phase.UNDELIVERED: "did not get a message"}


async def resume_one(run_id: str, book: "Journal", journal: Path, only: Only, sender: "Sender", form: str) -> int:
    """Continue the run or the campaign with this id. Returns the exit code."""
    campaign, record = await named(run_id, book, journal)
    if campaign is not None:
        return await resume_campaign(campaign, book, journal, sender, form, only)
    return await _resume(record, book, journal, only, sender, form) if record is not None else WRONG_INPUT


async def resume_the_only_one(
    _run_id: str, book: "Journal", journal: Path, only: Only, sender: "Sender", form: str
) -> int:
    """Continue what has not ended, if that is one thing; say what there is otherwise. Returns the exit code."""
    if only is None:
        campaigns = await book.campaigns(*LEFT)
        records = await book.runs(*LEFT, Phase.FAILED)
    else:
        campaigns = await book.campaigns(Phase(only))
        records = [each for each in await book.runs() if _is_so(each, only)]
    if len(campaigns) + len(records) > 1:
        return await _choose(book, campaigns, records, journal)
    if campaigns:
        return await resume_campaign(campaigns[0], book, journal, sender, form, only)
    if records:
        return await _resume(records[0], book, journal, only, sender, form)
    # With --format jsonl standard output has nothing but events.
    show = tell if form == "jsonl" else say
    show("nothing to resume")
    for line in await _who_failed(book, journal) if only is None else ():
        show(line)
    return DONE


async def _resume(record: "RunRecord", book: "Journal", journal: Path, only: Only, sender: "Sender", form: str) -> int:
    run = record.run
    show = tell if form == "jsonl" else say
    if record.state == "cancelled":
        refuse(f"run {run.id} was cancelled", "to send the flow again: flowrunner run FLOW --again")
        return WRONG_INPUT
    if only is not None and not _is_so(record, only):
        show(f"run {run.id} is not known to be {only}")
        return DONE
    if record.state == "finished" and only is None:
        show(f"run {run.id} has already ended")
        if record.undelivered:
            again = command("resume", run.id, "--only", "undelivered", journal=journal)
            show(f"a message of it could not be delivered; send it again: {again}")
        return DONE
    return await send_again(run, book, journal, sender, form, undelivered=only == "undelivered")


def _is_so(record: "RunRecord", only: Only) -> bool:
    return record.undelivered if only == "undelivered" else record.state == only


async def _who_failed(book: "Journal", journal: Path) -> list[str]:
    """The newest campaigns with people who failed, which nothing but a wish tries again."""
    lines = []
    for phase, what in _FAILED.items():
        for campaign in await book.campaigns(phase, limit=5):
            again = command("resume", campaign.id, "--only", phase, journal=journal)
            count = (await book.counts(campaign.id)).phases[phase]
            lines.append(f"campaign {campaign.id}: {count:,} {'person' if count == 1 else 'people'} {what}")
            lines.append(f"  try again: {again}")
    return lines


async def _choose(
    book: "Journal", campaigns: "Sequence[Campaign]", records: "Sequence[RunRecord]", journal: Path
) -> int:
    refuse("there is more than one to continue", f"name one: {command('resume', 'RUN', journal=journal)}")
    for campaign in campaigns:
        tell(await campaign_line(campaign, book))
    if records:
        tell(runs_table(await rows(book, records), width=width(), colour=colour(err=True)))
    return WRONG_INPUT
