"""A journal's file as what is copied from, and as what is copied to."""

import os
import shlex
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from flowrunner.clock import Clock
from flowrunner.journal.errors import JournalError
from flowrunner.journal.sqlite.connection import connected, migrate
from flowrunner.journal.sqlite.database import FileDatabase
from flowrunner.journal.sqlite.errors import explain_os
from flowrunner.journal.sqlite.file import look
from flowrunner.journal.sqlite.inspection import explained
from flowrunner.journal.sqlite.making import sync


@contextmanager
def copied_from(path: Path, clock: Clock) -> Iterator[FileDatabase]:
    """The journal in a file, as it is at one moment.

    Raises:
        JournalError: It cannot be read, some of it is missing, or it is of an older version.
    """
    file, inspected = look(path)
    if inspected.incomplete:
        raise inspected.incomplete
    if inspected.is_old:
        migrate = shlex.join(["flowrunner", "journal", "migrate", "--journal", str(path)])
        raise JournalError(f"the journal {path} is of an older version", f"bring it to this one: {migrate}")
    with explained(path), closing(file.connect()) as db:
        db.clock = clock
        db.execute("BEGIN")
        yield db


@contextmanager
def copied_to(path: Path) -> Iterator[FileDatabase]:
    """A new file, which comes to its place whole once it is left, or not at all.

    Raises:
        JournalError: There is one, or it cannot be written.
    """
    path = path.absolute()
    if any(os.path.lexists(f"{path}{end}") for end in ("", "-wal", "-mark")):
        raise JournalError(f"{path} is there already", "name another file")
    fresh = path.with_name(f".{path.name}-{os.urandom(8).hex()}")
    try:
        os.close(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        try:
            with explained(path), closing(connected(f"{fresh.as_uri()}?mode=rw")) as db:
                db.execute("PRAGMA synchronous = OFF")  # once at its end is enough
                migrate(db, path)
                db.execute("BEGIN")
                yield db
                db.execute("COMMIT")
            sync(fresh)
            with suppress(OSError):
                os.link(fresh, path)
            if not path.exists():  # a file system without links
                fresh.rename(path)
        finally:
            fresh.unlink(missing_ok=True)
    except OSError as error:
        raise explain_os(error, path, "written") from error
