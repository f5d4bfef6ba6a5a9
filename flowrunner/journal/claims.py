"""Who may send to a conversation: an owner, for a while, with an epoch that rises at every change of owner.

A lease lives by the seconds since the machine's start, which nobody sets: a clock put forward by an hour would end
every lease, one put back would make everybody wait for those of the dead. Where the machine was started since, or is
another one, only the time of day is there; who is then taken for dead too early cannot write: its epoch is over.
"""

import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from flowrunner.journal.bulk import blocks


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to send to one conversation.

    Attributes:
        conversation: The key the caller chose.
        owner: Who holds it: one worker, never two.
        epoch: 1 at first, one more whenever it goes to another owner; what fences off a late one.
        until: By `uptime`; from then on another owner may take it.
    """

    conversation: str
    owner: str
    epoch: int
    until: float


@dataclass(frozen=True, slots=True)
class Busy:
    """Another owner holds the conversation, until then (by `uptime`) unless it renews."""

    owner: str
    until: float


def uptime() -> float:
    """Seconds since the machine's start, asleep or awake; where that is not known, since any moment before it."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


@lru_cache(maxsize=1)
def _boot() -> str:
    """Which start of which machine this is; empty where that is not known, and `uptime` is nobody else's."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


@dataclass(frozen=True, slots=True)
class Take:
    """Claim one conversation. Answers with a Claim, or Busy."""

    conversation: str
    owner: str
    lease: float
    ended: str = ""
    rows: int = 1

    def apply(self, db: sqlite3.Connection) -> Claim | Busy:
        """Within a transaction that holds the write lock."""
        found = db.execute(
            "SELECT owner, epoch, until, boot, uptime FROM claims WHERE conversation = ?", (self.conversation,)
        ).fetchone()
        owner, epoch, until, boot, lapses = found or ("", 0, 0.0, "", 0.0)
        now = uptime()
        if not boot or boot != _boot():
            lapses = now + until - time.time()
        if owner not in {"", self.owner, self.ended} and lapses > now:
            return Busy(owner, lapses)
        claim = Claim(self.conversation, self.owner, epoch + (owner != self.owner), now + self.lease)
        db.execute(
            "INSERT OR REPLACE INTO claims (conversation, owner, epoch, until, boot, uptime) VALUES (?, ?, ?, ?, ?, ?)",
            (claim.conversation, claim.owner, claim.epoch, time.time() + self.lease, _boot(), claim.until),
        )
        return claim


@dataclass(frozen=True, slots=True)
class Renew:
    """Prolong claims. Answers with those that are still held."""

    claims: tuple[Claim, ...]
    lease: float

    @property
    def rows(self) -> int:
        """How many rows this writes at most."""
        return len(self.claims)

    def apply(self, db: sqlite3.Connection) -> list[Claim]:
        """Within a transaction that holds the write lock."""
        until = uptime() + self.lease
        gone = lost(db, list(enumerate(self.claims)))
        held = [replace(claim, until=until) for place, claim in enumerate(self.claims) if place not in gone]
        for values, conversations in blocks([(claim.conversation,) for claim in held]):
            db.execute(
                f"UPDATE claims SET until = ?, boot = ?, uptime = ? WHERE conversation IN (VALUES {values})",  # noqa: S608
                (time.time() + self.lease, _boot(), until, *conversations),
            )
        return held


@dataclass(frozen=True, slots=True)
class Release:
    """Give a claim back; does nothing if it was lost."""

    claim: Claim
    rows: int = 1

    def apply(self, db: sqlite3.Connection) -> None:
        """Within a transaction that holds the write lock."""
        db.execute(
            "UPDATE claims SET owner = '', until = ? WHERE conversation = ? AND owner = ? AND epoch = ?",
            (time.time(), self.claim.conversation, self.claim.owner, self.claim.epoch),
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
