"""Those who want to be written to no more, a row for each of their names; nothing here is ever pruned."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from flowrunner.client.access import target_key
from flowrunner.client.targets import EMULATOR, read_target
from flowrunner.engine.history.recipient_learnt import filled
from flowrunner.journal.tables.database import Database
from flowrunner.journal.tables.names import aliases, api_of, known_by, named, names_of
from flowrunner.journal.tables.seals import TornError, seal
from flowrunner.model import NOBODY, OptOut, Recipient

TABLE: Final = (
    # `person` is the key of the first of their rows; at an API without an address, they said it to all of them.
    """CREATE TABLE optouts (
        key INTEGER PRIMARY KEY,
        api INTEGER NOT NULL REFERENCES apis,
        name TEXT NOT NULL,
        text TEXT NOT NULL,
        person INTEGER NOT NULL,
        reason TEXT NOT NULL,
        at REAL NOT NULL,
        run TEXT NOT NULL,
        seal INTEGER NOT NULL,
        UNIQUE (name, api)
    )""",
    "CREATE INDEX optouts_person ON optouts (person)",
)

_PAGE: Final = 1_000


def opt_out(db: Database, target: str, recipient: Recipient, reason: str, at: float, run: str = "") -> None:
    """Keep it of somebody, by all their names; who is there already stays as they are, and is so by more names."""
    api = api_of(db, target)
    everyone = (recipient, *aliases(db, target, [recipient]).get(0, ()))
    names = {name: text for each in everyone[::-1] for name, text in names_of(each).items()}
    known = {row[0]: row[1:] for row in _rows(db, api, names)}
    (last,) = db.execute("SELECT coalesce(max(key), 0) FROM optouts").fetchone()
    person, why, since, its = next(iter(known.values()), (last + 1, reason, float(at), run))
    for name, text in names.items():
        if name not in known:
            last += 1
            row = (api, name, text, person, why, since, its)
            db.execute(
                "INSERT INTO optouts (key, api, name, text, person, reason, at, run, seal)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (last, *row, seal(*row)),
            )


def _rows(db: Database, api: int, names: Iterable[str]) -> list[tuple[str, int, str, float, str]]:
    """Those of these names that are kept at one API: name, person, reason, at, run."""
    found: list[tuple[int, str, int, str, float, str]] = []
    for values, parameters in db.blocks([(name,) for name in names], str):
        found += db.execute(
            f"SELECT key, name, person, reason, at, run FROM optouts WHERE name IN {values} AND api = ?",  # noqa: S608
            (*parameters, api),
        ).fetchall()
    return [row[1:] for row in sorted(found)]


def opted_out(db: Database, target: str, people: Sequence[Recipient]) -> set[int]:
    """The places of those who must not be written to."""
    return {place for place, _ in _met(db, target, _names_of_all(people))}


def asking_opted_out(db: Database, named: Sequence[tuple[int, str, str, str]]) -> Callable[[], set[int]]:
    """The numbers of those who must not be written to, by a run that would, an API as `target_key` has it, and a name.

    The run to which they said so has its last words. It is asked within the commit that begins a message: nobody can
    say stop in between, and by whatever name they have said it, it is found here. Returns what tells them: whether
    there are any at all is asked at once.
    """
    are_any = db.execute(_ANY) if named else None
    return lambda: _opted_out(db, named) if are_any is not None and are_any.fetchone() else set()


def _opted_out(db: Database, named: Sequence[tuple[int, str, str, str]]) -> set[int]:
    perhaps: set[int] = set()
    for values, parameters in db.blocks(named, int, str, str, str):
        perhaps.update(number for (number,) in db.execute(PERHAPS.format(values), parameters))
    its = {each[0]: each[1:3] for each in named if each[0] in perhaps}
    return {
        number
        for number, (run, target) in its.items()
        for _, person in _met(db, target, [(number, name) for each, _, _, name in named if each == number])
        if db.execute("SELECT 1 FROM optouts WHERE person = ? AND run <> ?", (person, run)).fetchone()
    }


PERHAPS: Final = """
    WITH fresh (number, its_run, target, its) AS {} SELECT number FROM fresh CROSS JOIN optouts ON optouts.name = its
    WHERE number IS NOT NULL AND run <> its_run
    UNION SELECT number FROM fresh
        CROSS JOIN apis AS here CROSS JOIN names AS one ON one.api = here.key AND one.name = its
        CROSS JOIN names AS also ON also.person = one.person
        CROSS JOIN apis AS there CROSS JOIN names AS two ON two.api = there.key AND two.name = also.name
        CROSS JOIN names AS last ON last.person = two.person
        CROSS JOIN optouts ON optouts.name = last.name
    WHERE number IS NOT NULL AND run <> its_run
"""
"""In one statement whom `_met` might meet: a name of theirs at any API, by what one API and then another knows them.
Nearly always nobody, and it is asked before each message."""


def _are_any(db: Database) -> bool:
    """For most there are none, and it is asked before each message."""
    return bool(db.execute(_ANY).fetchone())


_ANY: Final = "SELECT 1 FROM optouts LIMIT 1"


def opt_outs_of(db: Database, asked: Sequence[tuple[str, Recipient]]) -> list[OptOut | None]:
    """What is kept of each, by the API and the person, the first where it is more."""
    found: list[OptOut | None] = [None] * len(asked)
    for target in dict.fromkeys(target for target, _ in asked):
        places = [place for place, (its, _) in enumerate(asked) if its == target]
        names = _names_of_all([asked[place][1] for place in places])
        for at, person in sorted(_met(db, target, names), reverse=True):
            rows = db.execute(f"{_KEPT} WHERE person = ? ORDER BY optouts.key", (person,)).fetchall()
            found[places[at]] = _one(rows)
    return found


def opt_in(db: Database, target: str, recipient: Recipient, at: float) -> bool:
    """Forget it of somebody, by all their names, and keep since when it is forgotten."""
    persons = {person for _, person in _met(db, target, _names_of_all([recipient]))}
    rows = [
        row
        for person in persons
        for row in db.execute("SELECT api, name FROM optouts WHERE person = ?", (person,)).fetchall()
    ]
    db.executemany("DELETE FROM optouts WHERE person = ?", [(person,) for person in persons])
    (last,) = db.execute("SELECT coalesce(max(key), 0) FROM optouts").fetchone()
    for place, (api, name) in enumerate(rows, last + 1):
        its = (api, f"{_AGAIN}{name}", "", last + 1, "", float(at), "")
        db.execute("DELETE FROM optouts WHERE name = ? AND api = ?", (its[1], api))
        db.execute(
            "INSERT INTO optouts (key, api, name, text, person, reason, at, run, seal)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (place, *its, seal(*its)),
        )
    return bool(persons)


_AGAIN: Final = "again "
"""Before a name it says that who has it was let in again. Nobody's name begins so."""


def opted_in(db: Database, target: str, people: Sequence[Recipient]) -> dict[int, float]:
    """Since when those of these may be written to again who were let in, by their places."""
    if not _are_any(db):
        return {}
    names = _names_of_all(people)
    also = [(place, row.name) for place, rows in known_by(db, target, names).items() for row in rows]
    apis, found = _apis(db, target), dict[int, float]()
    for place, _, row in _written(db, [(place, f"{_AGAIN}{name}", 0) for place, name in {*names, *also}]):
        if row.api in apis:
            found[place] = max(row.at, found.get(place, 0.0))
    return found


def _names_of_all(people: Sequence[Recipient]) -> list[tuple[int, str]]:
    return [(place, name) for place, each in enumerate(people) for name in names_of(each)]


def _met(db: Database, target: str, names: Sequence[tuple[int, str]]) -> set[tuple[int, int]]:
    """Each person who said stop, by the place that stands with their name, and what `person` is of their rows."""
    if not _are_any(db):
        return set()
    also = [(place, row.name) for place, rows in known_by(db, target, names).items() for row in rows]
    apis = _apis(db, target)
    here = next((api for api, its in apis.items() if target_key(its) == target_key(target)), 0)
    asked = [(place, name, here) for place, name in dict.fromkeys([*names, *also])]
    asked += _elsewhere(db, [*apis], [each for each in asked if not target or not _is_of_one_api(each[1])])
    met: set[tuple[int, int]] = set()
    for place, at, row in _written(db, asked):
        is_same = not _is_of_one_api(row.name) or row.api == at or not (apis.get(row.api) and apis.get(at, target))
        if row.api in apis and is_same:
            met.add((place, row.person))
    return met


class _Row(NamedTuple):
    """What is sealed of a row, as the table has it."""

    api: int
    name: str
    text: str
    person: int
    reason: str
    at: float
    run: str


def _written(db: Database, asked: Sequence[tuple[int, str, int]]) -> Iterator[tuple[int, int, _Row]]:
    """What is kept by each name, with the place and the API that stand with it."""
    for values, parameters in db.blocks(asked, int, str, int):
        for place, at, *row, its in db.execute(
            f"WITH fresh (place, its, at) AS {values}"  # noqa: S608 - only marks
            " SELECT place, fresh.at, api, name, text, person, reason, optouts.at, run, seal"
            " FROM fresh CROSS JOIN optouts ON name = its WHERE place IS NOT NULL",
            parameters,
        ):
            if seal(*row) != its:
                raise TornError("an opt-out is not what was written")
            yield place, at, _Row(*row)


def _is_of_one_api(name: str) -> bool:
    """A conversation is; but one may be named without saying whose it is."""
    return name.startswith("conversation ")


def _elsewhere(db: Database, apis: Sequence[int], asked: Sequence[tuple[int, str, int]]) -> list[tuple[int, str, int]]:
    """By what other names any API knows those who have these: place, name, API."""
    found: list[tuple[int, str, int]] = []
    for values, parameters in db.blocks(asked, int, str, int):
        found += db.execute(
            f"WITH fresh (place, its, at) AS {values}, world (api) AS ({db.listed(int)})"  # noqa: S608
            " SELECT place, other.name, other.api FROM fresh CROSS JOIN world"
            " CROSS JOIN names AS one ON one.api = world.api AND one.name = its"
            " CROSS JOIN names AS other ON other.person = one.person WHERE place IS NOT NULL",
            (*parameters, json.dumps(apis)),
        ).fetchall()
    return found


def _apis(db: Database, target: str) -> Mapping[int, str]:
    """Every API whose opt-outs count there."""
    is_emulator = _is_emulator(target)
    found = db.execute("SELECT key, target FROM apis").fetchall()
    return {api: its for api, its in found if _is_emulator(its) is is_emulator}


def _is_emulator(target: str) -> bool:
    return read_target(target).url == EMULATOR


def optouts(db: Database, target: str, after: int) -> tuple[list[OptOut], int | None]:
    """A page of those who said stop, and what the next one begins after, if there is one."""
    key = target_key(target)
    apis = [api for api, its in db.execute("SELECT key, target FROM apis") if not target or target_key(its) == key]
    persons = [
        person
        for (person,) in db.execute(
            f"SELECT DISTINCT person FROM optouts WHERE person > ? AND api IN ({db.listed(int)})"  # noqa: S608
            f" AND name NOT LIKE '{_AGAIN}%' ORDER BY person LIMIT ?",
            (after, json.dumps(apis), _PAGE),
        )
    ]
    its = f"WHERE person IN ({db.listed(int)}) ORDER BY person, optouts.key"
    rows = db.execute(f"{_KEPT} {its}", (json.dumps(persons),))
    page = [_one([*its]) for _, its in groupby(rows, key=lambda row: row[0])]
    return page, persons[-1] if len(persons) == _PAGE else None


_KEPT: Final = "SELECT person, name, text, reason, at, run, apis.target FROM optouts JOIN apis ON apis.key = api"


def _one(rows: Sequence[tuple[int, str, str, str, float, str, str]]) -> OptOut:
    recipient = NOBODY
    for _, name, text, *_ in rows[::-1]:
        recipient = filled(recipient, named(name, text))
    *_, reason, at, run, target = rows[0]
    return OptOut(recipient, reason, at, target, run)
