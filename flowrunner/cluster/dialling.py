"""A connection to the server on which a journal and its queue are."""

from asyncio import Event
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import AsyncConnection

from flowrunner.clock import Clock
from flowrunner.journal import JournalAwayError, JournalError
from flowrunner.journal.places import DatabaseUrl


@contextmanager
def told() -> Iterator[None]:
    """PostgreSQL's errors, as those of a journal."""
    try:
        yield
    except psycopg.Error as error:
        is_away = isinstance(error, psycopg.OperationalError)
        reason = f"the queue of units cannot be used: {str(error).partition(chr(10))[0]}"
        raise (JournalAwayError(reason, "is PostgreSQL running?") if is_away else JournalError(reason)) from error


async def dial(place: DatabaseUrl, clock: Clock, stop: Event | None) -> AsyncConnection:
    """A connection that fails within seconds of its server falling silent, and bears a pooler between.

    Who has a ``stop`` dials until there is one, or it is set.
    """
    while True:
        try:
            return await AsyncConnection.connect(
                place.url, autocommit=True, prepare_threshold=None, tcp_user_timeout=10_000,
                connect_timeout=5, keepalives_idle=5, keepalives_interval=2, keepalives_count=3,
            )  # fmt: skip
        except psycopg.OperationalError:
            if stop is None or await clock.sleep(1.0, stop):
                raise
