"""One thread that writes: what arrives while a commit runs shares the next one.

A commit waits for the disk, 0.2 to 10 ms; so two hundred callers at once cost one wait, and a lone caller waits for
nothing but its own. What need not survive a power cut does not wait: the next commit that does, or the next time that
the log is emptied, takes it to the disk.
"""

import contextlib
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING, Any, NamedTuple

from flowrunner.journal.errors import JournalError
from flowrunner.journal.sqlite.errors import damaged, explain_os
from flowrunner.journal.sqlite.inspection import explained
from flowrunner.journal.sqlite.log import empty_log, sync_commits
from flowrunner.journal.sqlite.mark import mark_of, replace_mark
from flowrunner.journal.tables.appending import Append, append_all
from flowrunner.journal.tables.ledger import count_commit, read_ledger
from flowrunner.journal.tables.writes import Shared, Write
from flowrunner.journal.threads import wake

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Future

    from flowrunner.clock import Clock
    from flowrunner.journal.sqlite.file import JournalFile, Pen

_MOST_ROWS = 5_000
"""Rows that may wait for the disk; beyond, callers wait for room. Without a bound a campaign tripled its memory."""

_EMPTIED_EVERY = 1.0
"""Seconds after which what was written is in the file itself, too."""


_Wanted = Write | Append | Shared


class _Job(NamedTuple):
    write: _Wanted
    loop: "AbstractEventLoop"
    done: "Future[Any]"


class Writer:
    """The only connection of this process that writes. Its callers may live in any event loop."""

    def __init__(self, file: "JournalFile", pen: "Pen | None", clock: "Clock") -> None:
        """Without a pen nothing can be written."""
        self._file = file
        self._pen = pen
        self._clock = clock
        self._ledger = pen.ledger if pen else None
        # What only the thread touches: when the log was emptied last, whether anything was written to it since,
        # whether that may be a run of which the file itself knows nothing, and whether commits wait for the disk.
        self._emptied = clock.monotonic()  # opening it has done so
        self._full = False
        self._unsettled = True
        self._waits = True
        self._thread: threading.Thread | None = None
        self._changed = threading.Condition()
        # All below is touched only with `_changed` held.
        self._jobs: deque[_Job] = deque()
        self._rows = 0
        self._waiting: list[tuple[AbstractEventLoop, Future[None]]] = []
        self._closed = False

    async def submit(self, write: _Wanted) -> Any:
        """Write, durably where the write says so, and give its answer.

        A caller that is cancelled leaves its write queued: an accepted message must be recorded even if
        nobody waits for the record any more.

        Raises:
            JournalError: The commit failed; it says so to every caller it held.
        """
        from asyncio import get_running_loop  # reading needs none of asyncio

        if self._pen is None:
            raise JournalError(f"the journal {self._file.path} was opened only to be read")
        loop = get_running_loop()
        job = _Job(write, loop, loop.create_future())
        while room := self._enqueue(job):
            await room
        return await job.done

    def close(self) -> None:
        """Write what is queued, then stop. Blocks meanwhile."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread:
            self._thread.join()
        if self._pen is not None:
            with contextlib.suppress(sqlite3.Error, JournalError, OSError):  # it is whole all the same, with its log
                self._end(self._pen)
            self._pen.mark.close()
            self._pen.db.close()

    def _end(self, pen: "Pen") -> None:
        """Leave the file as all there is. Another process that writes to it says otherwise with its next commit."""
        self._file.check_in_place()
        pen.db.execute("PRAGMA busy_timeout = 1000")
        # The disk is waited for once, as the log is emptied; by the commit itself where others keep it from that.
        for waits in (False, True):
            self._wait_for_disk(pen.db, wanted=waits)
            pen.db.execute("BEGIN IMMEDIATE")
            ledger = count_commit(pen.db, clean=True)
            pen.db.execute("COMMIT")
            is_busy, *_ = pen.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if not is_busy:
                break
        if mark_of(self._file.path).exists():
            pen.mark.write(ledger)
        else:
            replace_mark(self._file.path, ledger)

    def _enqueue(self, job: _Job) -> "Future[None] | None":
        """Queue the job; or answer with what to wait for before trying again."""
        with self._changed:
            if self._closed:
                raise JournalError(f"the journal {self._file.path} is closed")
            # Any room is enough: a large write would otherwise starve behind small ones.
            if self._rows >= _MOST_ROWS:
                room: Future[None] = job.loop.create_future()
                self._waiting.append((job.loop, room))
                return room
            if self._thread is None:
                # A daemon: a process that forgets to close must still end. What was not committed was not promised.
                self._thread = threading.Thread(target=self._serve, args=[self._pen], name="journal", daemon=True)
                self._thread.start()
            self._jobs.append(job)
            self._rows += job.write.rows
        # Once the others of this turn of the loop have queued theirs: one commit for all of them.
        job.loop.call_soon(self._nudge)
        return None

    def _nudge(self) -> None:
        with self._changed:
            self._changed.notify()

    def _serve(self, pen: "Pen") -> None:
        try:
            while self._wait_for_jobs():
                if self._queued():
                    self._finish(*self._commit(pen))
                self._tidy(pen.db)
        finally:
            # Early only by a fault of ours, which is reported as every thread's is; nobody may wait for ever for it.
            with self._changed:
                self._closed = True
            left = self._queued()
            self._finish(left, [JournalError(f"the journal {self._file.path} is closed") for _ in left])

    def _wait_for_jobs(self) -> bool:
        """Wait for something to do; whether there may be more afterwards."""
        with self._changed:
            self._changed.wait_for(lambda: self._jobs or self._closed, _EMPTIED_EVERY if self._full else None)
            return bool(self._jobs) or not self._closed

    def _queued(self) -> list[_Job]:
        with self._changed:
            return list(self._jobs)

    def _commit(self, pen: "Pen") -> tuple[list[_Job], list[object]]:
        """Commit all that is queued. Returns that, and the answer for each."""
        batch: list[_Job] = []
        try:
            with explained(self._file.path):
                self._file.check_in_place()
                durable = any(job.write.is_durable for job in self._queued())
                self._wait_for_disk(pen.db, wanted=durable)  # SQLite cannot change its mind in a transaction
                pen.db.execute("BEGIN IMMEDIATE")
                was_clean = self._check(pen.db)
                batch = self._queued()  # only now: what came while another process held the lock comes along
                if not durable:
                    batch = list(takewhile(lambda job: not job.write.is_durable, batch))
                writes = [job.write for job in batch]
                answers = apply_writes(pen.db, writes)
                ledger = count_commit(pen.db)
                pen.db.execute("COMMIT")
                self._ledger, self._full = ledger, True
                if durable:
                    pen.mark.write(ledger)
                self._settle_runs(pen.db, writes, was_clean=was_clean)
        except (JournalError, OSError) as error:
            with contextlib.suppress(sqlite3.Error):  # SQLite may have rolled back by itself
                pen.db.rollback()
            batch = batch or self._queued()
            said = error if isinstance(error, JournalError) else explain_os(error, self._file.path, "written")
            answers = [JournalError(said.message, said.hint) for _ in batch]
        return batch, answers

    def _wait_for_disk(self, db: sqlite3.Connection, *, wanted: bool) -> None:
        if wanted is not self._waits:
            sync_commits(db, wanted=wanted)
            self._waits = wanted

    def _check(self, db: sqlite3.Connection) -> bool:
        """Make sure that nothing was lost meanwhile. Returns whether the file calls itself all there is."""
        ledger, was_clean = read_ledger(db)
        if self._ledger is None or ledger.journal != self._ledger.journal or ledger.commits < self._ledger.commits:
            raise damaged(self._file.path)
        return was_clean

    def _settle_runs(self, db: sqlite3.Connection, writes: Sequence[_Wanted], *, was_clean: bool) -> None:
        """See to it that the file itself knows of every run before its first message leaves.

        Should the `-wal` file be lost, it is known at least who may have been sent to.
        """
        self._unsettled = self._unsettled or any(isinstance(write, Write) and write.begins for write in writes)
        if was_clean or (self._unsettled and any(isinstance(write, Append) for write in writes)):
            empty_log(db, needed=was_clean)
            self._emptied, self._full, self._unsettled = self._clock.monotonic(), False, False

    def _tidy(self, db: sqlite3.Connection) -> None:
        """Keep what only the `-wal` file holds to about a second's worth."""
        if self._full and self._clock.monotonic() - self._emptied >= _EMPTIED_EVERY:
            with contextlib.suppress(sqlite3.Error):  # nothing is lost; the next commit meets the same fault
                empty_log(db, needed=False)
            self._emptied, self._full = self._clock.monotonic(), False

    def _finish(self, batch: Sequence[_Job], answers: Sequence[object]) -> None:
        """Take the jobs off the queue and wake their callers, and those that wait for room."""
        with self._changed:
            for job in batch:
                self._jobs.popleft()
                self._rows -= job.write.rows
            waiting, self._waiting = self._waiting, []
        told = [(job.loop, job.done, answer) for job, answer in zip(batch, answers, strict=True)]
        wake([*told, *((loop, room, None) for loop, room in waiting)])


def apply_writes(db: sqlite3.Connection, writes: Sequence[_Wanted]) -> list[object]:
    """Do all writes in one transaction; what must come before events, the events, what must come after them.

    Writes that share a commit come from callers that do not wait for one another, except a cancelled caller's: its
    event must still find the claim that it gives back next.
    """
    answers: list[object] = [None] * len(writes)
    appends: list[tuple[int, Append]] = []
    after: list[tuple[int, Write]] = []
    shared: dict[Callable[..., Sequence[Any]], list[tuple[int, Any]]] = {}
    for place, write in enumerate(writes):
        if isinstance(write, Append):
            appends.append((place, write))
        elif isinstance(write, Shared):
            shared.setdefault(write.apply_all, []).append((place, write.given))
        elif write.is_late:
            after.append((place, write))
        else:
            answers[place] = write.apply(db)
    for (place, _), answer in zip(appends, append_all(db, [append for _, append in appends]), strict=True):
        answers[place] = answer
    for apply_all, calls in shared.items():
        for (place, _), answer in zip(calls, apply_all(db, [given for _, given in calls]), strict=True):
            answers[place] = answer
    for place, late in after:
        answers[place] = late.apply(db)
    return answers
