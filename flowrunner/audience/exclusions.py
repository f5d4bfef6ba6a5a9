"""A do-not-contact file -> who must not be written to."""

from pathlib import Path

from flowrunner.audience.columns import ANY_OF_THEM, meant_for
from flowrunner.audience.csv_audience import sniffed
from flowrunner.audience.csv_records import records
from flowrunner.audience.encodings import beginning
from flowrunner.audience.known import Known
from flowrunner.audience.lines import Lines
from flowrunner.audience.naming import USER, WHO, Names
from flowrunner.audience.reading import region_problem
from flowrunner.audience.source import Fault, Source, open_source
from flowrunner.diagnostics import Diagnostic
from flowrunner.model import Recipient
from flowrunner.phones.numbers import Phones, Refused
from flowrunner.phones.user_ids import is_user_id, user_id
from flowrunner.source.marks import trimmed

_KEPT = 100
"""Problems that are told one by one."""


def read_exclusions(path: Path, *, region: str = "") -> tuple[Known | None, list[Diagnostic]]:
    """Read who must not be written to.

    One phone, conversation or user id a line; or CSV whose header names one or more of the columns ``phone``,
    ``conversation`` and ``user_id``. Phones are compared as `read_audience` makes them.

    Args:
        path: The file, perhaps packed with gzip.
        region: The country of the phone numbers that are written without one, as two letters.

    Returns:
        Who they are, each with the line that names them; None when any line of the file cannot be understood: it might
        be the one that counts. And the problems, the first hundred by their places.
    """
    if (unknown := region_problem(region)) is not None:
        return None, [unknown]
    source, problem = open_source(path)
    if source is None:
        return None, [problem] if problem is not None else []
    known, found = _read(source, Phones(region))
    return (None if found else known), found


def _read(source: Source, phones: Phones) -> tuple[Known, list[Diagnostic]]:
    known = Known()
    text, fault = beginning(source)
    if fault is not None and fault.code != "empty-file":  # nobody is excluded by an empty file
        return known, [fault.at(source.name)]
    found: list[Diagnostic] = []
    more = 0
    columns: list[tuple[int, str]] | None = None
    for line, fields, cell, bad in records(Lines(source, ""), sniffed(text, _NAMES), text):
        if _is_beside(bad, cell, columns):
            bad = None  # noqa: PLW2901
        if columns is None and bad is None:
            columns, fault = _columns(fields)
            if fault is not None:
                return known, [fault.at(source.name, line, fault.offset + 1)]
            if columns != _LIST:
                continue
        problems = [(cell, bad)] if bad is not None else _keep(known, phones, line, fields, columns or _LIST)
        for at, each in problems:
            if len(found) < _KEPT:
                found.append(each.at(source.name, line, at))
            else:
                more += 1
    if more:
        message = f"{more} more lines of the file cannot be understood"
        found.append(Fault("bad-recipient", message, "correct the others first").at(source.name))
    return known, found


_LIST = [(0, "")]
"""One phone, conversation or user id a line, without a header."""
_NAMES = Names((), {})


def _is_beside(bad: Fault | None, cell: int, columns: list[tuple[int, str]] | None) -> bool:
    """Whether what is no UTF-8 is in a column that nobody looks at: a name may be in any encoding."""
    if bad is None or bad.code != "not-utf8" or columns is None:
        return False
    return cell - 1 not in {index for index, _ in columns}


def _columns(fields: list[str]) -> tuple[list[tuple[int, str]], Fault | None]:
    names = [_NAMES.of(trimmed(name)) for name in fields]
    named = [(index, name) for index, name in enumerate(names) if name in WHO]
    if named or (len(names) == 1 and (not meant_for(names[0]) or _is_phone(names[0]) or is_user_id(names[0]))):
        return named or _LIST, None
    index, who = next(((index, who) for index, name in enumerate(names) if (who := meant_for(name))), (0, ""))
    hint = f"did you mean {who}? Rename {names[index]}" if who else f"name one {ANY_OF_THEM}"
    return [], Fault("bad-audience", "no column says who to leave out", hint, index)


def _keep(
    known: Known, phones: Phones, line: int, fields: list[str], columns: list[tuple[int, str]]
) -> list[tuple[int, Fault]]:
    if columns == _LIST and any(fields[1:]):
        return [(2, Fault("bad-audience", "more than one cell", "write one phone per line, or a header"))]
    problems: list[tuple[int, Fault]] = []
    named: list[Recipient] = []
    for index, who in sorted(columns, key=lambda column: column[1] == USER):
        text = trimmed(fields[index]) if index < len(fields) else ""
        if not text:
            continue
        if who == USER and not is_user_id(text) and named:
            continue  # a company's own id, beside what says who it is
        found = _named(phones, who, text)
        if isinstance(found, Refused):
            problems.append((index + 1, Fault("bad-recipient", found.message, found.hint)))
        else:
            named += found
    if named:
        known.add(line, *named)
    return problems


def _named(phones: Phones, who: str, text: str) -> "list[Recipient] | Refused":
    """Whom a text names; what may be either id is both: nobody is to be missed."""
    if who == "conversation" or (not who and not _is_phone(text)):
        return [Recipient(text), *([Recipient(user_id=text)] if is_user_id(text) else [])]
    if who == USER:
        found = user_id(text)
        return [Recipient(user_id=found)] if isinstance(found, str) else found
    phone = phones.read(text)
    return [Recipient("", phone)] if isinstance(phone, str) else phone


def _is_phone(text: str) -> bool:
    # A conversation's id has letters, or many more digits than any phone.
    digits = sum(each.isdigit() for each in text)
    return digits <= 20 and not any(each.isalpha() for each in text)
