"""All that a journal keeps is copied from one database to another, of whichever kind, and compared by digest."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import blake2b
from itertools import islice
from typing import Any, Final, NamedTuple

from flowrunner.journal.errors import JournalError
from flowrunner.journal.tables.claims import LONGEST
from flowrunner.journal.tables.database import Database

COPIED: Final[Mapping[str, str]] = {
    "texts": "digest, text, seal",
    "files": "digest, name, text, seal",
    "flows": "key, digest, name, path, target, seal",
    "shapes": "key, names",
    "campaigns": "key, id, flow, now, created_at, audience, total, options, cancelled_at, listens, seal",
    "runs": "key, id, flow, conversation, phone, user_id, found, variables, shape, now, created_at, zone, campaign,"
    " line, again, listens, state, had, wake_at, asked, heard, undelivered, seal",
    "events": "key, run, kind, at, step, message_id, detail, seal",
    "skipped": "campaign, line, conversation, phone, user_id, state, reason",
    "apis": "key, target, echoes",
    "names": "key, api, name, text, person, refuses, seal",
    "optouts": "key, api, name, text, person, reason, at, run, seal",
    "uploads": "api, digest, media_id, until, seal",
    "notified": "name, place",
    "handovers": "campaign, number, at, terms, 0 AS submitted, ended, failed, stopped, is_back",
    "ledger": "runs, events, digest",
}
"""What is copied of each table, a table after those that it refers to.

All else says what processes do at the moment, which nobody does in a copy: who holds a person or a run that is due, who
listens, who works, which turns were given. What was handed over to workers has not been yet.
"""
LEFT: Final = ("claims", "workers", "rates")
"""Tables of which nothing is copied."""
_PAGE: Final = 1_000
_WIDE: Final = 1 << 128


class Digest(NamedTuple):
    """What rows come to. In whichever order: two databases need not have the same.

    Attributes:
        rows: How many there are.
        total: The sum of the digests of each.
    """

    rows: int = 0
    total: int = 0

    def with_row(self, table: str, row: Iterable[object]) -> "Digest":
        """One more."""
        its = blake2b(json.dumps([table, *row]).encode(), digest_size=16).digest()
        return Digest(self.rows + 1, (self.total + int.from_bytes(its, "big")) % _WIDE)

    def __str__(self) -> str:
        return f"{self.total:032x}"


class Copy(NamedTuple):
    """What was copied, and was found to be in the copy.

    Attributes:
        runs: How many runs.
        events: How many events.
        rows: How many rows of all tables.
        digest: What all of these come to, in hexadecimal digits; the same on both sides.
    """

    runs: int
    events: int
    rows: int
    digest: str


def require_idle(db: Database, name: str, has_ended: Callable[[str], bool], now: float) -> None:
    """Make sure that nobody sends by a journal, nor listens.

    Args:
        db: The journal.
        name: How it is shown.
        has_ended: Whether the owner of a claim surely has ended.
        now: The moment.

    Raises:
        JournalError: Somebody does, or did a moment ago.
    """
    hint = "end it; where it was killed, its lease is over within a minute"
    claims = "SELECT DISTINCT owner FROM claims WHERE owner <> '' AND until > ? AND until <= ? ORDER BY owner"
    up = db.up()
    held = [owner for (owner,) in db.execute(claims, (up, up + LONGEST)) if not has_ended(owner)]
    if held:
        more = f", and {len(held) - 1} more" if len(held) > 1 else ""
        raise JournalError(f"a process sends by the journal {name}: {held[0]}{more}", hint)
    for (target,) in db.execute("SELECT target FROM apis WHERE listened > ? ORDER BY target", (now,)):
        raise JournalError(f"a process listens to {target} by the journal {name}", hint)
    for (worker,) in db.execute("SELECT name FROM workers WHERE until > ? ORDER BY name", (now,)):
        raise JournalError(f"a worker works by the journal {name}: {worker}", hint)


def is_empty(db: Database) -> bool:
    """Whether nothing was ever written down there."""
    return not any(db.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() for table in COPIED if table != "ledger")  # noqa: S608 - our own


def copy(source: Database, target: Database) -> Copy:
    """Copy all that is kept to tables that are empty, and read it there again.

    Raises:
        JournalError: What is there is not what was copied.
    """
    found, runs, events = Digest(), 0, 0
    for table, columns in COPIED.items():
        rows = source.each(f"SELECT {columns} FROM {table}")  # noqa: S608 - our own
        names = [each.rpartition(" ")[2] for each in columns.split(", ")]
        if table == "ledger":
            put = f"UPDATE ledger SET {', '.join(f'{name} = ?' for name in names)}"  # noqa: S608
        else:
            put = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608
        for page in _pages(rows):
            target.executemany(put, page)
            for row in page:
                found = found.with_row(table, row)
            runs += len(page) * (table == "runs")
            events += len(page) * (table == "events")
    if digest(target) != found:
        raise JournalError(
            "the copy is not what was copied, so there is none", "try it again, to another disk or server"
        )
    return Copy(runs, events, found.rows, str(found))


def digest(db: Database) -> Digest:
    """What all that is kept comes to."""
    found = Digest()
    for table, columns in COPIED.items():
        for row in db.each(f"SELECT {columns} FROM {table}"):  # noqa: S608 - our own
            found = found.with_row(table, row)
    return found


def _pages(rows: Iterable[Any]) -> Iterator[list[Any]]:
    left = iter(rows)
    while page := [*islice(left, _PAGE)]:
        yield page
