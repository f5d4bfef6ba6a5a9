"""What reads a journal's file, in a thread of its own."""

import sqlite3
from collections.abc import Callable
from typing import TypeVar

from flowrunner.journal.errors import JournalError
from flowrunner.journal.sqlite.file import JournalFile
from flowrunner.journal.sqlite.inspection import explained
from flowrunner.journal.threads import Worker

Result = TypeVar("Result")
Question = Callable[[sqlite3.Connection], Result]
"""What is asked of the file."""


class Reader:
    """What reads the file, one question after another, each of one moment: another process may prune in between."""

    def __init__(self, file: JournalFile) -> None:
        self._file = file
        self._worker = Worker("journal, reading")
        self._db: sqlite3.Connection | None = None
        self._closed = False

    async def ask(self, question: Question[Result]) -> Result:
        """The answer to a question, which is put in another thread."""
        return await self._worker.do(lambda: self._answer(question))

    def close(self) -> None:
        """Refuse what is still asked, also in the middle of the answer."""
        self._closed = True
        while not self._worker.join(0.05):
            if self._db is not None:
                self._db.interrupt()  # does nothing to a query that is about to begin
        if self._db is not None:
            self._db.close()

    def _answer(self, question: Question[Result]) -> Result:
        if self._closed:
            raise JournalError(f"the journal {self._file.path} is closed")
        with explained(self._file.path):
            if self._db is None:
                self._db = self._file.connect()
                self._db.execute("PRAGMA query_only = ON")
            self._db.execute("BEGIN")
            try:
                return question(self._db)
            finally:
                self._db.rollback()
