"""``flowrunner cancel``."""

import asyncio
from typing import TYPE_CHECKING

import click

from flowrunner.app.runs.cancel import call_off
from flowrunner.app.runs.find import find
from flowrunner.cli.config_defaults import Configured
from flowrunner.cli.console import DONE, say, tell
from flowrunner.cli.journals import existing_journal, where_listed
from flowrunner.cli.options import journal_file
from flowrunner.model.campaigns import Campaign
from flowrunner.views.report.text import in_words

if TYPE_CHECKING:
    from flowrunner.journal.places import Place


@click.command(
    cls=Configured,
    help="Cancel RUN, a run or a campaign, for good, even while another terminal is sending it: no further message is "
    "begun, and `flowrunner resume` will not continue it.",
)
@click.argument("run_id", metavar="RUN")
@journal_file
def cancel(run_id: str, journal: "Place") -> int:
    """Write it into the journal, where every process that sends looks."""
    return asyncio.run(_cancel(run_id, journal))


async def _cancel(run_id: str, path: "Place") -> int:
    async with existing_journal(path, write=True) as journal:
        its = await find(run_id, journal, where_listed(path))
        how = await call_off(its, journal)
        what = f"campaign {its.id}" if isinstance(its, Campaign) else f"run {its.run.id}"
        if how == "ended":
            say(f"{what} has already ended: there is nothing to cancel")
        elif isinstance(its, Campaign):
            how_far = ", ".join(in_words((await journal.counts(its.id)).states))
            say(f"{what} {'was' if how == 'was' else 'is'} cancelled: {how_far}")
            if how == "cancelled":
                tell("if another process is sending it, that finishes the messages in flight, and ends")
        else:
            say(f"{what} is cancelled")
        return DONE
