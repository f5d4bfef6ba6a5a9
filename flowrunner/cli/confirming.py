"""The question before a campaign: what will be sent, to how many, when; and whether that is meant."""

import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from flowrunner.cli.console import colour, refuse, tell, width
from flowrunner.model import Pause
from flowrunner.rendering import bind, render
from flowrunner.views.progress import rough

if TYPE_CHECKING:
    from flowrunner.audience import Audience
    from flowrunner.campaign import Checked
    from flowrunner.cli.audience import Plan
    from flowrunner.loading import Loaded
    from flowrunner.model import Rendering
    from flowrunner.runner import Rate


def confirmed(loaded: "Loaded", audience: "Audience", checked: "Checked", plan: "Plan", now: str, rate: "Rate") -> bool:
    """Whether the one who runs it means these people: they type how many, or the script has said it."""
    assert loaded.flow is not None  # noqa: S101  # the caller has looked
    first = _first(loaded, audience, checked, now)
    if plan.confirmed is None and sys.stdin.isatty():
        from flowrunner.views.chat import conversation

        tell(conversation(first, width=width(), colour=colour(err=True)))
        tell("")
    tell(f"  flow {loaded.flow.name}, digest {loaded.flow.digest[:12]}")
    for fact in _facts(checked, plan, first, rate):
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


def left_out(checked: "Checked") -> str:
    """How many are left out, by the reason."""
    reasons: dict[str, int] = {}
    for each in checked.omissions:
        reason = "faulty" if each.state == "invalid" else each.reason.partition(",")[0].partition(" line")[0]
        reasons[reason] = reasons.get(reason, 0) + 1
    return ", ".join(f"{count:,} {reason}" for reason, count in reasons.items()) or "the audience is empty"


def _first(loaded: "Loaded", audience: "Audience", checked: "Checked", now: str) -> "Rendering":
    """What the first one who is sent to will see."""
    left_out = {each.line for each in checked.omissions}
    row = next(row for row in audience if row.line not in left_out and row.problem is None)
    bound, _ = bind(loaded, audience.given(row), examples=False)
    rendering = render(loaded, row.recipient, bound, now)[0] if bound is not None else None
    assert rendering is not None, "it was checked"  # noqa: S101
    return rendering


def _facts(checked: "Checked", plan: "Plan", first: "Rendering", rate: "Rate") -> Iterator[str]:
    pauses = sum(action.seconds for action in first.actions if isinstance(action, Pause))
    # As many requests as a span may hold leave at once.
    seconds = max(checked.messages + checked.phones - rate.count, 0) * rate.seconds / rate.count + pauses
    yield f"{checked.people:,} people, {checked.messages:,} messages, at least {rough(seconds)} at this rate"
    if checked.omissions:
        yield f"left out: {left_out(checked)}"
    if plan.bounds.canary:
        yield f"the first {plan.bounds.canary} now, the others with flowrunner resume"
    now = time.time()
    starts = {zone: plan.wish.schedule.next(zone, now) for zone in checked.zones or [""]}
    held = {zone: start for zone, start in starts.items() if start > now}
    if held:
        from datetime import datetime

        count = sum(checked.zones.get(zone, checked.people) for zone in held)
        ends = min(held.values()), max(held.values())
        first_at, last_at = (f"{datetime.fromtimestamp(at):%Y-%m-%d %H:%M}" for at in ends)
        until = first_at if first_at == last_at else f"{first_at} at the earliest, {last_at} at the latest"
        yield f"{count:,} of them are held until their hours: by this machine's clock, until {until}"
