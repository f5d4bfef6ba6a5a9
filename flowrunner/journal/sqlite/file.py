"""The journal's file: made, looked at before it is trusted, brought to this version, opened."""

import os
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from flowrunner.clock import Clock
from flowrunner.journal.errors import JournalError
from flowrunner.journal.sqlite import log
from flowrunner.journal.sqlite.connection import WRITING, connected, migrate
from flowrunner.journal.sqlite.database import FileDatabase
from flowrunner.journal.sqlite.errors import explain_os, read_only
from flowrunner.journal.sqlite.inspection import (
    Inspected,
    check_place,
    explained,
    inspect,
    reading,
)
from flowrunner.journal.sqlite.ledger import Ledger, read_ledger
from flowrunner.journal.sqlite.making import make, sync, sync_folder
from flowrunner.journal.sqlite.mark import Mark, mark_of, read_mark


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
        return self.uri == WRITING.format(self.path.as_uri())

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
        was_clean: The file called itself all there is.
    """

    db: FileDatabase
    mark: Mark
    ledger: Ledger
    was_clean: bool


def open_file(path: Path, clock: Clock) -> tuple[JournalFile, Pen]:
    """Make, check and migrate the journal at ``path``; returns it and what to write it with.

    Raises:
        JournalError: It cannot be used, whatever the reason; or some of it is missing.
    """
    make(path := path.absolute())
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
            return file, _take_pen(db, path)
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
        file = file._replace(uri=WRITING.format(path.as_uri()))  # who only reads leaves files behind
    return file, inspected


def _read_mark(path: Path) -> tuple[Ledger, ...]:
    try:
        return read_mark(path)
    except OSError as error:
        raise explain_os(error, path, "read") from error


def _writable(path: Path) -> bool:
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def _take_pen(db: FileDatabase, path: Path) -> Pen:
    """Make sure that the file can be written, and that its mark is there before the file says that a process writes.

    Who looked at it meanwhile would miss it. The first commit that waits for the disk says so in the file itself.
    """
    db.execute("BEGIN IMMEDIATE")
    ledger, was_clean = read_ledger(db)
    is_new = not mark_of(path).exists()
    try:
        mark = Mark.open(path)
        try:
            if was_clean:  # else another process may not have waited for the disk yet
                mark.write(ledger)
            if is_new:
                sync(mark_of(path))
                sync_folder(path.parent)
            db.execute("ROLLBACK")
        except BaseException:
            mark.close()
            raise
    except OSError as error:
        raise explain_os(error, path, "written") from error
    return Pen(db, mark, ledger, was_clean)
