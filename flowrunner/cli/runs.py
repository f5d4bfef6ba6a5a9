"""``flowrunner runs``."""

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowrunner.cli.books import existing_journal, named
from flowrunner.cli.console import DONE, WRONG_INPUT, colour, say, width
from flowrunner.cli.options import journal_file
from flowrunner.clock import SYSTEM
from flowrunner.views.report.listing import campaign_data, event_data, listing, run_data

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowrunner.journal import Journal, RunRecord
    from flowrunner.model import Campaign, Json
    from flowrunner.views.terminal.runs import RunRow


@click.command(help="List the runs in the journal, newest first; or show everything that happened in RUN.")
@click.argument("run_id", required=False, default="", metavar="[RUN]")
@journal_file
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="How many to list.")
@click.option("--prune", type=click.FloatRange(0), metavar="DAYS", help="Delete finished runs that are older.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def runs(run_id: str, journal: Path, limit: int, prune: float | None, form: str) -> int:
    """Look into the journal; nothing is asked of the API."""
    if not journal.exists() and not run_id and not journal.with_name(f"{journal.name}-mark").exists():
        say(listing(campaigns=[], runs=[]) if form == "json" else f"no runs yet (there is no journal {journal})")
        return DONE
    return asyncio.run(_shown(run_id, journal, limit, prune, form))


async def _shown(run_id: str, journal: Path, limit: int, prune: float | None, form: str) -> int:
    async with existing_journal(journal, write=prune is not None) as book:
        if prune is not None:
            forgotten = await book.prune(SYSTEM.now() - prune * 86_400)
            say(f"{forgotten} finished run{'s' if forgotten != 1 else ''} deleted")
            return DONE
        if run_id:
            campaign, record = await named(run_id, book, journal)
            if campaign is not None:
                await _show_campaign(campaign, book, form)
            elif record is not None:
                await _show(record, book, form)
            return DONE if campaign is not None or record is not None else WRONG_INPUT
        await _list(book, limit, form)
        return DONE


async def _list(book: "Journal", limit: int, form: str) -> None:
    from flowrunner.views.terminal.runs import runs_table

    campaigns = await book.campaigns(limit=limit)
    found = await rows(book, await book.runs(limit=limit))
    if form == "json":
        say(listing(campaigns=[await _data(each, book) for each in campaigns], runs=[run_data(each) for each in found]))
        return
    for campaign in campaigns:
        say(await campaign_line(campaign, book))
    if found:
        say(runs_table(found, width=width(), colour=colour()))
    elif not campaigns:
        say("no runs yet")


async def rows(book: "Journal", records: "Iterable[RunRecord]") -> "list[RunRow]":
    """The runs as the table shows them."""
    from flowrunner.engine.state import state_of
    from flowrunner.flow import load_bundle
    from flowrunner.views.terminal.runs import RunRow

    totals: dict[str, int] = {}
    table = []
    for record in records:
        run = record.run
        if run.bundle.digest not in totals:
            flow = load_bundle(run.bundle).flow
            totals[run.bundle.digest] = len(flow.steps) if flow else 0
        done = sum(each.is_done for each in state_of(await book.events(run.id)).steps.values())
        whom = run.recipient.label
        state = "undelivered" if record.undelivered else record.state.replace("_", " ")
        total = totals[run.bundle.digest]
        table.append(RunRow(run.id, run.flow_name, whom, state, done, total, run.created_at, record.updated_at))
    return table


async def _show(record: "RunRecord", book: "Journal", form: str) -> None:
    from flowrunner.flow import load_bundle
    from flowrunner.flow.steps import outline
    from flowrunner.views.terminal.runs import run_detail

    run, [row] = record.run, await rows(book, [record])
    events = await book.events(run.id)
    if form == "json":
        say(listing(run=run_data(row), events=event_data(events)))
        return
    flow = load_bundle(run.bundle).flow
    steps = {step.address: (step.label, outline(step)) for step in flow.steps} if flow else {}
    say(run_detail(row, events, steps, colour=colour()))


async def _show_campaign(campaign: "Campaign", book: "Journal", form: str) -> None:
    from flowrunner.views.report.text import in_words

    if form == "json":
        say(listing(campaign=await _data(campaign, book)))
        return
    say(await campaign_line(campaign, book))
    for each in in_words((await book.counts(campaign.id)).states):
        say(f"  {each}")
    if at := await book.cancelled_at(campaign.id):
        say(f"  cancelled on {_minute(at)}")
    if wake_at := await book.next_wake(campaign.id):
        say(f"  the next one continues at {_minute(wake_at)}")


async def _data(campaign: "Campaign", book: "Journal") -> "Json":
    return campaign_data(
        campaign,
        (await book.counts(campaign.id)).states,
        next_wake=await book.next_wake(campaign.id),
        cancelled_at=await book.cancelled_at(campaign.id),
    )


def _minute(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))


async def campaign_line(campaign: "Campaign", book: "Journal") -> str:
    """A campaign in one line: what, to whom, when, and how far it is."""
    from flowrunner.views.report.text import in_words

    said = ", ".join(in_words((await book.counts(campaign.id)).states)) or "not written down yet"
    return f"campaign {campaign.id}  {campaign.flow_name}, {campaign.audience}, {_minute(campaign.created_at)}: {said}"
