"""Runs and Events as rows, and back."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from flowrunner.engine.history.phases import Phase
from flowrunner.journal.errors import JournalError
from flowrunner.journal.tables.database import EVERY, Database
from flowrunner.journal.tables.ledger import count_runs
from flowrunner.journal.tables.names import learn
from flowrunner.journal.tables.seals import TornError, seal, who
from flowrunner.journal.tables.writes import Write
from flowrunner.journal.values import RunRecord
from flowrunner.model import Bundle, Event, EventKind, Json, Recipient, Run
from flowrunner.numbers import packed, unpacked

if TYPE_CHECKING:
    from flowrunner.model.campaigns import Campaign


def begin(run: Run, *, again: bool) -> Write:
    """Writes a run, and its flow if it is the first."""
    storable(run.id, run.flow_name, run.bundle.path, *run.bundle.files.values(), run.target, run.now, *run.recipient)
    conversation, phone, user_id = run.recipient
    row, values = (run.id, conversation, phone), pack(packed(dict(run.variables)))
    sealed = (run.id, conversation, who(phone, user_id), values)

    def apply(db: Database) -> JournalError | None:
        if db.execute("SELECT 1 FROM runs WHERE id = ?", (run.id,)).fetchone():
            return JournalError(f"run {run.id} is already in the journal")
        flow, at = flow_key(db, run), float(run.created_at)
        its = seal(*sealed, "", run.now, at, 0, "", flow, 0)
        db.execute(
            "INSERT INTO runs (id, conversation, phone, user_id, variables, now, created_at, flow, again, listens,"
            " seal, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'new')",
            (*row, user_id, values, run.now, at, flow, again, run.listens, its),
        )
        learn(db, run.target, [run.recipient])
        count_runs(db, 1)
        return None

    return Write(apply, begins=True)


def flow_key(db: Database, its: "Run | Campaign") -> int:
    """The row of the flow that a run or a campaign is of; made if it is the first."""
    bundle = its.bundle
    flow = (bundle.digest, its.flow_name, bundle.path, its.target)
    question = "SELECT key FROM flows WHERE digest = ? AND name = ? AND path = ? AND target = ?"
    found: tuple[int] | None = db.execute(question, flow).fetchone()
    if found is None:
        text = (bundle.digest, bundle.text)
        put = "INSERT INTO texts (digest, text, seal) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
        db.execute(put, (*text, seal(*text)))
        others = [(bundle.digest, *each) for each in bundle.others.items()]
        db.executemany(
            "INSERT INTO files (digest, name, text, seal) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [(*each, seal(*each)) for each in others],
        )
        db.execute("INSERT INTO flows (digest, name, path, target, seal) VALUES (?, ?, ?, ?, ?)", (*flow, seal(*flow)))
        found = db.execute(question, flow).fetchone()
    return cast("tuple[int]", found)[0]


_encode = json.JSONEncoder(separators=(",", ":")).encode


def pack(data: Json) -> str:
    """A mapping or list as compact text, nothing for an empty one. ASCII, so that half of a surrogate pair passes."""
    return _encode(data if isinstance(data, list) else dict(data)) if data else ""


def unpack(text: str) -> Json:
    """What `pack` was given."""
    return json.loads(text) if text else {}


def storable(*texts: str) -> None:
    """Raise UnicodeEncodeError here rather than in the commit, where it would hit the other callers."""
    "\0".join(texts).encode()


_RECORDS = """
    SELECT runs.id, flows.name, flows.path, flows.digest, flows.target, conversation, phone, variables, names,
        coalesce(campaigns.now, runs.now), coalesce(campaigns.created_at, runs.created_at), state, had, again,
        runs.listens, (SELECT at FROM events WHERE run = runs.key ORDER BY key DESC LIMIT 1),
        user_id, found, cancelled_at IS NOT NULL,
        runs.seal, runs.now, runs.created_at, line, zone, runs.flow, coalesce(campaign, 0)
    FROM runs JOIN flows ON flows.key = runs.flow LEFT JOIN campaigns ON campaigns.key = runs.campaign
        LEFT JOIN shapes ON shapes.key = runs.shape
"""


def records_of(db: Database, asked: Sequence[str]) -> list[RunRecord | None]:
    """For each the run with that id."""
    found: dict[str, RunRecord] = {}
    for values, parameters in db.blocks([(run,) for run in dict.fromkeys(asked)], str):
        found.update((each.run.id, each) for each in records(db, f"WHERE runs.id IN {values}", parameters))
    return [found.get(run) for run in asked]


def ids(db: Database, beginning: str, limit: int) -> tuple[list[str], list[str]]:
    """See `flowrunner.journal.Journal.ids`."""
    question = "SELECT id FROM {} WHERE id >= ? AND id < ? {} ORDER BY key DESC LIMIT ?"
    span = (beginning, f"{beginning}\U0010ffff", limit)
    campaigns = [its for (its,) in db.execute(question.format("campaigns", ""), span)]
    runs = db.execute(question.format("runs", "AND campaign IS NULL" if campaigns else ""), span)
    return campaigns, [its for (its,) in runs]


def alone(db: Database, phases: Sequence[Phase], limit: int | None) -> list[RunRecord]:
    """Runs of no campaign, newest first."""
    chosen = f"AND state IN ({','.join('?' * len(phases))})" if phases else ""
    if phases and Phase.FINISHED not in phases:
        chosen += " AND state <> 'finished'"  # so that the index of those is used
    return records(db, f"WHERE runs.campaign IS NULL {chosen}", phases, EVERY if limit is None else limit)


def targets(db: Database) -> list[str]:
    """Every API that anything was sent to."""
    return [target for (target,) in db.execute("SELECT DISTINCT target FROM flows ORDER BY 1")]


def records(db: Database, where: str = "", parameters: Sequence[object] = (), limit: int = EVERY) -> list[RunRecord]:
    """The runs for which ``where`` is true (an SQL clause of ours), newest first."""
    found = db.execute(f"{_RECORDS} {where} ORDER BY runs.key DESC LIMIT ?", (*parameters, limit)).fetchall()
    bundles: dict[tuple[str, str], Bundle] = {}
    for row in found:
        if (flow := (row[2], row[3])) not in bundles:
            bundles[flow] = bundle_of(db, *flow)
    return [_record(row, bundles[row[2], row[3]]) for row in found]


def bundle_of(db: Database, path: str, digest: str) -> Bundle:
    """The bundle that was kept under its digest; ``path`` is what its own file is called."""
    (text,) = db.execute("SELECT text FROM texts WHERE digest = ?", (digest,)).fetchone()
    others = db.execute("SELECT name, text FROM files WHERE digest = ? ORDER BY name", (digest,)).fetchall()
    return Bundle.of(path, text, dict(others), digest)


def _record(row: Sequence[Json], bundle: Bundle) -> RunRecord:
    run_id, name, _, _, target, conversation, phone, values, names, now, created_at, *row = row
    state, had, again, listens, updated_at, user_id, found, called_off, its, *others = row
    check_run(its, run_id, (conversation, phone, user_id), values, names, *others)
    recipient = as_begun(conversation, phone, user_id, found)
    run = Run(run_id, name, bundle, recipient, target, variables(values, names), now, created_at, bool(listens))
    last = updated_at or created_at
    return RunRecord(run, Phase(state), had != "none", last, bool(again), conversation, bool(called_off))


def as_begun(conversation: str, phone: str, user_id: str, found: int) -> Recipient:
    """Whom a run was begun for: the conversation may have been found since."""
    return Recipient("" if found else conversation, phone, user_id)


def check_run(its: int, run_id: str, recipient: Sequence[str], values: str, names: str | None, *rest: Json) -> None:
    """Raise TornError if a run is not what its seal is of; ``rest`` as in `SEALED`, from its ``now`` on."""
    conversation, phone, user_id = recipient
    if seal(run_id, conversation, who(phone, user_id), values, names or "", *rest) != its:
        raise TornError(f"run {run_id} is not what was written")


def variables(text: str, names: str | None) -> dict[str, Json]:
    """A run's variables: the packed mapping, or the packed values of the packed ``names``."""
    kept: Json = unpacked(unpack(text))
    return kept if names is None else dict(zip(unpack(names), kept, strict=True))


def events_of_all(db: Database, asked: Sequence[tuple[str, int]]) -> list[list[Event]]:
    """The events of each of these runs beyond its first so many, in the order they were appended."""
    known: dict[str, int] = {}
    for run, after in asked:
        known[run] = min(after, known.get(run, after))
    left, found = {**known}, {run: list[Event]() for run in known}
    for values, parameters in db.blocks([(run,) for run in found], str):
        for run, *row, its in db.execute(
            f"WITH asked (its) AS {values}"  # noqa: S608 - only marks
            " SELECT its, kind, at, step, message_id, detail, events.seal"
            " FROM asked CROSS JOIN runs ON runs.id = its CROSS JOIN events ON events.run = runs.key"
            " ORDER BY events.key",
            parameters,
        ).fetchall():
            if left[run]:  # it was looked at when it was read first
                left[run] -= 1
                continue
            if seal(run, *row) != its:
                raise TornError(f"an event of run {run} is not what was written")
            kind, at, step, message_id, detail = row
            found[run].append(Event(EventKind(kind), run, at, step, message_id, unpack(detail)))
    return [found[run][after - known[run] :] for run, after in asked]
