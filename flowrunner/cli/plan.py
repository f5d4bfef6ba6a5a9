"""``flowrunner plan``, and ``flowrunner run`` of what it made."""

import asyncio
import json
import shlex
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowrunner.app.audience import AudienceRequest, NobodyLeftError
from flowrunner.app.flows import read_for
from flowrunner.app.make_plan import planned, save_plan
from flowrunner.app.run_plan import opened
from flowrunner.campaign import facts_of
from flowrunner.cli.audience import explained, nobody_left, tell_more
from flowrunner.cli.campaigns import send_ready
from flowrunner.cli.choosing import Choice, Extent, choosing
from flowrunner.cli.confirming import counts, fact_lines, facts_data
from flowrunner.cli.console import DONE, WRONG_INPUT, complain, refuse, say, tell
from flowrunner.cli.options import (
    API_URL,
    CONVERSATION,
    FLOW,
    INSECURE,
    RATE,
    file_option,
    formats,
    journal_file,
    sender_of,
    variables,
)
from flowrunner.clock import SYSTEM
from flowrunner.model import Json, Recipient
from flowrunner.plan.values import PlanError

if TYPE_CHECKING:
    from flowrunner.app.sender import Sender
    from flowrunner.delivery import Rate

SOMETHING_TO_DO = 2
"""What ``--detailed-exitcode`` says of a plan with somebody in it."""


@click.command(
    help="Check and render FLOW for its recipients, and save exactly what `flowrunner run` will send. Nothing is sent."
)
@FLOW
@CONVERSATION
@click.option("--phone", metavar="NUMBER", default="", help="The phone number of a single recipient.")
@variables
@choosing
@API_URL
@journal_file
@RATE
@INSECURE
@file_option("--output", "Save the plan in FILE.")
@formats("text", "json")
@click.option("--detailed-exitcode", "detailed", is_flag=True, help="Exit with 2 if there is something to send.")
def plan(
    flow: Path,
    conversation: str,
    phone: str,
    pairs: tuple[tuple[str, str], ...],
    files: tuple[Path, ...],
    choice: Choice,
    api_url: str,
    journal: Path,
    rate: "Rate",
    insecure: bool,
    output: Path | None,
    form: str,
    detailed: bool,
) -> int:
    """The path of a run, stopped before anything is written down."""
    if bool(conversation) + bool(phone) + (choice.audience is not None) != 1:
        raise click.UsageError("Give --conversation ID, --phone NUMBER or --audience FILE.")
    if choice.audience is not None and (pairs or files):
        raise click.UsageError("--audience cannot be combined with --var or --vars.")
    loaded, values = read_for(flow, pairs, files, complain)
    sender = sender_of(api_url, rate, insecure=insecure)
    whom = Recipient(conversation, phone) if choice.audience is None else choice.request(choice.audience)
    made_of = [flow, *files, *([choice.audience] if choice.audience is not None else [])]

    async def make() -> None:
        region, selection = choice.reading.region, choice.selection()
        async with planned(
            loaded, whom, sender, journal, variables=values, selection=selection, region=region, warn=complain
        ) as ready:
            if isinstance(whom, AudienceRequest):
                tell_more(ready.checked, loaded, whom)
            if output is not None:
                save_plan(ready, made_of, journal, output)
            facts = facts_of(ready.first, ready.checked, ready.target, ready.schedule, sender.rate, SYSTEM.now())
            for line in [_json(facts_data(facts), output)] if form == "json" else fact_lines(facts):
                say(line)

    try:
        with explained(loaded, whom) if isinstance(whom, AudienceRequest) else nullcontext():
            asyncio.run(make())
    except NobodyLeftError as nobody:
        if form == "json":
            say(_json(counts(nobody.checked), None))
        else:
            say(nobody_left(nobody))
            if output is not None:
                say("no plan was saved")
        return DONE
    if output is not None and form == "text":
        say(f"saved; {shlex.join(['flowrunner', 'run', str(output)])} sends exactly this")
    return SOMETHING_TO_DO if detailed else DONE


def _json(facts: Mapping[str, Json], saved: Path | None) -> str:
    """One JSON object in ASCII; ``saved`` is the plan's file."""
    return json.dumps({"version": 1, **facts, "saved": str(saved or "")}, indent=2)


async def run_plan(
    path: Path, max_age: float, journal: Path | None, extent: Extent, sender: "Sender", form: str
) -> int:
    """Send exactly what a plan says, or say why not. Returns the exit code."""
    try:
        async with opened(path, sender, journal=journal, max_age=max_age, missing=_tell_missing) as its:
            return await send_ready(its.ready, its.journal, its.path, extent, its.sender, form)
    except PlanError as error:
        complain(error.diagnostics)
        refuse(f"the plan {path} is refused: {error.message}", error.hint)
    return WRONG_INPUT


def _tell_missing(path: Path) -> None:
    tell(f"{path} is missing, so nobody can say whether it was changed; the plan is sent as it was made")
