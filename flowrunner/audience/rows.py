"""An Audience: the recipients of one file, each with its variables, one after the other."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, Self

from flowrunner.audience.cells import Odd, Values
from flowrunner.audience.known import Known
from flowrunner.audience.naming import TIMEZONE, USER, Names
from flowrunner.audience.source import Fault, Source
from flowrunner.diagnostics import Diagnostic, Location, Note, Severity
from flowrunner.dialects import dialects_that
from flowrunner.engine import Given
from flowrunner.engine.values.texts import Notation, misread
from flowrunner.model import CONVERSATION_ID, NOBODY, Input, Json, Reading, Recipient
from flowrunner.phones.numbers import Phones, Refused, unquoted
from flowrunner.phones.user_ids import user_id
from flowrunner.phones.zones import named_zone, near_zone, reversed_sign, zone_of

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_NOTHING: Final[Mapping[str, Json]] = {}  # no MappingProxyType: rows are pickled for other processes
NO_VALUES: Final[Values] = (_NOTHING, ())
_LONG = 10_000
_OTHER_SIGN = str.maketrans("+-", "-+")
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
        joined: The line of a row in between that is for them, too, which no row before this one says; else 0.
        problem: Why nothing can be sent to this row.
        cells: What is wrong with its values, or odd: a warning stops nobody.
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
    cells: tuple[Diagnostic, ...] = ()
    joined: int = 0

    @property
    def fault(self) -> Diagnostic | None:
        """The first reason why nothing can be sent to this row, before its values are looked at by the flow."""
        return self.problem or next((each for each in self.cells if each.is_error), None)


class RowFault(NamedTuple):
    """What is wrong with a row as its file has it.

    Attributes:
        cell: The number of a cell or of a character, 1-based.
        ends: The rest of the file cannot be read.
    """

    fault: Fault
    cell: int
    ends: bool = False


Whom = Sequence[tuple[str, str]]
"""A recipient as a file names it: which of `WHO` there are, and what is there; at least one."""
Draft = tuple[int, Whom, Values, str, str, RowFault | None]
"""A row as its file has it: line, recipient, values, time zone, text, fault.

A plain tuple: naming its fields would cost every row half a microsecond.
"""


class Audience(ABC):
    """The recipients of one file. Iterate it as often as needed; each time the file is read again, a block at a time.

    Close it when done, or use it in a ``with``.

    Attributes:
        name: The file as it was given, or ``<stdin>``.
        format: ``csv`` or ``jsonl``.
        columns: What the columns, or the keys of the first object, are for: inputs, ``phone`` and the like.
        who: Those of `WHO` that name its people.
        lacks: For each input that no column is for, what to say of it: once, not of every row.
        warnings: What was found on the way that stops nobody; it may grow while rows of JSON Lines are read.
    """

    format: Literal["csv", "jsonl"]
    _notation: Notation = "data"

    def __init__(
        self, source: Source, names: Names, columns: tuple[str, ...], inputs: Mapping[str, Input], reading: Reading
    ) -> None:
        """``columns`` are the file's own names."""
        self.name = source.name
        self.columns = tuple(map(names.of, columns))
        self.who = names.who
        self.warnings: list[Diagnostic] = []
        self.lacks: dict[str, Diagnostic] = {}
        self._source = source
        self._inputs = inputs
        self._reading = reading
        self._names = names
        self._readers: dict[str, Callable[[str], str | Refused]] = {
            "phone": Phones(reading.region).read,
            "conversation": _conversation,
            USER: user_id,
        }

    def __iter__(self) -> Iterator[Row]:
        """Every row, the bad ones too.

        A row whose `Row.ends` is true is the last, and says that rows after it could not be read.
        """
        known = Known()
        for line, whom, (values, odd), timezone, text, fault in self._drafts():
            if fault is not None:
                problem = fault.fault.at(self.name, line, fault.cell, _excerpt(text))
                yield Row(line, NOBODY, problem=problem, ends=fault.ends, text=text)
                continue
            recipient = self._recipient(whom)
            if not isinstance(recipient, Recipient):
                who, found = recipient
                row = Row(line, NOBODY, values, timezone, text=text)
                problem = self._told(row, who, "bad-recipient", f"{who}: {found.message}", found.hint)
                yield row._replace(problem=problem, cells=self._cells(row, odd) if odd else ())
                continue
            first, *joined = known.add(line, recipient)
            row = Row(line, recipient, values, timezone, first, None, False, text, (), *joined[:1])
            yield row._replace(cells=self._cells(row, odd)) if odd or timezone[:4] == "Etc/" else row

    def _recipient(self, whom: Whom) -> Recipient | tuple[str, Refused]:
        """The recipient; or which of their names is refused, and why."""
        names: dict[str, str] = {}
        for who, text in whom:
            found = self._readers[who](text)
            if not isinstance(found, str):
                return who, found
            names[who] = found
        return Recipient(**names)

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
        """A row's values with their places, as `Prepared.inputs` wants them."""
        excerpt = _excerpt(row.text)
        values = {
            name: Given(value, partial(self.place, row, name), excerpt, self._notation)
            for name, value in row.values.items()
        }
        named = self._reading.timezone
        if named and TIMEZONE in self._inputs and TIMEZONE not in values and zone_of(row.recipient, "") is None:
            values[TIMEZONE] = Given(named, Location(f"--timezone {named}"))
        return values

    def lacking(self, row: Row) -> Callable[[str], Diagnostic]:
        """What says that a row has no value for an input."""

        def problem(name: str) -> Diagnostic:
            if name in self.lacks:
                return self.lacks[name]
            hint = f"add {name} to the line" if self.format == "jsonl" else "fill in its cell"
            hint += ", or write a default: beside it in the flow"
            return self._told(row, name, "missing-variable", f"{name} has no value", hint)

        return problem

    def not_a_number(self, row: Row, place: Location) -> tuple[str, str] | None:
        """What to say of the text at a place of a row that a message has as a number; None where it is no text."""
        name = next((name for name in row.values if self.place(row, name) == place), "")
        value = row.values.get(name)
        if not isinstance(value, str) or self._notation == "data":
            return None
        said = misread(value, {"type": "number"}, "text")
        return (f"{name}: {said[0]}", said[1]) if said is not None else None

    def named_by(self, row: Row) -> str:
        """The first of `who` by which a row names its recipient."""
        return next((who for who in self.who if getattr(row.recipient, who)), self.who[0])

    def repeated(self, row: Row, how: str = "") -> Diagnostic:
        """What to say of a row whose `Row.first` is not 0; ``how`` that is known, where the names do not say it."""
        who = self.named_by(row)
        note = Note("the first time", Location(self.name, row.first, 1))
        message = f"{who} {getattr(row.recipient, who)} was on line {row.first} already{how}"
        hint = "remove one of them, or leave the later ones out: --skip-repeated"
        return self._told(row, who, "repeated-recipient", message, hint)._replace(notes=(note,))

    def unreachable(self, row: Row, names: Iterable[str]) -> Diagnostic:
        """What to say of a row for somebody to whom the API writes by others than the row's names alone."""
        who = self.named_by(row)
        message = f"{who}: the API writes to nobody by a {who} alone"
        other = dialects_that(lambda each: who in each.names)
        hint = f"give their {' or '.join(names)}, too, or send with the dialect {other}"
        return self._told(row, who, "bad-recipient", message, hint)

    def joins(self, row: Row) -> Diagnostic:
        """What to say of a row whose `Row.joined` is not 0: the later of the two was taken for somebody else."""
        who = self.named_by(row)
        message = f"by this row, lines {row.first} and {row.joined} are for the same person"
        note = Note("the first time", Location(self.name, row.first, 1))
        hint = f"keep one row for them, here with all their names: remove lines {row.first} and {row.joined}"
        return self._told(row, who, "repeated-recipient", message, hint)._replace(notes=(note,))

    def zone(self, row: Row) -> "ZoneInfo | Diagnostic":
        """The time zone of a row's recipient (see `zone_of`), or why nobody knows it."""
        zone = zone_of(row.recipient, row.timezone)
        if zone is None and not row.timezone and self._reading.timezone:
            zone = named_zone(self._reading.timezone)
        if zone is not None:
            return zone
        if row.timezone:
            close = near_zone(row.timezone, row.recipient)
            hint = f"did you mean {close}?" if close else "write a name like America/Mexico_City"
            message = f"timezone: {row.timezone} is not a time zone"
            return self._told(row, "timezone", "unknown-time-zone", message, hint)
        message = f"the time zone of {row.recipient.label} is not known"
        hint = "give it in a column timezone, or for everybody without one: --timezone America/Mexico_City"
        return self._told(row, self.named_by(row), "unknown-time-zone", message, hint)

    def _told(self, row: Row, name: str, code: str, message: str, hint: str, *, warns: bool = False) -> Diagnostic:
        """What is to be said of a row's value for ``name``."""
        severity = Severity.WARNING if warns else Severity.ERROR
        return Diagnostic(code, message, self.place(row, name), severity, hint, excerpt=_excerpt(row.text))

    def _cells(self, row: Row, odd: Odd) -> tuple[Diagnostic, ...]:
        found = [
            self._told(row, name, each.code, f"{name}: {each.message}", each.hint, warns=each.code != "broken-cell")
            for name, each in odd
        ]
        if meant := reversed_sign(row.timezone, row.recipient):
            sign = row.timezone.translate(_OTHER_SIGN)
            message = f"timezone: {row.timezone} is {meant}: the sign in these names is reversed"
            hint = f"write {sign} if the other direction is meant"
            found.append(self._told(row, "timezone", "odd-cell", message, hint, warns=True))
        return tuple(found)


def _conversation(text: str) -> str | Refused:
    if is_id(its := unquoted(text)):
        return its
    return Refused(f"{_excerpt(text)[:40]!r} is not the id of a conversation", "copy the id from Kapso")


def _excerpt(text: str) -> str:
    return text.rstrip("\r\n") if len(text) <= _LONG else ""
