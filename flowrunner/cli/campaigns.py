"""A campaign whose people were checked is confirmed, written down and sent; or an earlier one is resumed."""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

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
from flowrunner.cli.choosing import Extent
from flowrunner.cli.confirming import confirmed
from flowrunner.cli.console import DONE, IN_DOUBT, INTERRUPTED, STOPPED, WRONG_INPUT, complain, refuse, say, tell
from flowrunner.cli.interrupts import interruptible
from flowrunner.cli.options import DEFAULT_JOURNAL, Manner
from flowrunner.cli.sending import RefusedError, open_door
from flowrunner.cli.watch import CampaignLine
from flowrunner.diagnostics import Location
from flowrunner.journal import Journal, JournalError
from flowrunner.loading import Loaded, load_text
from flowrunner.model import Campaign, Rendering
from flowrunner.rendering import Given, bind, render
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
    if not confirmed(ready.first, checked, ready.target, ready.schedule, extent, manner.rate):
        return WRONG_INPUT
    total = checked.people + len(checked.omissions)
    options = {**extent.bounds._asdict(), **ready.schedule.data()}
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


async def _send(
    campaign: Campaign, loaded: Loaded, book: Journal, manner: Manner, journal: Path, bounds: Bounds
) -> int:
    stop = asyncio.Event()
    async with open_door(campaign.target, "", "", manner.timeout) as door:
        doubts = Doubts(manner.in_doubt, manner.timeout, manner.grace, manner.max_wait, None)
        means = Means(door.transport, book, Pace(manner.rate), doubts, stop, manner.max_wait)
        tell(f"campaign {campaign.id}")
        with CampaignLine() as line, interruptible(stop, line.clear):
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
    option = "" if str(journal) == DEFAULT_JOURNAL else f" --journal {journal}"
    if stop.is_set() or tally.stopped:
        if tally.stopped:
            tell(f"stopped: {tally.stopped}")
        tell(f"go on with: flowrunner resume {campaign.id}{option}")
        return STOPPED if tally.stopped else INTERRUPTED
    if counts.get("failed") or counts.get("in_doubt"):
        tell(f"why: flowrunner report {campaign.id}{option}; try again: flowrunner resume {campaign.id}{option}")
    if counts.get("in_doubt"):
        tell("what cannot be settled by looking it up: look at the chats, then add --in-doubt resend or skip")
        return IN_DOUBT
    return STOPPED if counts.get("failed") else DONE
