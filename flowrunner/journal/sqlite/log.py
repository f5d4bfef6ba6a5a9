"""The `-wal` file beside a journal, in which SQLite keeps what was written last."""

import sqlite3
from pathlib import Path

from flowrunner.clock import Clock
from flowrunner.journal.errors import JournalError
from flowrunner.journal.sqlite.database import FileDatabase

PATIENCE = 10.0
"""Seconds that another process's lock is waited for, before it is a JournalError."""


def use_log(db: FileDatabase, path: Path, clock: Clock) -> None:
    """Switch to write-ahead logging, which a file system without shared memory cannot do."""
    until = clock.monotonic() + PATIENCE
    while True:
        try:
            mode = db.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        except sqlite3.OperationalError as error:
            # SQLite does not wait here by itself when two processes open the file at the same moment.
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or clock.monotonic() > until:
                raise
            clock.block(0.01)
        else:
            break
    if mode != "wal":
        raise JournalError(
            f"the journal {path} is on a file system that cannot hold one (no shared memory)",
            "name a journal on a local disk with --journal FILE",
        )


def sync_commits(db: FileDatabase, *, wanted: bool) -> None:
    """Let each commit wait for the disk, or none; what was committed survives the end of the process either way.

    A commit that waits takes all earlier ones along, of any process; so does a checkpoint, which always waits. What a
    power cut leaves of the others is their beginning: SQLite reads its log up to the last whole commit.
    https://www.sqlite.org/pragma.html#pragma_synchronous
    """
    db.execute(f"PRAGMA synchronous = {'FULL' if wanted else 'NORMAL'}")


def empty_log(db: FileDatabase, *, needed: bool) -> bool:
    """Bring what is in the `-wal` file into the journal's own. Returns whether all of it is there now.

    Args:
        db: A connection that writes.
        needed: It must be: the file calls itself all there is, and is not any more.

    Raises:
        sqlite3.OperationalError: It was needed, and others were reading for as long as a lock is waited for.
    """
    _, log, done = db.execute(f"PRAGMA wal_checkpoint({'FULL' if needed else 'PASSIVE'})").fetchone()
    if needed and log != done:
        busy = sqlite3.OperationalError("database is locked")
        busy.sqlite_errorcode = sqlite3.SQLITE_BUSY
        raise busy
    return bool(log == done)
