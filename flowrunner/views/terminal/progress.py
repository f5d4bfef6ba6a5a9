"""Runs as they are followed: a line an event, a table of runs, one run in full. No text ends with a line break."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from math import ceil

from flowrunner.model import Event, EventKind
from flowrunner.views.terminal.ink import BOLD, CYAN, DIM, GREEN, RED, YELLOW, head, pad, paint, visible
from flowrunner.views.terminal.ink import width as cells_of

_WORDS: Mapping[EventKind, tuple[str, str]] = {
    EventKind.BEGUN: ("sending", DIM),
    EventKind.ACCEPTED: ("accepted", GREEN),
    EventKind.SENT: ("sent", GREEN),
    EventKind.DELIVERED: ("delivered", GREEN),
    EventKind.READ: ("read", CYAN),
    EventKind.FAILED: ("failed", RED),
    EventKind.IN_DOUBT: ("in doubt", YELLOW),
    EventKind.RETRYING: ("retrying", YELLOW),
    EventKind.WAITED: ("waited", DIM),
    EventKind.PAUSED: ("waiting", DIM),
    EventKind.SKIPPED: ("left out", DIM),
    EventKind.FINISHED: ("finished", GREEN),
    EventKind.CANCELLED: ("cancelled", YELLOW),
}

_STATES: Mapping[str, str] = {"finished": GREEN, "failed": RED, "in doubt": YELLOW, "unfinished": YELLOW}

_COLUMNS = ("RUN", "FLOW", "RECIPIENT", "STATE", "STEPS", "STARTED", "UPDATED")
_ELASTIC = {"FLOW": 8, "RECIPIENT": 16}
"""The columns that give way in a narrow terminal, and the cells they keep: a phone number stays whole."""
_SPARED = ("STARTED", "UPDATED")
"""The columns that a terminal too narrow even so goes without, in this order."""


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run as the table shows it.

    Attributes:
        recipient: The phone number or the conversation, as it shall be shown.
        state: One word or two; ``finished``, ``failed``, ``in doubt`` and ``unfinished`` have a colour.
        done: Steps that are settled, of ``total``.
        started: Seconds since the epoch, as is ``updated``.
    """

    id: str
    flow: str
    recipient: str
    state: str
    done: int
    total: int
    started: float
    updated: float


def line(event: Event, step_label: str, what: str, *, colour: bool) -> str:
    """What became of one step, in one line: its label, what it is (``text``, ``pause 2 s``), the status and why."""
    word, style = _WORDS[event.kind]
    said = [
        pad(visible(step_label), 16),
        pad(visible(what), 12),
        paint(pad(word, 9), style, colour),
        paint(visible(event.message_id[:8]), DIM, colour),
        visible(_why(event)),
    ]
    return "  ".join(part for part in said if part).rstrip()


def _why(event: Event) -> str:
    wait = event.detail.get("wait")
    again = f"again in {wait:g} s" if event.kind is EventKind.RETRYING and isinstance(wait, (int, float)) else ""
    words = (event.detail.get("reason"), event.detail.get("hint"), again)
    said = [str(word).rstrip(".") for word in words if word]
    return ". ".join(word[:1].upper() + word[1:] if place else word for place, word in enumerate(said))


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
        (1, clock(passed)),
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


_LESS = {"in flight": 5, "left out": 5, "held": 4, "in a pause": 4}
"""What matters less than who failed; see `campaign_line`."""


def clock(seconds: float) -> str:
    """A span as a stopwatch shows it: ``0:07``, ``12:34``, ``1:02:03``."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def waiting_line(what: str, until: float, left: float, *, width: int = 0, zone: tzinfo | None = None) -> str:
    """What is waited for, and until when.

    Args:
        what: In plain words; may be empty where the line is drawn again and again.
        until: Seconds since the epoch.
        left: Seconds from now on.
        width: Cells that the line may take where it is drawn again and again, and counts down; 0 for a line of a log.
        zone: Whose time it is; by default the machine's.
    """
    when = f"until {datetime.fromtimestamp(until, zone):%H:%M:%S}"
    if width:
        return head(f"waiting {when} ({clock(left)} left){f': {visible(what)}' if what else ''}", width)
    return f"{visible(what)} (up to {ceil(left)} s, {when})"


def rough(seconds: float) -> str:
    """A time span as one guesses it: ``1 second``, ``12 minutes``, ``3 hours``."""
    for size, unit in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    whole = max(round(seconds), 1)  # nothing takes 0 seconds
    return f"{whole} second{'' if whole == 1 else 's'}"


def event_json(event: Event) -> str:
    """One event as one line of JSON in ASCII, its keys always the same: kind, run, step, at, message_id, detail."""
    fact = {
        "kind": str(event.kind),
        "run": event.run,
        "step": event.step,
        "at": event.at,
        "message_id": event.message_id,
        "detail": dict(event.detail),
    }
    return json.dumps(fact, separators=(",", ":"))


def runs_table(rows: Sequence[RunRow], *, width: int, colour: bool, zone: tzinfo | None = None) -> str:
    """The runs, a line each under a head; times are those of ``zone``, by default the machine's.

    In a narrow terminal the names of flows and recipients are cut with an ellipsis; in a narrower
    one the times are left out. Everything else stays whole.
    """
    table = [_COLUMNS, *(_cells(row, zone, _minute) for row in rows)]
    sizes = {name: max(map(cells_of, column)) for name, column in zip(_COLUMNS, zip(*table, strict=True), strict=True)}
    least = {name: min(size, _ELASTIC.get(name, size)) for name, size in sizes.items()}
    for name in _SPARED:
        if _table_width(least) > width:
            del sizes[name], least[name]
    for name in sorted(_ELASTIC, key=lambda name: -sizes[name]):
        sizes[name] -= min(max(_table_width(sizes) - width, 0), sizes[name] - least[name])
    styles = ["", *(_STATES.get(row.state, "") for row in rows)]
    drawn = [_table_line(dict(zip(_COLUMNS, cells, strict=True)), sizes) for cells in table]
    for number, cells in enumerate(drawn):
        cells["STATE"] = paint(cells["STATE"], styles[number], colour)
    head_line, *lines = ("  ".join(cells.values()).rstrip() for cells in drawn)
    return "\n".join([paint(head_line, BOLD, colour), *lines])


def _table_width(sizes: Mapping[str, int]) -> int:
    return sum(sizes.values()) + 2 * (len(sizes) - 1)


def _table_line(cells: Mapping[str, str], sizes: Mapping[str, int]) -> dict[str, str]:
    return {name: pad(head(cells[name], size), size) for name, size in sizes.items()}


def _cells(row: RunRow, zone: tzinfo | None, clock: Callable[[float, tzinfo | None], str]) -> tuple[str, ...]:
    texts = (visible(text) for text in (row.id, row.flow, row.recipient, row.state))
    return (*texts, f"{row.done}/{row.total}", *(clock(at, zone) for at in (row.started, row.updated)))


def run_detail(
    row: RunRow,
    events: Sequence[Event],
    steps: Mapping[str, tuple[str, str]],
    *,
    colour: bool,
    zone: tzinfo | None = None,
) -> str:
    """One run: what it is, then its events, a line each after its time.

    Args:
        row: The run.
        events: Its events, in order.
        steps: For each step's address, its label and what it is; other steps are called by their address.
        colour: Whether to use escape codes.
        zone: Whose time it is; by default the machine's.
    """
    return "\n".join([*_facts(row, colour, zone), "", *(_dated(event, steps, colour, zone) for event in events)])


def _facts(row: RunRow, colour: bool, zone: tzinfo | None) -> Iterator[str]:
    facts = zip(_COLUMNS, _cells(row, zone, _moment), strict=True)
    for name, value in facts:
        style = _STATES.get(row.state, "") if name == "STATE" else ""
        yield f"{paint(pad(name.lower(), 11), DIM, colour)}{paint(value, style, colour)}"


def _dated(event: Event, steps: Mapping[str, tuple[str, str]], colour: bool, zone: tzinfo | None) -> str:
    label, what = steps.get(event.step, (event.step or "run", ""))
    return f"{paint(_moment(event.at, zone), DIM, colour)}  {line(event, label, what, colour=colour)}"


def _moment(at: float, zone: tzinfo | None) -> str:
    return datetime.fromtimestamp(at, zone).strftime("%Y-%m-%d %H:%M:%S")


def _minute(at: float, zone: tzinfo | None) -> str:
    return datetime.fromtimestamp(at, zone).strftime("%m-%d %H:%M")
