"""``flowrunner run`` and ``flowrunner resume``."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flowrunner.cli.books import existing_journal
from flowrunner.cli.choosing import choosing, extending, misplaced
from flowrunner.cli.console import DONE, WRONG_INPUT, colour, complain, refuse, say, width
from flowrunner.cli.options import given, journal_file, sending, variables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowrunner.cli.choosing import Choice, Extent
    from flowrunner.cli.options import Manner
    from flowrunner.journal import Journal, RunRecord
    from flowrunner.model import Campaign


_HOURS_24 = 86_400.0
_OF_AN_AUDIENCE = (
    "region", "exclude", "skip_invalid", "skip_repeated", "limit", "at", "quiet",
    "canary", "confirmed", "max_failures", "window",
)  # fmt: skip
_IN_A_PLAN = (
    "conversation", "phone", "pairs", "files", "emulator", "again", "audience", *_OF_AN_AUDIENCE[:7]
)  # fmt: skip


class _Age(click.ParamType[float]):
    """``24h``."""

    name = "AGE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        from flowrunner.loading.steps import seconds

        if isinstance(value, float):
            return value
        span = seconds(str(value))
        return (
            span if span > 0 else self.fail(f"{value!r} is no span of time: write it like 30m, 24h or 7d", param, ctx)
        )


@click.command(help="Send FLOW to a conversation or an audience: everything is checked first, then sent, in order; or "
                    "send exactly what PLAN holds.")  # fmt: skip
@click.argument("flow", type=click.Path(path_type=Path), metavar="FLOW|PLAN")
@click.option("--conversation", metavar="ID", default="", help="The API's id of the conversation.")
@click.option("--phone", metavar="NUMBER", default="", help="Look the active conversation up by phone number.")
@variables
@click.option("--emulator", is_flag=True, help="Send to an emulator inside this program; no key, no network.")
@click.option("--api-url", envvar="FLOWRUNNER_API_URL", default="", metavar="URL", help="Also FLOWRUNNER_API_URL.")
@journal_file
@click.option("--again", is_flag=True, help="Send it even if this conversation had it before.")
@choosing
@extending
@click.option("--max-age", type=_Age(), default=_HOURS_24, show_default="24h", metavar="AGE",
              help="How old a plan may be.")  # fmt: skip
@sending
def run(
    flow: Path,
    conversation: str,
    phone: str,
    pairs: tuple[tuple[str, str], ...],
    files: tuple[Path, ...],
    emulator: bool,
    api_url: str,
    journal: Path,
    again: bool,
    choice: "Choice",
    extent: "Extent",
    max_age: float,
    manner: "Manner",
) -> int:
    """Check, then send."""
    from flowrunner.cli.sending import Order, send_flow
    from flowrunner.loading import load_file
    from flowrunner.plan.reading import is_plan

    if is_plan(flow):
        if stray := misplaced(*_IN_A_PLAN):
            raise click.UsageError(f"A plan holds all that it sends: no {stray}.")
        from flowrunner.cli.plan import run_plan

        source = click.get_current_context().get_parameter_source("journal")
        named = None if source is click.core.ParameterSource.DEFAULT else journal
        return run_plan(flow, max_age, api_url, named, extent, manner)
    if not flow.exists():
        complain(load_file(flow).diagnostics)
        return WRONG_INPUT
    if stray := misplaced("max_age"):
        raise click.UsageError(f"{stray} is for a plan.")
    if conversation and phone:
        raise click.UsageError("Give --conversation or --phone, not both.")
    if choice.audience is not None:
        if stray := misplaced("conversation", "phone", "pairs", "files", "again"):
            raise click.UsageError(f"--audience brings its recipients and variables along: no {stray}.")
        return _to_audience(flow, choice, api_url, emulator, journal, extent, manner)
    if stray := misplaced(*_OF_AN_AUDIENCE):
        raise click.UsageError(f"{stray} needs --audience.")
    if not (conversation or phone or emulator):
        raise click.UsageError("Give --conversation ID or --phone NUMBER, or --emulator to try it out.")
    values, diagnostics = given(pairs, files)
    loaded = load_file(flow)
    complain([*diagnostics, *loaded.diagnostics])
    if loaded.flow is None or any(each.is_error for each in diagnostics):
        return WRONG_INPUT
    order = Order(loaded, values, conversation, phone, again=again)
    return asyncio.run(send_flow(order, api_url, emulator, journal, manner))


def _to_audience(
    flow: Path, choice: "Choice", api_url: str, emulator: bool, journal: Path, extent: "Extent", manner: "Manner"
) -> int:
    from flowrunner.cli.audience import run_audience
    from flowrunner.cli.sending import RefusedError, target_of
    from flowrunner.loading import load_file

    loaded = load_file(flow)
    complain(loaded.diagnostics)
    if loaded.flow is None:
        return WRONG_INPUT
    try:
        return run_audience(loaded, choice, target_of(api_url, emulator=emulator), journal, extent, manner)
    except RefusedError as error:
        refuse(str(error), error.hint)
        return WRONG_INPUT


@click.command(
    help="Go on with RUN, a run or a campaign, after its last settled step; without RUN, with the unfinished one."
)
@click.argument("run_id", required=False, default="", metavar="[RUN]")
@journal_file
@sending
def resume(run_id: str, journal: Path, manner: "Manner") -> int:
    """Go on with the flow text, variables and moment of the original run, whatever the file says today."""
    from flowrunner.cli.campaigns import resume_campaign
    from flowrunner.cli.sending import resume_run

    with existing_journal(journal) as book:
        campaign = book.campaigns.find(run_id) if run_id else None
        found = book.record(run_id) if run_id and campaign is None else None
        if run_id and campaign is None and found is None:
            refuse(f"there is no run {run_id}, or more than one that begins so", "flowrunner runs lists them")
            return WRONG_INPUT
        if not run_id:
            campaigns, unfinished = book.campaigns.unfinished(), book.unfinished()
            if len(campaigns) + len(unfinished) > 1:
                return _choose(book, campaigns, unfinished)
            campaign = campaigns[0] if campaigns else None
            found = unfinished[0] if unfinished else None
        if campaign is not None:
            return resume_campaign(campaign, book, journal, manner)
        if found is None:
            say("every run has reached its end")
            return DONE
        if found.state == "finished":
            say(f"run {found.run.id} has reached its end")
            return DONE
        return asyncio.run(resume_run(found.run, book, manner, journal))


def _choose(book: "Journal", campaigns: "Sequence[Campaign]", unfinished: "Sequence[RunRecord]") -> int:
    from flowrunner.cli.runs import campaign_line, rows
    from flowrunner.views.progress import runs_table

    refuse("more than one run did not reach its end", "name one of them: flowrunner resume RUN")
    for campaign in campaigns:
        say(campaign_line(campaign, book))
    if unfinished:
        say(runs_table(rows(book, unfinished), width=width(), colour=colour()))
    return WRONG_INPUT
