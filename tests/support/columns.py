"""Whether the columns of a journal that repeat what its events come to are what they come to."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowrunner.clock import SYSTEM
from flowrunner.journal import JournalError
from flowrunner.journal.places import DatabaseUrl
from flowrunner.journal.sqlite.connection import connected
from flowrunner.journal.sqlite.inspection import APPLICATION
from flowrunner.journal.sqlite.migrations import MIGRATIONS
from flowrunner.journal.tables.columns import wrong_columns
from flowrunner.journal.tables.database import Database
from flowrunner.journal.tables.journal import TablesJournal
from flowrunner.journal.tables.recipients import unlinked

if TYPE_CHECKING:
    from flowrunner.journal.postgres.reading import ServerReads

_close = TablesJournal.close
readers: "dict[str, ServerReads | None]" = {}
"""By the URL of each journal that one test after another uses: what reads it, once something has; it stays open."""


class Seen:
    """The journals of one test: those it closes are looked at just before that, the files it leaves at its end."""

    def __init__(self) -> None:
        self.wrong: list[str] = []

    def close(self, journal: Any) -> None:
        """In the place of `TablesJournal.close`."""
        if isinstance(journal.place, DatabaseUrl):
            self.ask(journal.place)
        elif journal.incomplete is None:
            self.look(journal.place)
        _close(journal)

    def ask(self, url: DatabaseUrl) -> None:
        """The same of a server."""
        from flowrunner.journal.postgres.reading import ServerReads

        with ExitStack() as stack, suppress(JournalError, ValueError):
            server = readers.get(url.url)
            if server is None:
                server = ServerReads(url, SYSTEM, timeout="30s")
                if url.url in readers:
                    readers[url.url] = server
                else:
                    stack.callback(server.close)
            [its] = server.answers([lambda db: [*_wrong(str(url), db)]])
            self.wrong += its if isinstance(its, list) else []

    def look(self, path: Path) -> None:
        """Rebuild the columns; a file that a test has damaged is left to the tests of damage."""
        if not is_of_this_version(path):
            return  # opened, it would not be as it was left any more
        with suppress(sqlite3.Error, ValueError), closing(connected(f"{path.as_uri()}?mode=rw")) as db:
            db.execute("BEGIN")
            self.wrong += _wrong(path.name, db)


def _wrong(name: str, db: Database) -> Iterator[str]:
    yield from (f"{name}: {run}: {kept} is not {told}" for run, kept, told in wrong_columns(db))
    yield from (f"{name}: {run}: its names are not known to be one person's" for run in unlinked(db))


def is_of_this_version(path: Path) -> bool:
    """Whether it is a journal, and of the version of today, by what stands in its first hundred bytes."""
    with suppress(OSError), path.open("rb") as file:
        head = file.read(100)
        numbers = (int.from_bytes(head[60:64]), int.from_bytes(head[68:72]))
        return head.startswith(b"SQLite format 3\0") and numbers == (len(MIGRATIONS), APPLICATION)
    return False


def journals(folder: Path) -> Iterator[Path]:
    """What may be one below a folder."""
    yield from filter(Path.is_file, folder.rglob("*.db"))
