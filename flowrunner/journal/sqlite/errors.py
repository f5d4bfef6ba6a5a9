"""SQLite's errors in words that a person can act on."""

import sqlite3
from pathlib import Path
from typing import Final

from flowrunner.journal.errors import JournalAwayError, JournalError

ELSEWHERE: Final = "or name another journal with --journal FILE"

RESTORE: Final = "restore it from a backup; another journal would not know what was sent"

_REASONS: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_FULL: ("cannot be written: the disk is full", "free some space"),
    sqlite3.SQLITE_READONLY: (
        "cannot be written: the file, its folder or the disk is read-only",
        f"allow writing to the file and its folder, {ELSEWHERE}",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "cannot be opened",
        f"allow reading and writing the file and its folder, {ELSEWHERE}",
    ),
    sqlite3.SQLITE_PERM: ("cannot be opened: permission denied", f"allow reading and writing, {ELSEWHERE}"),
    sqlite3.SQLITE_NOTADB: ("is not a journal, or it is damaged", f"restore it from a copy, {ELSEWHERE}"),
    sqlite3.SQLITE_CORRUPT: ("is damaged", RESTORE),
    sqlite3.SQLITE_BUSY: (
        "is locked by another program",
        "close the program that holds it open for writing, then try again",
    ),
    sqlite3.SQLITE_IOERR: (
        "cannot be read or written: the disk is full, failing, or limits the size of files",
        f"check the disk, {ELSEWHERE}",
    ),
}

_PASSES: Final = frozenset([sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_IOERR])


def damaged(path: Path) -> JournalError:
    """The error for a file whose content contradicts itself."""
    return _error(path, sqlite3.SQLITE_CORRUPT)


def read_only(path: Path) -> JournalError:
    """The error for a file that can be read, not written."""
    return _error(path, sqlite3.SQLITE_READONLY)


def explain(error: sqlite3.Error, path: Path) -> JournalError:
    """The same error in our words, by SQLite's primary result code (https://www.sqlite.org/rescode.html)."""
    primary = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if primary in _REASONS:
        return _error(path, primary)
    return JournalError(f"the journal {path} cannot be used: {error}", f"check the file, {ELSEWHERE}")


def explain_os(error: OSError, path: Path, done: str) -> JournalError:
    """The same error in our words, for what goes wrong beside SQLite: it cannot be ``done`` (made, read, ...)."""
    reason = error.strerror or str(error)
    return JournalError(f"the journal {path} cannot be {done}: {reason}", f"fix that, {ELSEWHERE}")


def _error(path: Path, code: int) -> JournalError:
    reason, hint = _REASONS[code]
    kind = JournalAwayError if code in _PASSES else JournalError
    return kind(f"the journal {path} {reason}", hint)
