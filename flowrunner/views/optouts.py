"""Those who want to be written to no more: a table in a terminal, and forms that other programs read.

Each form of the list but the table can be read in again.
"""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from flowrunner.model import Json, OptOut
from flowrunner.views.terminal.table import drawn, tabled
from flowrunner.views.visible import visible

_COLUMNS: Final = ("PERSON", "SINCE", "REASON", "RUN")
_ELASTIC: Final = {0: 16, 2: 8}
_FIELDS: Final = ("phone", "conversation", "user_id", "reason", "at", "target", "run")


def optouts_table(people: Sequence[Sequence[OptOut]], *, width: int, colour: bool) -> str:
    """A line for all that a person has said, under a head; days are this machine's. No line break is at its end."""
    table = [[*_COLUMNS], *([visible(cell) for cell in _cells(each)] for each in people)]
    return drawn(tabled(table, width, _ELASTIC, colour=colour))


def _cells(said: Sequence[OptOut]) -> Sequence[str]:
    since = datetime.fromtimestamp(min(each.at for each in said))
    reasons, runs = (", ".join(dict.fromkeys(filter(None, its))) or "-" for its in (
        [each.reason for each in said], [each.run for each in said]
    ))  # fmt: skip
    return said[0].recipient.label, f"{since:%Y-%m-%d %H:%M}", reasons, runs


def as_json(people: Iterable[OptOut]) -> str:
    """One object whose field ``optouts`` has a line each; moments are seconds since the epoch."""
    lines = ",".join(f"\n    {json.dumps(_data(each))}" for each in people)
    return '{\n  "version": 1,\n  "optouts": [' + (f"{lines}\n  " if lines else "") + "]\n}"


def _data(its: OptOut) -> dict[str, Json]:
    whom = its.recipient
    cells = (whom.phone, whom.conversation, whom.user_id, its.reason, its.at, its.target, its.run)
    return dict(zip(_FIELDS, cells, strict=True))


def as_csv(people: Iterable[OptOut]) -> str:
    """A record each under a head; moments are ISO 8601."""
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(_FIELDS)
    for each in people:
        moment = datetime.fromtimestamp(each.at, UTC).isoformat().replace("+00:00", "Z")
        rows.writerow([_harmless(str(cell)) for cell in {**_data(each), "at": moment}.values()])
    return text.getvalue()


def _harmless(text: str) -> str:
    """What a spreadsheet would run has an apostrophe before it; a phone has not."""
    formula = text.startswith(("=", "@", "\t")) or (text[:1] in {"+", "-"} and not text[1:].isdecimal())
    return f"'{text}" if formula else text


def as_text(people: Iterable[OptOut]) -> str:
    """A line each, once: the phone, else the user id, else the conversation's id."""
    return "".join(dict.fromkeys(f"{each.recipient.label}\n" for each in people))
