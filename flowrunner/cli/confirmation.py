"""The question before a campaign: what will be sent, to how many, when; and whether that is meant."""

import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import click

from flowrunner.campaign import facts_of
from flowrunner.campaign.reachability import longest
from flowrunner.campaign.selection import HAD_BEFORE
from flowrunner.cli.console import colour, tell, width
from flowrunner.cli.interrupts import asking
from flowrunner.clock import SYSTEM
from flowrunner.diagnostics.errors import RefusedError
from flowrunner.views.times import rough

if TYPE_CHECKING:
    from flowrunner.app.campaigns.audience import ReadyCampaign
    from flowrunner.app.senders.sender import Sender
    from flowrunner.campaign import AudienceCheck, Facts
    from flowrunner.cli.recipient_options import Extent
    from flowrunner.model import Json, Rendering

_SILENCE = 10.0
"""Seconds that a person waits for without asking what is going on."""


def warn_of_asking(ready: "ReadyCampaign", sender: "Sender") -> None:
    """Say that it is asked who of many people can be sent free text, where that takes long before anything is seen."""
    its, rate = ready.checked, sender.rate
    if (len(its.waiting) / rate.count - 1) * rate.seconds > _SILENCE:  # so many at once go out without a wait
        facts = facts_of(ready.first, its, ready.target, ready.schedule, rate, SYSTEM.now())
        most = rough(longest(facts.seconds))
        tell(f"asking the API who of {len(its.waiting):,} people can be sent free text now: {most} at most")


def require_confirmed(first: "Rendering", facts: "Facts", extent: "Extent") -> None:
    """Make sure that the one who runs it means these people: they type how many, or the script has said it.

    Raises:
        RefusedError: They do not.
    """
    is_said = extent.confirmed is not None or extent.at_most is not None
    if not is_said and sys.stdin.isatty():
        from flowrunner.views.terminal.chat import conversation

        tell(conversation(first, width=width(), colour=colour(err=True)))
        tell("")
    for fact in fact_lines(facts):
        tell(f"  {fact}")
    if extent.canary:
        tell(f"  the first {extent.canary} now, the others with flowrunner resume")
    there = f"there {'is' if facts.people == 1 else 'are'} {_people(facts.people)}; nothing was sent"
    if extent.confirmed is not None and extent.confirmed != facts.people:
        raise RefusedError(f"--yes-send-to says {extent.confirmed}, but {there}")
    if extent.at_most is not None and extent.at_most < facts.people:
        raise RefusedError(f"--at-most allows {extent.at_most}, but {there}")
    if is_said:
        return
    if not sys.stdin.isatty():
        raise RefusedError("there is no terminal to ask on", f"pass --yes-send-to {facts.people}")
    with asking():
        answer = click.prompt("Type the number of people to send to", default="", show_default=False, err=True)
    if answer.strip().replace(",", "") != str(facts.people):
        raise RefusedError(f"that is not {facts.people}; nothing was sent")


def _people(count: int) -> str:
    return f"{count:,} {'person' if count == 1 else 'people'}"


def fact_lines(facts: "Facts") -> Iterator[str]:
    """What will be sent, via which API, to how many, for how long, and who waits: a line each."""
    yield f"flow {facts.flow.name}, digest {facts.flow.bundle.digest[:12]}, via {facts.target}"
    messages = f"{facts.messages:,} message{'' if facts.messages == 1 else 's'}"
    yield f"{_people(facts.people)}, {messages}, about {rough(facts.seconds)} at this rate"
    if facts.again:
        yield f"{facts.again:,} of them had this flow, or part of it, before"
    for target, count in facts.elsewhere.items():
        yield f"{count:,} of them had this flow, or part of it, from {target}, and would get it again"
    if facts.unreachable:
        reasons = {reason.partition(", ")[2]: count for reason, count in facts.unreachable.items()}
        said = ", ".join(f"{reason}: {count:,}" for reason, count in reasons.items())
        remedy = "begin the flow with a template, or pass --skip-unreachable"
        yield f"{sum(reasons.values()):,} of them cannot be sent the first message ({said}): {remedy}"
    if facts.unasked:
        yield f"of {facts.unasked:,} of them it could not be asked whether they can be sent the first message"
    if facts.left_out:
        yield f"left out: {left_out(facts.left_out)}"
    if facts.held:
        ends = [each.until for each in facts.held]
        soonest, latest = (f"{datetime.fromtimestamp(at):%Y-%m-%d %H:%M}" for at in (min(ends), max(ends)))
        until = soonest if soonest == latest else f"{soonest} at the earliest, {latest} at the latest"
        yield f"{sum(each.people for each in facts.held):,} of them are held until {until} (this computer's time)"


def facts_data(facts: "Facts") -> "dict[str, Json]":
    """The same as plain data; moments are seconds since the epoch."""
    return {
        "flow": {"name": facts.flow.name, "path": facts.flow.bundle.path, "digest": facts.flow.bundle.digest},
        "target": facts.target,
        **counts(facts),
        "seconds": facts.seconds,
        "held": [each._asdict() for each in facts.held],
        "unreachable": [{"reason": reason, "people": count} for reason, count in facts.unreachable.items()],
        "unasked": facts.unasked,
        "elsewhere": [{"target": target, "people": count} for target, count in facts.elsewhere.items()],
    }


def counts(its: "AudienceCheck | Facts") -> "dict[str, Json]":
    """How many people are sent to, and how many are not, by the reason."""
    return {
        "people": its.people,
        "messages": its.messages,
        "again": its.again,
        "left_out": [{"reason": reason, "people": count} for reason, count in its.left_out.items()],
    }


def left_out(reasons: Mapping[str, int]) -> str:
    """How many are left out, by the reason, and what would send to those who had the flow before."""
    remedy = " (send it again: --again or --not-within 7d)"
    said = [f"{count:,} {reason}{remedy if reason == HAD_BEFORE else ''}" for reason, count in reasons.items()]
    return ", ".join(said) or "the audience is empty"
