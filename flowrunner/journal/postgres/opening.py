"""A journal in PostgreSQL is opened, and left."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from flowrunner.clock import Clock
from flowrunner.journal.interface import Journal
from flowrunner.journal.places import DatabaseUrl
from flowrunner.journal.postgres.committing import ServerCommits, forget_writers
from flowrunner.journal.postgres.migrating import migrate, require_version, version_of
from flowrunner.journal.postgres.reading import ServerReads
from flowrunner.journal.postgres.reconnecting import Connection, Line
from flowrunner.journal.tables.journal import TablesJournal
from flowrunner.journal.threads import in_thread

_SOON, _LATER = "30s", "0"
"""After how long a statement is given up; what reads much may take minutes."""


@asynccontextmanager
async def opened(url: DatabaseUrl, *, read_only: bool, clock: Clock) -> AsyncIterator[Journal]:
    """The journal at a URL, as `flowrunner.journal.open_journal` says."""

    def open_it() -> TablesJournal:
        line = Line(url, clock, timeout=_SOON, makes=not read_only)

        def looked_at(connection: Connection) -> Connection:
            if not read_only and version_of(connection, url) == 0:
                migrate(connection, url)
            require_version(connection, url)
            if not read_only:
                forget_writers(connection)
            return connection

        try:
            connection = line.do(looked_at)
        except BaseException:
            line.close()
            raise
        commits = None if read_only else ServerCommits(url, clock, connection)
        if commits is None:
            line.close()
        soon, later = (ServerReads(url, clock, timeout=each) for each in (_SOON, _LATER))
        return TablesJournal(url, commits, soon, later, clock)

    journal = await in_thread("journal, opening", open_it)
    try:
        yield journal
    finally:
        journal.close()
