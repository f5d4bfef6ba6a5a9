"""Who is whom: the names that people go by, each with the person that runs, answers and events say it is of.

A person whom the journal knows by one name alone needs no row: it is there as soon as two names are one person's.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Final, NamedTuple

from flowrunner.client.access import target_key
from flowrunner.engine.history.recipient_learnt import filled
from flowrunner.journal.tables.database import Database
from flowrunner.journal.tables.seals import TornError, seal
from flowrunner.model import Recipient

_CONVERSATION, _PHONE, _USER = "conversation", "phone", "user"
MARKETING: Final = "marketing"
"""What somebody refuses who has said that they want no more marketing."""


class _Row(NamedTuple):
    """A row of the table; ``text`` is the name as it was written, where that is not what ``name`` has."""

    key: int
    api: int
    name: str
    text: str
    person: int
    refuses: str

    @property
    def seal(self) -> int:
        return seal(*self[1:])


def names_of(recipient: Recipient) -> dict[str, str]:
    """The names of a recipient, the same for all spellings of one, each with the text that it was written as."""
    conversation, phone, user_id = recipient
    names = {f"{_CONVERSATION} {conversation}": ""} if conversation else {}
    if phone:
        names[f"{_PHONE} {_digits(phone)}"] = f"+{phone}" if phone.isdecimal() else phone
    if user_id:
        names[f"{_USER} {user_id}"] = ""
    return names


def _digits(phone: str) -> str:
    """What all spellings of a phone have in common; what is no phone stands for itself."""
    if phone[:1] == "+" and phone.isascii() and phone[1:].isdecimal():
        return str(_identity()(phone))
    digits = "".join(filter(str.isdecimal, phone))
    return str(_identity()(f"+{digits}")) if digits else phone


@cache
def _identity() -> Callable[[str], int]:
    from flowrunner.phones.spellings import identity  # who is known by conversation needs none of it

    return identity


def learn(db: Database, target: str, people: Iterable[Recipient]) -> None:
    """Keep that the names of each of these are one person's, and join whom that makes one."""
    join(db, target, [names_of(each) for each in people])


def join(db: Database, target: str, told: Iterable[Mapping[str, str]]) -> None:
    """The same of names as `names_of` gives them."""
    if several := [names for names in told if len(names) > 1]:
        api = api_of(db, target)
        _Learning(db, api, {name for names in several for name in names}).all(several)


def refuse(db: Database, target: str, recipient: Recipient, what: str) -> None:
    """Keep that a person, by all their names, refuses something."""
    api = api_of(db, target)
    names = names_of(recipient)
    learning = _Learning(db, api, set(names))
    learning.all([names])
    for name in names:
        row = learning.rows[name]._replace(refuses=what)
        db.execute("UPDATE names SET refuses = ?, seal = ? WHERE key = ?", (what, row.seal, row.key))


def allow(db: Database, target: str, recipient: Recipient, what: str) -> None:
    """Keep that a person refuses something no more, by whatever name they did."""
    for row in others(db, target, [recipient]).get(0, []):
        if row.refuses == what:
            db.execute(
                "UPDATE names SET refuses = '', seal = ? WHERE key = ?", (row._replace(refuses="").seal, row.key)
            )


class _Learning:
    """What is known of some names, and what becomes of it."""

    def __init__(self, db: Database, api: int, names: Iterable[str]) -> None:
        self._db, self._api = db, api
        self.rows = {row.name: row for row in _rows(db, api, names)}
        (self._last,) = db.execute("SELECT coalesce(max(key), 0) FROM names").fetchone()

    def all(self, told: Sequence[Mapping[str, str]]) -> None:
        """Each of these holds the names of one person."""
        new: list[_Row] = []
        for names in told:
            persons = {self.rows[name].person for name in names if name in self.rows}
            person = min(persons, default=self._last + 1)
            for other in persons - {person}:
                new = self._joined(other, person, new)
            for name, text in names.items():
                if name not in self.rows:
                    self._last += 1
                    self.rows[name] = _Row(self._last, self._api, name, text, person, "")
                    new.append(self.rows[name])
        rows = [(*row, row.seal) for row in new]
        for values, parameters in self._db.blocks(rows, int, int, str, str, int, str, int):
            self._db.execute(
                f"WITH fresh (key, api, name, text, person, refuses, seal) AS {values}"  # noqa: S608 - only marks
                " INSERT INTO names (key, api, name, text, person, refuses, seal)"
                " SELECT * FROM fresh WHERE key IS NOT NULL",
                parameters,
            )

    def _joined(self, other: int, person: int, new: Sequence[_Row]) -> list[_Row]:
        """Make the one person the other, in the table and in what is still to be written there."""
        found = self._db.execute(f"SELECT {_COLUMNS} FROM names WHERE person = ?", (other,)).fetchall()  # noqa: S608
        for row in [_checked(each)._replace(person=person) for each in found]:
            self._db.execute("UPDATE names SET person = ?, seal = ? WHERE key = ?", (person, row.seal, row.key))
        for name, row in self.rows.items():
            if row.person == other:
                self.rows[name] = row._replace(person=person)
        return [self.rows[row.name] for row in new]


def others(db: Database, target: str, recipients: Sequence[Recipient]) -> dict[int, list[_Row]]:
    """What is known of those of whom more than nothing is: the rows of all their names, in the order of learning."""
    return known_by(db, target, [(place, name) for place, each in enumerate(recipients) for name in names_of(each)])


def known_by(db: Database, target: str, names: Sequence[tuple[int, str]]) -> dict[int, list[_Row]]:
    """The same of those who have these names, each beside the place of whose it is."""
    if not (api := known_api(db, target)):
        return {}
    # Who is asked for by several of their names is found by each.
    known: dict[int, dict[int, _Row]] = {}
    for values, parameters in db.blocks(names, int, str):
        for place, key, *row in db.execute(
            f"WITH fresh (place, its) AS {values}"  # noqa: S608 - only marks
            f" SELECT place, {_COLUMNS} FROM fresh JOIN names ON person ="
            " (SELECT person FROM names WHERE api = ? AND name = its) ORDER BY key",
            (*parameters, api),
        ).fetchall():
            rows = known.setdefault(place, {})
            if key not in rows:
                rows[key] = _checked((key, *row))
    return {place: list(rows.values()) for place, rows in known.items()}


def aliases(db: Database, target: str, recipients: Sequence[Recipient]) -> dict[int, list[Recipient]]:
    """The other names of those who have any, one each, in the order in which they were learnt."""
    names = [(place, name) for place, each in enumerate(recipients) for name in names_of(each)]
    own = set(names)
    return {
        place: [named(row.name, row.text) for row in rows if (place, row.name) not in own]
        for place, rows in known_by(db, target, names).items()
    }


def known(db: Database, target: str, recipient: Recipient) -> Recipient:
    """The recipient with each name they lack, as it was learnt last."""
    for alias in aliases(db, target, [recipient]).get(0, [])[::-1]:
        recipient = filled(recipient, alias)
    return recipient


def refusing_marketing(db: Database, asked: Sequence[tuple[str, Sequence[Recipient]]]) -> list[set[int]]:
    """For each API with some people the places of those who refuse it, by whatever name."""
    refusing: list[set[int]] = [set() for _ in asked]
    for target in dict.fromkeys(target for target, _ in asked):
        which = [number for number, (its, _) in enumerate(asked) if its == target]
        places = [(number, place) for number in which for place in range(len(asked[number][1]))]
        known = others(db, target, [asked[number][1][place] for number, place in places])
        for at, rows in known.items():
            if any(row.refuses == MARKETING for row in rows):
                number, place = places[at]
                refusing[number].add(place)
    return refusing


def note_echo(db: Database, target: str) -> None:
    """Keep that an API has shown a message of ours with what it was posted with."""
    db.execute("UPDATE apis SET echoes = 1 WHERE key = ?", (api_of(db, target),))


def note_listener(db: Database, target: str, until: float) -> None:
    """Keep until when somebody hears what an API tells."""
    db.execute("UPDATE apis SET listened = ? WHERE key = ?", (until, api_of(db, target)))


def listened_until(db: Database, target: str) -> float:
    """Until when somebody does."""
    found = db.execute("SELECT listened FROM apis WHERE key = ?", (known_api(db, target),)).fetchone()
    return float(found[0]) if found else 0.0


def echoes(db: Database, target: str) -> bool:
    """Whether it ever has."""
    return bool(db.execute("SELECT 1 FROM apis WHERE key = ? AND echoes = 1", (known_api(db, target),)).fetchone())


def named(name: str, text: str) -> Recipient:
    """The recipient with one name, as `names_of` gives it."""
    kind, _, its = name.partition(" ")
    if kind == _PHONE:
        return Recipient("", text)
    return Recipient(its) if kind == _CONVERSATION else Recipient(user_id=its)


def _rows(db: Database, api: int, names: Iterable[str]) -> Iterable[_Row]:
    for values, parameters in db.blocks([(name,) for name in names], str):
        yield from map(
            _checked,
            db.execute(
                f"SELECT {_COLUMNS} FROM names WHERE api = ? AND name IN {values}",  # noqa: S608 - only marks
                (api, *parameters),
            ).fetchall(),
        )


_COLUMNS: Final = "key, api, name, text, person, refuses, seal"


def _checked(found: Sequence[object]) -> _Row:
    row = _Row._make(found[:-1])
    if row.seal != found[-1]:
        raise TornError("who is whom is not what was written")
    return row


def api_of(db: Database, target: str) -> int:
    """The API's row, made if it is not there."""
    return known_api(db, target) or _new_api(db, target)


def known_api(db: Database, target: str) -> int:
    """The API's row, by whatever spelling of its address; 0 where nothing is known of anybody there."""
    its = target_key(target)
    known = db.execute("SELECT key, target FROM apis ORDER BY key").fetchall()
    return next((key for key, one in known if one == target or target_key(one) == its), 0)


def _new_api(db: Database, target: str) -> int:
    db.execute("INSERT INTO apis (target) VALUES (?)", (target,))
    return known_api(db, target)
