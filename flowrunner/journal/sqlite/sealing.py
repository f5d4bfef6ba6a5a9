"""The rows of a journal's file are sealed, and so are its tables: somebody may have changed them."""

import sqlite3
from collections.abc import Collection, Iterator

from flowrunner.journal.sqlite.database import FileDatabase
from flowrunner.journal.tables.seals import SEALED, WHO, is_torn, seal


def seal_all(db: FileDatabase, tables: Collection[str] = frozenset(SEALED)) -> None:
    """Seal what was written before rows had seals."""
    db.create_function("seal", -1, seal, deterministic=True)
    for table, values in _sealed(db):
        if table in tables:
            db.execute(f"UPDATE {table} SET seal = seal({values})")  # noqa: S608 - our own


def broken_seals(db: FileDatabase) -> Iterator[str]:
    """The tables in which a row is not what was written."""
    there = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for table, values in _sealed(db):
        if table not in there:
            continue  # of a version that the journal is still to be brought to
        try:
            broken = is_torn(db, table, values)
        except sqlite3.OperationalError:  # a text that is not text any more
            broken = True
        if broken:
            yield table


def seal_schema(db: FileDatabase) -> None:
    """Seal what the tables and indexes are."""
    db.execute("UPDATE ledger SET schema = ?", (_schema(db),))


def is_schema_whole(db: FileDatabase) -> bool:
    """Whether the tables and indexes are what they were made as."""
    return bool(db.execute("SELECT 1 FROM ledger WHERE schema = ?", (_schema(db),)).fetchone())


def _schema(db: FileDatabase) -> int:
    found = db.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name").fetchall()
    return seal(*(value for row in found for value in row))


def _sealed(db: FileDatabase) -> Iterator[tuple[str, str]]:
    has_users = db.execute("SELECT 1 FROM pragma_table_info('runs') WHERE name = 'user_id'").fetchone()
    for table, values in SEALED.items():
        yield table, values if has_users else values.replace(WHO, "phone")
