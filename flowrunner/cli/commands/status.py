"""``flowrunner status``."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import click

from flowrunner.app.reports.statuses import newest_tallies, statuses, tallies
from flowrunner.app.runs.find import find
from flowrunner.cli.config_defaults import Configured, used
from flowrunner.cli.console import DONE, INTERRUPTED, STOPPED, colour, refuse, say, tell, width
from flowrunner.cli.interrupts import interruptible
from flowrunner.cli.journals import existing_journal, where_listed
from flowrunner.cli.options import INSECURE, ITS_SENDER, MAX_WAIT, RATE, RUN, TIMEOUT, formats, given_rate, journal_file
from flowrunner.clock import SYSTEM
from flowrunner.model.campaigns import Campaign
from flowrunner.views.report.json import listing, tally_data
from flowrunner.views.report.text import tally_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowrunner.app.reports.statuses import SenderAt
    from flowrunner.config.overrides import Overrides
    from flowrunner.delivery import Rate
    from flowrunner.delivery.late_statuses import Learnt
    from flowrunner.journal import Journal, RunRecord
    from flowrunner.journal.places import Place


@click.command(
    cls=Configured,
    help="Show how far the messages of RUN, a run or a campaign, have got; without RUN, those of the newest ones.",
)
@RUN
@journal_file
@click.option("--refresh", is_flag=True, help="Ask the API first, about all messages that are not known to be read.")
@ITS_SENDER
@RATE
@MAX_WAIT
@TIMEOUT
@INSECURE
@formats("text", "json")
def status(
    run_id: str, journal: "Place", refresh: bool, said: "Overrides", rate: "Rate", max_wait: float, timeout: float,
    insecure: bool, form: str,
) -> int:  # fmt: skip
    """Read the journal; with --refresh, bring late statuses into it."""
    sender_at = None
    if refresh:
        from flowrunner.app.senders.configured import chosen_at
        from flowrunner.app.senders.sender import Sender

        how = Sender("", "", rate, timeout, max_wait, insecure=insecure)
        sender_at = partial(chosen_at, used(), said=said._replace(rate=given_rate(rate)), base=how)
    return asyncio.run(_shown(run_id, journal, sender_at, form))


async def _shown(run_id: str, path: "Place", sender_at: "SenderAt | None", form: str) -> int:
    async with existing_journal(path, write=sender_at is not None) as journal:
        its = await find(run_id, journal, where_listed(path)) if run_id else None
        code = await _refresh(journal, its, sender_at) if sender_at is not None else DONE
        say(await _drawn(journal, its, form))
        return code


async def _refresh(journal: "Journal", its: "Campaign | RunRecord | None", sender_at: "SenderAt") -> int:
    stop = asyncio.Event()
    code = DONE
    with interruptible(stop):
        async for learnt in statuses(journal, its, sender_at, stop, tell=_teller()):
            tell(_said(learnt))
            if learnt.unread:
                many = "" if learnt.unread == 1 else "s"
                why = f"{learnt.unread} conversation{many} could not be read: {learnt.reason}"
                refuse(why, learnt.hint or "try again later")
                code = STOPPED
    return INTERRUPTED if stop.is_set() else code


def _said(learnt: "Learnt") -> str:
    what = f"{learnt.moved} message{'' if learnt.moved == 1 else 's'} updated" if learnt.moved else "nothing new"
    failed = f", {learnt.failed} could not be delivered" if learnt.failed else ""
    return f"asked about {learnt.asked} run{'' if learnt.asked == 1 else 's'}: {what}{failed}"


def _teller() -> "Callable[[Learnt], None]":
    """One line a minute: a million conversations take their time."""
    last = SYSTEM.monotonic()

    def show(learnt: "Learnt") -> None:
        nonlocal last
        if SYSTEM.monotonic() - last > 60:
            last = SYSTEM.monotonic()
            tell(_said(learnt))

    return show


async def _drawn(journal: "Journal", its: "Campaign | RunRecord | None", form: str) -> str:
    found = await newest_tallies(journal) if its is None else await tallies(journal, its)
    if form == "json":
        if its is None:
            return listing(runs=tally_data(found))
        return listing(run=its.id if isinstance(its, Campaign) else its.run.id, steps=tally_data(found))
    if its is not None:
        return tally_table(found, width=width(), colour=colour())
    return tally_table(found, width=width(), colour=colour(), first="RUN") if found else "no runs yet"
