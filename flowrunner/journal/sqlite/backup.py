"""A copy of a journal that is whole, also while runs are under way."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from flowrunner.journal.errors import JournalError
from flowrunner.journal.sqlite.checking import check_journal
from flowrunner.journal.sqlite.errors import RESTORE, explain_os
from flowrunner.journal.sqlite.file import look
from flowrunner.journal.sqlite.inspection import explained
from flowrunner.journal.sqlite.making import sync
from flowrunner.journal.tables.checking import CheckResult

_PAGES = 1_000
"""Pages that are copied at once: the file may be written to between them."""


def back_up(path: Path, copy: Path, *, overwrite: bool = False) -> CheckResult:
    """Copy a journal, as it is at one moment, to one file; then read the copy through.

    The copy says of itself whether a process was writing. It comes to its place whole or not at all.

    Args:
        path: The journal.
        copy: Where the copy goes.
        overwrite: Whether a file there may be replaced; one that is a journal in use never is.

    Raises:
        JournalError: The journal is incomplete or cannot be read; there is a file; the copy cannot be written, or is
            not whole.
    """
    copy = copy.absolute()
    if os.path.lexists(copy) and (not overwrite or not copy.is_file()):
        hint = "name another file, or replace it with --overwrite" if copy.is_file() else "name another file"
        raise JournalError(f"{copy} is there already", hint)
    if os.path.lexists(copy) and copy.samefile(path):
        raise JournalError(f"{copy} is the journal itself", "name another file")
    if any(os.path.lexists(f"{copy}{end}") for end in ("-wal", "-mark")):
        raise JournalError(f"{copy} is a journal in use", "name another file")
    file, inspected = look(path)
    if inspected.incomplete:
        raise inspected.incomplete
    fresh = copy.with_name(f".{copy.name}-{os.urandom(8).hex()}")
    try:
        os.close(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        try:
            with explained(copy), closing(file.connect()) as db, closing(sqlite3.connect(fresh)) as target:
                db.backup(target, pages=_PAGES, sleep=0.0)
                target.execute("PRAGMA journal_mode = DELETE")  # one file, also for whoever only reads it
            result = check_journal(fresh)
            if result.damages:
                raise JournalError(f"the journal {path} is damaged: {result.damages[0]}", RESTORE)
            sync(fresh)
            fresh.replace(copy)
        finally:
            fresh.unlink(missing_ok=True)
    except OSError as error:
        raise explain_os(error, copy, "written") from error
    return result
