"""PostgreSQL as the tables' statements need it, through psycopg."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any, Final

import psycopg

from flowrunner.journal.postgres.texts import escaped
from flowrunner.journal.tables.database import Rows

SERVER_TIME: Final = "extract(epoch FROM clock_timestamp())::double precision"
"""What the server's clock says, in seconds since the epoch."""
_AT_ONCE: Final = 1_000
"""Rows of one statement, and rows of which there may be millions that are fetched at once."""
_TYPES: Final[dict[str, tuple[str, Callable[[Any], Any]]]] = {
    "int": ("bigint", int),
    "float": ("double precision", float),
    "str": ("text", escaped),
}


class _Got:
    """The rows of a statement, fetched when they are asked for: until then others may be on their way, too."""

    def __init__(self, cursor: psycopg.Cursor[Any], sync: Callable[[], None]) -> None:
        self._cursor, self._sync = cursor, sync
        self.fetchone, self.fetchall = cursor.fetchone, cursor.fetchall

    @property
    def rowcount(self) -> int:
        """How many rows were changed."""
        self._sync()
        return self._cursor.rowcount

    def __iter__(self) -> Iterator[Any]:
        return iter(self._cursor.fetchall())


class ServerDatabase:
    """A connection within a transaction, a `flowrunner.journal.tables.database.Database`.

    Statements are sent on without waiting for the answers to those before.
    """

    def __init__(self, connection: psycopg.Connection, pipeline: psycopg.Pipeline, up: Callable[[], float]) -> None:
        """``up`` tells what `up` does."""
        self._connection, self._pipeline = connection, pipeline
        self.up = up
        self.cursors = 0

    def execute(self, statement: str, parameters: Sequence[Any] = (), /) -> Rows:
        """Send a statement; what is wrong with it is told with the rows, or at the end of the transaction."""
        its = [escaped(each) if isinstance(each, str) else each for each in parameters]
        return _Got(self._connection.execute(translated(statement), its), self._pipeline.sync)

    def executemany(self, statement: str, parameters: Iterable[Sequence[Any]], /) -> None:
        """Send the same statement for each of these."""
        for each in parameters:
            self.execute(statement, each)

    def each(self, statement: str, parameters: Sequence[Any] = (), /) -> Iterator[Any]:
        """The rows, some at a time."""
        self.cursors += 1
        name = f"each_{self.cursors}"
        self.execute(f"DECLARE {name} NO SCROLL CURSOR FOR {statement}", parameters)
        while rows := self.execute(f"FETCH {_AT_ONCE} FROM {name}").fetchall():
            yield from rows
        self.execute(f"CLOSE {name}")

    def blocks(
        self, rows: Sequence[tuple[object, ...]], *types: type[int | float | str]
    ) -> Iterator[tuple[str, list[object]]]:
        """An array for each column: one statement for however many rows, prepared once."""
        names = [kind.__name__ for kind in types]
        query = _unnested(*names)
        for start in range(0, len(rows), _AT_ONCE):
            columns = zip(*rows[start : start + _AT_ONCE], strict=True)
            yield (
                query,
                [
                    [None if value is None else _TYPES[name][1](value) for value in column]
                    for name, column in zip(names, columns, strict=True)
                ],
            )

    def listed(self, kind: type[int | str], /) -> str:
        """The items of a JSON list."""
        return f"SELECT value::{_TYPES[kind.__name__][0]} FROM json_array_elements_text(?::json)"  # noqa: S608 - our own

    def joined(self, text: str, by: str, /) -> str:
        """All texts of a group, in that order."""
        return f"string_agg({text}, ',' ORDER BY {by})"

    def tail(self, text: str, length: int, /) -> str:
        """The end of a text."""
        return f"right({text}, {length})"

    def whole(self, number: str, /) -> str:
        """What stands before the point."""
        return f"trunc({number})::bigint"

    def now(self) -> float:
        """What the server's clock says."""
        found: tuple[float] = self.execute(f"SELECT {SERVER_TIME}").fetchone()
        return found[0]


@cache
def _unnested(*names: str) -> str:
    return f"(SELECT * FROM unnest({', '.join(f'?::{_TYPES[name][0]}[]' for name in names)}))"  # noqa: S608 - our own


@cache
def translated(statement: str) -> bytes:
    """A statement as psycopg and PostgreSQL take it."""
    text = re.sub(r"CROSS JOIN (?=\w+(?: AS \w+)? ON )", "JOIN ", re.sub(r" INDEXED BY \w+", "", statement))
    return text.replace("%", "%%").replace("?", "%s").encode()
