"""Whether the columns of a journal that repeat what its events come to are what they come to."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from flowrunner.journal.sqlite.columns import wrong_columns
from flowrunner.journal.sqlite.inspection import APPLICATION
from flowrunner.journal.sqlite.journal import SqliteJournal
from flowrunner.journal.sqlite.migrations import MIGRATIONS

STARTS_SO = b"SQLite format 3\0"
_close = SqliteJournal.close


class Seen:
    """The journals of one test: those it closes are looked at just before that, the files it leaves at its end."""

    def __init__(self) -> None:
        self.wrong: list[str] = []

    def close(self, journal: Any) -> None:
        """In the place of `SqliteJournal.close`."""
        self.look(journal.path)
        _close(journal)

    def look(self, path: Path) -> None:
        """Rebuild the columns; a file that a test has damaged is left to the tests of damage."""
        if not path.exists():
            return
        with suppress(sqlite3.Error, ValueError), closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True)) as db:
            db.execute("BEGIN")
            its = [db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")]
            if its == [APPLICATION, len(MIGRATIONS)]:
                self.wrong += [f"{path.name}: {run}: {kept} is not {told}" for run, kept, told in wrong_columns(db)]


def journals(folder: Path) -> Iterator[Path]:
    """The SQLite files below a folder."""
    for path in filter(Path.is_file, folder.rglob("*.db")):
        with suppress(OSError):
            with path.open("rb") as file:
                starts_so = file.read(len(STARTS_SO)) == STARTS_SO
            if starts_so:
                yield path
