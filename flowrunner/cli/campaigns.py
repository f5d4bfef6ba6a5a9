"""A campaign whose people were checked is confirmed, written down and sent; or an earlier one is resumed."""

import asyncio
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from flowrunner.app.sender import Sender, open_sender
from flowrunner.campaign import (
    Bounds,
    Checked,
    Means,
    Person,
    Schedule,
    Tally,
    begin_campaign,
    new_campaign,
    send_campaign,
)
from flowrunner.cli.campaign_line import CampaignLine
from flowrunner.cli.choosing import Extent
from flowrunner.cli.confirming import confirmed
from flowrunner.cli.console import (
    DONE,
    IN_DOUBT,
    INTERRUPTED,
    STOPPED,
    WRONG_INPUT,
    colour,
    complain,
    refuse,
    say,
    tell,
    width,
)
from flowrunner.cli.hints import command
from flowrunner.cli.interrupts import asking, interruptible
from flowrunner.cli.limits import require_files
from flowrunner.cli.sending import moment_of
from flowrunner.cli.unforeseen import resumable
from flowrunner.delivery import Doubts, Pace
from flowrunner.diagnostics import Location
from flowrunner.engine import Given, Prepared
from flowrunner.engine.state import Phase
from flowrunner.flow import Loaded, load_bundle
from flowrunner.journal import Journal, JournalError
from flowrunner.model import Campaign, Event, Rendering
from flowrunner.views.report.lines import event_line, summary_line
from flowrunner.views.report.text import in_words, why_failed

if TYPE_CHECKING:
    from flowrunner.journal import Member

Only = Literal["failed", "undelivered"] | None
"""Who alone is continued with."""


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


class NobodyLeftError(Exception):
    """An audience is right, and nobody of it is to be sent to.

    Attributes:
        checked: Why.
    """

    def __init__(self, checked: Checked) -> None:
        super().__init__("nobody is left to send to")
        self.checked = checked


def first_of(loaded: Loaded, people: Iterable[Person], now: str) -> Rendering:
    """What the first of them will see."""
    person = next(iter(people))
    given = {name: Given(value, Location(f"line {person.line}")) for name, value in person.variables.items()}
    prepared = Prepared(loaded)
    bound, _ = prepared.inputs(given)
    rendering = prepared.render(person.recipient, bound, now)[0] if bound is not None else None
    assert rendering is not None, "it was checked"  # noqa: S101
    return rendering


async def send_ready(ready: Ready, book: Journal, journal: Path, extent: Extent, sender: Sender, form: str) -> int:
    """Ask, write down, send. Returns the exit code."""
    flow, checked = ready.loaded.flow, ready.checked
    assert flow is not None  # noqa: S101  # it was checked
    with asking():
        if not confirmed(ready.first, checked, ready.target, ready.schedule, extent, sender.rate):
            return WRONG_INPUT
    total = checked.people + len(checked.omissions)
    options = {**extent.bounds._asdict(), **ready.schedule.data(), "messages": checked.messages}
    campaign = new_campaign(flow, ready.audience, ready.target, ready.now, total, options, ready.schedule.since)
    await begin_campaign(campaign, ready.people, checked.omissions, book)
    return await _send(campaign, ready.loaded, book, sender, form, journal, extent.bounds)


async def resume_campaign(
    campaign: Campaign, book: Journal, journal: Path, sender: Sender, form: str, only: "Only"
) -> int:
    """Continue a campaign of the journal. Returns the exit code."""
    if at := await book.cancelled_at(campaign.id):
        refuse(
            f"campaign {campaign.id} was cancelled on {moment_of(at)}",
            "to send to those it did not reach, run the flow again",
        )
        return WRONG_INPUT
    if sum((await book.counts(campaign.id)).states.values()) < campaign.total:
        refuse(
            f"campaign {campaign.id} was interrupted before it was written down; nothing was sent", "run the flow again"
        )
        return WRONG_INPUT
    if only and not (await book.counts(campaign.id)).phases.get(Phase(only)):
        _say_nobody(campaign, only, journal, form)
        return DONE
    loaded = load_bundle(campaign.bundle)
    if loaded.flow is None:
        complain(loaded.diagnostics)
        return WRONG_INPUT
    kept = {name: campaign.options[name] for name in ("window", "max_failures") if name in campaign.options}
    return await _send(campaign, loaded, book, sender, form, journal, Bounds(**kept, only=only))


def _say_nobody(campaign: Campaign, only: "Only", journal: Path, form: str) -> None:
    (tell if form == "jsonl" else say)(f"nobody in campaign {campaign.id} is known to be {only}")
    if only == "undelivered":
        tell(f"  hint: ask the API first: {command('status', campaign.id, '--refresh', journal=journal)}")
    if form == "jsonl":
        say(summary_line(campaign, {}, ()))


async def _send(
    campaign: Campaign, loaded: Loaded, book: Journal, sender: Sender, form: str, journal: Path, bounds: Bounds
) -> int:
    require_files(bounds.window)
    stop = asyncio.Event()
    async with open_sender(sender._replace(api_url=campaign.target)) as (transport, _):
        doubts = Doubts(sender.in_doubt, sender.timeout, sender.grace, sender.max_wait, None)
        each = _say_event if form == "jsonl" else _say_nothing
        means = Means(transport, book, Pace(sender.rate), doubts, stop, sender.max_wait, each)
        tell(f"campaign {campaign.id}")
        resume = command("resume", campaign.id, journal=journal)
        async with resumable(partial(_how_far, campaign, book), resume):
            with CampaignLine(means.pace) as line, interruptible(stop):
                try:
                    tally = await send_campaign(campaign, loaded, means, bounds, line.show)
                except JournalError as error:
                    refuse(error.message, error.hint)
                    return STOPPED
                except asyncio.CancelledError:  # a second Ctrl-C
                    tally = Tally()
    return await _ended(campaign, book, tally, stop, journal, form)


async def _how_far(campaign: Campaign, book: Journal) -> str:
    return ", ".join(in_words((await book.counts(campaign.id)).states))


def _say_event(member: "Member", event: Event) -> None:
    say(event_line(event, member.line, member.run.recipient))


def _say_nothing(_member: "Member", _event: Event) -> None:
    """In text, one line that moves says it."""


async def _ended(campaign: Campaign, book: Journal, tally: Tally, stop: asyncio.Event, journal: Path, form: str) -> int:
    """Say how it ended and, by commands to be typed, what can be done about it."""
    report = await book.report(campaign.id)
    is_cancelled = await book.cancelled_at(campaign.id) is not None
    stopped = "it was cancelled" if is_cancelled else tally.stopped
    code = _code(report.states, stopped, interrupted=stop.is_set())
    if form == "jsonl":
        say(summary_line(campaign, report.states, report.reasons, stopped=stopped, exit_code=code))
    else:
        say(", ".join(in_words(report.states)))
    for line in why_failed(report.reasons, width=width(), colour=colour(err=True)):
        tell(line)
    if stopped:
        tell(f"stopped: {stopped}")
    if not is_cancelled:
        for what, words in await _next_steps(campaign.id, book, tally, code):
            tell(f"{what}: {command(*words, journal=journal)}")
    return code


def _code(states: Mapping[str, int], stopped: str, *, interrupted: bool) -> int:
    if stopped:
        return STOPPED
    if interrupted:
        return INTERRUPTED
    if states.get("in_doubt"):
        return IN_DOUBT
    return STOPPED if states.get("failed") else DONE


async def _next_steps(campaign_id: str, book: Journal, tally: Tally, code: int) -> list[tuple[str, tuple[str, ...]]]:
    """What can be done now, and the words of the command that does it."""
    resume = ("resume", campaign_id)
    steps: list[tuple[str, tuple[str, ...]]] = []
    if tally.stopped or code == INTERRUPTED:
        steps.append(("continue with" if tally.stopped else "interrupted; continue with", resume))
    elif tally.is_canary:
        steps.append(("send to the others", resume))
    phases = (await book.counts(campaign_id)).phases
    failed, lost = phases.get(Phase.FAILED, 0), phases.get(Phase.UNDELIVERED, 0)
    if phases.get(Phase.IN_DOUBT):
        look = "in doubt: look for the messages again (or, once you saw the chats, add --in-doubt skip|resend)"
        steps.append((look, resume))
    if failed:
        steps.append((f"try the {failed:,} failed again", (*resume, "--only", "failed")))
    if lost:
        steps.append((f"send the {lost:,} undelivered again", (*resume, "--only", "undelivered")))
    if failed or lost:
        steps.append(("list them, to correct them", ("report", campaign_id, "--state", "failed", "--format", "csv")))
    return steps
