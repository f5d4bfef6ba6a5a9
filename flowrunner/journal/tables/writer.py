"""One thread that writes: what arrives while a commit runs shares the next one.

A commit waits for the disk, 0.2 to 10 ms; so two hundred callers at once cost one wait, and a lone caller waits for
nothing but its own.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from flowrunner.journal.errors import JournalError
from flowrunner.journal.tables.batches import Wanted
from flowrunner.journal.threads import wake

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Future

_MOST_ROWS = 5_000
"""Rows that may wait for the disk; beyond, callers wait for room. Without a bound a campaign tripled its memory."""
_MANY = 8
_GATHER = 0.004
"""Seconds in which more may come before the next commit, where the last one was of `_MANY` callers or more: a commit
takes as much of the processor as the rows of ten messages. PostgreSQL calls that ``commit_delay`` and
``commit_siblings``: https://www.postgresql.org/docs/current/runtime-config-wal.html#GUC-COMMIT-DELAY"""


class Commits(Protocol):
    """A database as the thread that writes needs it."""

    def commit(self, queued: Callable[[], list[Wanted]], /) -> list[object]:
        """Commit what is queued, all together.

        Args:
            queued: What is queued by now; there may be more of it each time.

        Returns:
            An answer for each of the first of them, at least one: an exception is its caller's, and means that nothing
            is known to be written of what it wanted.

        Raises:
            Exception: What nobody foresaw, in one of them; nothing of any of them is written.
        """

    def rest(self) -> float | None:
        """Do what is to be done now and then between commits.

        Returns:
            Seconds after which it is to be done again, though nothing be written; None where it need not.
        """

    def close(self) -> None:
        """Leave the database, as whole as can be; what cannot be is left to who opens it next."""


class _Job(NamedTuple):
    write: Wanted
    loop: "AbstractEventLoop"
    done: "Future[Any]"


class Writer:
    """All of this process that writes. Its callers may live in any event loop."""

    def __init__(self, place: object, commits: Commits | None) -> None:
        """Without commits nothing can be written."""
        self._place = place
        self._commits = commits
        self._thread: threading.Thread | None = None
        self._changed = threading.Condition()
        # All below is touched only with `_changed` held.
        self._jobs: deque[_Job] = deque()
        self._rows = 0
        self._waiting: list[tuple[AbstractEventLoop, Future[None]]] = []
        self._nudging: AbstractEventLoop | None = None
        self._closed = False
        self._ending = threading.Event()

    async def submit(self, write: Wanted) -> Any:
        """Write, durably where the write says so, and give its answer.

        A caller that is cancelled leaves its write queued: an accepted message must be recorded even if
        nobody waits for the record any more.

        Raises:
            JournalError: The commit failed; it says so to every caller it held.
        """
        from asyncio import get_running_loop  # reading needs none of asyncio

        if self._commits is None:
            raise JournalError(f"the journal {self._place} was opened only to be read")
        loop = get_running_loop()
        job = _Job(write, loop, loop.create_future())
        while room := self._enqueue(job, self._commits):
            await room
        return await job.done

    def close(self) -> None:
        """Write what is queued, then stop. Blocks meanwhile."""
        self._ending.set()
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread:
            self._thread.join()
        if self._commits is not None:
            self._commits.close()

    def _enqueue(self, job: _Job, commits: Commits) -> "Future[None] | None":
        """Queue the job; or answer with what to wait for before trying again."""
        with self._changed:
            if self._closed:
                raise JournalError(f"the journal {self._place} is closed")
            # Any room is enough: a large write would otherwise starve behind small ones.
            if self._rows >= _MOST_ROWS:
                room: Future[None] = job.loop.create_future()
                self._waiting.append((job.loop, room))
                return room
            if self._thread is None:
                # A daemon: a process that forgets to close must still end. What was not committed was not promised.
                self._thread = threading.Thread(target=self._serve, args=[commits], name="journal", daemon=True)
                self._thread.start()
            self._jobs.append(job)
            self._rows += job.write.rows
            # Once the others of this turn of the loop have queued theirs: one commit for all of them.
            if self._nudging is not job.loop:
                self._nudging = job.loop
                job.loop.call_soon(self._nudge)
        return None

    def _nudge(self) -> None:
        with self._changed:
            self._nudging = None
            self._changed.notify()

    def _serve(self, commits: Commits) -> None:
        again: float | None = None
        waiting = 0
        try:
            while self._wait_for_jobs(again):
                if waiting >= _MANY:
                    self._ending.wait(_GATHER)
                if waiting := len(self._queued()):
                    self._commit(commits, waiting)
                again = commits.rest()
        finally:
            # Early only by a fault of ours, which is reported as every thread's is; nobody may wait for ever for it.
            with self._changed:
                self._closed = True
            self._finish([JournalError(f"the journal {self._place} is closed") for _ in self._queued()])

    def _commit(self, commits: Commits, waiting: int) -> None:
        """Commit what is queued, of which so much is waiting; where nobody foresaw what is wrong with it, one by one.

        So only whose write it is has it fail.
        """
        try:
            answers = commits.commit(self._queued)
        except Exception:  # noqa: BLE001  # it comes again, alone, and is told to who asked for it
            for _ in range(waiting):
                self._finish(_committed(commits, lambda: self._queued()[:1]))
        else:
            self._finish(answers)

    def _wait_for_jobs(self, at_most: float | None) -> bool:
        """Wait for something to do; whether there may be more afterwards."""
        with self._changed:
            self._changed.wait_for(lambda: self._jobs or self._closed, at_most)
            return bool(self._jobs) or not self._closed

    def _queued(self) -> list[Wanted]:
        with self._changed:
            return [job.write for job in self._jobs]

    def _finish(self, answers: Sequence[object]) -> None:
        """Take so many jobs off the queue and wake their callers, and those that wait for room."""
        told = []
        with self._changed:
            for answer in answers:
                job = self._jobs.popleft()
                self._rows -= job.write.rows
                told.append((job.loop, job.done, answer))
            waiting, self._waiting = self._waiting, []
        wake([*told, *((loop, room, None) for loop, room in waiting)])


def _committed(commits: Commits, queued: Callable[[], list[Wanted]]) -> list[object]:
    try:
        return commits.commit(queued)
    except Exception as error:  # noqa: BLE001  # it is the caller's
        return [error]
