"""How runs ended by their flows' own words, in the order in which they did, for programs that are told."""

from typing import Final

from flowrunner.journal.many import Ending
from flowrunner.journal.tables.database import Database
from flowrunner.journal.tables.records import records, unpack
from flowrunner.model import EventKind

_ENDS: Final = f"kind IN ('{EventKind.FINISHED}', '{EventKind.HANDED_OVER}', '{EventKind.OPTED_OUT}')"
TABLE: Final = (
    # How far each program was told: the key of the last event.
    "CREATE TABLE notified (name TEXT PRIMARY KEY, place INTEGER NOT NULL) WITHOUT ROWID",
    f"CREATE INDEX events_end ON events (key) WHERE {_ENDS}",
)


def begin(db: Database, name: str) -> None:
    """Tell a program of all that ends from now on."""
    put = "INSERT INTO notified SELECT ?, coalesce(max(key), 0) FROM events WHERE TRUE ON CONFLICT DO NOTHING"
    db.execute(put, (name,))


def endings(db: Database, name: str, limit: int) -> list[Ending] | None:
    """The next that a program is to be told; None where it has not begun to be."""
    known = db.execute("SELECT place FROM notified WHERE name = ?", (name,)).fetchone()
    if known is None:
        return None
    found = db.execute(
        "SELECT key, run, kind, at, detail FROM events INDEXED BY events_end"  # noqa: S608 - our own
        f" WHERE {_ENDS} AND key > ? ORDER BY key LIMIT ?",
        (*known, limit),
    ).fetchall()
    return [_ending(db, *row) for row in found]


def _ending(db: Database, key: int, run: int, kind: str, at: float, detail: str) -> Ending:
    [its] = records(db, "WHERE runs.key = ?", (run,))
    of = "SELECT campaigns.id FROM runs JOIN campaigns ON campaigns.key = runs.campaign WHERE runs.key = ?"
    (campaign,) = db.execute(of, (run,)).fetchone() or ("",)
    reason = str(unpack(detail).get("reason") or "")
    whom = its.run.recipient._replace(conversation=its.conversation or its.run.recipient.conversation)
    return Ending(key, its.run._replace(recipient=whom), campaign, EventKind(kind), at, reason)


def note_notified(db: Database, name: str, place: int) -> None:
    """Keep how far a program was told."""
    put = "INSERT INTO notified (name, place) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET place = excluded.place"
    db.execute(put, (name, place))


def forget_place(db: Database) -> None:
    """After events were deleted: the next ones are given their keys again, and are to be told all the same."""
    db.execute("UPDATE notified SET place = min(place, (SELECT coalesce(max(key), 0) FROM events))")
