"""Runs and Events as rows, and back."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, cast

from flowrunner.journal.bulk import blocks
from flowrunner.journal.claims import Claim, lost
from flowrunner.journal.errors import JournalError, LostClaim
from flowrunner.model import Campaign, Event, EventKind, Json, Recipient, Run
from flowrunner.numbers import packed, unpacked

RunState = Literal["unfinished", "finished", "failed", "in_doubt", "cancelled"]
"""Where a run stands, by the last of its events that says so; a cancelled one may still come to an end in flight."""

Standing = Literal["new", "waiting", "held", "undelivered", "left_out", RunState]
"""The same, told apart further, as the file has it; for a caller `new`, `waiting` and `held` are unfinished too.

``new`` is a campaign's run before its first event. ``waiting`` is one in a pause step, ``held`` one that was told to
wait outside of its steps; both until their ``wake_at``. ``undelivered`` is one that reached its end, and of which it
was learnt afterwards that a message did not arrive, ``left_out`` one that ended before its first message; for a caller
both are finished.
"""

_STANDINGS: dict[EventKind, Standing] = {
    EventKind.BEGUN: "unfinished",
    EventKind.ACCEPTED: "unfinished",
    EventKind.RETRYING: "unfinished",
    EventKind.WAITED: "unfinished",
    EventKind.SKIPPED: "unfinished",
    EventKind.FAILED: "failed",
    EventKind.IN_DOUBT: "in_doubt",
    EventKind.FINISHED: "finished",
    EventKind.CANCELLED: "cancelled",
}
"""What an event makes of its run, `paused` apart. Sent, delivered and read are missing: they may come after the end."""

_KNOWN_AS: dict[Standing, RunState] = {
    "new": "unfinished",
    "waiting": "unfinished",
    "held": "unfinished",
    "undelivered": "finished",
    "left_out": "finished",
}


def standings(state: RunState) -> tuple[Standing, ...]:
    """Those that a caller knows as this state."""
    return (state, *[standing for standing, known in _KNOWN_AS.items() if known == state])


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run as the journal knows it.

    Attributes:
        state: What the last event says, else ``unfinished``: running somewhere or stopped. A process that died in the
            middle of a send leaves ``unfinished`` and an open step.
        updated_at: When its last event was, else when it began; seconds since the epoch.
        undelivered: It is finished, and afterwards it was learnt that a message did not arrive.
    """

    run: Run
    state: RunState
    updated_at: float
    undelivered: bool


@dataclass(frozen=True, slots=True)
class Begin:
    """Write a run, and its flow if it is the first."""

    run: Run
    variables: str
    rows: int = 1

    @classmethod
    def of(cls, run: Run) -> "Begin":
        """Make the row in the caller's thread, so that what cannot be stored fails there."""
        storable(run.id, run.flow_name, run.flow_path, run.flow_text, run.target, run.now)
        storable(run.recipient.conversation, run.recipient.phone)
        return cls(run, pack(packed(dict(run.variables))))

    def apply(self, db: sqlite3.Connection) -> JournalError | None:
        """Within a transaction that holds the write lock. Answers with the error for this run alone."""
        run = self.run
        if db.execute("SELECT 1 FROM runs WHERE id = ?", (run.id,)).fetchone():
            return JournalError(f"there is a run {run.id} in the journal already")
        row = (run.id, run.recipient.conversation, run.recipient.phone, self.variables, run.now, run.created_at)
        db.execute(
            "INSERT INTO runs (id, conversation, phone, variables, now, created_at, flow) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*row, flow_key(db, run)),
        )
        return None


def flow_key(db: sqlite3.Connection, its: Run | Campaign) -> int:
    """The row of the flow that a run or a campaign is of; made if it is the first."""
    flow = (its.flow_digest, its.flow_name, its.flow_path, its.target)
    question = "SELECT key FROM flows WHERE digest = ? AND name = ? AND path = ? AND target = ?"
    found: tuple[int] | None = db.execute(question, flow).fetchone()
    if found is None:
        db.execute("INSERT OR IGNORE INTO texts (digest, text) VALUES (?, ?)", (its.flow_digest, its.flow_text))
        db.execute("INSERT INTO flows (digest, name, path, target) VALUES (?, ?, ?, ?)", flow)
        found = db.execute(question, flow).fetchone()
    return cast("tuple[int]", found)[0]


_encode = json.JSONEncoder(separators=(",", ":")).encode

EventRow = tuple[str, str, float, str, str, str]
"""Run, kind, at, step, message id, detail."""

RowState = tuple[str, Standing | None, float | None]
"""A row's run, and what the row makes of it: where it stands, and until when it does."""


@dataclass(frozen=True, slots=True)
class Append:
    """Write events, all or none; none if the claim is lost."""

    events: tuple[EventRow, ...]
    states: tuple[RowState, ...]
    claim: Claim | None

    @classmethod
    def of(cls, events: Sequence[Event], claim: Claim | None) -> "Append":
        """Make the rows in the caller's thread, so that what cannot be stored fails there."""
        for event in events:
            storable(event.run, event.step, event.message_id)
        return cls(
            tuple((e.run, e.kind.value, e.at, e.step, e.message_id, pack(e.detail)) for e in events),
            tuple(_row_state(event) for event in events),
            claim,
        )

    @property
    def rows(self) -> int:
        """How many rows this writes."""
        return len(self.events)


def _row_state(event: Event) -> RowState:
    if event.detail.get("learnt"):
        return event.run, "undelivered", None
    if event.kind is EventKind.SKIPPED and not event.step:
        return event.run, "left_out", None
    if event.kind is not EventKind.PAUSED:
        return event.run, _STANDINGS.get(event.kind), None
    return event.run, "waiting" if event.step else "held", float(event.detail.get("wake_at", event.at))


def append_all(db: sqlite3.Connection, appends: Sequence[Append]) -> list[LostClaim | JournalError | None]:
    """Write many callers' events, within a transaction that holds the write lock. Answers for each of them."""
    answers: list[LostClaim | JournalError | None] = [None] * len(appends)
    changing: set[str] = set()
    for number, run, known in _unknown_or_changing(db, appends):
        if known:
            changing.add(run)
        else:
            answers[number] = JournalError(f"there is no run {run} in the journal")
    claims = {number: append.claim for number, append in enumerate(appends) if append.claim}
    for number in lost(db, list(claims.items())):
        answers[number] = LostClaim(claims[number].conversation)
    accepted = [append for append, answer in zip(appends, answers, strict=True) if answer is None]
    for values, parameters in blocks([row for append in accepted for row in append.events]):
        # CROSS JOIN keeps the order of the rows: https://www.sqlite.org/optoverview.html#crossjoin
        db.execute(
            f"WITH fresh (run, kind, at, step, message_id, detail) AS (VALUES {values})"  # noqa: S608 - only marks
            " INSERT INTO events (run, kind, at, step, message_id, detail)"
            " SELECT key, kind, at, step, message_id, detail FROM fresh CROSS JOIN runs ON runs.id = fresh.run",
            parameters,
        )
    states = [each for append in accepted for each in append.states]
    last = {run: (run, state, wake_at) for run, state, wake_at in states if state and run in changing}
    for values, parameters in blocks(list(last.values())):
        db.execute(
            f"WITH fresh (id, state, wake_at) AS (VALUES {values})"  # noqa: S608 - only marks
            " UPDATE runs SET (state, wake_at) = (SELECT state, wake_at FROM fresh WHERE fresh.id = runs.id)"
            " WHERE id IN (SELECT id FROM fresh) AND (state <> 'cancelled' OR"
            " (SELECT state FROM fresh WHERE fresh.id = runs.id) NOT IN ('unfinished', 'waiting', 'held'))",
            parameters,
        )
    for values, parameters in blocks([(run,) for run, state, _ in states if state == "failed"]):
        db.execute(
            f"WITH fresh (id) AS (VALUES {values}),"  # noqa: S608 - only marks
            " hit (campaign) AS (SELECT campaign FROM fresh JOIN runs USING (id) WHERE campaign IS NOT NULL)"
            " UPDATE campaigns SET failures = failures + (SELECT count(*) FROM hit WHERE campaign = campaigns.key)"
            " WHERE key IN (SELECT campaign FROM hit)",
            parameters,
        )
    return answers


def _unknown_or_changing(db: sqlite3.Connection, appends: Sequence[Append]) -> Iterator[tuple[int, str, bool]]:
    """The rows whose run is not there, or in another state than the row makes of it; few rows of a campaign are."""
    rows = [(number, *state) for number, append in enumerate(appends) for state in append.states]
    for values, parameters in blocks(rows):
        yield from db.execute(
            f"WITH fresh (number, id, state, wake_at) AS (VALUES {values})"  # noqa: S608 - only marks
            " SELECT number, fresh.id, runs.key IS NOT NULL FROM fresh LEFT JOIN runs USING (id)"
            " WHERE number IS NOT NULL AND"
            " (runs.key IS NULL OR runs.state <> fresh.state OR runs.wake_at <> fresh.wake_at)",
            parameters,
        )


def pack(data: Json) -> str:
    """A mapping or list as compact text, nothing for an empty one. ASCII, so that half of a surrogate pair passes."""
    return _encode(data if isinstance(data, list) else dict(data)) if data else ""


def unpack(text: str) -> Json:
    """What `pack` was given."""
    return json.loads(text) if text else {}


def storable(*texts: str) -> None:
    """Raise UnicodeEncodeError here rather than in the commit, where it would hit the other callers."""
    for text in texts:
        text.encode()


_RECORDS = """
    SELECT runs.id, flows.name, flows.path, flows.digest, flows.target, conversation, phone, variables, names,
        coalesce(campaigns.now, runs.now), coalesce(campaigns.created_at, runs.created_at), state,
        (SELECT at FROM events WHERE run = runs.key ORDER BY key DESC LIMIT 1)
    FROM runs JOIN flows ON flows.key = runs.flow LEFT JOIN campaigns ON campaigns.key = runs.campaign
        LEFT JOIN shapes ON shapes.key = runs.shape
"""


def records(
    db: sqlite3.Connection, where: str = "", parameters: Sequence[object] = (), limit: int = -1
) -> list[RunRecord]:
    """The runs for which ``where`` is true (an SQL clause of ours), newest first."""
    found = db.execute(f"{_RECORDS} {where} ORDER BY runs.key DESC LIMIT ?", (*parameters, limit)).fetchall()
    texts: dict[str, str] = {}
    for row in found:
        if row[3] not in texts:
            (texts[row[3]],) = db.execute("SELECT text FROM texts WHERE digest = ?", (row[3],)).fetchone()
    return [_record(row, texts[row[3]]) for row in found]


def _record(row: Sequence[Json], text: str) -> RunRecord:
    run_id, name, path, digest, target, conversation, phone, values, names, now, created_at, state, updated_at = row
    recipient = Recipient(conversation, phone)
    run = Run(run_id, name, path, digest, text, recipient, target, variables(values, names), now, created_at)
    return RunRecord(run, _KNOWN_AS.get(state) or state, updated_at or created_at, state == "undelivered")


def variables(text: str, names: str | None) -> dict[str, Json]:
    """A run's variables: the packed mapping, or the packed values of the packed ``names``."""
    kept: Json = unpacked(unpack(text))
    return kept if names is None else dict(zip(unpack(names), kept, strict=True))


def events(db: sqlite3.Connection, run_id: str) -> list[Event]:
    """A run's events in the order they were appended."""
    found = db.execute(
        "SELECT kind, at, step, message_id, detail FROM events"
        " WHERE run = (SELECT key FROM runs WHERE id = ?) ORDER BY key",
        (run_id,),
    )
    return [
        Event(EventKind(kind), run_id, at, step, message_id, unpack(detail))
        for kind, at, step, message_id, detail in found
    ]


class Sent(NamedTuple):
    """A message of ours that was begun in a conversation, or taken there.

    Attributes:
        message_id: The API's id; empty where it was begun.
    """

    run: str
    step: str
    message_id: str


def sent_to(db: sqlite3.Connection, target: str, conversation: str) -> list[Sent]:
    """What all runs to this conversation began there and what was taken of it, in the order it was written."""
    found = db.execute(
        "SELECT runs.id, step, message_id, detail FROM events JOIN runs ON runs.key = events.run"
        " JOIN flows ON flows.key = runs.flow WHERE target_key(flows.target) = target_key(?) AND runs.conversation = ?"
        " AND runs.conversation <> '' AND kind IN ('begun', 'accepted') ORDER BY events.key",
        (target, conversation),
    )
    sent: list[Sent] = []
    places: dict[str, str] = {}  # a run may have begun in a conversation that has ended since
    for run, step, message_id, detail in found:
        if '"conversation"' in detail:
            places[run] = unpack(detail).get("conversation", conversation)
        if places.get(run, conversation) == conversation:
            sent.append(Sent(run, step, message_id))
    return sent
