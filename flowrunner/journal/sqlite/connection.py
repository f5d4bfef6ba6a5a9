"""Connections to a journal, whose tables are brought to this version."""

import sqlite3
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

from flowrunner.journal.sqlite import log
from flowrunner.journal.sqlite.database import FileDatabase
from flowrunner.journal.sqlite.errors import damaged
from flowrunner.journal.sqlite.inspection import APPLICATION, VERSION, check_version, number
from flowrunner.journal.sqlite.sealing import seal_schema

if TYPE_CHECKING:
    from flowrunner.journal.sqlite.migrations import Change

WRITING: Final = "{}?mode=rw"
"""The place of a file, as SQLite is told it by whoever writes."""
_TABLES: Final = Path(__file__).with_name("tables.sql")
_MOST_LOG: Final = 4 << 20
"""Bytes that the `-wal` file keeps once what it holds is in the journal's own."""


def connected(uri: str) -> FileDatabase:
    """A connection as all of a journal are, in autocommit mode; ``:memory:`` is a place, too."""
    # Never a mode that creates: only making one does, so that no file has a wrong mode.
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
