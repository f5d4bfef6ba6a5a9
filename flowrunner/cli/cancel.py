"""``flowrunner cancel``, and how a process that sends a run learns of it."""

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowrunner.cli.books import existing_journal, named
from flowrunner.cli.console import DONE, WRONG_INPUT, say, tell
from flowrunner.cli.options import journal_file

if TYPE_CHECKING:
    from flowrunner.journal import Journal, RunRecord
    from flowrunner.model import Campaign, Run

_LOOK = 0.3
"""Seconds between two looks whether somebody has cancelled the run."""


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

    was = book.campaigns.cancelled_at(campaign.id) is not None
    is_open = campaign.id in {each.id for each in book.campaigns.unfinished()}
    if not (was or is_open):
        say(f"campaign {campaign.id} has already ended: there is nothing to cancel")
        return DONE
    asyncio.run(book.campaigns.cancel(campaign.id))
    how_far = ", ".join(in_words(book.campaigns.counts(campaign.id)))
    say(f"campaign {campaign.id} {'was' if was else 'is'} cancelled: {how_far}")
    if not was:
        tell("if another process is sending it, that finishes the messages in flight, and ends")
    return DONE


def _cancel_run(record: "RunRecord", book: "Journal") -> int:
    from flowrunner.model import Event, EventKind

    run = record.run
    if record.state == "finished":
        say(f"run {run.id} has already ended: there is nothing to cancel")
        return DONE
    if record.state != "cancelled":
        asyncio.run(book.append(Event(EventKind.CANCELLED, run.id, time.time())))
    say(f"run {run.id} is cancelled")
    return DONE


def is_cancelled(run: "Run", book: "Journal") -> bool:
    """Whether somebody has cancelled it, even if the message that was in flight has ended it since."""
    from flowrunner.model import EventKind

    return any(event.kind is EventKind.CANCELLED for event in book.events(run.id))


async def stop_when_cancelled(run: "Run", book: "Journal", stop: asyncio.Event) -> None:
    """Look from time to time, and ask to stop as soon as it is."""
    while not is_cancelled(run, book):  # noqa: ASYNC110 - another process does it
        await asyncio.sleep(_LOOK)
    stop.set()
