"""Events are written: as rows, and as what they make of their runs."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from flowrunner.journal.errors import JournalError, LostClaim
from flowrunner.journal.sqlite.bulk import blocks
from flowrunner.journal.sqlite.claims import lost
from flowrunner.journal.sqlite.had import AFTER_EFFECT, chained, effect
from flowrunner.journal.sqlite.ledger import count_events
from flowrunner.journal.sqlite.records import pack, storable
from flowrunner.journal.sqlite.seals import seal
from flowrunner.journal.values import Claim, Standing
from flowrunner.model import Event, EventKind

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

EventRow = tuple[str, str, float, str, str, str, int]
"""Run, kind, at, step, message id, detail, seal."""

RowState = tuple[str, Standing | None, float | None, str]
"""A row's run, and what the row makes of it: where it stands, until when it does, and what its person had."""


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
            tuple(_row(event) for event in events),
            tuple(_row_state(event) for event in events),
            claim,
        )

    @property
    def rows(self) -> int:
        """How many rows this writes."""
        return len(self.events)


def _row(event: Event) -> EventRow:
    values = (event.run, event.kind.value, float(event.at), event.step, event.message_id, pack(event.detail))
    return *values, seal(*values)


def _row_state(event: Event) -> RowState:
    had = effect(event)
    if event.detail.get("learnt"):
        return event.run, "undelivered", None, had
    if event.kind is EventKind.SKIPPED and not event.step:
        return event.run, "left_out", None, had
    if event.kind is not EventKind.PAUSED:
        return event.run, _STANDINGS.get(event.kind), None, had
    return event.run, "waiting" if event.step else "held", float(event.detail.get("wake_at", event.at)), had


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
            f"WITH fresh (run, kind, at, step, message_id, detail, seal) AS (VALUES {values})"  # noqa: S608 - only marks
            " INSERT INTO events (run, kind, at, step, message_id, detail, seal)"
            " SELECT key, kind, at, step, message_id, detail, fresh.seal FROM fresh CROSS JOIN runs"
            " ON runs.id = fresh.run",
            parameters,
        )
    seals = [row[-1] for append in accepted for row in append.events]
    count_events(db, len(seals), sum(seals))
    states = [each for append in accepted for each in append.states]
    for values, parameters in blocks(_changes(each for each in states if each[0] in changing)):
        db.execute(
            f"WITH fresh (id, state, wake_at, had) AS (VALUES {values})"  # noqa: S608 - only marks
            " UPDATE runs SET (state, wake_at, had) ="
            f" (SELECT CASE WHEN {_STAYS} THEN runs.state ELSE fresh.state END,"
            f" CASE WHEN {_STAYS} THEN runs.wake_at ELSE fresh.wake_at END, {_HAD}"
            " FROM fresh WHERE fresh.id = runs.id) WHERE id IN (SELECT id FROM fresh)",
            parameters,
        )
    return answers


_STAYS = "fresh.state IS NULL OR runs.state = 'cancelled' AND fresh.state IN ('unfinished', 'waiting', 'held')"
"""Whether a run stands as it did: one that was cancelled under way is left so by an end alone."""
_HAD = AFTER_EFFECT.format(effect="fresh.had", had="runs.had")


def _changes(states: Iterable[RowState]) -> list[RowState]:
    """All that rows make of each run, in the order of the rows; a state of None leaves it where it stands."""
    last: dict[str, RowState] = {}
    for each in states:
        run, state, wake_at, had = each
        if before := last.get(run):
            stands = (state, wake_at) if state else before[1:3]
            last[run] = run, *stands, chained(before[3], had)
        else:
            last[run] = each
    return list(last.values())


def _unknown_or_changing(db: sqlite3.Connection, appends: Sequence[Append]) -> Iterator[tuple[int, str, bool]]:
    """The rows whose run is not there, or in another state than the row makes of it; few rows of a campaign are."""
    rows = [(number, *state) for number, append in enumerate(appends) for state in append.states]
    for values, parameters in blocks(rows):
        yield from db.execute(
            f"WITH fresh (number, id, state, wake_at, had) AS (VALUES {values})"  # noqa: S608 - only marks
            " SELECT number, fresh.id, runs.key IS NOT NULL FROM fresh LEFT JOIN runs USING (id)"
            " WHERE number IS NOT NULL AND (runs.key IS NULL OR runs.state <> fresh.state"
            f" OR runs.wake_at <> fresh.wake_at OR runs.had <> {_HAD})",
            parameters,
        )
