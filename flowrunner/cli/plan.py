"""``flowrunner plan``, and ``flowrunner run`` of what it made."""

import asyncio
import json
import re
import shlex
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from os.path import relpath
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from flowrunner.app.flows import read_values
from flowrunner.campaign import Before, Checked, Person
from flowrunner.campaign.schedule import schedule_from
from flowrunner.cli.audience import ready_for
from flowrunner.cli.campaigns import NobodyLeftError, Ready, first_of, send_ready
from flowrunner.cli.choosing import Choice, Extent, choosing
from flowrunner.cli.confirming import counts, facts, facts_data, left_out
from flowrunner.cli.console import DONE, WRONG_INPUT, complain, refuse, say, tell
from flowrunner.cli.options import INSECURE, RATE, journal_file, sender_of, variables
from flowrunner.cli.output import write
from flowrunner.client.access import target_key
from flowrunner.clock import SYSTEM
from flowrunner.diagnostics.errors import RefusedError
from flowrunner.engine import Given, Prepared, moment
from flowrunner.flow import Loaded, load_bundle, load_file
from flowrunner.journal import Journal, Omission, open_journal
from flowrunner.model import CONVERSATION_ID, Json, Recipient
from flowrunner.phones.numbers import Phones
from flowrunner.phones.zones import zone_of
from flowrunner.plan.checking import check_plan, missing_files
from flowrunner.plan.reading import open_plan
from flowrunner.plan.values import Header, PlanError
from flowrunner.plan.writing import fingerprint, plan_lines

if TYPE_CHECKING:
    from flowrunner.app.sender import Sender
    from flowrunner.delivery import Rate

SOMETHING_TO_DO = 2
"""What ``--detailed-exitcode`` says of a plan with somebody in it."""


@click.command(
    help="Check and render FLOW for its recipients, and save exactly what `flowrunner run` will send. Nothing is sent."
)
@click.argument("flow", type=click.Path(path_type=Path), metavar="FLOW")
@click.option("--conversation", metavar="ID", default="", help="The API's id of the conversation.")
@click.option("--phone", metavar="NUMBER", default="", help="The phone number of a single recipient.")
@variables
@choosing
@click.option(
    "--api-url",
    envvar="FLOWRUNNER_API_URL",
    default="",
    metavar="URL",
    help="The address of the API; also FLOWRUNNER_API_URL.",
)
@journal_file
@RATE
@INSECURE
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Save the plan in FILE.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
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
    values, diagnostics = read_values(pairs, files)
    loaded = load_file(flow)
    complain([*diagnostics, *loaded.diagnostics])
    if loaded.flow is None or any(each.is_error for each in diagnostics):
        return WRONG_INPUT
    try:
        target = sender_of(api_url, rate, insecure=insecure).target
        made_of = [flow, *files, *([choice.audience] if choice.audience is not None else [])]
        is_there = journal.exists()

        async def make() -> bool:
            async with AsyncExitStack() as stack:
                book = await stack.enter_async_context(open_journal(journal)) if is_there else None
                ready = await stack.enter_async_context(
                    ready_for(loaded, choice, target, book)
                    if choice.audience is not None
                    else _ready_for_one(loaded, values, Recipient(conversation, phone), choice, target, book)
                )
                if output is not None and not _save(ready, made_of, journal, output):
                    return False
                its = (ready.first, ready.checked, ready.target, ready.schedule, rate)
                for line in [_json(facts_data(*its), output)] if form == "json" else facts(*its):
                    say(line)
                return True

        if not asyncio.run(make()):
            return WRONG_INPUT
    except NobodyLeftError as nobody:
        if form == "json":
            say(_json(counts(nobody.checked), None))
        else:
            say(f"{nobody}: {left_out(nobody.checked)}")
            if output is not None:
                say("no plan was saved")
        return DONE
    if output is not None and form == "text":
        say(f"saved; {shlex.join(['flowrunner', 'run', str(output)])} sends exactly this")
    return SOMETHING_TO_DO if detailed else DONE


def _json(facts: Mapping[str, Json], saved: Path | None) -> str:
    """One JSON object in ASCII; ``saved`` is the plan's file."""
    return json.dumps({"version": 1, **facts, "saved": str(saved or "")}, indent=2)


@asynccontextmanager
async def _ready_for_one(
    loaded: Loaded,
    values: Mapping[str, Given],
    recipient: Recipient,
    choice: Choice,
    target: str,
    book: Journal | None,
) -> AsyncIterator[Ready]:
    """The same as `ready_for`, for a single recipient."""
    assert loaded.flow is not None  # noqa: S101  # the caller has looked
    now, schedule = moment(SYSTEM.now()), choice.wish.schedule
    if recipient.phone:
        phone = Phones(choice.how.region).read(recipient.phone)
        if not isinstance(phone, str):
            raise RefusedError(f"--phone: {phone.message}", phone.hint)
        recipient = Recipient("", phone)
    elif not re.fullmatch(CONVERSATION_ID, recipient.conversation):
        raise RefusedError(f"--conversation: {recipient.conversation!r} is not the id of a conversation")
    zone = zone_of(recipient, "") if schedule.is_local else None
    if schedule.is_local and zone is None:
        raise RefusedError(
            "the recipient's time zone is not known", "give a time with its offset: --at 2026-12-01T09:00+01:00"
        )
    prepared = Prepared(loaded)
    bound, diagnostics = prepared.inputs(values)
    first = None
    if bound is not None:
        first, diagnostics = prepared.render(recipient, bound, now)
    if bound is None or first is None:
        complain(diagnostics)
        raise click.exceptions.Exit(WRONG_INPUT)
    name = zone.key if zone is not None else ""
    zones = {name: 1} if name else {}
    before = await Before.of(loaded.flow.name, target, choice.wish, [recipient], book, SYSTEM.now())
    checked = Checked(1, 1, len(first.messages), int(bool(recipient.phone)), 0, (), (), 0, len(before.had), zones)
    if why := before.forbids(0):
        omissions = (Omission(1, recipient, "skipped", why),)
        raise NobodyLeftError(
            checked._replace(people=0, messages=0, again=0, omissions=omissions, had_before=len(before.had))
        )
    people = [Person(1, recipient, bound.values, name)]
    yield Ready(loaded, "", target, now, checked, schedule, people, first)


def _save(ready: Ready, made_of: Sequence[Path], journal: Path, output: Path) -> bool:
    """Write the plan, whole or not at all; say why, if it cannot be."""
    flow = ready.loaded.flow
    assert flow is not None  # noqa: S101  # it was checked
    try:
        header = Header(
            flow.bundle,
            {relpath(path, output.parent): fingerprint(path) for path in made_of if str(path) != "-"},
            ready.audience,
            relpath(journal, output.parent),
            ready.target,
            ready.now,
            ready.schedule.since,
            ready.schedule.data(),
        )
    except OSError as error:
        refuse(f"cannot read {error.filename}: {error.strerror}", "check its permissions")
        return False
    lines = plan_lines(header, ready.loaded, ready.people, ready.checked.omissions)
    return write(output, lines, private=True, inputs=made_of)


def _otherwise(wanted: str, target: str) -> NoReturn:
    raise PlanError(f"it sends to {target}, not to {wanted}", "make it again for that API, or unset FLOWRUNNER_API_URL")


async def run_plan(
    path: Path, max_age: float, api_url: str, journal: Path | None, extent: Extent, sender: "Sender", form: str
) -> int:
    """Send exactly what a plan says, or say why not. Returns the exit code."""
    try:
        its = open_plan(path)
        sender = sender._replace(api_url=its.header.target)
        wanted = sender._replace(api_url=api_url, insecure=True).target if api_url else sender.target
        if target_key(wanted) != target_key(sender.target):
            _otherwise(wanted, sender.target)
        sender.check()
        for missing in missing_files(its):
            tell(f"{missing} is missing, so nobody can say whether it was changed; the plan is sent as it was made")
        loaded = load_bundle(its.header.bundle)
        complain(loaded.diagnostics if loaded.flow is None else ())
        journal = journal or its.journal
        async with open_journal(journal) as book:
            checked = await check_plan(its, loaded, book, max_age=max_age)
            head = its.header
            schedule = schedule_from(head.schedule, head.created_at)
            first = first_of(loaded, (each.person for each in its.people()), head.now)
            people = (each.person for each in its.people())
            ready = Ready(loaded, head.audience or str(path), head.target, head.now, checked, schedule, people, first)
            return await send_ready(ready, book, journal, extent, sender, form)
    except OSError as error:
        refuse(f"cannot read {path}: {error.strerror}", "check its permissions")
    except PlanError as error:
        refuse(f"the plan {path} is refused: {error.message}", error.hint)
    return WRONG_INPUT
