"""What is remembered of each rate that processes share, a row for each sender."""

import json
from typing import Final

from flowrunner.journal.rates import Given, Shared, Waiting, Wanted, give, give_anew
from flowrunner.journal.tables.database import Database
from flowrunner.journal.tables.seals import seal

TABLE: Final = "CREATE TABLE rates (sender TEXT PRIMARY KEY, shared TEXT NOT NULL, seal INTEGER NOT NULL)"


def reserve(db: Database, sender: str, wanted: Wanted) -> Given:
    """Give a process turns of a sender's rate, as `flowrunner.journal.rates.give` says.

    A row that is not what was written is begun anew, as if all turns were used: what it knew is worth nothing a while
    later, and the worst that it can do is to have everybody wait so long.
    """
    found, clock = _read(db, sender), db.up()
    shared, given = give_anew(wanted, clock) if found is None else give(found, wanted, clock)
    text = json.dumps(shared, separators=(",", ":"))
    db.execute(
        "INSERT INTO rates (sender, shared, seal) VALUES (?, ?, ?) ON CONFLICT (sender)"
        " DO UPDATE SET shared = excluded.shared, seal = excluded.seal",
        (sender, text, seal(sender, text)),
    )
    return given


def _read(db: Database, sender: str) -> Shared | None:
    """What is remembered; None where what is there is not what was written."""
    found = db.execute("SELECT shared, seal FROM rates WHERE sender = ?", (sender,)).fetchone()
    if found is None:
        return Shared()
    text, its = found
    if seal(sender, text) != its:
        return None
    now, ahead, left, waiting, closed, told = json.loads(text)
    return Shared(
        now, ahead, tuple((moment, turns) for moment, turns in left), tuple(Waiting(*each) for each in waiting), closed,
        told and (told[0], told[1]),
    )  # fmt: skip
