"""Senders in a terminal, a line each, and below it what is wrong with it. No text ends with a line break."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from flowrunner.views.terminal.styles import GREEN, RED, YELLOW
from flowrunner.views.terminal.table import drawn, tabled
from flowrunner.views.visible import visible

_COLUMNS: Final = ("SENDER", "RATE", "KEY", "PHONE", "NAME", "HEALTH")
_HEALTH: Final = _COLUMNS.index("HEALTH")
_STYLES: Final[Mapping[str, str]] = {"healthy": GREEN, "degraded": YELLOW, "unhealthy": RED, "fails": RED}
_ELASTIC: Final = {0: 12, 4: 6}


class SenderRow(NamedTuple):
    """One sender, as texts.

    Attributes:
        key: The environment variable that has its key, never the key.
        health: How its number is, ``fails`` where it cannot be used, ``-`` where nobody asked.
        more: Lines that stand below it.
    """

    name: str
    rate: str
    key: str
    phone: str
    called: str
    health: str
    more: Sequence[str] = ()


def senders_table(rows: Sequence[SenderRow], *, width: int, colour: bool) -> str:
    """The senders under a head."""
    table = [[*_COLUMNS], *([visible(cell or "-") for cell in each[:-1]] for each in rows)]
    styles = {_HEALTH: [_STYLES.get(each.health, "") for each in rows]}
    head, *below = tabled(table, width, _ELASTIC, colour=colour, styles=styles)
    more = ["".join(f"\n  {visible(line)}" for line in each.more) for each in rows]
    return drawn([head, *(f"{each}{said}" for each, said in zip(below, more, strict=True))])
