"""What is written to a journal's file is committed.

What need not survive a power cut does not wait for the disk: the next commit that does, or the next time that the log
is emptied, takes it there.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Sequence
from itertools import takewhile

from flowrunner.clock import Clock
from flowrunner.journal.errors import JournalError
from flowrunner.journal.sqlite.errors import damaged, explain_os
from flowrunner.journal.sqlite.file import JournalFile, Pen
from flowrunner.journal.sqlite.inspection import explained
from flowrunner.journal.sqlite.ledger import count_commit, read_ledger
from flowrunner.journal.sqlite.log import empty_log, sync_commits
from flowrunner.journal.sqlite.mark import mark_of, replace_mark
from flowrunner.journal.tables.batches import Wanted, apply
from flowrunner.journal.tables.event_writes import Append
from flowrunner.journal.tables.writes import Write

_EMPTIED_EVERY = 1.0
"""Seconds after which what was written is in the file itself, too."""


class FileCommits:
    """The only connection of this process that writes the file."""

    def __init__(self, file: JournalFile, pen: Pen, clock: Clock) -> None:
        self._file = file
        self._pen = pen
        self._db = pen.db
        self._clock = clock
        self._ledger = pen.ledger
        # When the log was emptied last, whether anything was written to it since, whether that may be a run of which
        # the file itself knows nothing, and whether commits wait for the disk.
        self._emptied = clock.monotonic()
        self._full = False
        self._unsettled = True
        self._waits = True
        # Whether the file itself is to be told that a process writes, and surely calls itself all there is until then.
        self._untold = True
        self._looks_clean = pen.was_clean

    def commit(self, queued: Callable[[], list[Wanted]]) -> list[object]:
        """Commit what is queued, all that needs the disk or all that does not. Returns the answer for each."""
        batch: list[Wanted] = []
        try:
            with explained(self._file.path):
                self._file.check_in_place()
                durable = any(write.is_durable for write in queued())
                self._wait_for_disk(wanted=durable)  # SQLite cannot change its mind in a transaction
                self._db.execute("BEGIN IMMEDIATE")
                was_clean = self._check()
                batch = queued()  # only now: what came while another process held the lock comes along
                if not durable:
                    batch = list(takewhile(lambda write: not write.is_durable, batch))
                answers = apply(self._db, batch)
                ledger = count_commit(self._db)
                self._db.execute("COMMIT")
                self._ledger, self._full = ledger, True
                if durable:
                    self._pen.mark.write(ledger)
                self._settle(batch, was_clean=was_clean)
                return answers
        except Exception as error:
            with contextlib.suppress(sqlite3.Error):  # SQLite may have rolled back by itself
                self._db.rollback()
            of_one = isinstance(error.__cause__, sqlite3.DataError | sqlite3.IntegrityError) and len(batch) > 1
            if of_one or not isinstance(error, JournalError | OSError):
                raise
            said = error if isinstance(error, JournalError) else explain_os(error, self._file.path, "written")
            return [type(said)(said.message, said.hint) for _ in batch or queued()]

    def rest(self) -> float | None:
        """Keep what only the `-wal` file holds to about a second's worth."""
        if self._full and self._clock.monotonic() - self._emptied >= _EMPTIED_EVERY:
            self._emptied, self._full = self._clock.monotonic(), False
            with contextlib.suppress(sqlite3.Error):  # nothing is lost; the next commit meets the same fault
                self._full = not empty_log(self._db, needed=False)
        return _EMPTIED_EVERY if self._full else None

    def close(self) -> None:
        """Leave the file as all there is."""
        with contextlib.suppress(sqlite3.Error, JournalError, OSError):  # it is whole all the same, with its log
            self._end()
        self._pen.mark.close()
        self._db.close()

    def _end(self) -> None:
        """Another process that writes to the file says otherwise with its next commit."""
        self._file.check_in_place()
        self._db.execute("PRAGMA busy_timeout = 1000")
        # The disk is waited for once, as the log is emptied; by the commit itself where others keep it from that.
        for waits in (False, True):
            self._wait_for_disk(wanted=waits)
            self._db.execute("BEGIN IMMEDIATE")
            ledger = count_commit(self._db, clean=True)
            self._db.execute("COMMIT")
            is_busy, *_ = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if not is_busy:
                break
        if mark_of(self._file.path).exists():
            self._pen.mark.write(ledger)
        else:
            replace_mark(self._file.path, ledger)

    def _wait_for_disk(self, *, wanted: bool) -> None:
        if wanted is not self._waits:
            sync_commits(self._db, wanted=wanted)
            self._waits = wanted

    def _check(self) -> bool:
        """Make sure that nothing was lost meanwhile. Returns whether the file calls itself all there is."""
        ledger, was_clean = read_ledger(self._db)
        if ledger.journal != self._ledger.journal or ledger.commits < self._ledger.commits:
            raise damaged(self._file.path)
        return was_clean

    def _settle(self, writes: Sequence[Wanted], *, was_clean: bool) -> None:
        """See to it that the file itself says that a process writes, and knows of every run before its first message.

        Should the `-wal` file be lost, even with the mark, it is known at least who may have been sent to. What does
        not wait for the disk would not be missed. Where a reader is in the way, the next commit does it.
        """
        self._untold = self._untold or was_clean
        self._looks_clean = self._looks_clean or was_clean
        self._unsettled = self._unsettled or any(isinstance(write, Write) and write.begins for write in writes)
        sends = self._unsettled and any(isinstance(write, Append) for write in writes)
        if self._waits and (self._untold or sends):
            self._full = not empty_log(self._db, needed=self._looks_clean)
            self._emptied = self._clock.monotonic()
            self._untold, self._unsettled = self._untold and self._full, self._unsettled and self._full
            self._looks_clean = False
