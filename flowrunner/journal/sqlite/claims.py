"""Who may send to a conversation: an owner, for a while, with an epoch that rises at every change of owner."""

import sqlite3
from collections.abc import Sequence

from flowrunner.journal.sqlite.bulk import blocks
from flowrunner.journal.sqlite.seals import TornError
from flowrunner.journal.values import Busy, Claim

_LONGEST = 60.0
"""No lease is longer, in seconds: one that seems so was counted from an earlier start of this machine."""


def take(db: sqlite3.Connection, conversation: str, owner: str, lease: float, ended: str, now: float) -> Claim | Busy:
    """Claim one conversation; ``now`` as of `Clock.up`, ``ended`` an owner whose lease need not run out."""
    its, epoch, until = _found(db, conversation)
    if its not in {"", owner, ended} and until > now:
        latest = now + max(lease, _LONGEST)
        if until > latest:
            db.execute("UPDATE claims SET until = ? WHERE conversation = ?", (latest, conversation))
        return Busy(its, min(until, latest))
    claim = Claim(conversation, owner, epoch + (its != owner), now + lease)
    db.execute(
        "INSERT INTO claims (conversation, owner, epoch, until) VALUES (?, ?, ?, ?) ON CONFLICT (conversation)"
        " DO UPDATE SET owner = excluded.owner, epoch = excluded.epoch, until = excluded.until",
        claim,
    )
    return claim


def _found(db: sqlite3.Connection, conversation: str) -> tuple[str, int, float]:
    """Owner, epoch and end of a claim; nobody's where there is none.

    Claims have no seal: what a damaged one holds is looked at here.
    """
    found = db.execute("SELECT owner, epoch, until FROM claims WHERE conversation = ?", (conversation,)).fetchone()
    match found or ("", 0, 0.0):
        case (str(owner), int(epoch), int() | float() as until):
            return owner, epoch, float(until)
        case _:
            raise TornError("a claim is not what was written")


def renew(db: sqlite3.Connection, claims: Sequence[Claim], until: float) -> list[Claim]:
    """Prolong claims. Returns those that are still held."""
    gone = lost(db, list(enumerate(claims)))
    held = [claim._replace(until=until) for place, claim in enumerate(claims) if place not in gone]
    for values, conversations in blocks([(claim.conversation,) for claim in held]):
        db.execute(
            f"UPDATE claims SET until = ? WHERE conversation IN (VALUES {values})",  # noqa: S608 - only marks
            (until, *conversations),
        )
    return held


def release(db: sqlite3.Connection, claim: Claim, now: float) -> None:
    """Give a claim back; does nothing if it was lost."""
    db.execute(
        "UPDATE claims SET owner = '', until = ? WHERE conversation = ? AND owner = ? AND epoch = ?",
        (now, claim.conversation, claim.owner, claim.epoch),
    )


def lost(db: sqlite3.Connection, claims: Sequence[tuple[int, Claim]]) -> set[int]:
    """The numbers of those claims that are no longer held by their owner, whatever their lease says.

    A lease that has run out is not lost before somebody else takes it.
    """
    rows = [(number, claim.conversation, claim.owner, claim.epoch) for number, claim in claims]
    gone: set[int] = set()
    for values, parameters in blocks(rows):
        found = db.execute(
            f"WITH held (number, conversation, owner, epoch) AS (VALUES {values})"  # noqa: S608 - only marks
            " SELECT number FROM held LEFT JOIN claims USING (conversation)"
            " WHERE number IS NOT NULL AND (claims.owner IS NOT held.owner OR claims.epoch IS NOT held.epoch)",
            parameters,
        )
        gone.update(number for (number,) in found)
    return gone
