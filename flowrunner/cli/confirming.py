"""The question before a campaign: what will be sent, to how many, when; and whether that is meant."""

import sys
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import click

from flowrunner.campaign.check import HAD_BEFORE
from flowrunner.cli.console import colour, refuse, tell, width
from flowrunner.clock import SYSTEM
from flowrunner.model import Pause
from flowrunner.views.times import rough

if TYPE_CHECKING:
    from flowrunner.campaign import Checked, Schedule
    from flowrunner.cli.choosing import Extent
    from flowrunner.delivery import Rate
    from flowrunner.model import Json, Rendering


def confirmed(
    first: "Rendering", checked: "Checked", target: str, schedule: "Schedule", extent: "Extent", rate: "Rate"
) -> bool:
    """Whether the one who runs it means these people: they type how many, or the script has said it."""
    is_said = extent.confirmed is not None or extent.at_most is not None
    if not is_said and sys.stdin.isatty():
        from flowrunner.views.terminal.chat import conversation

        tell(conversation(first, width=width(), colour=colour(err=True)))
        tell("")
    for fact in facts(first, checked, target, schedule, rate):
        tell(f"  {fact}")
    if extent.bounds.canary:
        tell(f"  the first {extent.bounds.canary} now, the others with flowrunner resume")
    if is_said:
        return _is_meant(checked.people, extent)
    if not sys.stdin.isatty():
        refuse("there is no terminal to ask on", f"pass --yes-send-to {checked.people}")
        return False
    answer = click.prompt("Type the number of people to send to", default="", show_default=False, err=True)
    if answer.strip().replace(",", "") != str(checked.people):
        refuse(f"that is not {checked.people}; nothing was sent")
        return False
    return True


def _is_meant(count: int, extent: "Extent") -> bool:
    if extent.confirmed is not None and extent.confirmed != count:
        refuse(f"--yes-send-to says {extent.confirmed}, but there {_are(count)}; nothing was sent")
        return False
    if extent.at_most is not None and extent.at_most < count:
        refuse(f"--at-most allows {extent.at_most}, but there {_are(count)}; nothing was sent")
        return False
    return True


def _are(count: int) -> str:
    return f"{'is' if count == 1 else 'are'} {people(count)}"


def people(count: int) -> str:
    """A number of people."""
    return f"{count:,} {'person' if count == 1 else 'people'}"


def facts(first: "Rendering", checked: "Checked", target: str, schedule: "Schedule", rate: "Rate") -> Iterator[str]:
    """What will be sent, via which API, to how many, for how long, and who waits: a line each."""
    yield f"flow {first.flow.name}, digest {first.flow.bundle.digest[:12]}, via {target}"
    messages = f"{checked.messages:,} message{'' if checked.messages == 1 else 's'}"
    yield f"{people(checked.people)}, {messages}, at least {rough(duration(first, checked, rate))} at this rate"
    if checked.again:
        yield f"{checked.again:,} of them had this flow, or part of it, before"
    if checked.omissions:
        yield f"left out: {left_out(checked)}"
    held = _held(checked, schedule)
    if held:
        count = sum(checked.zones.get(zone, checked.people) for zone in held)
        ends = min(held.values()), max(held.values())
        soonest, latest = (f"{datetime.fromtimestamp(at):%Y-%m-%d %H:%M}" for at in ends)
        until = soonest if soonest == latest else f"{soonest} at the earliest, {latest} at the latest"
        yield f"{count:,} of them are held until {until} (this computer's time)"


def facts_data(
    first: "Rendering", checked: "Checked", target: str, schedule: "Schedule", rate: "Rate"
) -> "dict[str, Json]":
    """The same as plain data; moments are seconds since the epoch."""
    return {
        "flow": {"name": first.flow.name, "path": first.flow.bundle.path, "digest": first.flow.bundle.digest},
        "target": target,
        **counts(checked),
        "seconds": duration(first, checked, rate),
        "held": [
            {"timezone": zone, "people": checked.zones.get(zone, checked.people), "until": until}
            for zone, until in _held(checked, schedule).items()
        ],
    }


def counts(checked: "Checked") -> "dict[str, Json]":
    """How many people are sent to, and how many are not, by the reason."""
    return {
        "people": checked.people,
        "messages": checked.messages,
        "again": checked.again,
        "left_out": [{"reason": reason, "people": count} for reason, count in _reasons(checked).items()],
    }


def duration(first: "Rendering", checked: "Checked", rate: "Rate") -> float:
    """At least how many seconds it takes."""
    pauses = sum(action.seconds for action in first.actions if isinstance(action, Pause))
    # As many requests as a span may hold leave at once, and the next ones when it is over.
    return (checked.messages + checked.phones - 1) // rate.count * rate.seconds + pauses


def _held(checked: "Checked", schedule: "Schedule") -> dict[str, float]:
    """Until when people are held, by their time zone."""
    now = SYSTEM.now()
    starts = {zone: schedule.next(zone, now) for zone in checked.zones or [""]}
    return {zone: start for zone, start in starts.items() if start > now}


def left_out(checked: "Checked") -> str:
    """How many are left out, by the reason, and what would send to those who had the flow before."""
    remedy = " (send it again: --again or --not-within 7d)" if checked.had_before else ""
    said = [
        f"{count:,} {reason}{remedy if reason == HAD_BEFORE else ''}" for reason, count in _reasons(checked).items()
    ]
    return ", ".join(said) or "the audience is empty"


def _reasons(checked: "Checked") -> dict[str, int]:
    reasons: dict[str, int] = {}
    for each in checked.omissions:
        reason = "faulty" if each.state == "invalid" else each.reason.partition(",")[0].partition(" line")[0]
        reasons[reason] = reasons.get(reason, 0) + 1
    return reasons
