"""A journal in this process's memory, for runs that nobody is sent to: no file, no thread, no wait for a disk."""

import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from flowrunner.clock import Clock
from flowrunner.journal.errors import JournalError
from flowrunner.journal.sqlite.connection import connected, migrate
from flowrunner.journal.sqlite.database import FileDatabase
from flowrunner.journal.sqlite.errors import explain
from flowrunner.journal.tables.batches import Wanted, apply
from flowrunner.journal.tables.journal import TablesJournal
from flowrunner.journal.tables.reader import Question, Result

_PLACE: Final = ":memory:"


class MemoryJournal(TablesJournal):
    """The tables and the statements of a journal's file; each write is done when it returns, in the caller's thread.

    One connection has one journal after another: its statements are compiled once. All of a journal is one transaction,
    which is taken back in the end; each write of it is a part of that, done or not done as a whole.
    """

    def __init__(self, clock: Clock, before: "MemoryJournal | None" = None) -> None:
        """A new one, to be closed: it ends with it.

        Args:
            clock: Where time comes from.
            before: What it goes on with, as a process does that comes after another; nobody may use that any more.
        """
        self.place, self.incomplete, self._clock, self._closed = Path(_PLACE), None, clock, False
        self._direct: _Direct
        self._direct = before._direct.handed_on() if before is not None else _Direct(_taken())  # noqa: SLF001  # of one
        self._direct.db.clock = clock
        self._writer = self.soon = self.later = self._direct  # type: ignore[assignment]  # as far as it is used


class _Direct:
    """What reads and writes, one after another, whichever thread asks."""

    def __init__(self, db: FileDatabase) -> None:
        self.db, self._is_over = db, False
        # A transaction is the connection's: what two threads write at once would be a part of each other's.
        self._turn = threading.Lock()

    def handed_on(self) -> "_Direct":
        """The same, with all that was written; closing this one does nothing from now on."""
        self._is_over = True
        return _Direct(self.db)

    async def ask(self, question: Question[Result]) -> Result:
        """The answer to a question."""
        with self._turn:
            return question(self._open())

    async def ask_with(self, answer_all: Callable[[FileDatabase, Sequence[Any]], Sequence[Any]], given: Any) -> Any:
        """The answer to what was given."""
        with self._turn:
            return answer_all(self._open(), [given])[0]

    async def submit(self, write: Wanted) -> Any:
        """Write, and give its answer; an exception is raised."""
        with self._turn:
            answer = self._written(self._open(), write)
        if isinstance(answer, Exception):
            raise answer
        return answer

    @staticmethod
    def _written(db: FileDatabase, write: Wanted) -> Any:
        db.execute("SAVEPOINT a_write")
        try:
            [answer] = apply(db, [write])
        except BaseException as error:
            db.execute("ROLLBACK TO a_write")
            db.execute("RELEASE a_write")
            if isinstance(error, sqlite3.Error):
                raise explain(error, Path(_PLACE)) from error
            raise
        db.execute("RELEASE a_write")
        return answer

    def _open(self) -> FileDatabase:
        if self._is_over:
            raise JournalError(f"the journal {_PLACE} is closed")
        return self.db

    def close(self) -> None:
        """Forget all of it."""
        if not self._is_over:
            self._is_over = True
            self.db.rollback()
            _FREE.append(self.db)


_FREE: Final[list[FileDatabase]] = []
"""Connections to empty journals, for the next ones."""


def _taken() -> FileDatabase:
    if _FREE:
        db = _FREE.pop()
    else:
        db = connected(_PLACE)
        migrate(db, Path(_PLACE))
    db.execute("BEGIN")
    return db
