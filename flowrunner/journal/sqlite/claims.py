"""Who may send to a conversation: an owner, for a while, with an epoch that rises at every change of owner."""

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from flowrunner.clock import Clock
from flowrunner.journal.sqlite.bulk import blocks
from flowrunner.journal.sqlite.seals import TornError
from flowrunner.journal.values import Busy, Claim

_LONGEST = 60.0
"""No lease is longer, in seconds: one that seems so was counted from an earlier start of this machine."""


class Take(NamedTuple):
    """Claim one conversation. Returns a Claim, or Busy."""

    conversation: str
    owner: str
    lease: float
    clock: Clock
    ended: str = ""
    rows: int = 1

    def apply(self, db: sqlite3.Connection) -> Claim | Busy:
        """Within a transaction that holds the write lock."""
        now = self.clock.up()
        owner, epoch, until = _found(db, self.conversation)
        if owner not in {"", self.owner, self.ended} and until > now:
            latest = now + max(self.lease, _LONGEST)
            if until > latest:
                db.execute("UPDATE claims SET until = ? WHERE conversation = ?", (latest, self.conversation))
            return Busy(owner, min(until, latest))
        claim = Claim(self.conversation, self.owner, epoch + (owner != self.owner), now + self.lease)
        db.execute(
            "INSERT INTO claims (conversation, owner, epoch, until) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (conversation) DO UPDATE SET owner = excluded.owner, epoch = excluded.epoch,"
            " until = excluded.until",
            (claim.conversation, claim.owner, claim.epoch, claim.until),
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


class Renew(NamedTuple):
    """Prolong claims. Returns those that are still held."""

    claims: tuple[Claim, ...]
    lease: float
    clock: Clock

    @property
    def rows(self) -> int:
        """How many rows this writes at most."""
        return len(self.claims)

    def apply(self, db: sqlite3.Connection) -> list[Claim]:
        """Within a transaction that holds the write lock."""
        until = self.clock.up() + self.lease
        gone = lost(db, list(enumerate(self.claims)))
        held = [claim._replace(until=until) for place, claim in enumerate(self.claims) if place not in gone]
        for values, conversations in blocks([(claim.conversation,) for claim in held]):
            db.execute(
                f"UPDATE claims SET until = ? WHERE conversation IN (VALUES {values})",  # noqa: S608 - only marks
                (until, *conversations),
            )
        return held


class Release(NamedTuple):
    """Give a claim back; does nothing if it was lost."""

    claim: Claim
    clock: Clock
    rows: int = 1

    def apply(self, db: sqlite3.Connection) -> None:
        """Within a transaction that holds the write lock."""
        db.execute(
            "UPDATE claims SET owner = '', until = ? WHERE conversation = ? AND owner = ? AND epoch = ?",
            (self.clock.up(), self.claim.conversation, self.claim.owner, self.claim.epoch),
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
