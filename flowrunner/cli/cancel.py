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
    with existing_journal(journal, write=True) as book:
        campaign, record = named(run_id, book, journal)
        if campaign is not None:
            return _cancel_campaign(campaign, book)
        return _cancel_run(record, book) if record is not None else WRONG_INPUT


def _cancel_campaign(campaign: "Campaign", book: "Journal") -> int:
    from flowrunner.views.report.text import in_words

    how = asyncio.run(app.cancel(campaign, book))
    if how == "ended":
        say(f"campaign {campaign.id} has already ended: there is nothing to cancel")
        return DONE
    how_far = ", ".join(in_words(book.campaigns.counts(campaign.id)))
    say(f"campaign {campaign.id} {'was' if how == 'was' else 'is'} cancelled: {how_far}")
    if how == "cancelled":
        tell("if another process is sending it, that finishes the messages in flight, and ends")
    return DONE


def _cancel_run(record: "RunRecord", book: "Journal") -> int:
    has_ended = asyncio.run(app.cancel(record, book)) == "ended"
    say(f"run {record.run.id} {'has already ended: there is nothing to cancel' if has_ended else 'is cancelled'}")
    return DONE
