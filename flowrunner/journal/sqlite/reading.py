"""A journal's file as one thread reads it."""

from typing import TYPE_CHECKING

from flowrunner.journal.sqlite.file import JournalFile
from flowrunner.journal.sqlite.inspection import explained
from flowrunner.journal.tables.reader import Question, Result

if TYPE_CHECKING:
    from flowrunner.journal.sqlite.database import FileDatabase


class FileReads:
    """A connection that only reads, made as soon as something is asked."""

    def __init__(self, file: JournalFile) -> None:
        self._file = file
        self._db: FileDatabase | None = None

    def answer(self, question: Question[Result]) -> Result:
        """The answer to a question, as of one moment of the file."""
        with explained(self._file.path):
            if self._db is None:
                self._db = self._file.connect()
                self._db.execute("PRAGMA query_only = ON")
            self._db.execute("BEGIN")
            try:
                return question(self._db)
            finally:
                self._db.rollback()

    def interrupt(self) -> None:
        """End the query that is under way."""
        if self._db is not None:
            self._db.interrupt()

    def close(self) -> None:
        """Let go of the file."""
        if self._db is not None:
            self._db.close()
