"""A file of recipients -> an Audience, whichever of the two formats it is in."""

from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, Final, Literal

from flowrunner.audience.cells import cell_reader, member_values
from flowrunner.audience.columns import TIMEZONE, WHO, header_problems, unknown_column, unknown_columns, who_fault
from flowrunner.audience.objects import member_place, objects
from flowrunner.audience.phones import Phones, is_region
from flowrunner.audience.rows import Audience, Draft, Row, Trouble
from flowrunner.audience.sheet import DELIMITERS, declared_delimiter, first_record, records
from flowrunner.audience.source import Fault, Lines, Source, head_text, open_source, unlike_text
from flowrunner.diagnostics import Diagnostic, Location
from flowrunner.model import Input

_NOTHING: Final[dict[str, Any]] = {}
_WARNINGS = 20


def read_audience(
    path: Path | Literal["-"], *, inputs: Mapping[str, Input], region: str = ""
) -> tuple[Audience | None, list[Diagnostic]]:
    """Open a file of recipients and read its beginning.

    CSV (comma, semicolon, tab or ``|``) or JSON Lines, in UTF-8, perhaps packed with gzip: what it is shows in its
    content, not in its name. Standard input is copied into an unnamed temporary file first.

    Args:
        path: The file, or ``-`` for standard input.
        inputs: What the flow declares: it decides how a cell is read, and which columns are of use.
        region: The country of the phone numbers that are written without one, as two letters.

    Returns:
        The audience, None when there is an error; and every problem of the file as a whole. Those of its rows come
        with the rows.
    """
    if region and not is_region(region):
        message = f"{region} is no country's two letters"
        return None, [Diagnostic("bad-audience", message, Location("--region"), hint="write MX, ES, BR, ...")]
    source, problem = open_source(path)
    if source is None:
        return None, [problem] if problem is not None else []
    audience, found = _begin(source, inputs, Phones(region))
    if audience is None:
        source.close()
    return audience, found


def _begin(source: Source, inputs: Mapping[str, Input], phones: Phones) -> tuple[Audience | None, list[Diagnostic]]:
    try:
        head = source.head()
    except (EOFError, OSError):
        fault: Fault | None = Fault("unreadable", "the packed file is damaged", "fetch or make it again")
    else:
        fault = unlike_text(head)
    if fault is not None:
        return None, [Diagnostic(fault.code, fault.message, Location(source.name), hint=fault.hint)]
    text = head_text(head)
    if text.lstrip()[:1] in {"{", "["}:
        return _begin_objects(source, inputs, phones)
    return _begin_sheet(source, inputs, phones, text)


def sniffed(head: str) -> str:
    """The delimiter of the sheet that begins so: the one by which its header makes most sense."""

    def sense(delimiter: str) -> tuple[bool, int]:
        names = [name.strip() for name in first_record(head, delimiter)]
        return any(name in WHO for name in names), len(names)

    return declared_delimiter(head) or max(DELIMITERS, key=sense)


def _begin_sheet(
    source: Source, inputs: Mapping[str, Input], phones: Phones, head: str
) -> tuple[Audience | None, list[Diagnostic]]:
    delimiter = sniffed(head)
    for line, fields, cell, fault in records(Lines(source, ""), delimiter, head):
        if fault is not None:
            return None, [Diagnostic(fault.code, fault.message, Location(source.name, line, cell), hint=fault.hint)]
        columns = tuple(name.strip() for name in fields)
        found = header_problems(columns, source.name, line)
        if found:
            return None, found
        audience = _Sheet(source, columns, inputs, phones, head)
        missing = [name for name in inputs if name not in columns]
        for name, hint in unknown_columns(columns, inputs, missing)[:_WARNINGS]:
            place = Location(source.name, line, columns.index(name) + 1)
            audience.warnings.append(unknown_column(name, hint, place))
        return audience, list(audience.warnings)
    return None, [Diagnostic("empty-file", "the file has no header", Location(source.name), hint="name its columns")]


def _begin_objects(
    source: Source, inputs: Mapping[str, Input], phones: Phones
) -> tuple[Audience | None, list[Diagnostic]]:
    columns: tuple[str, ...] = ()
    for line, text, members, fault in objects(Lines(source, "\n")):
        if fault is not None and text.lstrip("\ufeff \t\r\n").startswith("["):
            place = Location(source.name, line, fault.offset + 1)
            return None, [Diagnostic(fault.code, fault.message, place, hint=fault.hint)]
        columns = tuple(members)
        break
    return _Objects(source, columns, inputs, phones), []


class _Sheet(Audience):
    """CSV."""

    format = "csv"

    def __init__(
        self, source: Source, columns: tuple[str, ...], inputs: Mapping[str, Input], phones: Phones, head: str
    ) -> None:
        super().__init__(source, columns, inputs, phones)
        self._head = head

    def place(self, row: Row, name: str) -> Location:
        return Location(self.name, row.line, self.columns.index(name) + 1 if name in self.columns else 1)

    def _drafts(self) -> Iterator[Draft]:
        columns = self.columns
        who = next(name for name in columns if name in WHO)
        at = columns.index(who)
        zone = columns.index(TIMEZONE) if TIMEZONE in columns else None
        values = cell_reader(columns, self._inputs)
        lines = Lines(self._source, "")
        rows = records(lines, sniffed(self._head), self._head)
        header = next(rows, None)
        # It was read well before; only a file that has changed has anything else there.
        broken = () if header is None or header[3] is None else (header,)
        for line, fields, cell, fault in chain(broken, rows):
            if fault is None and len(fields) != len(columns):
                cell, fault = self._unfit(fields)  # noqa: PLW2901
            if fault is None and not (whom := fields[at].strip()):
                cell, fault = at + 1, Fault("bad-recipient", f"{who} is empty", "say who it is for, or remove the row")  # noqa: PLW2901
            if fault is not None:
                yield line, who, "", _NOTHING, "", "", Trouble(fault, cell, fault is lines.broken)
            else:
                timezone = fields[zone].strip() if zone is not None else ""
                yield line, who, whom, values(fields), timezone, "", None

    def _unfit(self, fields: list[str]) -> tuple[int, Fault]:
        have, want = len(fields), len(self.columns)
        if have < want:
            message = f"the row has {have} of {want} cells: {self.columns[have]} is missing"
            return have + 1, Fault("bad-audience", message, "an empty cell needs its delimiter, too")
        message = f"the row has {have} cells, the header names {want}"
        return want + 1, Fault("bad-audience", message, "put quotes around a cell that holds the delimiter")


class _Objects(Audience):
    """JSON Lines."""

    format = "jsonl"

    def place(self, row: Row, name: str) -> Location:
        start, end = member_place(row.text, name) if row.text.lstrip()[:1] == "{" else (0, 0)
        return Location(self.name, row.line, start + 1, row.line, end + 1 if end else 0)

    def _drafts(self) -> Iterator[Draft]:
        lines = Lines(self._source, "\n")
        inputs = self._inputs
        usual = {*inputs, *WHO, TIMEZONE}
        for line, text, members, fault in objects(lines):
            if fault is not None:
                ends = fault is lines.broken
                yield line, "", "", _NOTHING, "", text, Trouble(fault, fault.offset + 1, ends)
                continue
            if not usual.issuperset(members):
                usual.update(self._warn_of(line, text, members, usual))
            who, problem = _who(members)
            if problem is None:
                zone = members.get(TIMEZONE)
                timezone = zone.strip() if isinstance(zone, str) else ""
                yield line, who, members[who].strip(), member_values(members, inputs), timezone, text, None
            else:
                start = member_place(text, who)[0] if who else 0
                yield line, "", "", _NOTHING, "", text, Trouble(problem, start + 1)

    def _warn_of(self, line: int, text: str, members: dict[str, Any], usual: set[str]) -> list[str]:
        new = [name for name in members if name not in usual]
        told = {each.message for each in self.warnings}
        missing = [name for name in self._inputs if name not in members]
        for name, hint in unknown_columns(new, self._inputs, missing):
            warning = unknown_column(name, hint, Location(self.name, line, member_place(text, name)[0] + 1))
            if warning.message not in told and len(self.warnings) < _WARNINGS:
                self.warnings.append(warning)
        return new[:_WARNINGS]


def _who(members: Mapping[str, Any]) -> tuple[str, Fault | None]:
    """The key that names an object's recipient, or the one to blame."""
    there = [name for name in WHO if members.get(name) is not None]
    if len(there) != 1:
        names = there or [name for name in members if name not in WHO]
        fault = who_fault(names, "key")
        return names[fault.offset] if fault is not None and names else "", fault
    who = there[0]
    if not isinstance(members[who], str):
        return who, Fault("bad-recipient", f"{who} is no text", "put it in quotes")
    if not members[who].strip():
        return who, Fault("bad-recipient", f"{who} is empty", "say who it is for, or remove the line")
    return who, None
