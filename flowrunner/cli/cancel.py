"""``flowrunner cancel``."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowrunner.app import cancel as app
from flowrunner.cli.books import existing_journal, named
from flowrunner.cli.console import DONE, WRONG_INPUT, say, tell
from flowrunner.cli.options import journal_file

if TYPE_CHECKING:
    from flowrunner.journal import Journal, RunRecord
    from flowrunner.model import Campaign


@click.command(
    help="Cancel RUN, a run or a campaign, for good, even while another terminal is sending it: no further message is "
    "begun, and `flowrunner resume` will not continue it."
)
@click.argument("run_id", metavar="RUN")
@journal_file
def cancel(run_id: str, journal: Path) -> int:
    """Write it into the journal, where every process that sends looks."""
    return asyncio.run(_cancel(run_id, journal))


async def _cancel(run_id: str, journal: Path) -> int:
    async with existing_journal(journal, write=True) as book:
        campaign, record = await named(run_id, book, journal)
        if campaign is not None:
            return await _cancel_campaign(campaign, book)
        return await _cancel_run(record, book) if record is not None else WRONG_INPUT


async def _cancel_campaign(campaign: "Campaign", book: "Journal") -> int:
    from flowrunner.views.report.text import in_words

    how = await app.cancel(campaign, book)
    if how == "ended":
        say(f"campaign {campaign.id} has already ended: there is nothing to cancel")
        return DONE
    how_far = ", ".join(in_words((await book.counts(campaign.id)).states))
    say(f"campaign {campaign.id} {'was' if how == 'was' else 'is'} cancelled: {how_far}")
    if how == "cancelled":
        tell("if another process is sending it, that finishes the messages in flight, and ends")
    return DONE


async def _cancel_run(record: "RunRecord", book: "Journal") -> int:
    has_ended = await app.cancel(record, book) == "ended"
    say(f"run {record.run.id} {'has already ended: there is nothing to cancel' if has_ended else 'is cancelled'}")
    return DONE
