"""``run --audience``: a campaign is checked, confirmed, begun and sent."""

import asyncio
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Literal, NamedTuple

import click

from flowrunner.audience import Audience, read_audience, read_exclusions
from flowrunner.campaign import Checked, Tally, Wish, begin_campaign, check_audience, send_campaign
from flowrunner.campaign.beginning import new_campaign
from flowrunner.campaign.sending import Means
from flowrunner.cli.console import DONE, IN_DOUBT, INTERRUPTED, STOPPED, WRONG_INPUT, complain, refuse, say, tell
from flowrunner.cli.interrupts import interruptible
from flowrunner.cli.options import DEFAULT_JOURNAL, Manner
from flowrunner.cli.sending import RefusedError, open_door
from flowrunner.journal import Journal, JournalError
from flowrunner.loading import Loaded, load_text
from flowrunner.model import Campaign
from flowrunner.rendering import moment
from flowrunner.runner import Doubts, Pace


class Plan(NamedTuple):
    """What ``run --audience`` was asked for.

    Attributes:
        confirmed: The number of people that was given with ``--yes-send-to``; None where a person is to be asked.
        max_failures: The share of runs that may fail.
    """

    audience: Path
    region: str
    wish: Wish
    exclude: Path | None
    canary: int
    confirmed: int | None
    max_failures: float
    window: int


def run_audience(loaded: Loaded, plan: Plan, target: str, journal: Path, manner: Manner) -> int:
    """Check everybody, ask, begin, send. Answers with the exit code."""
    assert loaded.flow is not None  # noqa: S101  # the caller has looked
    source: Path | Literal["-"] = "-" if str(plan.audience) == "-" else plan.audience
    audience, problems = read_audience(source, inputs=loaded.flow.inputs, region=plan.region)
    wish = plan.wish
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
                say(f"nobody is left to send to: {_left_out(checked)}")
                return DONE
            if not _confirmed(loaded, checked, plan, manner):
                return WRONG_INPUT
            total = checked.people + len(checked.omissions)
            options = {"canary": plan.canary, "max_failures": plan.max_failures, "window": plan.window}
            campaign = new_campaign(loaded, audience, target, now, total, options)
            asyncio.run(begin_campaign(campaign, loaded, audience, checked, book))
            return asyncio.run(_send(campaign, loaded, book, manner, journal, plan.canary))
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
        return asyncio.run(_send(campaign, loaded, book, manner, journal, canary=0))
    except RefusedError as error:
        refuse(str(error), error.hint)
        return WRONG_INPUT


def _refused(checked: Checked, audience: Audience) -> int:
    complain(checked.shown)
    more = checked.faults - len(checked.shown)
    if more > 0:
        tell(f"and {more} more; flowrunner validate FLOW --audience {audience.name} shows them all")
    tell("nothing was sent; --skip-invalid sends to the others")
    return WRONG_INPUT


def _left_out(checked: Checked) -> str:
    reasons: dict[str, int] = {}
    for each in checked.omissions:
        reason = "faulty" if each.state == "invalid" else each.reason.partition(",")[0].partition(" line")[0]
        reasons[reason] = reasons.get(reason, 0) + 1
    return ", ".join(f"{count} {reason}" for reason, count in reasons.items()) or "the audience is empty"


def _confirmed(loaded: Loaded, checked: Checked, plan: Plan, manner: Manner) -> bool:
    """Whether the one who runs it means these people: they type how many, or the script says it."""
    assert loaded.flow is not None  # noqa: S101
    seconds = checked.messages * manner.rate.seconds / manner.rate.count
    facts = [
        f"flow {loaded.flow.name}, digest {loaded.flow.digest[:12]}",
        f"{checked.people:,} people, {checked.messages:,} messages, at least {_duration(seconds)} at this rate",
    ]
    if checked.omissions:
        facts.append(f"left out: {_left_out(checked)}")
    if plan.canary:
        facts.append(f"the first {plan.canary} now, the others with flowrunner resume")
    for fact in facts:
        tell(f"  {fact}")
    if plan.confirmed is not None:
        if plan.confirmed != checked.people:
            refuse(f"--yes-send-to {plan.confirmed} is not the {checked.people} people there are")
        return plan.confirmed == checked.people
    if not sys.stdin.isatty():
        refuse("nobody can be asked here", f"--yes-send-to {checked.people} says it in a script")
        return False
    answer = click.prompt("Type the number of people to send to", default="", show_default=False, err=True)
    if answer.strip().replace(",", "") != str(checked.people):
        refuse("that is not the number", "nothing was sent")
        return False
    return True


async def _send(campaign: Campaign, loaded: Loaded, book: Journal, manner: Manner, journal: Path, canary: int) -> int:
    stop = asyncio.Event()
    async with open_door(campaign.target, "", "", manner) as door:
        doubts = Doubts(manner.in_doubt, manner.timeout, manner.grace, manner.max_wait, None)
        means = Means(
            door.transport, book, Pace(manner.rate), doubts, stop, manner.max_wait,
            window=int(campaign.options.get("window", 100)),
            max_failures=float(campaign.options.get("max_failures", 0.05)),
            canary=canary, tell=_teller(campaign, book),
        )  # fmt: skip
        tell(f"campaign {campaign.id}")
        with interruptible(stop):
            tally = await send_campaign(campaign, loaded, means)
    return _ended(campaign, book, tally, stop, journal)


def _ended(campaign: Campaign, book: Journal, tally: Tally, stop: asyncio.Event, journal: Path) -> int:
    counts = book.campaigns.counts(campaign.id)
    say(", ".join(f"{count:,} {state.replace('_', ' ')}" for state, count in counts.items() if count))
    option = "" if str(journal) == DEFAULT_JOURNAL else f" --journal {journal}"
    if stop.is_set() or tally.stopped:
        if tally.stopped:
            tell(f"stopped: {tally.stopped}")
        tell(f"go on with: flowrunner resume {campaign.id}{option}")
        return STOPPED if tally.stopped else INTERRUPTED
    if counts.get("in_doubt"):
        tell(f"messages are in doubt: flowrunner resume {campaign.id}{option} --in-doubt resend or skip")
        return IN_DOUBT
    return STOPPED if counts.get("failed") else DONE


def _teller(campaign: Campaign, book: Journal) -> Callable[[Tally], None]:
    """A live line on a terminal, one line a minute elsewhere."""
    live = sys.stderr.isatty()
    last = [time.monotonic() if not live else 0.0]

    def show(tally: Tally) -> None:
        now = time.monotonic()
        if now - last[0] < (0.2 if live else 60.0):
            return
        last[0] = now
        counts = book.campaigns.counts(campaign.id) if not live else {}
        rate = tally.accepted / max(now - tally.began, 0.001)
        left = sum(counts.get(state, 0) for state in ("waiting", "running", "held"))
        line = (
            f"{tally.done:,} done, {tally.in_flight:,} in flight, {tally.failed:,} failed, "
            f"{tally.in_doubt:,} in doubt, {rate:.0f} messages/s" + (f", {left:,} left" if counts else "")
        )
        click.echo(f"\r{line:<100}" if live else line, err=True, nl=not live)

    return show


def _duration(seconds: float) -> str:
    for size, unit in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds"
