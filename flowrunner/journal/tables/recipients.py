"""What is learnt of whom a run is for: the conversation that it has, and which names are one person's."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice
from operator import itemgetter
from typing import Final

from flowrunner.engine.history.recipient_learnt import named_by
from flowrunner.journal.tables.database import Database
from flowrunner.journal.tables.names import join, names_of, others
from flowrunner.journal.tables.records import unpack
from flowrunner.journal.tables.seals import seal, who
from flowrunner.model import Event, EventKind, Recipient


def learn_of(db: Database, told: Iterable[tuple[str, Recipient]]) -> None:
    """Keep what is told of runs' people, by the runs' ids, in the order it was told.

    A conversation becomes the run's own unless it was begun with one.
    """
    by_run: dict[str, list[Recipient]] = {}
    for run, each in told:
        by_run.setdefault(run, []).append(each)
    people: dict[str, list[Mapping[str, str]]] = {}
    moved: list[tuple[int, str, int]] = []
    for values, parameters in db.blocks([(run,) for run in by_run], str):
        for run, target, key, found, conversation, phone, user_id, *rest in db.execute(
            f"SELECT {_RUN} WHERE id IN {values}",
            parameters,
        ).fetchall():
            own = conversation
            for each in by_run[run]:
                people.setdefault(target, []).append(names_of(Recipient(own, phone, user_id)) | names_of(each))
                own = own if conversation and not found else each.conversation or own
            if own != conversation:
                moved.append((key, own, seal(run, own, who(phone, user_id), *rest)))
    for target, names in people.items():
        join(db, target, names)
    for values, parameters in db.blocks(moved, int, str, int):
        db.execute(
            f"WITH fresh (key, its, seal) AS {values}"  # noqa: S608 - only marks
            " UPDATE runs SET conversation = its, found = 1, seal = fresh.seal FROM fresh WHERE runs.key = fresh.key",
            parameters,
        )


_RUN: Final = """id, target, runs.key, found, conversation, phone, user_id, variables, coalesce(names, ''), now,
    created_at, line, zone, flow, coalesce(campaign, 0)
    FROM runs JOIN flows ON flows.key = runs.flow LEFT JOIN shapes ON shapes.key = shape"""


def unlinked(db: Database) -> Iterator[str]:
    """The runs whose names, with those that their events tell, are not known to be one person's."""
    for (target,) in db.execute("SELECT DISTINCT target FROM flows").fetchall():
        told = db.each(
            "SELECT id, conversation, phone, user_id, kind, detail FROM runs JOIN flows ON flows.key = runs.flow"
            " LEFT JOIN events ON events.run = runs.key AND kind IN ('begun', 'accepted')"
            " WHERE target = ? ORDER BY runs.key",
            (target,),
        )
        runs = ((run, [*rows]) for run, rows in groupby(told, key=itemgetter(0)))
        while some := [(run, _told(rows)) for run, rows in islice(runs, _AT_ONCE)]:
            known = others(db, target, [next(iter(people)) for _, people in some])
            for place, (run, people) in enumerate(some):
                names = {name for each in people for name in names_of(each)}
                if len(names) > 1 and not names <= {row.name for row in known.get(place, ())}:
                    yield run


_AT_ONCE: Final = 1_000


def _told(rows: Sequence[tuple[str, ...]]) -> set[Recipient]:
    """Whom a run's row names, and whom its events."""
    events = (Event(EventKind(kind), "", 0.0, detail=unpack(detail)) for *_, kind, detail in rows if kind)
    return {each for each in (Recipient(*rows[0][1:4]), *map(named_by, events)) if any(each)} or {Recipient()}
