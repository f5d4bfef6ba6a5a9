"""A campaign is checked, confirmed, begun and sent: `run --audience`, `run PLAN`, and `resume` of either."""

import asyncio
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shlex import quote
from typing import NamedTuple

import click

from flowrunner.audience import read_audience, read_exclusions
from flowrunner.campaign import (
    Bounds,
    Checked,
    Means,
    Person,
    Schedule,
    Tally,
    begin_campaign,
    check_audience,
    new_campaign,
    people_of,
    send_campaign,
)
from flowrunner.campaign.schedule import is_past
from flowrunner.cli.choosing import Choice, Extent
from flowrunner.cli.confirming import confirmed, left_out
from flowrunner.cli.console import DONE, IN_DOUBT, INTERRUPTED, STOPPED, WRONG_INPUT, complain, refuse, say, tell
from flowrunner.cli.interrupts import interruptible
from flowrunner.cli.limits import require_files
from flowrunner.cli.options import DEFAULT_JOURNAL, Manner
from flowrunner.cli.reading import as_typed
from flowrunner.cli.sending import RefusedError, open_door, require_key
from flowrunner.cli.unforeseen import resumable
from flowrunner.cli.watch import CampaignLine
from flowrunner.diagnostics import Location
from flowrunner.journal import Journal, JournalError
from flowrunner.loading import Loaded, load_text
from flowrunner.model import Campaign, Rendering
from flowrunner.rendering import Given, bind, moment, render
from flowrunner.runner import Doubts, Pace
from flowrunner.views.report import in_words


class Ready(NamedTuple):
    """Checked people of one flow, to be asked about, written down and sent to.

    Attributes:
        audience: Where they come from, as a person calls it.
        now: The moment of all their runs.
        people: Everybody who is sent to; read once more when they are written down.
        first: What the first one will see.
    """

    loaded: Loaded
    audience: str
    target: str
    now: str
    checked: Checked
    schedule: Schedule
    people: Iterable[Person]
    first: Rendering


def run_audience(loaded: Loaded, choice: Choice, target: str, journal: Path, extent: Extent, manner: Manner) -> int:
    """Check everybody, ask, begin, send. Answers with the exit code."""
    try:
        with Journal.open(journal) as book, ready_for(loaded, choice, target, book) as ready:
            return send_ready(ready, book, journal, extent, manner)
    except (RefusedError, JournalError) as error:
        refuse(str(error), error.hint)
        return WRONG_INPUT


@contextmanager
def ready_for(loaded: Loaded, choice: Choice, target: str, book: Journal | None) -> Iterator[Ready]:
    """Everybody of an audience who is to be sent to, checked.

    Raises:
        click.exceptions.Exit: There is something wrong with it, or nobody is left to send to; that was said.
        RefusedError: The schedule is over.
    """
    assert loaded.flow is not None and choice.audience is not None  # noqa: S101, PT018  # the caller has looked
    wish, path = choice.wish, choice.audience
    if is_past(wish.schedule.at, time.time()):
        raise RefusedError("--at is over, wherever people live", "name a moment to come")
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
        now = moment()
        checked = check_audience(loaded, audience, now, wish, book=book, target=target)
        if checked.faults:
            _refuse(checked, loaded.path, choice)
            raise click.exceptions.Exit(WRONG_INPUT)
        complain(checked.odd)
        if checked.oddities > len(checked.odd):
            more = checked.oddities - len(checked.odd)
            tell(f"and {more:,} more warnings; {_checking(loaded.path, choice)} shows them all")
        if not checked.people:
            say(f"nobody is left to send to: {left_out(checked)}")
            raise click.exceptions.Exit(DONE)
        first = first_of(loaded, people_of(loaded, audience, checked), now)
        people = people_of(loaded, audience, checked)
        yield Ready(loaded, audience.name, target, now, checked, wish.schedule, people, first)


def first_of(loaded: Loaded, people: Iterable[Person], now: str) -> Rendering:
    """What the first of them will see."""
    person = next(iter(people))
    given = {name: Given(value, Location(f"line {person.line}")) for name, value in person.variables.items()}
    bound, _ = bind(loaded, given, examples=False)
    rendering = render(loaded, person.recipient, bound, now)[0] if bound is not None else None
    assert rendering is not None, "it was checked"  # noqa: S101
    return rendering


def send_ready(ready: Ready, book: Journal, journal: Path, extent: Extent, manner: Manner) -> int:
    """Ask, write down, send. Answers with the exit code."""
    flow, checked = ready.loaded.flow, ready.checked
    assert flow is not None  # noqa: S101  # it was checked
    require_key(ready.target)
    if not confirmed(ready.first, checked, ready.target, ready.schedule, extent, manner.rate):
        return WRONG_INPUT
    total = checked.people + len(checked.omissions)
    options = {**extent.bounds._asdict(), **ready.schedule.data(), "messages": checked.messages}
    campaign = new_campaign(flow, ready.audience, ready.target, ready.now, total, options, ready.schedule.since)
    asyncio.run(begin_campaign(campaign, ready.people, checked.omissions, book))
    return asyncio.run(_send(campaign, ready.loaded, book, manner, journal, extent.bounds))


def resume_campaign(campaign: Campaign, book: Journal, journal: Path, manner: Manner) -> int:
    """Go on with a campaign of the journal. Answers with the exit code."""
    if sum(book.campaigns.counts(campaign.id).values()) < campaign.total:
        refuse(f"campaign {campaign.id} was interrupted before it was written down; nothing was sent", "run it again")
        return WRONG_INPUT
    loaded = load_text(campaign.flow_text, campaign.flow_path)
    if loaded.flow is None:
        complain(loaded.diagnostics)
        return WRONG_INPUT
    try:
        kept = {name: campaign.options[name] for name in ("window", "max_failures") if name in campaign.options}
        return asyncio.run(_send(campaign, loaded, book, manner, journal, Bounds(**kept)))
    except RefusedError as error:
        refuse(str(error), error.hint)
        return WRONG_INPUT


def _refuse(checked: Checked, flow: str, choice: Choice) -> None:
    """Say what forbids to begin."""
    complain(checked.shown)
    more = checked.faults - len(checked.shown)
    if more > 0:
        tell(f"and {more:,} more; {_checking(flow, choice)} shows them all")
    tell("nothing was sent; --skip-invalid sends to the others")


def _checking(flow: str, choice: Choice) -> str:
    """The command that says all that is wrong with an audience, as it would be sent to."""
    said = choice.wish.schedule.data()
    clocks = "".join(f" --{name.replace('_', '-')} {value}" for name, value in said.items())
    how = as_typed(choice.how)
    return f"flowrunner validate {quote(flow)} --audience {quote(str(choice.audience))}{how}{clocks} --format json"


async def _send(
    campaign: Campaign, loaded: Loaded, book: Journal, manner: Manner, journal: Path, bounds: Bounds
) -> int:
    require_files(bounds.window)
    stop = asyncio.Event()
    async with open_door(campaign.target, "", "", manner.timeout, manner.insecure) as door:
        doubts = Doubts(manner.in_doubt, manner.timeout, manner.grace, manner.max_wait, None)
        means = Means(door.transport, book, Pace(manner.rate), doubts, stop, manner.max_wait)
        tell(f"campaign {campaign.id}")
        command = f"flowrunner resume {campaign.id}{_option(journal)}"
        with (
            resumable(lambda: ", ".join(in_words(book.campaigns.counts(campaign.id))), command),
            CampaignLine(means.pace) as line,
            interruptible(stop),
        ):
            try:
                tally = await send_campaign(campaign, loaded, means, bounds, line.show)
            except JournalError as error:
                refuse(error.message, error.hint)
                return STOPPED
            except asyncio.CancelledError:  # a second Ctrl-C
                tally = Tally()
    return _ended(campaign, book, tally, stop, journal)


def _ended(campaign: Campaign, book: Journal, tally: Tally, stop: asyncio.Event, journal: Path) -> int:
    counts = book.campaigns.counts(campaign.id)
    say(", ".join(in_words(counts)))
    option = _option(journal)
    if stop.is_set() or tally.stopped:
        if tally.stopped:
            tell(f"stopped: {tally.stopped}")
        interrupted = "" if tally.stopped else "interrupted; "
        tell(f"{interrupted}continue with: flowrunner resume {campaign.id}{option}")
        return STOPPED if tally.stopped else INTERRUPTED
    if counts.get("failed") or counts.get("in_doubt"):
        tell(f"why: flowrunner report {campaign.id}{option}; try again: flowrunner resume {campaign.id}{option}")
    if counts.get("in_doubt"):
        tell("what cannot be settled by looking it up: look at the chats, then add --in-doubt resend or skip")
        return IN_DOUBT
    return STOPPED if counts.get("failed") else DONE


def _option(journal: Path) -> str:
    return "" if str(journal) == DEFAULT_JOURNAL else f" --journal {journal}"
