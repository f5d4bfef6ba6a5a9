"""What reads a journal, in a thread of its own."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from flowrunner.journal.errors import JournalError
from flowrunner.journal.tables.database import Database
from flowrunner.journal.threads import Worker

Result = TypeVar("Result")
Question = Callable[[Database], Result]
"""What is asked of the tables."""


class Reads(Protocol):
    """A database as one thread reads it."""

    def answer(self, question: Question[Result], /) -> Result:
        """The answer to a question, all of it as of one moment.

        Raises:
            JournalError: It cannot be read.
        """

    def interrupt(self) -> None:
        """End the answer that is under way by an error; called by another thread."""

    def close(self) -> None:
        """Let go of the database."""


class Reader:
    """What reads, one question after another, each of one moment: another process may prune in between."""

    def __init__(self, place: object, its: Reads) -> None:
        self._place, self._its = place, its
        self._worker = Worker("journal, reading")
        self._closed = False

    async def ask(self, question: Question[Result]) -> Result:
        """The answer to a question, which is put in another thread."""
        return await self._worker.do(lambda: self._answer(question))

    def close(self) -> None:
        """Refuse what is still asked, also in the middle of the answer."""
        self._closed = True
        while not self._worker.join(0.05):
            self._its.interrupt()  # does nothing to a query that is about to begin
        self._its.close()

    def _answer(self, question: Question[Result]) -> Result:
        if self._closed:
            raise JournalError(f"the journal {self._place} is closed")
        return self._its.answer(question)
