"""The question before a campaign: what will be sent, to how many, when; and whether that is meant."""

import sys
import time
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import click

from flowrunner.cli.console import colour, refuse, tell, width
from flowrunner.model import Pause
from flowrunner.views.progress import rough

if TYPE_CHECKING:
    from flowrunner.campaign import Checked, Schedule
    from flowrunner.cli.choosing import Extent
    from flowrunner.model import Rendering
    from flowrunner.runner import Rate


def confirmed(
    first: "Rendering", checked: "Checked", target: str, schedule: "Schedule", extent: "Extent", rate: "Rate"
) -> bool:
    """Whether the one who runs it means these people: they type how many, or the script has said it."""
    if extent.confirmed is None and sys.stdin.isatty():
        from flowrunner.views.chat import conversation

        tell(conversation(first, width=width(), colour=colour(err=True)))
        tell("")
    for fact in facts(first, checked, target, schedule, rate):
        tell(f"  {fact}")
    if extent.bounds.canary:
        tell(f"  the first {extent.bounds.canary} now, the others with flowrunner resume")
    if extent.confirmed is not None:
        if extent.confirmed != checked.people:
            refuse(f"--yes-send-to {extent.confirmed} is not the {checked.people} people there are")
        return extent.confirmed == checked.people
    if not sys.stdin.isatty():
        refuse("nobody can be asked here", f"--yes-send-to {checked.people} says it in a script")
        return False
    answer = click.prompt("Type the number of people to send to", default="", show_default=False, err=True)
    if answer.strip().replace(",", "") != str(checked.people):
        refuse("that is not the number", "nothing was sent")
        return False
    return True


def facts(first: "Rendering", checked: "Checked", target: str, schedule: "Schedule", rate: "Rate") -> Iterator[str]:
    """What will be sent, by which API, to how many, for how long, and who waits: a line each."""
    yield f"flow {first.flow.name}, digest {first.flow.digest[:12]}, by {target}"
    pauses = sum(action.seconds for action in first.actions if isinstance(action, Pause))
    # As many requests as a span may hold leave at once, and the next ones when it is over.
    seconds = (checked.messages + checked.phones - 1) // rate.count * rate.seconds + pauses
    people = f"{checked.people:,} {'person' if checked.people == 1 else 'people'}"
    messages = f"{checked.messages:,} message{'' if checked.messages == 1 else 's'}"
    yield f"{people}, {messages}, at least {rough(seconds)} at this rate"
    if checked.omissions:
        yield f"left out: {left_out(checked)}"
    now = time.time()
    starts = {zone: schedule.next(zone, now) for zone in checked.zones or [""]}
    held = {zone: start for zone, start in starts.items() if start > now}
    if held:
        count = sum(checked.zones.get(zone, checked.people) for zone in held)
        ends = min(held.values()), max(held.values())
        soonest, latest = (f"{datetime.fromtimestamp(at):%Y-%m-%d %H:%M}" for at in ends)
        until = soonest if soonest == latest else f"{soonest} at the earliest, {latest} at the latest"
        yield f"{count:,} of them are held until their hours: by this machine's clock, until {until}"


def left_out(checked: "Checked") -> str:
    """How many are left out, by the reason."""
    reasons: dict[str, int] = {}
    for each in checked.omissions:
        reason = "faulty" if each.state == "invalid" else each.reason.partition(",")[0].partition(" line")[0]
        reasons[reason] = reasons.get(reason, 0) + 1
    return ", ".join(f"{count:,} {reason}" for reason, count in reasons.items()) or "the audience is empty"
