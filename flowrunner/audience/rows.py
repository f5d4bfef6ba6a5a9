"""An Audience: the recipients of one file, each with its variables, one after the other."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, Self

from flowrunner.audience.known import Known
from flowrunner.audience.phones import Phones, Refused
from flowrunner.audience.source import Fault, Source
from flowrunner.audience.zones import near_zone, zone_of
from flowrunner.diagnostics import Diagnostic, Location, Note
from flowrunner.model import CONVERSATION_ID, Input, Json, Recipient
from flowrunner.rendering import Given

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

NOBODY: Final = Recipient()
_NOTHING: Final[Mapping[str, Json]] = MappingProxyType({})
_LONG = 10_000
is_id = re.compile(CONVERSATION_ID).fullmatch


class Row(NamedTuple):
    """One recipient of an audience.

    Attributes:
        line: The line its record begins on, 1-based.
        recipient: Phone in international form; empty when it cannot be read.
        values: The flow's inputs that the row gives, typed as ``--var`` types them, not yet checked. An empty cell
            gives nothing. The caller must not change it.
        timezone: What the column ``timezone`` says.
        first: The line of the first row with the same recipient; 0 when this is the first.
        problem: Why nothing can be sent to this row.
        ends: The rest of the file cannot be read: there may be more recipients, and nobody knows.
        text: The line itself, for JSON Lines.
    """

    line: int
    recipient: Recipient
    values: Mapping[str, Json] = _NOTHING
    timezone: str = ""
    first: int = 0
    problem: Diagnostic | None = None
    ends: bool = False
    text: str = ""


class Trouble(NamedTuple):
    """What is wrong with a row as its file has it.

    Attributes:
        cell: The number of a cell or of a character, 1-based.
        ends: The rest of the file cannot be read.
    """

    fault: Fault
    cell: int
    ends: bool = False


Draft = tuple[int, str, str, Mapping[str, Json], str, str, Trouble | None]
"""A row as its file has it: line, ``phone`` or ``conversation``, what stands there, values, time zone, text, trouble.

A plain tuple: naming its fields would cost every row half a microsecond.
"""


class Audience(ABC):
    """The recipients of one file. Iterate it as often as needed; each time the file is read anew, a block at a time.

    Close it when done, or use it in a ``with``.

    Attributes:
        name: The file as it was given, or ``<stdin>``.
        format: ``csv`` or ``jsonl``.
        columns: The names in the header, or the keys of the first object.
        warnings: What was found on the way that stops nobody; it may grow while rows of JSON Lines are read.
    """

    format: Literal["csv", "jsonl"]

    def __init__(self, source: Source, columns: tuple[str, ...], inputs: Mapping[str, Input], phones: Phones) -> None:
        self.name = source.name
        self.columns = columns
        self.warnings: list[Diagnostic] = []
        self._source = source
        self._inputs = inputs
        self._phones = phones

    def __iter__(self) -> Iterator[Row]:
        """Every row, the bad ones too.

        A row whose `Row.ends` is true is the last, and says that rows after it could not be read.
        """
        known = Known()
        read = self._phones.read
        for line, who, whom, values, timezone, text, trouble in self._drafts():
            if trouble is not None:
                problem = self._diagnose(trouble.fault, line, trouble.cell, text)
                yield Row(line, NOBODY, problem=problem, ends=trouble.ends, text=text)
                continue
            if who == "conversation":
                recipient = Recipient(whom)
                if not is_id(whom):
                    yield Row(line, NOBODY, values, timezone, text=text, problem=self._bad_id(line, values, whom, text))
                    continue
            else:
                phone = read(whom)
                if not isinstance(phone, str):
                    row = Row(line, NOBODY, values, timezone, text=text)
                    yield row._replace(problem=self._bad_phone(row, phone))
                    continue
                recipient = Recipient("", phone)
            yield Row(line, recipient, values, timezone, known.add(recipient, line), None, False, text)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give back what standard input was kept in."""
        self._source.close()

    @abstractmethod
    def place(self, row: Row, name: str) -> Location:
        """Where a row has its value for `name`, or where it should stand.

        In a CSV file the column is the number of the cell, counted from 1: ``people.csv:14:3`` is the third cell of
        the record that begins on line 14. In JSON Lines it is that of the value's first character.
        """

    @abstractmethod
    def _drafts(self) -> Iterator[Draft]: ...

    def given(self, row: Row) -> dict[str, Given]:
        """A row's values with their places, as `flowrunner.rendering.bind` wants them."""
        excerpt = _excerpt(row.text)
        return {name: Given(value, self.place(row, name), excerpt) for name, value in row.values.items()}

    def repeated(self, row: Row) -> Diagnostic:
        """What to say of a row whose `Row.first` is not 0."""
        who = "phone" if row.recipient.phone else "conversation"
        whom = row.recipient.phone or row.recipient.conversation
        note = Note("the first time", Location(self.name, row.first, 1))
        message = f"{who} {whom} is there before, on line {row.first}"
        hint = "remove one of them, or leave the later ones out: --skip-repeated"
        place = self.place(row, who)
        return Diagnostic("repeated-recipient", message, place, hint=hint, excerpt=_excerpt(row.text), notes=(note,))

    def zone(self, row: Row) -> "ZoneInfo | Diagnostic":
        """The time zone of a row's recipient (see `zone_of`), or why nobody knows it."""
        zone = zone_of(row.recipient, row.timezone)
        if zone is not None:
            return zone
        if row.timezone:
            close = near_zone(row.timezone)
            hint = f"did you mean {close}?" if close else "write a name like America/Mexico_City"
            message = f"timezone: {row.timezone} is no time zone"
            place = self.place(row, "timezone")
        else:
            whom = row.recipient.phone or row.recipient.conversation
            message = f"the time zone of {whom} is not known"
            hint = "give it in a column timezone, like America/Mexico_City"
            place = self.place(row, "phone" if row.recipient.phone else "conversation")
        return Diagnostic("unknown-time-zone", message, place, hint=hint, excerpt=_excerpt(row.text))

    def _bad_id(self, line: int, values: Mapping[str, Json], whom: str, text: str) -> Diagnostic:
        place = self.place(Row(line, NOBODY, values, text=text), "conversation")
        message = f"conversation: {_excerpt(whom)[:40]!r} is no conversation's id"
        return Diagnostic("bad-recipient", message, place, hint="copy the id from Kapso", excerpt=_excerpt(text))

    def _bad_phone(self, row: Row, refused: Refused) -> Diagnostic:
        return Diagnostic(
            "bad-recipient",
            f"phone: {refused.message}",
            self.place(row, "phone"),
            hint=refused.hint,
            excerpt=_excerpt(row.text),
        )

    def _diagnose(self, fault: Fault, line: int, cell: int, text: str) -> Diagnostic:
        place = Location(self.name, line, cell)
        return Diagnostic(fault.code, fault.message, place, hint=fault.hint, excerpt=_excerpt(text))


def _excerpt(text: str) -> str:
    return text.rstrip("\r\n") if len(text) <= _LONG else ""
