"""``flowrunner report``."""

from collections.abc import Iterable
from pathlib import Path

import click

from flowrunner.cli.console import DONE, WRONG_INPUT, colour, refuse, say, width
from flowrunner.cli.options import journal_file
from flowrunner.cli.output import write
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
    from flowrunner.journal import Journal, JournalError
    from flowrunner.loading import load_text

    if not journal.exists():
        refuse(f"there is no journal {journal}", "name it with --journal")
        return WRONG_INPUT
    try:
        with Journal.open(journal) as book:
            campaign = book.campaigns.find(campaign_id)
            if campaign is None:
                refuse(f"there is no campaign {campaign_id}, or more than one that begins so", "see flowrunner runs")
                return WRONG_INPUT
            flow = load_text(campaign.flow_text, campaign.flow_path).flow
            steps = {
                step.address: (step.label, str(step.message.get("message_type", "text")))
                for step in (flow.steps if flow else ())
                if step.verb == "message"
            }
            return _write(_drawn(form, book.campaigns.report(campaign.id, steps)), output)
    except JournalError as error:
        refuse(error.message, error.hint)
        return WRONG_INPUT


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
