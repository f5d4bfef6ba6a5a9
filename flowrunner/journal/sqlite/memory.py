"""A journal in this process's memory, for runs that nobody is sent to: no file, no thread, no wait for a disk."""

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from flowrunner.clock import Clock
from flowrunner.journal.sqlite.database import FileDatabase
from flowrunner.journal.sqlite.file import connected, migrate
from flowrunner.journal.tables.applying import Wanted, apply
from flowrunner.journal.tables.journal import TablesJournal
from flowrunner.journal.tables.reader import Question, Result
from flowrunner.journal.tables.work import TablesWork

_PLACE: Final = ":memory:"


class MemoryJournal(TablesJournal):
    """The tables and the statements of a journal's file; each write is done when it returns, in the caller's thread."""

    def __init__(self, clock: Clock, before: "MemoryJournal | None" = None) -> None:
        """A new one, to be closed: it ends with it.

        Args:
            clock: Where time comes from.
            before: What all of it is taken from: as a process finds it that comes after another.
        """
        self.place, self.incomplete, self._clock, self._closed = Path(_PLACE), None, clock, False
        self._db = connected(_PLACE)
        self._db.clock = clock
        (_empty() if before is None else before._db).backup(self._db)  # noqa: SLF001  # of one of these
        self._writer = self.soon = self.later = _Direct(self._db)  # type: ignore[assignment]  # as far as it is used
        self.work = TablesWork(self._write, self.soon.ask)


class _Direct:
    """What reads and writes."""

    def __init__(self, db: FileDatabase) -> None:
        self._db = db

    async def ask(self, question: Question[Result]) -> Result:
        """The answer to a question."""
        return question(self._db)

    async def ask_with(self, answer_all: Callable[[FileDatabase, Sequence[Any]], Sequence[Any]], given: Any) -> Any:
        """The answer to what was given."""
        return answer_all(self._db, [given])[0]

    async def submit(self, write: Wanted) -> Any:
        """Write, and give its answer; an exception is raised."""
        self._db.execute("BEGIN")
        try:
            [answer] = apply(self._db, [write])
        except BaseException:
            self._db.rollback()
            raise
        self._db.execute("COMMIT")
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        """Forget all of it."""
        self._db.close()


@cache
def _empty() -> FileDatabase:
    db = connected(_PLACE)
    migrate(db, Path(_PLACE))
    return db
