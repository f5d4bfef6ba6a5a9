"""Runs in a terminal: a table of them, or one in full. No text ends with a line break."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from flowrunner.model import Event
from flowrunner.views.terminal.cells import pad
from flowrunner.views.terminal.events import line
from flowrunner.views.terminal.styles import DIM, GREEN, RED, YELLOW, paint
from flowrunner.views.terminal.table import drawn, tabled
from flowrunner.views.times import moment
from flowrunner.views.visible import visible

_STATES: Mapping[str, str] = {"finished": GREEN, "failed": RED, "in doubt": YELLOW, "unfinished": YELLOW}

_COLUMNS = ("RUN", "FLOW", "RECIPIENT", "STATE", "STEPS", "STARTED", "UPDATED")
_STATE = _COLUMNS.index("STATE")
_ELASTIC = {_COLUMNS.index("FLOW"): 8, _COLUMNS.index("RECIPIENT"): 16}
"""The columns that give way in a narrow terminal, and the cells they keep: a phone number stays whole."""
_TIMES = 2
"""A terminal too narrow even so goes without STARTED first, then without UPDATED."""


class RunRow(NamedTuple):
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


def runs_table(rows: Sequence[RunRow], *, width: int, colour: bool) -> str:
    """The runs, a line each under a head; times are the machine's.

    In a narrow terminal the names of flows and recipients are cut with an ellipsis; in a narrower
    one the times are left out, and in one narrower still each cell has a line. Everything else stays whole.
    """
    table = [[*_COLUMNS], *([*_cells(row), _minute(row.started), _minute(row.updated)] for row in rows)]
    styles = {_STATE: [_STATES.get(row.state, "") for row in rows]}
    return drawn(tabled(table, width, _ELASTIC, colour=colour, styles=styles, spare=_TIMES))


def _cells(row: RunRow) -> list[str]:
    return [*map(visible, (row.id, row.flow, row.recipient, row.state)), f"{row.done}/{row.total}"]


def run_detail(
    row: RunRow,
    events: Sequence[Event],
    steps: Mapping[str, tuple[str, str]],
    *,
    colour: bool,
) -> str:
    """One run: what it is, then its events, a line each after its time.

    Args:
        row: The run.
        events: Its events, in order.
        steps: For each step's address, its label and what it is; other steps are called by their address.
        colour: Whether to use escape codes.
    """
    return "\n".join([*_facts(row, colour), "", *(_dated(event, steps, colour) for event in events)])


def _facts(row: RunRow, colour: bool) -> Iterator[str]:
    facts = zip(_COLUMNS, [*_cells(row), moment(row.started), moment(row.updated)], strict=True)
    for name, value in facts:
        style = _STATES.get(row.state, "") if name == "STATE" else ""
        yield f"{paint(pad(name.lower(), 11), DIM, colour)}{paint(value, style, colour)}"


def _dated(event: Event, steps: Mapping[str, tuple[str, str]], colour: bool) -> str:
    label, what = steps.get(event.step, (event.step or "run", ""))
    return f"{paint(moment(event.at), DIM, colour)}  {line(event, label, what, colour=colour)}"


def _minute(at: float) -> str:
    return datetime.fromtimestamp(at).strftime("%m-%d %H:%M")
