"""A row's checksum, kept in the row: what a disk or a copy has changed in it is found before it is believed."""

import sqlite3
import zlib
from collections.abc import Collection, Iterator
from typing import Final

_WHO: Final = "phone || CASE user_id WHEN '' THEN '' ELSE ' ' || user_id END"
"""Who a run is for, beside the conversation, as `who` has it."""
SEALED: Final = {
    "texts": "digest, text",
    "files": "digest, name, text",
    "flows": "digest, name, path, target",
    "campaigns": "id, flow, now, created_at, audience, total, options",
    "runs": f"id, conversation, {_WHO}, variables, coalesce((SELECT names FROM shapes WHERE key = shape), ''), now,"  # noqa: S608
    " created_at, line, zone, flow, coalesce(campaign, 0)",
    "names": "api, name, text, person, refuses",
    "optouts": "api, name, text, person, reason, at, run",
    "uploads": "api, digest, media_id, until",
    "events": "(SELECT id FROM runs WHERE key = run), kind, at, step, message_id, detail",
}
"""Each table whose rows have one, and what it is of: all that is never changed, and a run's conversation."""


class TornError(sqlite3.DatabaseError):
    """A row is not what was written: the error of a damaged file, for what SQLite cannot find itself."""

    sqlite_errorcode = sqlite3.SQLITE_CORRUPT


def seal(*values: str | float | None) -> int:
    """The checksum of a row's values, as SQLite gives them back; 32 bits, so that a billion of them can be added up."""
    return zlib.crc32("\0".join(map(str, values)).encode("utf-8", "surrogatepass"))


def who(phone: str, user_id: str) -> str:
    """What a run's seal has of its recipient: nobody had a user id before version 8."""
    return f"{phone} {user_id}" if user_id else phone


def seal_all(db: sqlite3.Connection, tables: Collection[str] = frozenset(SEALED)) -> None:
    """Seal what was written before rows had seals."""
    for table, values in _prepared(db):
        if table in tables:
            db.execute(f"UPDATE {table} SET seal = seal({values})")  # noqa: S608 - our own


def broken_seals(db: sqlite3.Connection) -> Iterator[str]:
    """The tables in which a row is not what was written."""
    there = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for table, values in _prepared(db):
        if table not in there:
            continue  # of a version that the journal is still to be brought to
        try:
            broken = db.execute(f"SELECT 1 FROM {table} WHERE seal <> seal({values}) LIMIT 1").fetchone()  # noqa: S608
        except sqlite3.OperationalError:  # a text that is not text any more
            broken = True
        if broken:
            yield table


def seal_schema(db: sqlite3.Connection) -> None:
    """Seal what the tables and indexes are."""
    db.execute("UPDATE ledger SET schema = ?", (_schema(db),))


def is_schema_whole(db: sqlite3.Connection) -> bool:
    """Whether the tables and indexes are what they were made as."""
    return bool(db.execute("SELECT 1 FROM ledger WHERE schema = ?", (_schema(db),)).fetchone())


def _schema(db: sqlite3.Connection) -> int:
    found = db.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name").fetchall()
    return seal(*(value for row in found for value in row))


def _prepared(db: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    db.create_function("seal", -1, seal, deterministic=True)
    has_users = db.execute("SELECT 1 FROM pragma_table_info('runs') WHERE name = 'user_id'").fetchone()
    for table, values in SEALED.items():
        yield table, values if has_users else values.replace(_WHO, "phone")
