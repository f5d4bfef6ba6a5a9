"""The line at the foot of a terminal, drawn again and again: how far a campaign is, or what is waited for."""

from collections.abc import Mapping
from datetime import datetime
from math import ceil

from flowrunner.views.terminal.cells import head
from flowrunner.views.terminal.cells import width as cells_of
from flowrunner.views.times import rough, stopwatch
from flowrunner.views.visible import visible


def campaign_line(
    people: int,
    numbers: Mapping[str, int],
    *,
    rate: float,
    left: float | None,
    until: str = "",
    passed: float = 0.0,
    width: int = 0,
) -> str:
    """How far a campaign is, in one line; in a narrow one, what matters least is left out first.

    Args:
        people: How many are to be sent to.
        numbers: What is counted, by its name; ``done`` is always shown, others where they are not 0.
        rate: Messages per second.
        left: Seconds until everybody was sent to; None where nobody knows.
        until: What is waited for, and until when; empty where nothing is.
        passed: Seconds since it began.
        width: Cells that the line may take; 0 for any number.
    """
    parts = [
        # what is left out first has the highest number
        (1, stopwatch(passed)),
        (0, f"{numbers.get('done', 0):,} of {people:,} done"),
        *((_LESS.get(name, 0), f"{count:,} {name}") for name, count in numbers.items() if count and name != "done"),
        (6, f"{rate:.3g} messages/s" if rate < 1000 else f"{rate:,.0f} messages/s"),
        (2, until),
        (3, f"about {rough(left)} left" if left is not None else ""),
    ]
    for most in range(6, -1, -1):
        line = ", ".join(text for order, text in parts if text and order <= most)
        if not width or cells_of(line) <= width:
            return line
    return head(line, width)


_LESS = {"in flight": 5, "left out": 5, "held": 4, "in a pause": 4, "waiting for an answer": 4}
"""What matters less than who failed; see `campaign_line`."""


def waiting_line(what: str, until: float, left: float, *, width: int = 0) -> str:
    """What is waited for, and until when.

    Args:
        what: In plain words; may be empty where the line is drawn again and again.
        until: Seconds since the epoch.
        left: Seconds from now on.
        width: Cells that the line may take where it is drawn again and again, and counts down; 0 for a line of a log.
    """
    when = f"until {datetime.fromtimestamp(until):%H:%M:%S}"
    if width:
        return head(f"waiting {when} ({stopwatch(left)} left){f': {visible(what)}' if what else ''}", width)
    return f"{visible(what)} (up to {ceil(left)} s, {when})"
