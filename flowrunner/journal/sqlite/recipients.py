"""What is learnt of whom a run is for: the conversation that it has, and which names are one person's."""

import sqlite3
from collections.abc import Iterator

from flowrunner.engine.told import named_by
from flowrunner.journal.sqlite.names import join, names_of, others
from flowrunner.journal.sqlite.records import unpack
from flowrunner.journal.sqlite.seals import seal, who
from flowrunner.model import Event, EventKind, Recipient


def learn_of(db: sqlite3.Connection, run_id: str, told: Recipient) -> None:
    """Keep what is told of a run's person; a conversation becomes the run's own unless it was begun with one."""
    its = db.execute(
        "SELECT target, runs.key, found, conversation, phone, user_id, variables, coalesce(names, ''), now, created_at,"
        " line, zone, flow, coalesce(campaign, 0) FROM runs JOIN flows ON flows.key = runs.flow"
        " LEFT JOIN shapes ON shapes.key = shape WHERE id = ?",
        (run_id,),
    ).fetchone()
    if its is None:
        return
    target, key, found, conversation, phone, user_id, *rest = its
    join(db, target, [names_of(Recipient(conversation, phone, user_id)) | names_of(told)])
    if told.conversation not in ("", conversation) and (found or not conversation):
        fresh = seal(run_id, told.conversation, who(phone, user_id), *rest)
        row = (told.conversation, fresh, key)
        db.execute("UPDATE runs SET conversation = ?, found = 1, seal = ? WHERE key = ?", row)


def unlinked(db: sqlite3.Connection) -> Iterator[str]:
    """The runs whose names, or those that their events tell, are not known to be one person's."""
    told: dict[str, list[Recipient]] = {}
    for run, *names in db.execute("SELECT id, conversation, phone, user_id FROM runs"):
        told[run] = [Recipient(*names)]
    events = (
        "SELECT id, kind, detail FROM events JOIN runs ON runs.key = run WHERE kind IN ('begun', 'accepted', 'window')"
    )
    for run, kind, detail in db.execute(events):
        told[run].append(named_by(Event(EventKind(kind), run, 0.0, detail=unpack(detail))))
    targets = dict(db.execute("SELECT id, target FROM runs JOIN flows ON flows.key = runs.flow"))
    for run, people in told.items():
        names = {name for each in people for name in names_of(each)}
        if len(names) > 1:
            known = others(db, targets[run], [next(filter(any, people))]).get(0, [])
            if not names <= {row.name for row in known}:
                yield run
