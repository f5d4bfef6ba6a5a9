"""A connection of an event loop to the server on which a journal and its queue are."""

from asyncio import Event
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import AsyncConnection
from psycopg.conninfo import conninfo_to_dict

from flowrunner.clock import Clock
from flowrunner.journal import JournalAwayError
from flowrunner.journal.places import DatabaseUrl
from flowrunner.journal.postgres.connecting import DIALLED
from flowrunner.journal.postgres.errors import explain


@contextmanager
def told(place: DatabaseUrl, *, was_in: bool = False) -> Iterator[None]:
    """PostgreSQL's errors, as those of the journal; ``was_in`` as `explain` has it."""
    try:
        yield
    except psycopg.Error as error:
        raise explain(error, place, was_in=was_in) from error


async def passes(error: psycopg.Error, place: DatabaseUrl, clock: Clock, stop: Event | None) -> bool:
    """Whether it is worth trying again; a moment later. Who has no ``stop`` tries once, and who is to stop no more."""
    if stop is None or not isinstance(explain(error, place, was_in=True), JournalAwayError):  # who works was in before
        return False
    return not await clock.sleep(1.0, stop)


async def dial(place: DatabaseUrl, clock: Clock, stop: Event | None) -> AsyncConnection:
    """A connection that commits each statement, and bears a pooler between."""
    while True:
        try:
            its = {**DIALLED, **conninfo_to_dict(place.url)}
            return await AsyncConnection.connect(**its, autocommit=True, prepare_threshold=None)
        except psycopg.Error as error:
            if not await passes(error, place, clock, stop):
                raise
