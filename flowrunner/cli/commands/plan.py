"""``flowrunner plan``."""

import asyncio
import json
import shlex
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowrunner.app.campaigns.audience import AudienceRequest, NobodyLeftError
from flowrunner.app.flows import read_for
from flowrunner.app.plans.make import planned, planned_facts, save_plan
from flowrunner.app.senders.configured import chosen
from flowrunner.app.senders.sender import Sender
from flowrunner.cli.audience_run import explained, nobody_left, tell_more
from flowrunner.cli.config_defaults import Configured, file_words, used
from flowrunner.cli.confirmation import counts, fact_lines, facts_data, warn_of_asking
from flowrunner.cli.console import DONE, complain, say
from flowrunner.cli.options import (
    CONVERSATION,
    FLOW,
    INSECURE,
    PHONE_NUMBER,
    RATE,
    USER_ID,
    addressing,
    file_option,
    formats,
    given_rate,
    journal_file,
    no_stream,
    variables,
)
from flowrunner.cli.recipient_options import Choice, choosing
from flowrunner.model import Json, Recipient

if TYPE_CHECKING:
    from flowrunner.config.overrides import Overrides
    from flowrunner.delivery import Rate
    from flowrunner.journal.places import Place

SOMETHING_TO_DO = 2
"""What ``--detailed-exitcode`` says of a plan with somebody in it."""


@click.command(
    cls=Configured,
    help="Check and render FLOW for its recipients, and save exactly what `flowrunner run` will send. Nothing is sent.",
)
@FLOW
@CONVERSATION
@click.option(
    "--phone", type=PHONE_NUMBER, metavar="NUMBER", default="", help="The phone number of a single recipient."
)
@USER_ID
@variables
@choosing
@addressing
@journal_file
@RATE
@INSECURE
@file_option("--output", "Save the plan in FILE.", callback=no_stream)
@formats("text", "json")
@click.option("--detailed-exitcode", "detailed", is_flag=True, help="Exit with 2 if there is something to send.")
def plan(
    flow: Path,
    conversation: str,
    phone: str,
    user_id: str,
    pairs: tuple[tuple[str, str], ...],
    files: tuple[Path, ...],
    choice: Choice,
    said: "Overrides",
    journal: "Place",
    rate: "Rate",
    insecure: bool,
    output: Path | None,
    form: str,
    detailed: bool,
) -> int:
    """The path of a run, stopped before anything is written down."""
    if bool(conversation) + bool(phone or (user_id and not conversation)) + (choice.audience is not None) != 1:
        raise click.UsageError("Give --conversation ID, --phone NUMBER or --audience FILE.")
    if choice.audience is not None and user_id:
        raise click.UsageError("--audience cannot be combined with --user-id.")
    if choice.audience is not None and (pairs or files):
        raise click.UsageError("--audience cannot be combined with --var or --vars.")
    loaded, values = read_for(flow, pairs, files, complain)
    how = Sender("", "", rate, insecure=insecure)
    sender = chosen(used(), said._replace(rate=given_rate(rate)), how, needs_key=False)
    whom = Recipient(conversation, phone, user_id) if choice.audience is None else choice.request(choice.audience)
    made_of = [flow, *files, *([choice.audience] if choice.audience is not None else [])]

    async def make() -> None:
        region, selection = choice.reading.region, choice.selection()
        async with planned(
            loaded,
            whom,
            sender,
            journal,
            variables=values,
            selection=selection,
            region=region,
            exclude=choice.exclude,
            warn=complain,
            before_asking=lambda ready: warn_of_asking(ready, sender),
        ) as ready:
            if isinstance(whom, AudienceRequest):
                tell_more(ready.checked, loaded, whom)
            if output is not None:
                save_plan(ready, made_of, journal, output)
            facts = planned_facts(ready, sender)
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
        say(f"saved; {shlex.join(['flowrunner', 'run', str(output), *map(str, file_words())])} sends exactly this")
    return SOMETHING_TO_DO if detailed else DONE


def _json(facts: Mapping[str, Json], saved: Path | None) -> str:
    """One JSON object in ASCII; ``saved`` is the plan's file."""
    return json.dumps({"version": 1, **facts, "saved": str(saved or "")}, indent=2)
