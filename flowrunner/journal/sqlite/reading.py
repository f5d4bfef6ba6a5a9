"""A journal's file as one thread reads it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from flowrunner.journal.errors import JournalError
from flowrunner.journal.sqlite.file import JournalFile
from flowrunner.journal.sqlite.inspection import explained
from flowrunner.journal.tables.reader import Question

if TYPE_CHECKING:
    from flowrunner.journal.sqlite.database import FileDatabase


class FileReads:
    """A connection that only reads, made as soon as something is asked."""

    def __init__(self, file: JournalFile) -> None:
        self._file = file
        self._db: FileDatabase | None = None

    def answers(self, questions: Sequence[Question[Any]]) -> list[object]:
        """The answers, all of one moment of the file."""
        answers: list[object] = []
        try:
            with explained(self._file.path):
                if self._db is None:
                    self._db = self._file.connect()
                    self._db.execute("PRAGMA query_only = ON")
                self._db.execute("BEGIN")
                try:
                    answers.extend(self._answer(self._db, each) for each in questions)
                finally:
                    self._db.rollback()
        except JournalError as error:
            answers.extend([error] * (len(questions) - len(answers)))
        return answers

    def _answer(self, db: "FileDatabase", question: Question[Any]) -> object:
        try:
            with explained(self._file.path):
                return question(db)
        except Exception as error:  # noqa: BLE001  # it is the caller's
            return error

    def interrupt(self) -> None:
        """End the query that is under way."""
        if self._db is not None:
            self._db.interrupt()

    def close(self) -> None:
        """Let go of the file."""
        if self._db is not None:
            self._db.close()
