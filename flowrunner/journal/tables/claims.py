"""Who may send to a person: an owner, for a while, with an epoch that rises at every change of owner.

A person is claimed by all their names at once, each a row: whoever knows them by another name meets one of those.
"""

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from flowrunner.client.access import target_key
from flowrunner.journal.tables.database import Database
from flowrunner.journal.tables.names import aliases, names_of
from flowrunner.journal.tables.seals import TornError
from flowrunner.journal.values import Busy, Claim
from flowrunner.model import Recipient

LONGEST = 60.0
"""No lease is longer, in seconds: one that seems so was counted from an earlier start of this machine."""


def name_in(key: str) -> tuple[str, str]:
    """Of a key that `keys_of` gives for no purpose: the API as `target_key` has it, the name as `names_of` does."""
    head, _, last = key.rpartition(" ")
    for kind in ("phone", "user"):
        if head.endswith(f" {kind}"):
            return head.removesuffix(f" {kind}"), f"{kind} {last}"
    return head, f"conversation {last}"


class Wanted(NamedTuple):
    """What one caller wants to claim.

    Attributes:
        ended: Owners whose leases need not run out.
        asked: When it was asked for, on the caller's own clock: it is told by that until when.
    """

    target: str
    recipient: Recipient
    owner: str
    lease: float
    ended: Collection[str]
    purpose: str
    asked: float


def take_all(db: Database, wanted: Sequence[Wanted]) -> list[Claim | Busy]:
    """Claim what each wants, all of their names or none; who came first has it."""
    keys = _keys(db, wanted)
    known = _known(db, {key for its in keys for key in its})
    before, now = dict(known), db.up()
    answers = [_take(each, its, known, now) for each, its in zip(wanted, keys, strict=True)]
    changed = [(key, *its) for key, its in known.items() if before.get(key) != its]
    new, old = ([row for row in changed if (row[0] in before) is is_old] for is_old in (False, True))
    for values, parameters in db.blocks(new, str, str, int, float):
        db.execute(
            f"WITH fresh (conversation, owner, epoch, until) AS {values}"  # noqa: S608 - only marks
            " INSERT INTO claims (conversation, owner, epoch, until)"
            " SELECT * FROM fresh WHERE conversation IS NOT NULL",
            parameters,
        )
    for values, parameters in db.blocks(old, str, str, int, float):
        db.execute(
            f"WITH fresh (its, owner, epoch, until) AS {values} UPDATE claims"  # noqa: S608 - only marks
            " SET owner = fresh.owner, epoch = fresh.epoch, until = fresh.until FROM fresh WHERE conversation = its",
            parameters,
        )
    return answers


_Held = tuple[str, int, float]
"""Owner, epoch, until."""


def _take(wanted: Wanted, keys: Sequence[str], known: dict[str, _Held], now: float) -> Claim | Busy:
    latest = now + max(wanted.lease, LONGEST)
    for key in keys:
        owner, epoch, until = known.get(key, ("", 0, 0.0))
        if owner and owner != wanted.owner and owner not in wanted.ended and until > now:
            known[key] = owner, epoch, min(until, latest)
            return Busy(owner, wanted.asked + min(until, latest) - now)
    for key in keys:
        owner, epoch, _ = known.get(key, ("", 0, 0.0))
        known[key] = wanted.owner, epoch + (owner != wanted.owner), now + wanted.lease
    return Claim(tuple(keys), wanted.owner, tuple(known[key][1] for key in keys), wanted.asked + wanted.lease)


def _keys(db: Database, wanted: Sequence[Wanted]) -> list[list[str]]:
    """What each person is claimed by: a key for each of their names that is known."""
    keys: list[list[str]] = [[] for _ in wanted]
    for target in dict.fromkeys(each.target for each in wanted):
        places = [place for place, each in enumerate(wanted) if each.target == target]
        also = aliases(db, target, [wanted[place].recipient for place in places])
        for at, place in enumerate(places):
            people = (wanted[place].recipient, *also.get(at, ()))
            # A conversation's has been its bare id ever since.
            names = [name.removeprefix("conversation ") for each in people for name in names_of(each)]
            head = f"{wanted[place].purpose} {target_key(target)}"
            keys[place] = [f"{head} {name}".lstrip() for name in names or [""]]
    return keys


def _known(db: Database, keys: Collection[str]) -> dict[str, _Held]:
    """Who has what, of what anybody ever had.

    Claims have no seal: what a damaged one holds is looked at here.
    """
    known: dict[str, _Held] = {}
    for values, parameters in db.blocks([(key,) for key in keys], str):
        for row in db.execute(
            f"SELECT conversation, owner, epoch, until FROM claims WHERE conversation IN {values}",  # noqa: S608
            parameters,
        ):
            match row:
                case (key, str(owner), int(epoch), int() | float() as until):
                    known[key] = owner, epoch, float(until)
                case _:
                    raise TornError("a claim is not what was written")
    return known


class Kept(NamedTuple):
    """What one caller wants to keep, for so long, as of when that was asked for."""

    claims: Sequence[Claim]
    lease: float
    asked: float


def renew_all(db: Database, wanted: Sequence[Kept]) -> list[list[Claim]]:
    """Prolong claims. Returns those that are still held, for each caller."""
    every = [(number, claim) for number, each in enumerate(wanted) for claim in each.claims]
    gone = lost(db, [(place, claim) for place, (_, claim) in enumerate(every)])
    held = [its for place, its in enumerate(every) if place not in gone]
    rows = [(key, db.up() + wanted[number].lease) for number, claim in held for key in claim.names]
    for values, parameters in db.blocks(rows, str, float):
        db.execute(
            f"WITH fresh (its, until) AS {values}"  # noqa: S608 - only marks
            " UPDATE claims SET until = fresh.until FROM fresh WHERE conversation = its",
            parameters,
        )
    answers: list[list[Claim]] = [[] for _ in wanted]
    for number, claim in held:
        answers[number].append(claim._replace(until=wanted[number].asked + wanted[number].lease))
    return answers


def release_all(db: Database, claims: Sequence[Claim]) -> list[None]:
    """Give claims back; nothing happens where they were lost."""
    rows = [
        (key, claim.owner, epoch, db.up())
        for claim in claims
        for key, epoch in zip(claim.names, claim.epochs, strict=True)
    ]
    for values, parameters in db.blocks(rows, str, str, int, float):
        db.execute(
            f"WITH fresh (its, owner, epoch, until) AS {values}"  # noqa: S608 - only marks
            " UPDATE claims SET owner = '', until = fresh.until FROM fresh"
            " WHERE conversation = its AND claims.owner = fresh.owner AND claims.epoch = fresh.epoch",
            parameters,
        )
    return [None for _ in claims]


def lost(db: Database, claims: Sequence[tuple[int, Claim]]) -> set[int]:
    """The numbers of those claims of which a name is no longer held by their owner, whatever their lease says.

    A lease that has run out is not lost before somebody else takes it.
    """
    return asking_lost(db, claims)()


def asking_lost(db: Database, claims: Sequence[tuple[int, Claim]]) -> Callable[[], set[int]]:
    """What tells `lost`. It is asked for at once, and told when it is called."""
    rows = [
        (number, key, claim.owner, epoch)
        for number, claim in claims
        for key, epoch in zip(claim.names, claim.epochs, strict=True)
    ]
    asked = [
        db.execute(
            f"WITH held (number, conversation, owner, epoch) AS {values}"  # noqa: S608 - only marks
            " SELECT number FROM held LEFT JOIN claims USING (conversation)"
            " WHERE number IS NOT NULL"
            " AND (coalesce(claims.owner, '') <> held.owner OR coalesce(claims.epoch, 0) <> held.epoch)",
            parameters,
        )
        for values, parameters in db.blocks(rows, int, str, str, int)
    ]
    return lambda: {number for found in asked for (number,) in found}
