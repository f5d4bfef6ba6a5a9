"""A new journal's file, which comes to its place whole, or not at all."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from flowrunner.journal.sqlite.connection import WRITING, connected, migrate
from flowrunner.journal.sqlite.errors import explain_os
from flowrunner.journal.sqlite.inspection import check_gone, explained
from flowrunner.journal.sqlite.mark import mark_of


def make(path: Path) -> None:
    """Create the file whole and private, and its folder, unless they are there. Others' modes are left alone.

    It comes to its place in one step: an empty file there is one that has lost what it held.
    """
    try:
        if os.path.lexists(path):
            path.stat()
            return
        for folder in reversed(path.parents):
            if not folder.exists():
                folder.mkdir(mode=0o700, exist_ok=True)
                sync_folder(folder.parent)
        with _alone_in(path.parent):
            if not os.path.lexists(path):
                _make_in_place(path)
    except OSError as error:
        raise explain_os(error, path, "made") from error


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """One process after another makes a journal there: what the others leave beside it as they begin is no remains."""
    if os.name == "nt":  # a folder cannot be opened there
        yield
        return
    from fcntl import LOCK_EX, flock  # not on Windows

    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # a file system without locks
            flock(handle, LOCK_EX)
        yield
    finally:
        os.close(handle)


def _make_in_place(path: Path) -> None:
    check_gone(path)
    mark_of(path).unlink(missing_ok=True)  # of a journal by which nothing was sent
    # SQLite gives -wal and -shm the mode of the file itself.
    fresh = path.with_name(f".{path.name}-{os.urandom(8).hex()}")
    os.close(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    try:
        with explained(path), closing(connected(WRITING.format(fresh.as_uri()))) as db:
            db.execute("PRAGMA synchronous = OFF")  # once at its end is enough
            migrate(db, path)
        sync(fresh)
        _put(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)
    sync_folder(path.parent)


def _put(fresh: Path, path: Path) -> None:
    """Give a new file its name, unless another process has made one meanwhile."""
    try:
        os.link(fresh, path)
    except FileExistsError:
        return
    except OSError:  # a file system without links
        if not path.exists():
            fresh.rename(path)


def sync_folder(folder: Path) -> None:
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
