"""One connection to a journal's server, dialled again when it is lost."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

import psycopg

from flowrunner.clock import Clock
from flowrunner.journal.errors import JournalAwayError, JournalError
from flowrunner.journal.places import DatabaseUrl
from flowrunner.journal.postgres.connecting import dialled
from flowrunner.journal.postgres.errors import damaged, explain
from flowrunner.journal.tables.seals import TornError

PATIENCE: Final = 10.0
"""Seconds that a server which cannot be reached is waited for, before it is a JournalAwayError."""
_AGAIN: Final = 0.2
"""Seconds between two attempts."""

Connection = psycopg.Connection[tuple[Any, ...]]
Result = TypeVar("Result")


class Line:
    """The connection that one thread uses."""

    def __init__(
        self, url: DatabaseUrl, clock: Clock, connection: Connection | None = None, *, timeout: str,
        makes: bool = False, was_in: bool = False,
    ) -> None:  # fmt: skip
        """Dials when it is needed first, unless a connection is given.

        Args:
            url: Where.
            clock: Where time comes from.
            connection: What was dialled before.
            timeout: After how long a statement is given up, as PostgreSQL says it; 0 for never.
            makes: Whether the schema is made if it is not there.
            was_in: Whether this process was let in before: then it waits where it is not any more.
        """
        self.url = url
        self._connection, self._clock, self._timeout, self._makes = connection, clock, timeout, makes
        self._was_in = was_in
        self._closed = False

    def do(self, work: Callable[[Connection], Result]) -> Result:
        """Do something by the connection; again, by another one, where it was lost, or somebody's lock lasted.

        Raises:
            JournalError: It cannot be done. JournalAwayError: not for a while.
        """
        until: float | None = None
        while True:
            try:
                if self._connection is None:
                    self._connection = dialled(self.url, self._timeout, makes=self._makes)
                return work(self._connection)
            except psycopg.Error as error:
                said: JournalError = explain(error, self.url, was_in=self._was_in)
                again = isinstance(error, psycopg.errors.LockNotAvailable) or self._is_lost()
                if until is None:  # from the first failure on: that may have taken long by itself
                    until = self._clock.monotonic() + PATIENCE
                if not again or not isinstance(said, JournalAwayError) or self._clock.monotonic() >= until:
                    raise said from error
            except TornError as error:
                raise damaged(self.url) from error
            if self._closed:
                raise said
            self._clock.block(_AGAIN)

    def _is_lost(self) -> bool:
        """Whether there is no connection any more that could be used."""
        its = self._connection
        if its is not None and (its.closed or its.broken):
            its.close()
            self._connection = None
        return self._connection is None

    def interrupt(self) -> None:
        """Give up what is under way; called by another thread."""
        self._closed = True
        if (its := self._connection) is not None:
            its.cancel_safe(timeout=1.0)

    def close(self) -> None:
        """Let go of the connection."""
        self._closed = True
        if self._connection is not None:
            self._connection.close()
