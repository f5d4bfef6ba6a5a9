"""``run --audience``: a campaign is checked, confirmed, begun and sent."""

import asyncio
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Literal, NamedTuple

from flowrunner.audience import Audience, read_audience, read_exclusions
from flowrunner.campaign import (
    Bounds,
    Checked,
    Means,
    Tally,
    Wish,
    begin_campaign,
    check_audience,
    new_campaign,
    send_campaign,
)
from flowrunner.campaign.schedule import is_past
from flowrunner.cli.confirming import confirmed, left_out
from flowrunner.cli.console import DONE, IN_DOUBT, INTERRUPTED, STOPPED, WRONG_INPUT, complain, refuse, say, tell
from flowrunner.cli.interrupts import interruptible
from flowrunner.cli.options import DEFAULT_JOURNAL, Manner
from flowrunner.cli.sending import RefusedError, open_door
from flowrunner.cli.watch import CampaignLine
from flowrunner.journal import Journal, JournalError
from flowrunner.loading import Loaded, load_text
from flowrunner.model import Campaign
from flowrunner.rendering import moment
from flowrunner.runner import Doubts, Pace
from flowrunner.views.report import in_words


class Plan(NamedTuple):
    """What ``run --audience`` was asked for.

    Attributes:
        confirmed: The number of people that was given with ``--yes-send-to``; None where a person is to be asked.
    """

    audience: Path
    region: str
    wish: Wish
    exclude: Path | None
    bounds: Bounds
    confirmed: int | None


def run_audience(loaded: Loaded, plan: Plan, target: str, journal: Path, manner: Manner) -> int:
    """Check everybody, ask, begin, send. Answers with the exit code."""
    assert loaded.flow is not None  # noqa: S101  # the caller has looked
    source: Path | Literal["-"] = "-" if str(plan.audience) == "-" else plan.audience
    audience, problems = read_audience(source, inputs=loaded.flow.inputs, region=plan.region)
    wish = plan.wish
    if is_past(wish.schedule.at, time.time()):
        refuse("--at is over, wherever people live", "name a moment to come")
        return WRONG_INPUT
    if plan.exclude is not None:
        exclusions, found = read_exclusions(plan.exclude, region=plan.region)
        problems += found
        wish = wish._replace(exclusions=exclusions)
    complain(problems)
    if audience is None or any(each.is_error for each in problems):
        return WRONG_INPUT
    try:
        with ExitStack() as stack:
            stack.enter_context(audience)
            book = stack.enter_context(Journal.open(journal))
            now = moment()
            checked = check_audience(loaded, audience, now, wish, book=book, target=target)
            if checked.faults:
                return _refused(checked, audience)
            if not checked.people:
                say(f"nobody is left to send to: {left_out(checked)}")
                return DONE
            if not confirmed(loaded, audience, checked, plan, now, manner.rate):
                return WRONG_INPUT
            total = checked.people + len(checked.omissions)
            options = {**plan.bounds._asdict(), **wish.schedule.data()}
            campaign = new_campaign(loaded, audience, target, now, total, options)
            asyncio.run(begin_campaign(campaign, loaded, audience, checked, book))
            return asyncio.run(_send(campaign, loaded, book, manner, journal, plan.bounds))
    except (RefusedError, JournalError) as error:
        refuse(str(error), error.hint)
        return WRONG_INPUT


def resume_campaign(campaign: Campaign, book: Journal, journal: Path, manner: Manner) -> int:
    """Go on with a campaign of the journal. Answers with the exit code."""
    loaded = load_text(campaign.flow_text, campaign.flow_path)
    if loaded.flow is None:
        complain(loaded.diagnostics)
        return WRONG_INPUT
    try:
        chosen = {name: campaign.options[name] for name in ("window", "max_failures") if name in campaign.options}
        return asyncio.run(_send(campaign, loaded, book, manner, journal, Bounds(**chosen)))
    except RefusedError as error:
        refuse(str(error), error.hint)
        return WRONG_INPUT


def _refused(checked: Checked, audience: Audience) -> int:
    complain(checked.shown)
    more = checked.faults - len(checked.shown)
    if more > 0:
        tell(f"and {more} more; flowrunner validate FLOW --audience {audience.name} --format json shows them all")
    tell("nothing was sent; --skip-invalid sends to the others")
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
    if counts.get("running"):
        tell("others are being sent to by another process")
    if counts.get("in_doubt"):
        tell(f"messages are in doubt: flowrunner resume {campaign.id}{option} --in-doubt resend or skip")
        return IN_DOUBT
    return STOPPED if counts.get("failed") else DONE
