"""What is written to a journal's server is committed: by one process after another, whatever machines they are on.

All who write take one lock of the schema. So what holds for a file holds here: what a transaction has read stays so
until it has written, and the keys of events rise in the order of commits.

Each commit counts itself in a row of this process. Where the connection is lost before a commit is answered, the row
says whether it was done: read under the lock, which the server lets go of only when that transaction has ended. The
number of a transaction would not do: after a crash another may be given it.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import takewhile
from secrets import token_hex
from typing import Final

import psycopg

from flowrunner.clock import Clock
from flowrunner.journal.errors import JournalAwayError, JournalError
from flowrunner.journal.places import DatabaseUrl
from flowrunner.journal.postgres.connecting import LOCK_PATIENCE
from flowrunner.journal.postgres.database import SERVER_TIME, ServerDatabase
from flowrunner.journal.postgres.line import Connection, Line
from flowrunner.journal.postgres.schema import MIGRATIONS
from flowrunner.journal.tables.applying import Wanted, apply

_LOCK: Final = "pg_advisory_xact_lock(hashtextextended('flowrunner ' || current_schema(), 0))"
TAKE_LOCK: Final = f"SELECT {SERVER_TIME} FROM {_LOCK}"  # noqa: S608
"""Takes the lock, and tells the server's time."""
_BY_INDEX: Final = "SELECT set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)"
"""What is written is little, and each statement finds it by an index. As long as the server knows nothing of a table,
as after many people were added, it would rather read through all of it, while everybody waits for the lock."""
_COUNT: Final = (
    f"INSERT INTO writers (name, commits, at) VALUES (%s, %s, {SERVER_TIME})"  # noqa: S608 - our own
    " ON CONFLICT (name) DO UPDATE SET commits = excluded.commits, at = excluded.at"
)
_FREE: Final = f"""
    SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND granted AND pg_locks.database = datid AND datname = current_database()
        AND (classid::bigint << 32 | objid::bigint) = hashtextextended('flowrunner ' || current_schema(), 0)
        AND wait_event_type = 'Client' AND clock_timestamp() - state_change > interval '{LOCK_PATIENCE:g} s'
"""  # noqa: S608 - our own
"""Ends the connection of who has the lock and says nothing, or takes no answer. The server's own time-out does not
count while it waits for the rest of what was sent to it at once."""


def forget_writers(connection: Connection) -> None:
    """Forget how far processes had come that have long said nothing; one that still is there says it anew."""
    connection.execute(f"DELETE FROM writers WHERE at < {SERVER_TIME} - 86400")  # noqa: S608 - our own


class ServerCommits:
    """The only connection of this process that writes."""

    def __init__(self, url: DatabaseUrl, clock: Clock, connection: Connection) -> None:
        self._line = Line(url, clock, connection, timeout="30s")
        self._url = url
        self._name = token_hex(8)
        self._commits = 0
        self._open: list[object] | None = None  # the answers of a commit that was not answered
        self._batch: list[Wanted] = []

    def commit(self, queued: Callable[[], list[Wanted]]) -> list[object]:
        """Commit what is queued, all that must survive a crash of the server or all that need not."""
        self._batch, self._open = [], None
        try:
            return self._line.do(partial(self._commit, queued))
        except JournalError as said:
            if self._open is not None:
                said = JournalAwayError(f"{said.message}; whether it was written then is not known", said.hint)
            return [type(said)(said.message, said.hint) for _ in self._batch or queued()]

    def rest(self) -> None:
        """Nothing is to be done between commits."""

    def close(self) -> None:
        """Let go of the server, and of the row that counts."""
        if self._commits:
            done = "DELETE FROM writers WHERE name = %s"
            with suppress(JournalError):  # it is swept away later
                self._line.do(lambda connection: connection.execute(done, [self._name]))
        self._line.close()

    def _commit(self, queued: Callable[[], list[Wanted]], connection: Connection) -> list[object]:
        if self._open is not None:
            if self._was_done(connection):
                return self._open
            self._open = None
        durable = any(write.is_durable for write in queued())
        try:
            with connection.pipeline() as pipeline:
                connection.execute("BEGIN")
                if not durable:
                    connection.execute("SET LOCAL synchronous_commit TO off")
                connection.execute(_BY_INDEX)
                asked = connection.execute(TAKE_LOCK)
                counted = connection.execute("UPDATE ledger SET commits = commits + 1 RETURNING version")
                [now] = asked.fetchone() or ()
                _require_ours(counted.fetchone(), self._url)
                self._batch = queued()  # only now: what came while another process held the lock comes along
                if not durable:
                    self._batch = list(takewhile(lambda write: not write.is_durable, self._batch))
                answers = apply(ServerDatabase(connection, pipeline, lambda: now), self._batch)
                connection.execute(_COUNT, (self._name, self._commits + 1))
                pipeline.sync()
                self._commits += 1
                self._open = answers
                connection.execute("COMMIT")
        except BaseException as error:
            if not connection.closed:
                connection.rollback()
            if isinstance(error, psycopg.errors.LockNotAvailable):
                connection.execute(_FREE)
            raise
        self._open = None
        return answers

    def _was_done(self, connection: Connection) -> bool:
        """Whether the commit that was not answered was done."""
        try:
            with connection.transaction():
                connection.execute(TAKE_LOCK)
                found = connection.execute("SELECT commits FROM writers WHERE name = %s", [self._name]).fetchone()
        except psycopg.errors.LockNotAvailable:  # the lost connection itself may have it still
            connection.execute(_FREE)
            raise
        return found is not None and found[0] == self._commits


def _require_ours(version: tuple[int] | None, url: DatabaseUrl) -> None:
    """Make sure that the tables are those that these statements are for: others may bring them to another version."""
    if version != (len(MIGRATIONS),):
        raise JournalError(
            f"the journal {url} was brought to another version while this process used it",
            "update flowrunner, and start it again",
        )
