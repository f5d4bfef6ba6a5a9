"""What the methods of a journal in tables share: the threads that they leave their work to."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar, cast

from flowrunner.clock import Clock
from flowrunner.journal.errors import JournalError
from flowrunner.journal.places import DatabaseUrl
from flowrunner.journal.tables.database import Database
from flowrunner.journal.tables.reader import Question, Reader, Reads, Result
from flowrunner.journal.tables.writer import Commits, Writer
from flowrunner.journal.tables.writes import Shared, Write

if TYPE_CHECKING:
    from flowrunner.journal.work import Work

Given = TypeVar("Given")


class Access:
    """One thread writes. One more reads for all who want something small, a third what may take seconds.

    A report of a million runs must not hold up those that are under way. More threads would only take turns with the
    interpreter.

    Attributes:
        place: Where the tables are, as it may be shown.
        incomplete: Why they must not be sent by; None where all is there.
        is_shared: Whether other machines may use them, too.
        soon: What reads what is small.
        later: What reads what may take seconds.
    """

    def __init__(
        self,
        place: object,
        commits: Commits | None,
        soon: Reads,
        later: Reads,
        clock: Clock,
        incomplete: JournalError | None = None,
    ) -> None:
        """Without commits it can only be read."""
        self.place = place
        self.incomplete, self.is_shared = incomplete, isinstance(place, DatabaseUrl)
        self._clock = clock
        self._writer = Writer(place, commits)
        self.soon, self.later = Reader(place, soon), Reader(place, later)
        self._closed = False

    @cached_property
    def work(self) -> "Work":
        """The part for workers."""
        from flowrunner.journal.tables.work import TablesWork  # most processes are none

        return TablesWork(self._write, self.soon.ask)

    def close(self) -> None:
        """Write what is still queued, and let go of the database. Blocks meanwhile; may be called twice."""
        if not self._closed:
            self._closed = True
            for each in (self.soon, self.later, self._writer):
                each.close()

    async def _write(
        self, work: Question[Result], rows: int = 1, *, is_late: bool = False, is_durable: bool = True
    ) -> Result:
        return cast("Result", await self._writer.submit(Write(work, rows, is_late, is_durable=is_durable)))

    async def _share(
        self, apply_all: Callable[[Database, Sequence[Given]], Sequence[Result]], given: Given, rows: int = 1
    ) -> Result:
        """Write what need not survive a power cut, together with all who give the same a thing to do."""
        return cast("Result", await self._writer.submit(Shared(apply_all, given, rows, is_durable=False)))
