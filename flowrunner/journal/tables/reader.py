"""What reads a journal, in a thread of its own: what is asked while it answers is answered all together, of one moment.

To win the interpreter back from a busy event loop costs more than most answers, and a transaction on a server several
ways there. So what many ask alike is one question to the tables.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar, cast

from flowrunner.journal.errors import JournalError
from flowrunner.journal.tables.database import Database
from flowrunner.journal.threads import Worker

Result = TypeVar("Result")
Given = TypeVar("Given")
Question = Callable[[Database], Result]
"""What is asked of the tables."""


class Reads(Protocol):
    """A database as one thread reads it."""

    def answers(self, questions: Sequence[Question[Any]], /) -> list[object]:
        """The answer to each question, all that each reads as of one moment; an exception where there is none.

        JournalError: It cannot be read.
        """

    def interrupt(self) -> None:
        """End the answer that is under way by an error; called by another thread."""

    def close(self) -> None:
        """Let go of the database."""


class _Asked(NamedTuple):
    """What one caller asks: alone, or for what it gives together with others."""

    question: Question[Any] | None
    answer_all: Callable[[Database, Sequence[Any]], Sequence[Any]] | None = None
    given: Any = None


class Reader:
    """What reads; another process may prune between two questions."""

    def __init__(self, place: object, its: Reads) -> None:
        self._place, self._its = place, its
        self._worker = Worker("journal, reading", self._answers)
        self._closed = False

    async def ask(self, question: Question[Result]) -> Result:
        """The answer to a question, which is put in another thread."""
        return cast("Result", await self._worker.do(_Asked(question)))

    async def ask_with(
        self, answer_all: Callable[[Database, Sequence[Given]], Sequence[Result]], given: Given
    ) -> Result:
        """The answer to what was given, found together with those for whom others give the same function something."""
        return cast("Result", await self._worker.do(_Asked(None, answer_all, given)))

    def close(self) -> None:
        """Refuse what is still asked, also in the middle of the answer."""
        self._closed = True
        while not self._worker.join(0.05):
            self._its.interrupt()  # does nothing to a query that is about to begin
        self._its.close()

    def _answers(self, asked: Sequence[_Asked]) -> list[object]:
        if self._closed:
            return [JournalError(f"the journal {self._place} is closed") for _ in asked]
        groups: dict[object, list[int]] = {}
        for place, each in enumerate(asked):
            groups.setdefault(each.answer_all or place, []).append(place)
        questions = [_question([asked[place] for place in places]) for places in groups.values()]
        answers: list[object] = [None] * len(asked)
        for places, found in zip(groups.values(), self._its.answers(questions), strict=True):
            its = found
            if isinstance(its, Exception):  # not the fault of all that asked alike
                its = [its] if len(places) == 1 else self._each([asked[place] for place in places])
            for place, answer in zip(places, cast("Sequence[object]", its), strict=True):
                answers[place] = answer
        return answers

    def _each(self, asked: Sequence[_Asked]) -> list[object]:
        """The answers of those who asked alike, each by itself."""
        found = self._its.answers([_question([each]) for each in asked])
        return [its if isinstance(its, Exception) else cast("Sequence[object]", its)[0] for its in found]


def _question(asked: Sequence[_Asked]) -> Question[Sequence[Any]]:
    """What all of these ask, with an answer for each."""
    alone, answer_all, given = asked[0].question, asked[0].answer_all, [each.given for each in asked]
    if answer_all is not None:
        return lambda db: answer_all(db, given)
    return lambda db: [cast("Question[Any]", alone)(db)]
