"""Who may send to a person: an owner, for a while, with an epoch that rises at every change of owner.

A person is claimed by all their names at once, each a row: whoever knows them by another name meets one of those.
"""

from collections.abc import Collection, Sequence

from flowrunner.client.access import target_key
from flowrunner.journal.tables.database import Database
from flowrunner.journal.tables.names import aliases, names_of
from flowrunner.journal.tables.seals import TornError
from flowrunner.journal.values import Busy, Claim
from flowrunner.model import Recipient

LONGEST = 60.0
"""No lease is longer, in seconds: one that seems so was counted from an earlier start of this machine."""


def keys_of(db: Database, target: str, recipient: Recipient, purpose: str) -> list[str]:
    """What a person is claimed by: a key for each of their names that is known."""
    names = [name for each in (recipient, *aliases(db, target, [recipient]).get(0, ())) for name in names_of(each)]
    # A conversation's has been its bare id ever since.
    bare = [name.removeprefix("conversation ") for name in names] or [""]
    return [f"{purpose} {target_key(target)} {name}".lstrip() for name in bare]


def name_in(key: str) -> tuple[str, str]:
    """Of a key that `keys_of` gives for no purpose: the API as `target_key` has it, the name as `names_of` does."""
    head, _, last = key.rpartition(" ")
    for kind in ("phone", "user"):
        if head.endswith(f" {kind}"):
            return head.removesuffix(f" {kind}"), f"{kind} {last}"
    return head, f"conversation {last}"


def take(
    db: Database, keys: Sequence[str], owner: str, lease: float, ended: Collection[str], asked: float
) -> Claim | Busy:
    """Claim all of these or none.

    Args:
        db: The tables.
        keys: What is claimed.
        owner: Who claims it.
        lease: For how many seconds.
        ended: Owners whose leases need not run out.
        asked: When it was asked for, on the caller's own clock: it is told by that until when.
    """
    now = db.up()
    epochs, new = [], []
    for key in keys:
        found = _found(db, key)
        its, epoch, until = found or ("", 0, 0.0)
        if its and its != owner and its not in ended and until > now:
            latest = now + max(lease, LONGEST)
            if until > latest:
                db.execute("UPDATE claims SET until = ? WHERE conversation = ?", (latest, key))
            return Busy(its, asked + min(until, latest) - now)
        epochs.append(epoch + (its != owner))
        new.append(found is None)
    claim = Claim(tuple(keys), owner, tuple(epochs), asked + lease)
    for is_new, key, epoch in zip(new, keys, epochs, strict=True):
        put = "INSERT INTO claims (owner, epoch, until, conversation) VALUES (?, ?, ?, ?)"
        change = "UPDATE claims SET owner = ?, epoch = ?, until = ? WHERE conversation = ?"
        db.execute(put if is_new else change, (owner, epoch, now + lease, key))
    return claim


def _found(db: Database, key: str) -> tuple[str, int, float] | None:
    """Owner, epoch and end of a claim; None where there is none.

    Claims have no seal: what a damaged one holds is looked at here.
    """
    found = db.execute("SELECT owner, epoch, until FROM claims WHERE conversation = ?", (key,)).fetchone()
    match found:
        case None:
            return None
        case (str(owner), int(epoch), int() | float() as until):
            return owner, epoch, float(until)
        case _:
            raise TornError("a claim is not what was written")


def renew(db: Database, claims: Sequence[Claim], lease: float, asked: float) -> list[Claim]:
    """Prolong claims, as `take` takes them. Returns those that are still held."""
    gone = lost(db, list(enumerate(claims)))
    held = [claim._replace(until=asked + lease) for place, claim in enumerate(claims) if place not in gone]
    for values, keys in db.blocks([(key,) for claim in held for key in claim.names], str):
        db.execute(
            f"UPDATE claims SET until = ? WHERE conversation IN {values}",  # noqa: S608 - only marks
            (db.up() + lease, *keys),
        )
    return held


def release(db: Database, claim: Claim) -> None:
    """Give a claim back; does nothing if it was lost."""
    db.executemany(
        "UPDATE claims SET owner = '', until = ? WHERE conversation = ? AND owner = ? AND epoch = ?",
        [(db.up(), key, claim.owner, epoch) for key, epoch in zip(claim.names, claim.epochs, strict=True)],
    )


def lost(db: Database, claims: Sequence[tuple[int, Claim]]) -> set[int]:
    """The numbers of those claims of which a name is no longer held by their owner, whatever their lease says.

    A lease that has run out is not lost before somebody else takes it.
    """
    rows = [
        (number, key, claim.owner, epoch)
        for number, claim in claims
        for key, epoch in zip(claim.names, claim.epochs, strict=True)
    ]
    gone: set[int] = set()
    for values, parameters in db.blocks(rows, int, str, str, int):
        found = db.execute(
            f"WITH held (number, conversation, owner, epoch) AS {values}"  # noqa: S608 - only marks
            " SELECT number FROM held LEFT JOIN claims USING (conversation)"
            " WHERE number IS NOT NULL"
            " AND (coalesce(claims.owner, '') <> held.owner OR coalesce(claims.epoch, 0) <> held.epoch)",
            parameters,
        )
        gone.update(number for (number,) in found)
    return gone
