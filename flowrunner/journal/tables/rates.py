"""What is remembered of each rate that processes share, a row for each sender."""

import json
from typing import Final

from flowrunner.journal.rates import Given, Shared, Waiting, Wanted, give
from flowrunner.journal.tables.database import Database
from flowrunner.journal.tables.seals import TornError, seal

TABLE: Final = "CREATE TABLE rates (sender TEXT PRIMARY KEY, shared TEXT NOT NULL, seal INTEGER NOT NULL)"


def reserve(db: Database, sender: str, wanted: Wanted) -> Given:
    """Give a process turns of a sender's rate, as `flowrunner.journal.rates.give` says."""
    shared, given = give(_read(db, sender), wanted, db.up())
    text = json.dumps(shared, separators=(",", ":"))
    db.execute(
        "INSERT INTO rates (sender, shared, seal) VALUES (?, ?, ?) ON CONFLICT (sender)"
        " DO UPDATE SET shared = excluded.shared, seal = excluded.seal",
        (sender, text, seal(sender, text)),
    )
    return given


def _read(db: Database, sender: str) -> Shared:
    found = db.execute("SELECT shared, seal FROM rates WHERE sender = ?", (sender,)).fetchone()
    if found is None:
        return Shared()
    text, its = found
    if seal(sender, text) != its:
        raise TornError("a rate is not what was written")
    now, ahead, left, waiting, closed, told = json.loads(text)
    return Shared(
        now, ahead, tuple((moment, turns) for moment, turns in left), tuple(Waiting(*each) for each in waiting), closed,
        told and (told[0], told[1]),
    )  # fmt: skip
