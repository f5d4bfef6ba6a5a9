"""``flowrunner report``."""

from collections.abc import Iterable
from pathlib import Path

import click

from flowrunner.cli.books import existing_journal
from flowrunner.cli.console import DONE, WRONG_INPUT, colour, refuse, say, width
from flowrunner.cli.options import journal_file
from flowrunner.cli.output import write
from flowrunner.cli.status import message_steps
from flowrunner.model import CampaignReport


@click.command(help="Say what became of CAMPAIGN: per step and per recipient, with every reason.")
@click.argument("campaign_id", metavar="CAMPAIGN")
@journal_file
@click.option(
    "--format", "form", type=click.Choice(["text", "html", "csv", "json", "junit"]), default="text", show_default=True
)
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write it to FILE.")
def report(campaign_id: str, journal: Path, form: str, output: Path | None) -> int:  # fmt: skip
    """Read the journal; nothing is asked of the API."""
    with existing_journal(journal) as book:
        campaign = book.campaigns.find(campaign_id)
        if campaign is None:
            refuse(f"there is no campaign {campaign_id}, or more than one that begins so", "see flowrunner runs")
            return WRONG_INPUT
        return _write(_drawn(form, book.campaigns.report(campaign.id, message_steps(campaign))), output)


def _drawn(form: str, found: CampaignReport) -> Iterable[str]:
    if form == "html":
        from flowrunner.views.report_html import as_html

        return as_html(found)
    if form == "text":
        from flowrunner.views.report import as_text

        return [as_text(found, width=width(), colour=colour()), "\n"]
    from flowrunner.views import report_rows

    return {"csv": report_rows.as_csv, "json": report_rows.as_json, "junit": report_rows.as_junit}[form](found)


def _write(pieces: Iterable[str], output: Path | None) -> int:
    if output is None:
        say("".join(pieces).rstrip("\n"))
        return DONE
    return DONE if write(output, pieces) else WRONG_INPUT
