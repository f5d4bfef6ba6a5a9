"""SQLite as the tables' statements need it."""

import sqlite3
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from flowrunner.clock import Clock

_SIZES = (1, 4, 16, 32, 64, 128)
"""Few sizes, so that SQLite's prepared statements are used again. The largest, times the columns, stays under the
999 parameters that SQLite before 3.32 takes (https://www.sqlite.org/limits.html)."""


class FileDatabase(sqlite3.Connection):
    """A connection to a journal's file, a `flowrunner.journal.tables.database.Database`.

    Attributes:
        clock: By which claims are counted; set by who writes.
    """

    clock: Clock

    def each(self, statement: str, parameters: Sequence[Any] = (), /) -> sqlite3.Cursor:
        """The rows, which SQLite gives one after another."""
        return self.execute(statement, parameters)

    def blocks(
        self, rows: Sequence[tuple[object, ...]], *_: type[int | float | str]
    ) -> Iterator[tuple[str, list[object]]]:
        """Many rows in one statement.

        Python lets other threads run during every SQLite call and then has to win the interpreter back. Beside a busy
        event loop that took about a millisecond a call: one statement a row wrote 865 rows/s there, one for 100 rows
        12,700, and all that time the file is locked for other processes.
        """
        largest = _SIZES[-1]
        for start in range(0, len(rows), largest):
            part = rows[start : start + largest]
            size = next(size for size in _SIZES if size >= len(part))
            width = len(part[0])
            parameters = [value for row in part for value in row]
            parameters.extend([None] * (width * (size - len(part))))
            yield _marks(size, width), parameters

    def listed(self, _: type[int | str], /) -> str:
        """The items of a JSON list."""
        return "SELECT value FROM json_each(?)"

    def joined(self, text: str, _: str, /) -> str:
        """In the order in which the rows are read: that of the index, where the statement names one."""
        return f"group_concat({text})"

    def tail(self, text: str, length: int, /) -> str:
        """The end of a text."""
        return f"substr({text}, -{length})"

    def whole(self, number: str, /) -> str:
        """What stands before the point."""
        return f"cast({number} AS INTEGER)"

    def up(self) -> float:
        """Seconds since this machine started: all who use a file are on one machine."""
        return self.clock.up()

    def now(self) -> None:
        """A file is on this machine."""


@cache
def _marks(rows: int, width: int) -> str:
    """What stands for so many rows of so many values."""
    row = f"({','.join('?' * width)})"
    return f"(VALUES {','.join([row] * rows)})"
