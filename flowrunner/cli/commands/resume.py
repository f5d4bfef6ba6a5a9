"""``flowrunner resume``: what was stopped goes on."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import click

from flowrunner.cli.config_defaults import Configured, used
from flowrunner.cli.journals import existing_journal, where_listed
from flowrunner.cli.options import ITS_SENDER, RUN, journal_file, sending
from flowrunner.cli.recipient_options import DETACH, ONLY

if TYPE_CHECKING:
    from flowrunner.app.senders.sender import Sender
    from flowrunner.campaign import Only
    from flowrunner.config.overrides import Overrides
    from flowrunner.journal.places import Place


@click.command(
    cls=Configured, help="Continue RUN, a run or a campaign, where it stopped; without RUN, the unfinished one."
)
@RUN
@ITS_SENDER
@journal_file
@ONLY
@DETACH
@sending
def resume(
    run_id: str, journal: "Place", only: "Only", detach: bool, form: str, said: "Overrides", how: "Sender"
) -> int:  # fmt: skip
    """Continue with the flow text, variables and moment of the original run, whatever the file says today."""
    return asyncio.run(_resume(run_id, journal, only, detach, form, said, how))


async def _resume(
    run_id: str, journal: "Place", only: "Only", detach: bool, form: str, said: "Overrides", how: "Sender"
) -> int:  # fmt: skip
    from flowrunner.app.runs.find import find
    from flowrunner.app.senders.configured import chosen_at
    from flowrunner.cli.resume_choice import resume_one, resume_the_only_one

    sender_at = partial(chosen_at, used(), said=said, base=how)
    async with existing_journal(journal, write=True) as kept:
        if not run_id:
            return await resume_the_only_one(kept, journal, only, sender_at, form, detach=detach)
        its = await find(run_id, kept, where_listed(journal))
        return await resume_one(its, kept, journal, only, sender_at, form, detach=detach)
