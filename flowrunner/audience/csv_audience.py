"""The recipients of a CSV file."""

from collections.abc import Iterator, Mapping
from itertools import chain

from flowrunner.audience.cells import cell_reader
from flowrunner.audience.columns import nobody_named
from flowrunner.audience.csv_records import DELIMITERS, declared_delimiter, first_record, records
from flowrunner.audience.lines import Lines
from flowrunner.audience.naming import TIMEZONE, WHO, Names
from flowrunner.audience.rows import NO_VALUES, Audience, Draft, Row, RowFault
from flowrunner.audience.source import Fault, Source
from flowrunner.diagnostics import Location
from flowrunner.model import Input, Reading
from flowrunner.source.marks import trimmed


class CsvAudience(Audience):
    """CSV: a header, then a recipient a row."""

    format = "csv"

    def __init__(
        self,
        source: Source,
        names: Names,
        columns: tuple[str, ...],
        inputs: Mapping[str, Input],
        reading: Reading,
        head: str,
    ) -> None:
        super().__init__(source, names, columns, inputs, reading)
        self._head = head
        self._notation = "comma" if reading.comma else "cell"

    def place(self, row: Row, name: str) -> Location:
        """See `Audience.place`: the cell."""
        return Location(self.name, row.line, self.columns.index(name) + 1 if name in self.columns else 1)

    def _drafts(self) -> Iterator[Draft]:
        columns = self.columns
        places = [(name, columns.index(name)) for name in self.who if name in columns]
        zone = columns.index(TIMEZONE) if TIMEZONE in columns else None
        values = cell_reader(columns, self._inputs, comma=self._reading.comma)
        lines = Lines(self._source, "")
        rows = records(lines, sniffed(self._head, self._names), self._head)
        header = next(rows, None)
        # It was read well before; only a file that has changed has anything else there.
        broken = () if header is None or header[3] is None else (header,)
        width = len(columns) if header is None else max(len(header[1]), len(columns))
        for line, fields, cell, fault in chain(broken, rows):
            if fault is None and len(fields) != len(columns):
                # Spreadsheets write the delimiters of columns in which nothing stands, in the header, too. Beyond those
                # a cell that a delimiter has cut in two has moved the others: nobody is called by half of their name.
                if len(fields) <= width and not any(map(trimmed, fields[len(columns) :])):
                    fields = fields[: len(columns)]  # noqa: PLW2901
                cell, fault = self._unfit(fields) if len(fields) != len(columns) else (cell, fault)  # noqa: PLW2901
            if fault is None and not (whom := [(name, text) for name, at in places if (text := fields[at].strip())]):
                cell, fault = places[0][1] + 1, nobody_named([name for name, _ in places], "row")  # noqa: PLW2901
            if fault is not None:
                # An encoding is the whole file's.
                ends = fault is lines.broken or fault.code == "not-utf8"
                yield line, (), NO_VALUES, "", "", RowFault(fault, cell, ends)
                if ends:
                    return
            else:
                timezone = trimmed(fields[zone]) if zone is not None else ""
                yield line, whom, values(fields), timezone, "", None

    def _unfit(self, fields: list[str]) -> tuple[int, Fault]:
        have, want = len(fields), len(self.columns)
        if have < want:
            message = f"the row has {have} of {want} cells: {self.columns[have]} is missing"
            hint = "an empty cell needs its delimiter, too"
            if have == 1 and (other := next((each for each in DELIMITERS if each in fields[0]), "")):
                hint = f"write {_named(sniffed(self._head, self._names))} for {_named(other)} in it, as in the header"
            return have + 1, Fault("bad-audience", message, hint)
        message = f"the row has {have} cells, the header names {want}"
        hint = "put quotes around a cell that holds the delimiter"
        if not any(map(trimmed, fields[want:])):
            hint += ", or remove the delimiters at the end of the row"
        return want + 1, Fault("bad-audience", message, hint)


def _named(delimiter: str) -> str:
    return "a tab" if delimiter == "\t" else delimiter


def sniffed(head: str, names: Names) -> str:
    """The delimiter of the sheet that begins so: the one by which its header makes most sense."""

    def sense(delimiter: str) -> tuple[bool, int]:
        columns = [name.strip() for name in first_record(head, delimiter)]
        return any(names.of(column) in WHO for column in columns), len(columns)

    return declared_delimiter(head) or max(DELIMITERS, key=sense)
