"""``flowrunner runs``."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowrunner.cli.books import existing_journal
from flowrunner.cli.console import DONE, WRONG_INPUT, colour, refuse, say, width
from flowrunner.cli.options import journal_file

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowrunner.journal import Journal, RunRecord
    from flowrunner.model import Campaign
    from flowrunner.views.progress import RunRow


@click.command(help="List the runs in the journal, newest first; or show RUN with all that happened.")
@click.argument("run_id", required=False, default="", metavar="[RUN]")
@journal_file
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="How many to list.")
@click.option("--prune", type=click.FloatRange(0), metavar="DAYS", help="Forget finished runs older than that.")
def runs(run_id: str, journal: Path, limit: int, prune: float | None) -> int:
    """Look into the journal; nothing is asked of the API."""
    import asyncio

    from flowrunner.views.progress import runs_table

    if not journal.exists() and not run_id and not journal.with_name(f"{journal.name}-mark").exists():
        say(f"no runs yet (there is no journal {journal})")
        return DONE
    with existing_journal(journal, write=prune is not None) as book:
        if prune is not None:
            forgotten = asyncio.run(book.prune(time.time() - prune * 86_400))
            say(f"{forgotten} finished run{'s' if forgotten != 1 else ''} forgotten")
            return DONE
        if run_id:
            campaign = book.campaigns.find(run_id)
            return _show(run_id, book) if campaign is None else _show_campaign(campaign, book)
        campaigns = book.campaigns.newest(limit)
        for campaign in campaigns:
            say(campaign_line(campaign, book))
        found = book.runs(limit)
        if found:
            say(runs_table(rows(book, found), width=width(), colour=colour()))
        elif not campaigns:
            say("no runs yet")
        return DONE


def rows(book: "Journal", records: "Iterable[RunRecord]") -> "list[RunRow]":
    """The runs as the table shows them."""
    from flowrunner.loading import load_text
    from flowrunner.runner import Stage, progress_of
    from flowrunner.views.progress import RunRow

    totals: dict[str, int] = {}
    table = []
    for record in records:
        run = record.run
        if run.flow_digest not in totals:
            flow = load_text(run.flow_text, run.flow_path).flow
            totals[run.flow_digest] = len(flow.steps) if flow else 0
        known = progress_of(book.events(run.id)).values()
        done = sum(each.stage in (Stage.ACCEPTED, Stage.SKIPPED, Stage.PAUSED) for each in known)
        whom = run.recipient.phone or run.recipient.conversation
        state = record.state.replace("_", " ")
        total = totals[run.flow_digest]
        table.append(RunRow(run.id, run.flow_name, whom, state, done, total, run.created_at, record.updated_at))
    return table


def _show(run_id: str, book: "Journal") -> int:
    from flowrunner.loading import load_text
    from flowrunner.views.progress import run_detail

    record = book.record(run_id)
    if record is None:
        refuse(f"there is no run {run_id}, or more than one that begins so", "flowrunner runs lists them")
        return WRONG_INPUT
    run = record.run
    flow = load_text(run.flow_text, run.flow_path).flow
    steps = {step.address: (step.label, _kind(step.verb, step.message)) for step in flow.steps} if flow else {}
    say(run_detail(rows(book, [record])[0], book.events(run.id), steps, colour=colour()))
    return DONE


def _show_campaign(campaign: "Campaign", book: "Journal") -> int:
    say(campaign_line(campaign, book))
    from flowrunner.views.report import in_words

    for each in in_words(book.campaigns.counts(campaign.id)):
        say(f"  {each}")
    if wake_at := book.campaigns.next_wake(campaign.id):
        say(f"  the next one goes on at {time.strftime('%Y-%m-%d %H:%M', time.localtime(wake_at))}")
    return DONE


def campaign_line(campaign: "Campaign", book: "Journal") -> str:
    """A campaign in one line: what, to whom, when, and how far it is."""
    from flowrunner.views.report import in_words

    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(campaign.created_at))
    said = ", ".join(in_words(book.campaigns.counts(campaign.id))) or "not written down yet"
    return f"campaign {campaign.id}  {campaign.flow_name}, {campaign.audience}, {when}: {said}"


def _kind(verb: str, message: "object") -> str:
    return str(message.get("message_type", "text")) if verb == "message" and isinstance(message, dict) else verb
