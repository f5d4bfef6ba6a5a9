"""A journal is looked at before it is trusted, without changing a byte of it."""

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from flowrunner.journal.errors import JournalError
from flowrunner.journal.sqlite.database import FileDatabase
from flowrunner.journal.sqlite.errors import RESTORE, damaged, explain, explain_os
from flowrunner.journal.sqlite.ledger import Ledger, read_ledger
from flowrunner.journal.sqlite.mark import mark_of, read_mark
from flowrunner.journal.sqlite.sealing import broken_seals, is_schema_whole
from flowrunner.journal.tables.seals import TornError

APPLICATION: Final = int.from_bytes(b"flow")
"""Marks a SQLite file as ours (`PRAGMA application_id`)."""

VERSION: Final = 11
"""Of the tables: how many changes lead to them. They are in `flowrunner.journal.sqlite.migrations`, which few need."""

CHECKED_WHOLE: Final = 1 << 20
"""Files up to this many bytes are read through when opened, each row and each index: at most some 50 ms."""

CHECKED: Final = 4 << 20
"""Up to this many, at least the order of the pages is, and that no event is missing: about 15 ms. Larger ones would
cost seconds. There SQLite's own checks of header and length have to do, and the seals of the rows that are read."""

WITH_LEDGER: Final = 4
"""The version from which on a journal has a ledger and seals."""


class Inspected(NamedTuple):
    """What a journal says of itself.

    Attributes:
        version: How many changes of tables it has been through.
        incomplete: Why it must not be sent by, although it can be read: some of it is missing.
        missing_runs: How many runs that were begun it knows nothing of, as far as its mark says.
    """

    version: int
    incomplete: JournalError | None = None
    missing_runs: int = 0

    @property
    def is_old(self) -> bool:
        """Whether it needs to be brought to this version."""
        return self.version < VERSION


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into JournalError."""
    try:
        yield
    except sqlite3.Error as error:
        raise explain(error, path) from error
    except (TornError, UnicodeDecodeError) as error:  # the second for a damaged name, in SQLite's own complaint of it
        raise damaged(path) from error


def inspect(path: Path, db: FileDatabase, marks: tuple[Ledger, ...]) -> Inspected:
    """Look at a journal.

    Args:
        path: Where it is.
        db: A connection that only reads.
        marks: What its mark said before: a journal that is written meanwhile can only be further.

    Raises:
        JournalError: It is not ours, newer than this flowrunner, or damaged.
    """
    with explained(path):
        _check_ours(db, path)
        version = check_version(db, path)
        if version >= WITH_LEDGER and not is_schema_whole(db):
            raise damaged(path)
        found = _complete(path, db, marks) if version >= WITH_LEDGER else Inspected(version, _older(path, marks))
        # Of which some is missing may also contradict itself: what to do comes first.
        if not found.incomplete:
            _check_content(db, path, version)
        return found


def _check_ours(db: FileDatabase, path: Path) -> None:
    application = number(db, "PRAGMA application_id")
    tables = number(db, "SELECT count(*) FROM sqlite_master")
    if application == 0 and not tables:
        raise _empty(path)
    if application != APPLICATION:
        raise JournalError(
            f"{path} is another program's database, not a journal", "name another journal with --journal FILE"
        )


def check_version(db: FileDatabase, path: Path) -> int:
    """The journal's version.

    Raises:
        JournalError: This flowrunner does not know it.
    """
    version = number(db, "PRAGMA user_version")
    if version > VERSION:
        raise JournalError(
            f"the journal {path} was written by a newer flowrunner"
            f" (journal version {version}, this one knows {VERSION})",
            "update flowrunner, or name another journal with --journal FILE",
        )
    if version < 1:
        raise JournalError(
            f"the journal {path} is damaged: it says that its version is {version}",
            RESTORE,
        )
    return version


def _check_content(db: FileDatabase, path: Path, version: int) -> None:
    size = path.stat().st_size
    if size > CHECKED:
        return
    check = "integrity_check" if size <= CHECKED_WHOLE else "quick_check"
    with closing(db.execute(f"PRAGMA {check}(1)")) as answer:
        if answer.fetchone() != ("ok",):
            raise damaged(path)
    if version >= WITH_LEDGER and not (tallies(db) and (size > CHECKED_WHOLE or not any(broken_seals(db)))):
        raise damaged(path)


def tallies(db: FileDatabase) -> bool:
    """Whether the events are as many as the ledger says, and those."""
    ledger, _ = read_ledger(db)
    found: tuple[int, int] = db.execute("SELECT count(*), coalesce(sum(seal), 0) FROM events").fetchone()
    return found == ledger[3:]


def number(db: FileDatabase, question: str) -> int:
    """The answer to a question that has a number for one."""
    return int(db.execute(question).fetchone()[0])


def _complete(path: Path, db: FileDatabase, marks: tuple[Ledger, ...]) -> Inspected:
    """What the ledger and the mark say of each other."""
    ledger, clean = read_ledger(db)
    best = max(marks, key=lambda mark: (mark.journal != ledger.journal, mark.commits), default=None)
    missing = max(best.runs - ledger.runs, 0) if best else 0
    return Inspected(number(db, "PRAGMA user_version"), _incomplete(path, ledger, best, clean=clean), missing)


def _incomplete(path: Path, ledger: Ledger, mark: Ledger | None, *, clean: bool) -> JournalError | None:
    if mark is None:
        if clean:
            return None
        what = (
            f"the journal {path} may be incomplete: it was copied while a process wrote to it, or that process was"
            f" killed, and {mark_of(path).name}, which tells whether all of it is there, is missing or damaged"
        )
    elif mark.journal != ledger.journal:
        what = f"{mark_of(path).name} belongs to another journal than {path}"
    elif mark.commits > ledger.commits:
        what = f"the journal {path} is incomplete: the last {mark.commits - ledger.commits} commits to it are missing"
    elif mark.commits == ledger.commits and mark != ledger:
        what = f"the journal {path} is not the one that was written last, or it is damaged"
    else:
        return None
    return JournalError(what, _restore(path))


def _restore(path: Path) -> str:
    return (
        f"put back {path.name}, {path.name}-wal and {mark_of(path).name} together, as they were;"
        f" flowrunner journal check --journal {path} says what can be done without them"
    )


def _older(path: Path, marks: tuple[Ledger, ...]) -> JournalError | None:
    if not marks:
        return None
    return JournalError(f"the journal {path} is an older copy of the one that was here", _restore(path))


def _empty(path: Path) -> JournalError:
    return JournalError(
        f"the journal {path} is empty: what it held is gone, or it never was a journal",
        f"restore it, with {path.name}-wal if there was one; delete it if nothing was ever sent by it",
    )


def reading(path: Path) -> str:
    """How SQLite opens a journal that is only to be read, without making or changing a file beside it where it can.

    Raises:
        JournalError: That cannot be: some of it is in its `-wal` file, which SQLite reads only where it may write.
    """
    uri = f"{path.as_uri()}?mode=ro"
    if os.access(path.parent, os.W_OK) or os.path.lexists(path.with_name(f"{path.name}-shm")):
        return uri
    if not _holds(path.with_name(f"{path.name}-wal")):
        return f"{uri}&immutable=1"  # nobody can write there
    raise JournalError(
        f"the journal {path} cannot be read there: its folder is read-only, and part of it is in {path.name}-wal",
        f"copy {path.name}, {path.name}-wal and {mark_of(path).name} elsewhere, and name the copy with --journal FILE",
    )


def check_place(path: Path) -> None:
    """Make sure that there is a file that can be read, before SQLite is asked.

    Raises:
        JournalError: There is none, or none that may be a journal.
    """
    try:
        if not os.path.lexists(path):
            check_gone(path)
            raise JournalError(f"there is no journal {path}", "name it with --journal FILE")
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            raise JournalError(f"the journal {path} is a folder", "name a file, such as journal.db in that folder")
        if not stat.S_ISREG(found.st_mode):
            raise JournalError(f"the journal {path} is not a file", "name a file with --journal FILE")
        if not found.st_size:
            raise _empty(path)
        path.open("rb").close()
    except OSError as error:
        raise explain_os(error, path, "opened") from error


def check_gone(path: Path) -> None:
    """Make sure that no journal was here, where one is to be made.

    Raises:
        JournalError: One was: without it, everything would be sent a second time.
        OSError: Nobody can tell.
    """
    log, mark = path.with_name(f"{path.name}-wal"), mark_of(path)
    told = read_mark(path)
    left = [log.name] if _holds(log) else []
    if _holds(mark) and (not told or any(each.runs for each in told)):
        left.append(mark.name)
    if left and not os.path.lexists(path):  # else another process has made one meanwhile
        names = " and ".join(left)
        raise JournalError(
            f"the journal {path} is gone, although {names} {'is' if len(left) == 1 else 'are'} still there",
            f"put {path.name} back; or delete {names} to start a new journal, which does not know what was sent before",
        )


def _holds(path: Path) -> bool:
    return os.path.lexists(path) and path.stat().st_size > 0
