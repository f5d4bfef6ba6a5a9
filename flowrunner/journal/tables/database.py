"""What the tables' statements need of a database: the SQL that SQLite and PostgreSQL share, and where they differ."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, Protocol

EVERY: Final = 1 << 62
"""As a limit: all of them."""


class Rows(Protocol):
    """What a statement gives, a row at a time, each a tuple."""

    @property
    def rowcount(self) -> int:
        """How many rows an INSERT, UPDATE or DELETE that begins with this word has changed."""

    def fetchone(self) -> Any:
        """The next row; None where there is none."""

    def fetchall(self) -> list[Any]:
        """All rows that are left."""

    def __iter__(self) -> Iterator[Any]: ...


class Database(Protocol):
    """One connection, within a transaction. Parameters are marked by ``?``.

    What SQLite alone takes, and PostgreSQL is spared: ``CROSS JOIN ... ON``, a join in the order it is written in, and
    ``INDEXED BY``. What PostgreSQL is given by its schema: ``instr`` as a condition, ``max`` and ``min`` of two,
    ``json_valid`` and ``json_extract`` of a text.
    """

    def execute(self, statement: str, parameters: Sequence[Any] = ..., /) -> Rows:
        """Do one statement. What is wrong with it may come to light only when its rows are asked for, or later."""

    def executemany(self, statement: str, parameters: Iterable[Sequence[Any]], /) -> object:
        """Do one statement for each of these."""

    def each(self, statement: str, parameters: Sequence[Any] = ..., /) -> Iterable[Any]:
        """The rows of a statement of which there may be millions: they are not all held at once."""

    def blocks(
        self, rows: Sequence[tuple[object, ...]], *types: type[int | float | str]
    ) -> Iterator[tuple[str, list[object]]]:
        """Cut rows into blocks, each as a query in brackets that gives its rows, and the parameters of that.

        A block may end in rows of nothing but NULL: the statement must ignore them.

        Args:
            rows: What the query gives.
            types: What each column of it holds, beside None.
        """

    def listed(self, its: type[int | str], /) -> str:
        """A query for all items of the JSON list that is its one parameter."""

    def joined(self, text: str, by: str, /) -> str:
        """All texts of a group with commas between them, in the order of ``by``."""

    def tail(self, text: str, length: int, /) -> str:
        """The last so many characters of a text."""

    def whole(self, number: str, /) -> str:
        """A number that is not negative without what it has behind its point."""

    def up(self) -> float:
        """By which claims are counted, in seconds: a clock that nobody sets, the same for all who use the journal."""

    def now(self) -> float | None:
        """What time it is where the database is, in seconds since the epoch; None where that is this very machine."""
