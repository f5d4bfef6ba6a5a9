"""A test with a table: the same test for each row, with its columns filled in."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from flowrunner.diagnostics import Problem, Route, nearest
from flowrunner.expressions import ExpressionError, expression
from flowrunner.flow.keys import kind
from flowrunner.source import Plain
from flowrunner.spec import is_nothing
from flowrunner.spec.words import listed, printable
from flowrunner.testing.literal import has_column, protected
from flowrunner.testing.reading.reader import Reader

MOST: Final = 1000
"""The most rows of one table."""
_SHOWN: Final = 30


def rows_of(reader: Reader, data: Any, route: Route) -> Iterator[Mapping[str, Any]]:
    """The rows of a table; what is wrong with it is noted."""
    items = list(reader.several(data, route, "[{words: stop}, {words: baja}]"))
    if isinstance(data, list) and not items:
        reader.wrong("too-few-items", "each has 0 items, at least 1 is required", route, "write a row, or remove each:")
    if len(items) > MOST:
        message = f"each has {len(items):,} items, at most {MOST:,} are allowed"
        reader.wrong("too-many-items", message, route, "make several tests of it")
        return
    columns: list[str] = []
    for at, row in items:
        if not isinstance(row, Mapping) or not row:
            what = "has no columns" if isinstance(row, Mapping) else f"must be an object, not {kind(row)}"
            reader.wrong("wrong-type", f"a row {what}", at, "write {column: value}")
            continue
        columns = columns or [str(each) for each in row]
        lacking = [each for each in columns if each not in row]
        more = [each for each in row if each not in columns]
        if lacking or more:
            said = (
                f"has no {listed(lacking, 'and')}" if lacking else f"has a column {printable(str(more[0]))} of its own"
            )
            hint = f"every row has the same columns, here {listed(columns, 'and')}"
            reader.wrong("missing-field" if lacking else "unknown-key", f"this row {said}", at, hint)
            continue
        yield {str(name): value for name, value in row.items()}


def filled(reader: Reader, data: Any, route: Route, row: Mapping[str, Any]) -> Any:
    """What the test says for one row.

    A text that is one column alone becomes its value, so that a row may have a list, or a number that is counted with.
    """
    if isinstance(data, Mapping):
        return {key: filled(reader, each, (*route, key), row) for key, each in data.items()}
    if isinstance(data, list):
        return [filled(reader, each, (*route, index), row) for index, each in enumerate(data)]
    if not isinstance(data, str) or not has_column(data):
        return data
    its = expression(str(data))
    problems = [fault.at(route) for fault in its.faults]
    for use in () if problems else its.uses:
        if use.name not in row:
            near = nearest(use.name, [*row])
            hint = f"did you mean {near}?" if near else f"the columns here are {listed(row, 'and')}"
            problems.append(
                Problem(
                    "unknown-name",
                    f"the table has no column {use.name}",
                    route,
                    hint,
                    offset=use.offset,
                    length=len(use.name),
                )
            )
    if not problems and its.is_whole and its.shown[0] in row:
        return row[str(its.shown[0])]
    if not problems:
        try:
            return expression(protected(str(data))).render({name: _shown(value) for name, value in row.items()})
        except ExpressionError as error:
            problems.append(error.at(route))
    reader.problems += problems
    return ""


def named(name: str, row: Mapping[str, Any]) -> str:
    """What the test of a row is called, where its name says nothing of the row."""
    values = ", ".join(str(_shown(value)) for value in row.values())
    return f"{name} [{values if len(values) <= _SHOWN else values[: _SHOWN - 1] + '…'}]"


def _shown(value: Any) -> Any:
    """A value of a column as a text shows it: as it was typed."""
    if is_nothing(value):
        return ""
    return str(value) if isinstance(value, Plain) else value
