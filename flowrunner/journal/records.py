"""Runs and Events as rows, and back."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from flowrunner.journal.bulk import blocks
from flowrunner.journal.claims import Claim, lost
from flowrunner.journal.errors import JournalError, LostClaim
from flowrunner.model import Event, EventKind, Json, Recipient, Run

RunState = Literal["unfinished", "finished", "failed", "in_doubt"]
"""Where a run stands, by the last of its events that says so."""

STATES: dict[EventKind, RunState] = {
    EventKind.BEGUN: "unfinished",
    EventKind.ACCEPTED: "unfinished",
    EventKind.RETRYING: "unfinished",
    EventKind.WAITED: "unfinished",
    EventKind.PAUSED: "unfinished",
    EventKind.SKIPPED: "unfinished",
    EventKind.FAILED: "failed",
    EventKind.IN_DOUBT: "in_doubt",
    EventKind.FINISHED: "finished",
}
"""What an event makes of its run. Sent, delivered and read are missing: they may come long after the end."""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run as the journal knows it.

    Attributes:
        state: ``finished``, ``failed`` or ``in_doubt`` if the last step says so, else ``unfinished``: running somewhere
            or stopped. A process that died in the middle of a send leaves ``unfinished`` and an open step.
        updated_at: When its last event was, else when it began; seconds since the epoch.
    """

    run: Run
    state: RunState
    updated_at: float


@dataclass(frozen=True, slots=True)
class Begin:
    """Write a run, and its flow if it is the first."""

    run: Run
    variables: str
    rows: int = 1

    @classmethod
    def of(cls, run: Run) -> "Begin":
        """Make the row in the caller's thread, so that what cannot be stored fails there."""
        _storable(run.id, run.flow_name, run.flow_path, run.flow_text, run.target, run.now)
        _storable(run.recipient.conversation, run.recipient.phone)
        return cls(run, pack(run.variables))

    def apply(self, db: sqlite3.Connection) -> JournalError | None:
        """Within a transaction that holds the write lock. Answers with the error for this run alone."""
        run = self.run
        if db.execute("SELECT 1 FROM runs WHERE id = ?", (run.id,)).fetchone():
            return JournalError(f"there is a run {run.id} in the journal already")
        flow = (run.flow_digest, run.flow_name, run.flow_path, run.target)
        row = (run.id, run.recipient.conversation, run.recipient.phone, self.variables, run.now, run.created_at)
        if not _insert_run(db, row, flow):
            db.execute("INSERT OR IGNORE INTO texts (digest, text) VALUES (?, ?)", (run.flow_digest, run.flow_text))
            db.execute("INSERT INTO flows (digest, name, path, target) VALUES (?, ?, ?, ?)", flow)
            _insert_run(db, row, flow)
        return None


def _insert_run(db: sqlite3.Connection, row: tuple[object, ...], flow: tuple[str, ...]) -> bool:
    return bool(
        db.execute(
            "INSERT INTO runs (id, conversation, phone, variables, now, created_at, flow)"
            " SELECT ?, ?, ?, ?, ?, ?, key FROM flows WHERE digest = ? AND name = ? AND path = ? AND target = ?",
            (*row, *flow),
        ).rowcount
    )


_encode = json.JSONEncoder(separators=(",", ":")).encode

EventRow = tuple[str, str, float, str, str, str]
"""Run, kind, at, step, message id, detail."""

RowState = tuple[str, RunState | None]
"""A row's run, and what the row makes of it."""


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
            _storable(event.run, event.step, event.message_id)
        return cls(
            tuple((e.run, e.kind.value, e.at, e.step, e.message_id, pack(e.detail)) for e in events),
            tuple((e.run, STATES.get(e.kind)) for e in events),
            claim,
        )

    @property
    def rows(self) -> int:
        """How many rows this writes."""
        return len(self.events)


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
    last = {run: state for append in accepted for run, state in append.states if state and run in changing}
    db.executemany("UPDATE runs SET state = ? WHERE id = ?", [(state, run) for run, state in last.items()])
    return answers


def _unknown_or_changing(db: sqlite3.Connection, appends: Sequence[Append]) -> Iterator[tuple[int, str, bool]]:
    """The rows whose run is not there, or in another state than the row makes of it; few rows of a campaign are."""
    rows = [(number, run, state) for number, append in enumerate(appends) for run, state in append.states]
    for values, parameters in blocks(rows):
        yield from db.execute(
            f"WITH fresh (number, id, state) AS (VALUES {values})"  # noqa: S608 - only marks
            " SELECT number, fresh.id, runs.key IS NOT NULL FROM fresh LEFT JOIN runs USING (id)"
            " WHERE number IS NOT NULL AND (runs.key IS NULL OR runs.state <> fresh.state)",
            parameters,
        )


def pack(data: Json) -> str:
    """Plain data as compact text; nothing for an empty mapping. ASCII, so that half of a surrogate pair passes too."""
    return _encode(dict(data)) if data else ""


def unpack(text: str) -> Json:
    """What `pack` was given."""
    return json.loads(text) if text else {}


def _storable(*texts: str) -> None:
    """Raise UnicodeEncodeError here rather than in the commit, where it would hit the other callers."""
    for text in texts:
        text.encode()


_RECORDS = """
    SELECT runs.id, flows.name, flows.path, flows.digest, flows.target, conversation, phone, variables, now, created_at,
        state, coalesce((SELECT at FROM events WHERE run = runs.key ORDER BY key DESC LIMIT 1), created_at)
    FROM runs JOIN flows ON flows.key = runs.flow
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
    run_id, name, path, digest, target, conversation, phone, variables, now, created_at, state, updated_at = row
    recipient = Recipient(conversation, phone)
    run = Run(run_id, name, path, digest, text, recipient, target, unpack(variables), now, created_at)
    return RunRecord(run, state, updated_at)


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


def message_ids(db: sqlite3.Connection, target: str, conversation: str) -> set[str]:
    """The API's ids of all messages that runs to this conversation know as theirs."""
    found = db.execute(
        "SELECT DISTINCT message_id FROM events WHERE message_id <> '' AND run IN ("
        " SELECT runs.key FROM runs JOIN flows ON flows.key = runs.flow"
        " WHERE flows.target = ? AND runs.conversation = ? AND runs.conversation <> '')",
        (target, conversation),
    )
    return {message_id for (message_id,) in found}
