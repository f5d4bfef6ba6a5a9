"""What is written to a journal's server is committed: by one process after another, whatever machines they are on.

All who write take one lock of the schema. So what holds for a file holds here: what a transaction has read stays so
until it has written, and the keys of events rise in the order of commits.

Each commit counts itself in a row of this process. Where the connection is lost before a commit is answered, the row
says whether it was done: read under the lock, which the server lets go of only when that transaction has ended. The
number of a transaction would not do: after a crash another may be given it.

The same counts tell where an earlier state was put back, or another server took over that has not all of it: nothing is
written to it by who knows of more.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import takewhile
from secrets import token_hex
from typing import Any, Final

import psycopg

from flowrunner.clock import Clock
from flowrunner.journal.errors import JournalAwayError, JournalError
from flowrunner.journal.places import DatabaseUrl
from flowrunner.journal.postgres.connecting import LOCK_PATIENCE, SESSION
from flowrunner.journal.postgres.database import SERVER_TIME, ServerDatabase
from flowrunner.journal.postgres.errors import pooled
from flowrunner.journal.postgres.reconnecting import Connection, Line
from flowrunner.journal.postgres.schema import MIGRATIONS
from flowrunner.journal.tables.batches import Wanted, apply

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
_NEXT: Final = (
    "UPDATE ledger SET commits = commits + 1"
    " RETURNING version, journal, commits, (SELECT commits FROM writers WHERE name = %s),"
    " current_setting('flowrunner.session', true)"
)
_FREE: Final = f"""
    SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND granted AND pg_locks.database = datid AND datname = current_database()
        AND (classid::bigint << 32 | objid::bigint) = hashtextextended('flowrunner ' || current_schema(), 0)
        AND wait_event_type = 'Client' AND clock_timestamp() - state_change > interval '{LOCK_PATIENCE:g} s'
"""  # noqa: S608 - our own
"""Ends the connection of who has the lock and says nothing, or takes no answer. The server's own time-out does not
count while it waits for the rest of what was sent to it at once."""
_OF_ONE: Final = (psycopg.DataError, psycopg.errors.ProgramLimitExceeded)
"""What the server says of a value that no row can hold: the journal is whole, and one write is wrong."""


_LONG: Final = 86_400.0
"""Seconds after which a process that has said nothing is forgotten."""


def forget_writers(connection: Connection) -> None:
    """Forget how far processes had come that have long said nothing; one that still is there says it anew."""
    connection.execute(f"DELETE FROM writers WHERE at < {SERVER_TIME} - {_LONG}")  # noqa: S608 - our own


class ServerCommits:
    """The only connection of this process that writes."""

    def __init__(self, url: DatabaseUrl, clock: Clock, connection: Connection) -> None:
        self._line = Line(url, clock, connection, timeout="30s", was_in=True)
        self._url = url
        self._name = token_hex(8)
        self._commits = 0
        # What survives any crash of the server: the journal, how far it was, and how far this process was in it, when.
        self._kept: tuple[str, int, int, float] | None = None
        self._open: list[object] | None = None  # the answers of a commit that was not answered
        self._batch: list[Wanted] = []

    def commit(self, queued: Callable[[], list[Wanted]]) -> list[object]:
        """Commit what is queued, all that must survive a crash of the server or all that need not."""
        self._batch, self._open = [], None
        try:
            return self._line.do(partial(self._commit, queued))
        except JournalError as said:
            if isinstance(said.__cause__, _OF_ONE):
                raise said.__cause__ from None
            if isinstance(said.__cause__, psycopg.IntegrityError) and len(self._batch) > 1:
                raise  # it is about one of them
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
                counted = connection.execute(_NEXT, [self._name])
                [now] = asked.fetchone() or ()
                state = self._required(counted.fetchone(), now)
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
        if durable:
            self._kept = (*state, self._commits, now)
        return answers

    def _required(self, found: tuple[Any, ...] | None, now: float) -> tuple[str, int]:
        """Make sure that the journal is the one that it was: its tables of this version, its state no earlier one.

        Returns which it is, and how far it will be by this commit.

        Raises:
            JournalError: Others have brought it to another version, or have put an earlier state back; or a pooler has
                given this session to others.
        """
        version, journal, commits, own, session = found or (0, "", 0, None, SESSION)
        if session != SESSION:
            raise pooled(self._url)
        if version != len(MIGRATIONS):
            raise JournalError(
                f"the journal {self._url} was brought to another version while this process used it",
                "update flowrunner, and start it again",
            )
        if self._kept is not None:
            its, far, mine, at = self._kept
            is_behind = own < mine if own is not None else now - at < _LONG  # after that its row may be forgotten
            if journal != its or commits <= far or is_behind:
                raise JournalError(
                    f"the journal {self._url} is not as far as this process has brought it:"
                    " an earlier state of it was put back, and what was sent since would be sent again",
                    "end all that use it, then: flowrunner journal accept --restored",
                )
        return journal, commits

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
