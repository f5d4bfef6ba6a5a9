"""A journal's server as one thread reads it."""

import contextlib
from collections.abc import Iterator

import psycopg

from flowrunner.clock import Clock
from flowrunner.journal.places import DatabaseUrl
from flowrunner.journal.postgres.database import ServerDatabase
from flowrunner.journal.postgres.line import Connection, Line
from flowrunner.journal.tables.reader import Question, Result


class ServerReads:
    """A connection that only reads, made as soon as something is asked."""

    def __init__(self, url: DatabaseUrl, clock: Clock, *, timeout: str) -> None:
        """``timeout`` as for `Line`."""
        self._line = Line(url, clock, timeout=timeout)
        self._clock = clock

    def answer(self, question: Question[Result]) -> Result:
        """The answer to a question, as of one moment; asked again where the connection was lost."""

        def asked(connection: Connection) -> Result:
            with one_moment(connection) as pipeline:
                return question(ServerDatabase(connection, pipeline, self._clock.up))

        return self._line.do(asked)

    def interrupt(self) -> None:
        """End the query that is under way."""
        with contextlib.suppress(psycopg.Error):  # it is gone
            self._line.interrupt()

    def close(self) -> None:
        """Let go of the server."""
        self._line.close()


@contextlib.contextmanager
def one_moment(connection: Connection) -> Iterator[psycopg.Pipeline]:
    """Within, all that is read is of one moment."""
    try:
        with connection.pipeline() as pipeline:
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield pipeline
            connection.execute("ROLLBACK")
    finally:
        if not connection.closed and connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            connection.rollback()
