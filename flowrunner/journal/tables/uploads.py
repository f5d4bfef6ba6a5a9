"""The files that each API has, so that none is uploaded again while it can be sent."""

from typing import Final

from flowrunner.journal.tables.database import Database
from flowrunner.journal.tables.names import api_of, known_api
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


def keep(db: Database, target: str, digest: str, upload: Upload) -> None:
    """Keep by what an API has a file."""
    row = (api_of(db, target), digest, upload.media_id, float(upload.until))
    db.execute(
        "INSERT INTO uploads (api, digest, media_id, until, seal) VALUES (?, ?, ?, ?, ?) ON CONFLICT (api, digest)"
        " DO UPDATE SET media_id = excluded.media_id, until = excluded.until, seal = excluded.seal",
        (*row, seal(*row)),
    )


def kept(db: Database, target: str, digest: str) -> Upload | None:
    """What was kept last."""
    question = "SELECT api, digest, media_id, until, seal FROM uploads WHERE api = ? AND digest = ?"
    found = db.execute(question, (known_api(db, target), digest)).fetchone()
    if found is None:
        return None
    *row, its = found
    if seal(*row) != its:
        raise TornError(f"the upload of {digest} is not what was written")
    return Upload(row[2], row[3])
