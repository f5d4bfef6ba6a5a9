"""The journal's file: made private, checked before it is trusted, brought to this version, opened."""

import os
import sqlite3
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flowrunner.journal.errors import JournalError, damaged, explain, explain_os
from flowrunner.journal.migrations import MIGRATIONS
from flowrunner.transport.access import target_key

if TYPE_CHECKING:
    from collections.abc import Iterator

_APPLICATION = int.from_bytes(b"flow")
"""Marks a SQLite file as ours (`PRAGMA application_id`)."""

_CHECKED_WHOLE = 4 << 20
"""Files up to this many bytes are read through when opened (about 10 ms); larger ones would cost seconds,
there SQLite's own checks of header and length have to do."""


@dataclass(frozen=True, slots=True)
class JournalFile:
    """A journal that was there, whole and writable when it was opened.

    Attributes:
        path: Where it is, absolute.
        patience: Seconds to wait for another program's lock.
        identity: Device and inode, to notice that the file was moved or deleted under us.
    """

    path: Path
    patience: float
    identity: tuple[int, int]

    def connect(self) -> sqlite3.Connection:
        """A connection in autocommit mode that may be closed by another thread than the one that uses it."""
        return _connect(self.path, self.patience)

    def check_in_place(self) -> None:
        """Raise JournalError if the path no longer leads to the opened file.

        SQLite would go on writing to a deleted file, and nobody could ever read it.
        """
        try:
            found = self.path.stat()
        except OSError:
            found = None
        if found is None or (found.st_dev, found.st_ino) != self.identity:
            raise JournalError(
                f"the journal {self.path} was moved, replaced or deleted while in use",
                "put it back before going on: without it nobody knows what was sent",
            )


def open_file(path: Path, patience: float) -> tuple[JournalFile, sqlite3.Connection]:
    """Make, check and migrate the journal at ``path``; answers with it and the connection to write by.

    When this returns, one commit has been written and synced.

    Raises:
        JournalError: It cannot be used, whatever the reason.
    """
    path = path.absolute()
    try:
        _make(path)
        found = path.stat()
    except OSError as error:
        raise explain_os(error, path) from error
    file = JournalFile(path, patience, (found.st_dev, found.st_ino))
    with explained(path):
        db = file.connect()
        try:
            _check(db, path)
            _use_wal(db, path, patience)
            _migrate(db, path)
        except BaseException:
            db.close()
            raise
    return file, db


@contextmanager
def explained(path: Path) -> "Iterator[None]":
    """Turn SQLite's errors into JournalError."""
    try:
        yield
    except sqlite3.Error as error:
        raise explain(error, path) from error


def _make(path: Path) -> None:
    """Create the file empty and private, and its folder, unless they are there. Others' modes are left alone."""
    if path.is_dir():
        raise JournalError(f"the journal {path} is a folder", "name a file, such as journal.db in that folder")
    for folder in reversed(path.parents):
        if not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
            _sync_folder(folder.parent)
    try:
        # SQLite gives -wal and -shm the mode of the file itself.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        return
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make a new entry of a folder survive a power cut."""
    if os.name == "nt":  # a folder cannot be opened there
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _connect(path: Path, patience: float) -> sqlite3.Connection:
    # mode=rw: only _make creates files, so none has a wrong mode.
    db = sqlite3.connect(
        f"{path.as_uri()}?mode=rw", uri=True, timeout=patience, isolation_level=None, check_same_thread=False
    )
    # What was sent to one API is known by all spellings of its URL.
    db.create_function("target_key", 1, target_key, deterministic=True)
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA fullfsync = ON")  # macOS: fsync alone leaves the data in the drive's cache
    return db


def _number(db: sqlite3.Connection, question: str) -> int:
    return int(db.execute(question).fetchone()[0])


def _check(db: sqlite3.Connection, path: Path) -> None:
    """Refuse what is not ours, newer, or damaged, before anything of it is changed."""
    application = _number(db, "PRAGMA application_id")
    if application != _APPLICATION and (application or _number(db, "SELECT count(*) FROM sqlite_master")):
        raise JournalError(
            f"{path} is another program's database, not a journal", "name another journal with --journal FILE"
        )
    _check_version(db, path)
    if path.stat().st_size <= _CHECKED_WHOLE:
        with closing(db.execute("PRAGMA quick_check(1)")) as answer:
            if answer.fetchone() != ("ok",):
                raise damaged(path)


def _check_version(db: sqlite3.Connection, path: Path) -> int:
    version = _number(db, "PRAGMA user_version")
    if version > len(MIGRATIONS):
        raise JournalError(
            f"the journal {path} was written by a newer flowrunner"
            f" (journal version {version}, this one knows {len(MIGRATIONS)})",
            "update flowrunner, or name another journal with --journal FILE",
        )
    return version


def _use_wal(db: sqlite3.Connection, path: Path, patience: float) -> None:
    """Switch to write-ahead logging, which a file system without shared memory cannot do."""
    until = time.monotonic() + patience
    while True:
        try:
            mode = db.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        except sqlite3.OperationalError as error:
            # SQLite does not wait here by itself when two processes make the file at the same moment.
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            break
    if mode != "wal":
        raise JournalError(
            f"the journal {path} is on a file system that cannot hold one (no shared memory)",
            "name a journal on a local disk with --journal FILE",
        )


def _migrate(db: sqlite3.Connection, path: Path) -> None:
    """Bring the tables to this version, and prove by a commit that the file can be written durably."""
    db.execute("BEGIN IMMEDIATE")
    version = _check_version(db, path)
    for statements in MIGRATIONS[version:]:
        for statement in statements:
            db.execute(statement)
    db.execute(f"PRAGMA application_id = {_APPLICATION}")
    db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
    db.execute("COMMIT")
