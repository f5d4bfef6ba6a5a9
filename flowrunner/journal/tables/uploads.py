"""The files that each API has, so that none is uploaded again while it can be sent."""

import sqlite3
from typing import Final

from flowrunner.journal.tables.names import api_of
from flowrunner.journal.tables.seals import TornError, seal
from flowrunner.journal.values import Upload

TABLE: Final = """CREATE TABLE uploads (
    api INTEGER NOT NULL REFERENCES apis,
    digest TEXT NOT NULL,
    media_id TEXT NOT NULL,
    until REAL NOT NULL,
    seal INTEGER NOT NULL,
    PRIMARY KEY (api, digest)
) WITHOUT ROWID"""


def keep(db: sqlite3.Connection, target: str, digest: str, upload: Upload) -> None:
    """Keep by what an API has a file."""
    row = (api_of(db, target), digest, upload.media_id, float(upload.until))
    db.execute(
        "INSERT OR REPLACE INTO uploads (api, digest, media_id, until, seal) VALUES (?, ?, ?, ?, ?)", (*row, seal(*row))
    )


def kept(db: sqlite3.Connection, target: str, digest: str) -> Upload | None:
    """What was kept last."""
    question = (
        "SELECT api, digest, media_id, until, uploads.seal FROM uploads JOIN apis ON apis.key = api"
        " WHERE target_key(apis.target) = target_key(?) AND digest = ?"
    )
    found = db.execute(question, (target, digest)).fetchone()
    if found is None:
        return None
    *row, its = found
    if seal(*row) != its:
        raise TornError(f"the upload of {digest} is not what was written")
    return Upload(row[2], row[3])
