"""``flowrunner runs``."""

import asyncio
import time

import click

from flowrunner.app.reports.report import CampaignSummary, run_rows, summary
from flowrunner.app.runs.find import find
from flowrunner.cli.config_defaults import Configured
from flowrunner.cli.console import DONE, colour, say, width
from flowrunner.cli.journals import command, existing_journal, where_listed
from flowrunner.cli.options import RUN, Number, formats, journal_file
from flowrunner.clock import SYSTEM
from flowrunner.flow import load_bundle
from flowrunner.flow.steps import verb_of, walk_flow
from flowrunner.journal import Journal, RunRecord
from flowrunner.journal.places import Place, is_there
from flowrunner.model import Json
from flowrunner.model.addresses import as_written
from flowrunner.model.campaigns import Campaign
from flowrunner.views.report.json import campaign_data, event_data, listing, run_data
from flowrunner.views.report.text import campaign_in_short, in_words
from flowrunner.views.terminal.runs import run_detail, runs_table


@click.command(
    cls=Configured, help="List the runs in the journal, newest first; or show everything that happened in RUN."
)
@RUN
@journal_file
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=50, show_default=True, help="How many to list.")
@click.option("--prune", type=Number(0), metavar="DAYS",
              help="Delete all finished runs that are older. Their people may get these flows again.")  # fmt: skip
@formats("text", "json")
def runs(run_id: str, journal: Place, limit: int, prune: float | None, form: str) -> int:
    """Look into the journal; nothing is asked of the API."""
    if run_id and prune is not None:
        raise click.UsageError("--prune cannot be combined with RUN: it deletes all finished runs that are older.")
    if not run_id and not is_there(journal):
        say(listing(campaigns=[], runs=[]) if form == "json" else f"no runs yet (there is no journal {journal})")
        return DONE
    return asyncio.run(_shown(run_id, journal, limit, prune, form))


async def _shown(run_id: str, path: Place, limit: int, prune: float | None, form: str) -> int:
    async with existing_journal(path, write=prune is not None) as journal:
        if prune is not None:
            forgotten = await journal.prune(SYSTEM.now() - prune * 86_400)
            say(f"{forgotten} finished run{'s' if forgotten != 1 else ''} deleted")
        elif not run_id:
            await _list(journal, limit, form)
        elif isinstance(its := await find(run_id, journal, where_listed(path)), Campaign):
            _show_campaign(await summary(its, journal), path, form)
        else:
            await _show(its, journal, form)
        return DONE


async def _list(journal: Journal, limit: int, form: str) -> None:
    campaigns = [await summary(each, journal) for each in await journal.campaigns(limit=limit)]
    found = await run_rows(await journal.runs(limit=limit), journal)
    if form == "json":
        say(listing(campaigns=list(map(_data, campaigns)), runs=list(map(run_data, found))))
        return
    for campaign in campaigns:
        say(campaign_in_short(campaign.campaign, campaign.states))
    if found:
        say(runs_table(found, width=width(), colour=colour()))
    elif not campaigns:
        say("no runs yet")


async def _show(record: RunRecord, journal: Journal, form: str) -> None:
    run, [row] = record.run, await run_rows([record], journal)
    events = await journal.events(run.id)
    if form == "json":
        say(listing(run=run_data(row), events=event_data(events)))
        return
    flow = load_bundle(run.bundle).flow
    steps = {step.address: (step.label, verb_of(step).outline(step)) for step in walk_flow(flow)} if flow else {}
    told = {each.step: steps[at] for each in events if (at := as_written(each.step)) in steps}
    say(run_detail(row, events, told, colour=colour()))


def _show_campaign(its: CampaignSummary, path: "Place", form: str) -> None:
    if form == "json":
        say(listing(campaign=_data(its)))
        return
    say(campaign_in_short(its.campaign, its.states))
    for each in in_words(its.states):
        say(f"  {each}")
    if its.cancelled_at:
        say(f"  cancelled on {_minute(its.cancelled_at)}")
    if its.handed is not None:
        say(f"  with workers since {_minute(its.handed.at)}")
        if its.handed.stopped and not its.cancelled_at:
            say(f"  stopped: {its.handed.stopped}")
            say(f"  continue with: {command('resume', its.campaign.id, '--detach', journal=path)}")
    if its.next_wake:
        when = "continues at" if its.next_wake > SYSTEM.now() else "can go on since"
        say(f"  the next one {when} {_minute(its.next_wake)}")


def _data(its: CampaignSummary) -> Json:
    handed = its.handed
    return campaign_data(
        its.campaign, its.states, next_wake=its.next_wake, cancelled_at=its.cancelled_at,
        detached_at=handed and handed.at, stopped=handed.stopped if handed is not None else "",
    )  # fmt: skip


def _minute(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))
