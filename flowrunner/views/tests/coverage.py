"""What of flows their tests have done, as a person reads it in a terminal; and as annotations of what they have not."""

from collections.abc import Sequence

from flowrunner.diagnostics import Diagnostic, Severity
from flowrunner.testing.covered import Coverage, Explored, Item
from flowrunner.views.terminal.cells import pad
from flowrunner.views.terminal.styles import BOLD, DIM, GREEN, YELLOW, paint
from flowrunner.views.visible import visible


def as_text(flows: Sequence[Coverage], missing: Sequence[Item], *, colour: bool) -> str:
    """A line for each flow, and below it one for each thing that no test does.

    Args:
        flows: The flows.
        missing: What is listed of what no test does.
        colour: Draw for a terminal, with escape codes.
    """
    width = max((len(each.path) for each in flows), default=0) + 2
    listed = set(missing)
    lines = []
    for each in flows:
        share = paint(f"{each.percent:>4.0f} %", GREEN if not each.missing else YELLOW, colour)
        lines.append(f"{paint(pad(visible(each.path), width), BOLD, colour)}{share}  {counts(each)}")
        its = [item for item in each.missing if item in listed]
        longest = max((len(item.name) for item in its), default=0) + 2
        for item in its:
            elsewhere = f"  {item.at.path}" if item.at.path != each.path else ""
            said = f"{item.at.line:>6}  {pad(visible(item.name), longest)}{never(item)}{visible(elsewhere)}"
            lines.append(paint(said, DIM, colour))
    return "\n".join(lines)


def counts(its: Coverage) -> str:
    """``11 of 13 steps, 7 of 10 branches``."""
    (steps, all_steps), (branches, all_branches) = its.counts(steps=True), its.counts(steps=False)
    said = [f"{steps} of {all_steps} step{'s' if all_steps != 1 else ''}"]
    said += [f"{branches} of {all_branches} branch{'es' if all_branches != 1 else ''}"] if all_branches else []
    return ", ".join(said)


def ways(its: Explored) -> str:
    """``200 ways, 9 of 9 steps, 10 of 10 branches``, and how to go those that are left."""
    left = f", {its.left} more are there: --ways {its.walked + its.left} goes through them, too" if its.left else ""
    return f"{its.walked} way{'s' if its.walked != 1 else ''}, {counts(its.coverage)}{left}"


def never(item: Item) -> str:
    """What is said of what no test does."""
    return item.never or "never done"


def as_diagnostics(missing: Sequence[Item]) -> list[Diagnostic]:
    """What no test does, as warnings at its places."""
    return [
        Diagnostic("uncovered", f"no test reaches this: {item.name} is {never(item)}", item.at, Severity.WARNING)
        for item in missing
    ]
