"""The journal's file: made private, looked at before it is trusted, brought to this version, opened."""

import os
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from flowrunner.clock import Clock
from flowrunner.journal.errors import JournalError
from flowrunner.journal.sqlite import log
from flowrunner.journal.sqlite.database import FileDatabase
from flowrunner.journal.sqlite.errors import damaged, explain_os, read_only
from flowrunner.journal.sqlite.inspection import (
    APPLICATION,
    VERSION,
    Inspected,
    check_gone,
    check_place,
    check_version,
    explained,
    inspect,
    number,
    reading,
)
from flowrunner.journal.sqlite.ledger import Ledger, count_commit, read_ledger
from flowrunner.journal.sqlite.mark import Mark, mark_of, read_mark
from flowrunner.journal.sqlite.sealing import seal_schema

if TYPE_CHECKING:
    from flowrunner.journal.sqlite.migrations import Change

_WRITING: Final = "{}?mode=rw"
_TABLES: Final = Path(__file__).with_name("tables.sql")
_MOST_LOG: Final = 4 << 20
"""Bytes that the `-wal` file keeps once what it holds is in the journal's own."""


class JournalFile(NamedTuple):
    """A journal that was there and whole when it was opened.

    Attributes:
        path: Where it is, absolute.
        identity: Device and inode, to notice that the file was moved or deleted under us.
        uri: Where, and how, SQLite opens it.
        is_copied: It is of an older version, and cannot be brought to this one where it is: a copy is read.
    """

    path: Path
    identity: tuple[int, int]
    uri: str
    is_copied: bool = False

    def connect(self) -> FileDatabase:
        """A connection in autocommit mode that may be closed by another thread than the one that uses it."""
        db = connected(self.uri)
        if not self.is_copied:
            return db
        with closing(db):
            copy = connected("")  # a file of SQLite's own, which ends with the connection
            db.backup(copy)
            migrate(copy, self.path)
            return copy

    @property
    def is_writable(self) -> bool:
        """Whether it may be written to, and all of it is there."""
        return self.uri == _WRITING.format(self.path.as_uri())

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
                "put it back before you continue: without it nobody knows what was sent",
            )


class Pen(NamedTuple):
    """What one process writes a journal with.

    Attributes:
        db: The connection to write by.
        mark: What tells how far the journal has come.
        ledger: How far it had when it was opened.
    """

    db: FileDatabase
    mark: Mark
    ledger: Ledger


def open_file(path: Path, clock: Clock) -> tuple[JournalFile, Pen]:
    """Make, check and migrate the journal at ``path``; returns it and what to write it with.

    When this returns, one commit has been written and synced, and all that was ever committed is in the file itself.

    Raises:
        JournalError: It cannot be used, whatever the reason; or some of it is missing.
    """
    _make(path := path.absolute())
    file, inspected = look(path)
    if inspected.incomplete:
        raise inspected.incomplete
    if not file.is_writable:
        raise read_only(path)
    with explained(path):
        db = file.connect()
        try:
            db.clock = clock
            log.use_log(db, path, clock)
            migrate(db, path)
            return file, _begin_writing(db, path)
        except BaseException:
            db.close()
            raise


def look(path: Path) -> tuple[JournalFile, Inspected]:
    """Look at the journal at ``path``, without changing a byte of it; it may be incomplete.

    Raises:
        JournalError: It cannot even be read.
    """
    path = path.absolute()
    check_place(path)
    found = path.stat()
    file = JournalFile(path, (found.st_dev, found.st_ino), reading(path))
    marks = _read_mark(path)
    while True:
        with explained(path), closing(file.connect()) as db:
            db.execute("BEGIN")  # one moment of it
            inspected = inspect(path, db, marks)
        before, marks = marks, _read_mark(path)
        # The first process of all makes the mark, then says that it writes: it may do both in between.
        if not inspected.incomplete or before or not marks:
            break
    if not inspected.incomplete and _writable(path):
        file = file._replace(uri=_WRITING.format(path.as_uri()))  # who only reads leaves files behind
    return file, inspected


def _read_mark(path: Path) -> tuple[Ledger, ...]:
    try:
        return read_mark(path)
    except OSError as error:
        raise explain_os(error, path, "read") from error


def _writable(path: Path) -> bool:
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def _make(path: Path) -> None:
    """Create the file whole and private, and its folder, unless they are there. Others' modes are left alone.

    It comes to its place in one step: an empty file there is one that has lost what it held.
    """
    try:
        if os.path.lexists(path):
            path.stat()
            return
        check_gone(path)
        mark_of(path).unlink(missing_ok=True)  # of a journal by which nothing was sent
        for folder in reversed(path.parents):
            if not folder.exists():
                folder.mkdir(mode=0o700, exist_ok=True)
                _sync_folder(folder.parent)
        # SQLite gives -wal and -shm the mode of the file itself.
        fresh = path.with_name(f".{path.name}-{os.urandom(8).hex()}")
        os.close(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        try:
            with explained(path), closing(connected(_WRITING.format(fresh.as_uri()))) as db:
                db.execute("PRAGMA synchronous = OFF")  # once at its end is enough
                migrate(db, path)
            sync(fresh)
            _put(fresh, path)
        finally:
            fresh.unlink(missing_ok=True)
        _sync_folder(path.parent)
    except OSError as error:
        raise explain_os(error, path, "made") from error


def _put(fresh: Path, path: Path) -> None:
    """Give a new file its name, unless another process has made one meanwhile."""
    try:
        os.link(fresh, path)
    except FileExistsError:
        return
    except OSError:  # a file system without links
        if not path.exists():
            fresh.rename(path)


def _sync_folder(folder: Path) -> None:
    """Make a new entry of a folder survive a power cut."""
    if os.name != "nt":  # a folder cannot be opened there
        sync(folder, os.O_RDONLY)


def sync(path: Path, flags: int = os.O_RDWR) -> None:
    """Make what was written to a file survive a power cut."""
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def connected(uri: str) -> FileDatabase:
    """A connection as all of a journal are, in autocommit mode; ``:memory:`` is a place, too."""
    # Never a mode that creates: only _make does, so that no file has a wrong mode.
    db = sqlite3.connect(
        uri, uri=True, timeout=log.PATIENCE, isolation_level=None, check_same_thread=False, factory=FileDatabase
    )
    try:
        log.sync_commits(db, wanted=True)
        db.execute("PRAGMA fullfsync = ON")  # macOS: fsync alone leaves the data in the drive's cache
        db.execute(f"PRAGMA journal_size_limit = {_MOST_LOG}")
    except sqlite3.Error:  # the file is no journal
        db.close()
        raise
    return db


def migrate(db: FileDatabase, path: Path) -> None:
    """Bring the tables to this version, if they are not."""
    db.execute("BEGIN IMMEDIATE")
    version = check_version(db, path) if number(db, "PRAGMA application_id") else 0
    if version == VERSION:
        db.rollback()
        return
    try:
        for change in _changes(version):
            if isinstance(change, str):
                db.execute(change)
            else:
                change(db)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_ERROR:  # a table is not what its version says
            raise damaged(path) from error
        raise
    seal_schema(db)
    db.execute(f"PRAGMA application_id = {APPLICATION}")
    db.execute(f"PRAGMA user_version = {VERSION}")
    db.execute("COMMIT")


def _changes(version: int) -> Iterable["Change"]:
    """What makes this version's tables of that one's; of 0, in which nothing is, at once what all changes come to."""
    if not version:
        return _TABLES.read_text(encoding="utf-8").split(";\n\n")
    from flowrunner.journal.sqlite.migrations import MIGRATIONS  # most journals are new, or of this version

    return chain.from_iterable(MIGRATIONS[version:])


def _begin_writing(db: FileDatabase, path: Path) -> Pen:
    """Prove by a commit that the file can be written durably.

    When this returns, the file itself says that a process writes to it, and holds all that was committed before. Its
    mark is there before it says so: who looks at it meanwhile would miss it.
    """
    db.execute("BEGIN IMMEDIATE")
    ledger, was_clean = read_ledger(db)
    is_new = not mark_of(path).exists()
    try:
        mark = Mark.open(path)
        if was_clean:  # else another process may not have waited for the disk yet
            mark.write(ledger)
        if is_new:
            sync(mark_of(path))
            _sync_folder(path.parent)
    except OSError as error:
        raise explain_os(error, path, "written") from error
    try:
        ledger = count_commit(db)
        db.execute("COMMIT")
        mark.write(ledger)
        log.empty_log(db, needed=was_clean)
    except BaseException:
        mark.close()
        raise
    return Pen(db, mark, ledger)
