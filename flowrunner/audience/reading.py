"""A file of recipients -> an Audience, whichever of the two formats it is in."""

from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Final

from flowrunner.audience.columns import WARNINGS, header_problems, lacking_columns, unknown_columns
from flowrunner.audience.csv_audience import CsvAudience, sniffed
from flowrunner.audience.csv_records import DELIMITERS, Record, records
from flowrunner.audience.encodings import beginning, codec
from flowrunner.audience.json_audience import JsonAudience
from flowrunner.audience.json_objects import objects
from flowrunner.audience.lines import Lines
from flowrunner.audience.naming import USER, WHO, Names
from flowrunner.audience.rows import Audience
from flowrunner.audience.source import Source, open_source
from flowrunner.diagnostics import Diagnostic, Location
from flowrunner.model import Input, Json, Reading, Recipient
from flowrunner.phones.numbers import is_region, unquoted
from flowrunner.phones.user_ids import is_user_id
from flowrunner.phones.zones import named_zone, near_zone
from flowrunner.source.marks import trimmed

_USUAL: Final = Reading()


def read_audience(
    path: Path, *, inputs: Mapping[str, Input], reading: Reading = _USUAL
) -> tuple[Audience | None, list[Diagnostic]]:
    """Open a file of recipients and read its beginning.

    CSV (comma, semicolon, tab or ``|``) or JSON Lines, perhaps packed with gzip: what it is shows in its content, not
    in its name. Standard input is copied into an unnamed temporary file first.

    Args:
        path: The file, or ``-`` for standard input.
        inputs: What the flow declares: it decides how a cell is read, and which columns are of use.
        reading: What cannot be seen in the file.

    Returns:
        The audience, None when there is an error; and every problem of the file as a whole. Those of its rows come
        with the rows.
    """
    encoding, unknown = codec(reading.encoding)
    found = [
        each for each in (unknown, region_problem(reading.region), _zone_problem(reading.timezone)) if each is not None
    ]
    if found:
        return None, found
    source, problem = open_source(path, encoding)
    if source is None:
        return None, [problem] if problem is not None else []
    audience, found = _begin(source, inputs, reading)
    if audience is None:
        source.close()
    return audience, found


def region_problem(region: str) -> Diagnostic | None:
    """Why a region is not one."""
    if not region or is_region(region):
        return None
    message = f"{region} is not a two-letter country code"
    return Diagnostic("bad-audience", message, Location("--region"), hint="write MX, ES, BR or the like")


def _zone_problem(timezone: str) -> Diagnostic | None:
    if not timezone or named_zone(timezone) is not None:
        return None
    close = near_zone(timezone, Recipient())
    hint = f"did you mean {close}?" if close else "write a name like America/Mexico_City"
    return Diagnostic("unknown-time-zone", f"{timezone} is not a time zone", Location("--timezone"), hint=hint)


def _begin(source: Source, inputs: Mapping[str, Input], reading: Reading) -> tuple[Audience | None, list[Diagnostic]]:
    text, fault = beginning(source)
    if fault is not None:
        return None, [fault.at(source.name)]
    if text.lstrip()[:1] in {"{", "["}:
        return _begin_json(source, inputs, reading)
    return _begin_csv(source, inputs, reading, text)


def _begin_csv(
    source: Source, inputs: Mapping[str, Input], reading: Reading, head: str
) -> tuple[Audience | None, list[Diagnostic]]:
    names = Names(inputs, reading.columns)
    for line, fields, cell, fault in records(Lines(source, ""), sniffed(head, names), head):
        if fault is not None:
            return None, [fault.at(source.name, line, cell)]
        columns = tuple(map(trimmed, fields))
        while len(columns) > 1 and not columns[-1]:
            columns = columns[:-1]  # in which nothing stands; where something does, its row is told
        rows = (cells for _, cells, _, _ in records(Lines(source, ""), sniffed(head, names), head))
        names = _named(names, inputs, reading, (dict(zip(columns, cells, strict=False)) for cells in rows))
        below = ((at, cells) for sign in DELIMITERS for at, cells, *_ in _beginning(source, sign, head))
        found = names.faults(columns) or header_problems(columns, names, source.name, line, below)
        if found:
            return None, found
        audience = CsvAudience(source, names, columns, inputs, reading, head)
        missing = [name for name in inputs if name not in audience.columns]
        place = lambda name: Location(source.name, line, audience.columns.index(name) + 1)  # noqa: E731, B023
        audience.lacks.update(lacking_columns(audience.columns, names.who, inputs, missing, place))
        unknown = unknown_columns(audience.columns, names.who, inputs, missing, place, audience.lacks)
        audience.warnings += unknown[:WARNINGS]
        return audience, list(audience.warnings)
    return None, [Diagnostic("empty-file", "the file has no header", Location(source.name), hint="name its columns")]


def _beginning(source: Source, delimiter: str, head: str) -> Iterable[Record]:
    """The first records, where a header may stand that has a title above it."""
    return islice(records(Lines(source, ""), delimiter, head), 6)


def _begin_json(
    source: Source, inputs: Mapping[str, Input], reading: Reading
) -> tuple[Audience | None, list[Diagnostic]]:
    names = Names(inputs, reading.columns)
    if found := names.faults(None):
        return None, found
    columns: tuple[str, ...] = ()
    for line, text, members, fault in objects(Lines(source, "\n")):
        if fault is not None and text.lstrip("\ufeff \t\r\n").startswith("["):
            return None, [fault.at(source.name, line, fault.offset + 1)]
        columns = tuple(members)
        break
    names = _named(names, inputs, reading, (members for _, _, members, _ in objects(Lines(source, "\n"))))
    return JsonAudience(source, names, columns, inputs, reading), []


_LOOKED_AT: Final = 100
"""Rows by which it is told whose ids a column of user ids has."""


def _named(names: Names, inputs: Mapping[str, Input], reading: Reading, rows: Iterable[Mapping[str, Json]]) -> Names:
    """The names of a file whose first rows these are, by the file's own names.

    Most companies have user ids of their own: beside a phone or a conversation, ``user_id`` says who somebody is only
    where it looks as WhatsApp's do.
    """
    is_own = False
    for row in islice(rows, _LOOKED_AT):
        its = {names.of(name): value for name, value in row.items()}
        value = its.get(USER)
        if isinstance(value, str) and is_user_id(unquoted(value)):
            return names
        is_own = is_own or (value not in (None, "") and any(its.get(who) for who in _BESIDE))
    is_mapped = USER in reading.columns and USER not in inputs
    return Names(inputs, reading.columns, _BESIDE) if is_own and not is_mapped else names


_BESIDE: Final = tuple(who for who in WHO if who != USER)
