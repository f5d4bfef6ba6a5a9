"""An audience is read and checked: who of it is sent to, and what forbids to begin."""

import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from shlex import quote

import click

from flowrunner.app.sender import Sender
from flowrunner.audience import read_audience, read_exclusions
from flowrunner.campaign import Checked, check_audience, people_of
from flowrunner.campaign.schedule import is_past
from flowrunner.cli.campaigns import NobodyLeftError, Ready, first_of, send_ready
from flowrunner.cli.choosing import Choice, Extent
from flowrunner.cli.confirming import counts, left_out
from flowrunner.cli.console import DONE, WRONG_INPUT, complain, say, tell
from flowrunner.cli.reading import as_typed
from flowrunner.clock import SYSTEM
from flowrunner.diagnostics.errors import RefusedError
from flowrunner.engine import moment
from flowrunner.flow import Loaded
from flowrunner.journal import Journal, open_journal
from flowrunner.views.report.lines import summary_line


async def run_audience(loaded: Loaded, choice: Choice, sender: Sender, journal: Path, extent: Extent, form: str) -> int:
    """Check everybody, ask, begin, send. Returns the exit code."""
    try:
        target = sender.check()  # before the minutes that a large audience takes
        async with open_journal(journal) as book, ready_for(loaded, choice, target, book) as ready:
            return await send_ready(ready, book, journal, extent, sender, form)
    except NobodyLeftError as nobody:
        if form == "jsonl":
            say(summary_line(None, {}, (), **counts(nobody.checked)))
        else:
            say(f"{nobody}: {left_out(nobody.checked)}")
        return DONE


@asynccontextmanager
async def ready_for(loaded: Loaded, choice: Choice, target: str, book: Journal | None) -> AsyncIterator[Ready]:
    """Everybody of an audience who is to be sent to, checked.

    Raises:
        click.exceptions.Exit: There is something wrong with it; that was said.
        NobodyLeftError: Nobody is to be sent to.
        RefusedError: The schedule is over.
    """
    assert loaded.flow is not None and choice.audience is not None  # noqa: S101, PT018  # the caller has looked
    wish, path = choice.wish, choice.audience
    if is_past(wish.schedule.at, SYSTEM.now()):
        raise RefusedError("--at is in the past in every time zone", "give a later time")
    audience, problems = read_audience("-" if str(path) == "-" else path, inputs=loaded.flow.inputs, how=choice.how)
    if choice.exclude is not None:
        exclusions, found = read_exclusions(choice.exclude, region=choice.how.region)
        problems += found
        wish = wish._replace(exclusions=exclusions)
    complain(problems)
    if audience is None or any(each.is_error for each in problems):
        raise click.exceptions.Exit(WRONG_INPUT)
    named = {"phone", "conversation"} & set(audience.columns)
    if wish.exclusions is not None and wish.exclusions.kinds and not named & wish.exclusions.kinds:
        raise RefusedError(
            f"{choice.exclude} names people by {' and '.join(wish.exclusions.kinds)}, {audience.name} by"
            f" {' and '.join(named)}: nobody could be recognised",
            "name them the same way in both",
        )
    with audience:
        now = moment(SYSTEM.now())
        checked = await check_audience(loaded, audience, now, wish, book=book, target=target)
        if checked.faults:
            _refuse(checked, loaded.path, choice)
            raise click.exceptions.Exit(WRONG_INPUT)
        complain(checked.odd)
        if checked.oddities > len(checked.odd):
            more = checked.oddities - len(checked.odd)
            tell(f"and {more:,} more warnings; {_checking(loaded.path, choice)} shows them all")
        if not checked.people:
            raise NobodyLeftError(checked)
        first = first_of(loaded, people_of(loaded, audience, checked), now)
        people = people_of(loaded, audience, checked)
        yield Ready(loaded, audience.name, target, now, checked, wish.schedule, people, first)


def _refuse(checked: Checked, flow: str, choice: Choice) -> None:
    """Say what forbids to begin."""
    complain(checked.shown)
    more = checked.faults - len(checked.shown)
    if more > 0:
        tell(f"and {more:,} more; {_checking(flow, choice)} shows them all")
    tell("nothing was sent; --skip-invalid sends to the others")


def _checking(flow: str, choice: Choice) -> str:
    """The command that says all that is wrong with an audience, as it would be sent to."""
    said = choice.wish.schedule._replace(not_within=math.inf).data()
    clocks = "".join(f" --{name.replace('_', '-')} {value}" for name, value in said.items())
    how = as_typed(choice.how)
    return f"flowrunner validate {quote(flow)} --audience {quote(str(choice.audience))}{how}{clocks} --format json"
