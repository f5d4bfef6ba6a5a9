"""CSV text -> records with the line each begins on. Strict: what does not say plainly where a cell ends is refused."""

import csv
import re
import string
from collections.abc import Iterator
from io import StringIO
from itertools import islice
from typing import Final

from flowrunner.audience.lines import Lines, unreadable
from flowrunner.audience.source import Fault

DELIMITERS: Final = ",;\t|"
_BLANK: Final = f"{string.whitespace}\u00a0{DELIMITERS}"
_SAYS = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)

Record = tuple[int, list[str], int, Fault | None]
"""The line it begins on (1-based), its cells, and what is wrong: at which cell (1-based, else 0), and the Fault."""


def declared_delimiter(head: str) -> str:
    """The delimiter that a first line ``sep=;`` names, as Excel writes and wants it; else an empty string."""
    found = _SAYS.match(head)
    return found.group(1) if found is not None else ""


def first_record(head: str, delimiter: str) -> list[str]:
    """The cells of the first record that is not blank, if `delimiter` is the right one."""
    if declared_delimiter(head):
        head = head.partition("\n")[2]
    try:
        for fields in csv.reader(StringIO(head, newline=""), delimiter=delimiter, skipinitialspace=True):
            if not _is_blank(fields):
                return fields
    except csv.Error:
        pass  # records() will say what is wrong, and where
    return []


def records(lines: Lines, delimiter: str, head: str) -> Iterator[Record]:
    """Every record that is not blank. One that cannot be read has a Fault, and the next one follows.

    A Fault that is ``lines.broken`` is the last record: the rest of the file is not read.
    """
    skipped = 1 if declared_delimiter(head) else 0
    # Cells are read without the spaces at their ends: "Paz, Ana" is one with a space before it, too.
    reader = csv.reader(islice(lines, skipped, None), delimiter=delimiter, strict=True, skipinitialspace=True)
    line = skipped + 1
    while lines.broken is None:
        try:
            for fields in reader:
                if not fields:
                    skipped += lines.skip_empty()
                elif fields[0].strip(_BLANK) or not _is_blank(fields):
                    if lines.tainted and (bad := _unreadable(fields, lines)):
                        yield line, fields, *bad
                    else:
                        yield line, fields, 0, None
                line = reader.line_num + skipped + 1
            break
        except csv.Error as error:
            if lines.broken is None:
                text = lines.recent(line)
                cell, fault, ends = _explained(str(error), text, delimiter)
                if ends:
                    lines.broken = fault
                yield line, [], cell, fault
                if ends:
                    return
            line = reader.line_num + skipped + 1
    if lines.broken is not None:
        yield line, [], 0, lines.broken


def _is_blank(fields: list[str]) -> bool:
    return not any(field.strip(_BLANK) for field in fields)


def _unreadable(fields: list[str], lines: Lines) -> tuple[int, Fault] | None:
    for index, text in enumerate(fields, 1):
        fault = unreadable(text, lines.around, is_mixed=lines.mixed)
        if fault is not None:
            return index, fault
    return None


def _explained(error: str, text: str, delimiter: str) -> tuple[int, Fault, bool]:
    """The cell (1-based) in the record that begins `text`, what is wrong with it, and whether the rest is lost."""
    long = error.startswith("field larger")
    cell, rest = _open_cell(text, delimiter, csv.field_size_limit() if long else len(text))
    quote = 'close it; a quote within quotes is written twice: ""'
    if "unexpected end" in error:
        return cell, Fault("bad-audience", "a quote is opened here and never closed", quote), True
    if long:
        message = f"the cell has more than {csv.field_size_limit():,} characters"
        quoted = rest.startswith('"')
        return cell, Fault("too-large", message, quote if quoted else "write less"), quoted
    if "expected after" in error:
        return cell, Fault("bad-audience", "text follows the quote that closes this cell", quote), False
    return cell, Fault("bad-audience", f"the row cannot be read: {error}", "correct it"), False


def _open_cell(text: str, delimiter: str, longest: int) -> tuple[int, str]:
    """The first cell that does not end as it should or is too long, counted from 1; and the text from it on."""
    mark = re.escape(delimiter)
    closed = re.compile(rf' *+(?:"(?:[^"]|"")*+"|(?!")[^{mark}\r\n]*+){mark}')
    at, column = 0, 1
    while (found := closed.match(text, at)) and found.end() - at <= longest + 1:
        at = found.end()
        column += 1
    return column, text[at:]
