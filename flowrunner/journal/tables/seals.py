"""A row's checksum, kept in the row: what a disk or a copy has changed in it is found before it is believed."""

import zlib
from typing import Final

from flowrunner.journal.tables.database import Database

WHO: Final = "phone || CASE user_id WHEN '' THEN '' ELSE ' ' || user_id END"
"""Who a run is for, beside the conversation, as `who` has it."""
SEALED: Final = {
    "texts": "digest, text",
    "files": "digest, name, text",
    "flows": "digest, name, path, target",
    "campaigns": "id, flow, now, created_at, audience, total, options",
    "runs": f"id, conversation, {WHO}, variables, coalesce((SELECT names FROM shapes WHERE key = shape), ''), now,"  # noqa: S608
    " created_at, line, zone, flow, coalesce(campaign, 0)",
    "names": "api, name, text, person, refuses",
    "optouts": "api, name, text, person, reason, at, run",
    "uploads": "api, digest, media_id, until",
    "rates": "sender, shared",
    "events": "(SELECT id FROM runs WHERE key = run), kind, at, step, message_id, detail",
}
"""Each table whose rows have one, and what it is of: all that is never changed, and a run's conversation."""


class TornError(Exception):
    """A row is not what was written: what the database itself does not find."""


def seal(*values: str | float | None) -> int:
    """The checksum of a row's values, as SQLite gives them back; 32 bits, so that a billion of them can be added up."""
    return zlib.crc32("\0".join(map(str, values)).encode("utf-8", "surrogatepass"))


def who(phone: str, user_id: str) -> str:
    """What a run's seal has of its recipient: nobody had a user id before version 8."""
    return f"{phone} {user_id}" if user_id else phone


def is_torn(db: Database, table: str, values: str) -> bool:
    """Whether a row of a table is not what was written; ``values`` what its seal is of, as SQL."""
    return any(seal(*row) != its for *row, its in db.each(f"SELECT {values}, seal FROM {table}"))  # noqa: S608 - our own
