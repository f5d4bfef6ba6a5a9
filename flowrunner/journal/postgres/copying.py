"""A journal on a server as what is copied from, and as what is copied to."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg

from flowrunner.clock import Clock
from flowrunner.journal.places import DatabaseUrl
from flowrunner.journal.postgres.committing import TAKE_LOCK
from flowrunner.journal.postgres.database import ServerDatabase
from flowrunner.journal.postgres.errors import explain
from flowrunner.journal.postgres.migrating import migrate, require_version
from flowrunner.journal.postgres.reading import one_moment
from flowrunner.journal.postgres.reconnecting import Connection, Line
from flowrunner.journal.tables.copying import COPIED

_KEYED = [table for table, columns in COPIED.items() if columns.startswith("key, ")]
"""Tables whose rows are numbered by the server."""


class _Bulk(ServerDatabase):
    """A database into which many rows are put."""

    def executemany(self, statement: str, parameters: Iterable[Sequence[Any]], /) -> None:
        """Put rows that an INSERT would put one by one, a thousand with one statement."""
        rows = [tuple(each) for each in parameters]
        head, _, values = statement.partition(" VALUES ")
        if not values:
            super().executemany(statement, rows)
            return
        # A column without a value in all these rows is one of numbers.
        kinds = [next((type(each) for each in column if each is not None), int) for column in zip(*rows, strict=True)]
        for block, given in self.blocks(rows, *kinds):
            self.execute(f"{head} SELECT * FROM {block} AS fresh", given)  # noqa: S608 - our own


@contextmanager
def copied_from(url: DatabaseUrl, clock: Clock) -> Iterator[ServerDatabase]:
    """The journal at a URL, as it is at one moment.

    Raises:
        JournalError: It cannot be read, or is of another version.
    """
    with _connected(url, clock) as connection:
        require_version(connection, url)
        with one_moment(connection) as pipeline:
            up = connection.execute("SELECT extract(epoch FROM clock_timestamp())::double precision").fetchone() or (
                0.0,
            )
            yield ServerDatabase(connection, pipeline, lambda: up[0])


@contextmanager
def copied_to(url: DatabaseUrl, clock: Clock) -> Iterator[ServerDatabase]:
    """The journal at a URL, its tables made where there are none; what is written is there once this is left, or not.

    Nobody else writes meanwhile.

    Raises:
        JournalError: It cannot be written, or is of another version.
    """
    with _connected(url, clock) as connection:
        migrate(connection, url)
        connection.execute("SET idle_in_transaction_session_timeout TO 0")  # the other side may be slow
        with connection.transaction(), connection.pipeline() as pipeline:
            connection.execute(TAKE_LOCK)
            yield _Bulk(connection, pipeline, clock.up)
            for table in _KEYED:
                next_key = f"SELECT setval(pg_get_serial_sequence('{table}', 'key'), max(key)) FROM {table}"  # noqa: S608
                connection.execute(next_key.encode())


@contextmanager
def _connected(url: DatabaseUrl, clock: Clock) -> Iterator[Connection]:
    line = Line(url, clock, timeout="0")
    try:
        yield line.do(lambda connection: connection)
    except psycopg.Error as error:
        raise explain(error, url) from error
    finally:
        line.close()
