"""``flowrunner run``: a flow is sent to one person or an audience, or a plan is carried out."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowrunner.cli.config_defaults import Configured, used
from flowrunner.cli.console import complain
from flowrunner.cli.options import (
    CONVERSATION,
    PATH,
    PHONE_NUMBER,
    USER_ID,
    addressing,
    journal_file,
    sending,
    variables,
)
from flowrunner.cli.recipient_options import Age, choosing, extending, misplaced
from flowrunner.cli.table_options import NAMES

if TYPE_CHECKING:
    from flowrunner.app.senders.sender import Sender
    from flowrunner.cli.recipient_options import Choice, Extent
    from flowrunner.config.overrides import Overrides
    from flowrunner.journal.places import Place


_HOURS_24 = 86_400.0
_TOLD = (click.core.ParameterSource.COMMANDLINE, click.core.ParameterSource.ENVIRONMENT)
_OF_AN_AUDIENCE = (
    "exclude", "skip_invalid", "skip_repeated", "limit", "not_within", "only", "at", "quiet", "timezone",
    "skip_unreachable", "canary", "confirmed", "at_most", "max_failures", "window", "detach",
)  # fmt: skip
_IN_A_PLAN = (
    "conversation", "phone", "user_id", "pairs", "files", "emulator", "again", "audience", *NAMES,
    *_OF_AN_AUDIENCE[:-7],
)  # fmt: skip


@click.command(
    cls=Configured,
    help="Send FLOW to a conversation or an audience: everything is checked first, then sent, in order; or "
    "send exactly what PLAN holds.",
)
@click.argument("flow", type=PATH, metavar="FLOW|PLAN")
@CONVERSATION
@click.option("--phone", type=PHONE_NUMBER, metavar="NUMBER", default="", help="The recipient by phone number.")
@USER_ID
@variables
@click.option("--emulator", is_flag=True, help="Send to an emulator inside this program; no key, no network.")
@addressing
@journal_file
@choosing
@extending
@click.option("--max-age", type=Age(), default=_HOURS_24, show_default="24h", metavar="AGE",
              help="Refuse a plan that is older.")  # fmt: skip
@sending
def run(
    flow: Path,
    conversation: str,
    phone: str,
    user_id: str,
    pairs: tuple[tuple[str, str], ...],
    files: tuple[Path, ...],
    emulator: bool,
    journal: "Place",
    choice: "Choice",
    extent: "Extent",
    max_age: float,
    form: str,
    said: "Overrides",
    how: "Sender",
) -> int:
    """Check, then send."""
    from flowrunner.app.flows import read_for, sound
    from flowrunner.app.senders.configured import chosen
    from flowrunner.cli.single_run import send_flow
    from flowrunner.client import EMULATOR
    from flowrunner.flow import load_file
    from flowrunner.model import Recipient
    from flowrunner.source.plan_mark import is_plan

    if is_plan(flow):
        if stray := misplaced(*_IN_A_PLAN):
            raise click.UsageError(f"A plan cannot be combined with {stray}.")
        from flowrunner.cli.plan_run import run_plan

        source = click.get_current_context().get_parameter_source("journal")
        named = journal if source in _TOLD else None
        skip = choice.selection().skip_unreachable
        return asyncio.run(run_plan(flow, max_age, named, extent, said, how, form, skip_unreachable=skip))
    if not flow.exists():
        sound(load_file(flow))  # says so
    if stray := misplaced("max_age"):
        raise click.UsageError(f"{stray} needs a plan.")
    if emulator:
        said = said._replace(api_url=EMULATOR)
    if conversation and phone:
        raise click.UsageError("Give --conversation or --phone, not both.")
    if choice.audience is not None:
        if stray := misplaced("conversation", "phone", "user_id", "pairs", "files"):
            raise click.UsageError(f"--audience cannot be combined with {stray}.")
        from flowrunner.cli.audience_run import run_audience

        loaded, _ = read_for(flow, (), (), complain)
        sender = chosen(used(), said, how)
        return asyncio.run(run_audience(loaded, choice.request(choice.audience), sender, journal, extent, form))
    if stray := misplaced(*_OF_AN_AUDIENCE):
        raise click.UsageError(f"{stray} needs --audience.")
    if not (conversation or phone or user_id or emulator):
        raise click.UsageError("Give --conversation ID or --phone NUMBER, or --emulator to try it out.")
    loaded, values = read_for(flow, pairs, files, complain)
    recipient, sender = Recipient(conversation, phone, user_id), chosen(used(), said, how, needs_key=False)
    exclude = None if emulator else choice.exclude  # the file's: --exclude is for audiences
    return asyncio.run(
        send_flow(
            loaded, values, recipient, sender, journal, form,
            again=choice.again, exclude=exclude, region=choice.reading.region,
        )
    )  # fmt: skip
