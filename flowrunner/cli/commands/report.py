"""``flowrunner report``."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowrunner.app.output_files import whole
from flowrunner.app.reports.report import told_by_its_flow
from flowrunner.app.reports.statuses import message_steps
from flowrunner.app.runs.find import find_campaign
from flowrunner.cli.config_defaults import Configured
from flowrunner.cli.console import DONE, colour, say, tell, width
from flowrunner.cli.journals import command, existing_journal, where_listed
from flowrunner.cli.options import formats, journal_file, output_option
from flowrunner.flow import load_bundle
from flowrunner.model.campaigns import CampaignReport
from flowrunner.views.report.text import STATE_WORDS

if TYPE_CHECKING:
    from flowrunner.journal.places import Place


@click.command(cls=Configured, help="Show the results of CAMPAIGN: per step and per recipient, with every reason.")
@click.argument("campaign_id", metavar="CAMPAIGN")
@journal_file
@formats("text", "html", "csv", "json", "junit")
@click.option(
    "--state",
    type=click.Choice(list(STATE_WORDS)),
    default=None,
    metavar="STATE",
    help="Only recipients in STATE, e.g. failed. With --format csv: an audience, to correct and send to again.",
)
@output_option("Write to FILE")
def report(campaign_id: str, journal: "Place", form: str, state: str | None, output: Path | None) -> int:  # fmt: skip
    """Read the journal; nothing is asked of the API."""
    return asyncio.run(_reported(campaign_id, journal, form, state, output))


async def _reported(campaign_id: str, journal: "Place", form: str, state: str | None, output: Path | None) -> int:
    async with existing_journal(journal) as its:
        campaign = await find_campaign(campaign_id, its, where_listed(journal))
        found = await its.report(campaign.id, message_steps(campaign), state=state or "")
        found = told_by_its_flow(found)
        await _write(_drawn(form, found, command("report", campaign.id, journal=journal)), output)
        handed = await its.work.of(campaign.id)
        if handed is not None and handed.stopped:
            again = command("resume", campaign.id, "--detach", journal=journal)
            tell(f"stopped: {handed.stopped}\n  continue with: {again}")
    return DONE


def _drawn(form: str, found: CampaignReport, shown_by: str) -> AsyncIterator[str]:
    if form == "html":
        from flowrunner.views.report.html import as_html

        return as_html(found, command=shown_by)
    if form == "text":
        from flowrunner.views.report.text import as_text

        return as_text(found, command=shown_by, width=width(), colour=colour())
    if form == "csv":
        from flowrunner.views.report.csv import as_csv

        flow = load_bundle(found.campaign.bundle).flow
        return as_csv(found, list(flow.inputs) if flow is not None else [])
    if form == "json":
        from flowrunner.views.report.json import as_json

        return as_json(found)
    from flowrunner.views.report.junit import as_junit

    return as_junit(found)


async def _write(pieces: AsyncIterator[str], output: Path | None) -> None:
    if output is None:
        say("".join([piece async for piece in pieces]).rstrip("\n"))
        return
    with whole(output) as file:
        async for piece in pieces:
            file.write(piece.encode())
