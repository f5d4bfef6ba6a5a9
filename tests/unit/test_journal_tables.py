"""What a new journal is made by is what all changes of its tables come to."""

from collections.abc import Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path

import pytest

from flowrunner.journal.sqlite import connection
from flowrunner.journal.sqlite.database import FileDatabase
from flowrunner.journal.sqlite.migrations import MIGRATIONS

TABLES = Path(connection.__file__).with_name("tables.sql")
FIRST = (
    "INSERT INTO ledger (journal, commits, runs, events, digest, clean)"
    " VALUES (lower(hex(randomblob(8))), 0, 0, 0, 0, 1)"
)


def made(db: FileDatabase) -> list[tuple[str, ...]]:
    """Its tables and indexes, in the order in which they were made."""
    return db.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY rowid").fetchall()


@pytest.fixture
def changed(request: pytest.FixtureRequest) -> Iterator[FileDatabase]:
    """A journal that has been through all changes, one after another; with --update, the file is made anew of it."""
    with closing(connection.connected("")) as db:
        for change in chain.from_iterable(MIGRATIONS):
            if isinstance(change, str):
                db.execute(change)
            else:
                change(db)
        if request.config.getoption("--update"):
            TABLES.write_text(";\n\n".join([*(sql for *_, sql in made(db) if sql), FIRST]) + "\n", encoding="utf-8")
        yield db


@pytest.fixture
def new(changed: FileDatabase) -> Iterator[FileDatabase]:  # the file is of this version then
    """A journal that was made at once."""
    with closing(connection.connected("")) as db:
        connection.migrate(db, Path("new.db"))
        yield db


def test_they_have_the_same_tables_and_the_same_first_row(changed: FileDatabase, new: FileDatabase) -> None:
    """To the letter: what a table was made by is a part of what is sealed."""
    assert made(new) == made(changed)
    for table in (name for kind, name, *_ in made(new) if kind == "table" and name != "ledger"):
        assert not new.execute(f"SELECT 1 FROM {table}").fetchone(), table  # noqa: S608
        assert not changed.execute(f"SELECT 1 FROM {table}").fetchone(), table  # noqa: S608
    rows = [db.execute("SELECT commits, runs, events, digest, clean FROM ledger").fetchall() for db in (new, changed)]
    assert rows[0] == rows[1] == [(0, 0, 0, 0, 1)]


def test_each_new_one_has_a_name_of_its_own() -> None:
    names = set()
    for _ in range(2):
        with closing(connection.connected("")) as db:
            connection.migrate(db, Path("new.db"))
            names |= {*db.execute("SELECT journal FROM ledger").fetchall()}
    assert len(names) == 2
