"""A journal's server as one thread reads it."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg

from flowrunner.clock import Clock
from flowrunner.journal.errors import JournalError
from flowrunner.journal.places import DatabaseUrl
from flowrunner.journal.postgres.database import ServerDatabase
from flowrunner.journal.postgres.reconnecting import Connection, Line
from flowrunner.journal.tables.reader import Question
from flowrunner.journal.tables.seals import TornError


class ServerReads:
    """A connection that only reads, made as soon as something is asked; the journal was looked at before."""

    def __init__(self, url: DatabaseUrl, clock: Clock, *, timeout: str) -> None:
        """``timeout`` as for `Line`."""
        self._line = Line(url, clock, timeout=timeout, was_in=True)
        self._clock = clock

    def answers(self, questions: Sequence[Question[Any]]) -> list[object]:
        """The answers, of as few moments as can be; asked again where the connection was lost."""
        answers: list[object] = []
        while len(answers) < len(questions):
            try:
                self._line.do(lambda connection: self._answer(connection, questions, answers))
            except JournalError as error:
                answers.append(error)
        return answers

    def _answer(self, connection: Connection, questions: Sequence[Question[Any]], answers: list[object]) -> None:
        """Answer what is not answered yet; once all is, it is no matter whether the connection outlasts it."""
        try:
            with one_moment(connection) as pipeline:
                db = ServerDatabase(connection, pipeline, self._clock.up)
                for question in questions[len(answers) :]:
                    try:
                        answers.append(question(db))
                    except (psycopg.Error, TornError):
                        raise
                    except Exception as error:  # noqa: BLE001  # it is the caller's
                        answers.append(error)
        except psycopg.Error:
            if len(answers) < len(questions):
                raise

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
