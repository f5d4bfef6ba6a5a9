"""``flowrunner report``."""

from collections.abc import Iterable
from pathlib import Path

import click

from flowrunner.app.files import write_whole
from flowrunner.cli.books import existing_journal
from flowrunner.cli.console import DONE, WRONG_INPUT, colour, refuse, say, width
from flowrunner.cli.hints import command
from flowrunner.cli.options import journal_file
from flowrunner.cli.status import message_steps
from flowrunner.flow import load_text
from flowrunner.model import CampaignReport
from flowrunner.views.report.text import STATE_WORDS


@click.command(help="Show the results of CAMPAIGN: per step and per recipient, with every reason.")
@click.argument("campaign_id", metavar="CAMPAIGN")
@journal_file
@click.option(
    "--format", "form", type=click.Choice(["text", "html", "csv", "json", "junit"]), default="text", show_default=True
)
@click.option(
    "--state",
    type=click.Choice(list(STATE_WORDS)),
    default=None,
    metavar="STATE",
    help="Only recipients in STATE, e.g. failed. With --format csv: an audience, to correct and send to again.",
)
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write to FILE.")
def report(campaign_id: str, journal: Path, form: str, state: str | None, output: Path | None) -> int:  # fmt: skip
    """Read the journal; nothing is asked of the API."""
    with existing_journal(journal) as book:
        campaign = book.campaigns.find(campaign_id)
        if campaign is None:
            hint = f"{command('runs', journal=journal)} lists them"
            refuse(f"no campaign matches {campaign_id}, or several do", hint)
            return WRONG_INPUT
        found = book.campaigns.report(campaign.id, message_steps(campaign), state=state or "")
        return _write(_drawn(form, found, command("report", campaign.id, journal=journal)), output)


def _drawn(form: str, found: CampaignReport, shown_by: str) -> Iterable[str]:
    if form == "html":
        from flowrunner.views.report.html import as_html

        return as_html(found, command=shown_by)
    if form == "text":
        from flowrunner.views.report.text import as_text

        return [as_text(found, command=shown_by, width=width(), colour=colour()), "\n"]
    if form == "csv":
        from flowrunner.views.report.csv import as_csv

        flow = load_text(found.campaign.flow_text, found.campaign.flow_path).flow
        return as_csv(found, list(flow.inputs) if flow is not None else [])
    if form == "json":
        from flowrunner.views.report.json import as_json

        return as_json(found)
    from flowrunner.views.report.junit import as_junit

    return as_junit(found)


def _write(pieces: Iterable[str], output: Path | None) -> int:
    if output is None:
        say("".join(pieces).rstrip("\n"))
        return DONE
    write_whole(output, pieces)
    return DONE
