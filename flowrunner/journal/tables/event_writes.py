"""Events are written, and with them what they make of their runs: columns that repeat `flowrunner.engine.history`."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from flowrunner.engine.history.phases import Phase, is_from_outside, run_after
from flowrunner.engine.history.recipient_learnt import named_by
from flowrunner.journal.errors import CalledOff, HeardMore, JournalError, LostClaim, OptedOut
from flowrunner.journal.tables.claims import asking_lost, name_in
from flowrunner.journal.tables.columns import Kept, asking_kept, write_states
from flowrunner.journal.tables.database import Database
from flowrunner.journal.tables.ledger import count_events
from flowrunner.journal.tables.optouts import asking_opted_out, opt_out
from flowrunner.journal.tables.recipients import learn_of
from flowrunner.journal.tables.records import pack, storable
from flowrunner.journal.tables.seals import seal
from flowrunner.journal.values import LEARNT_AGAIN, Claim
from flowrunner.model import Event, EventKind, Recipient

EventRow = tuple[str, float, str, str, str, int]
"""Kind, at, step, message id, detail, seal."""


class Append(NamedTuple):
    """Write events, all or none; none if the claim is lost, or more was heard.

    Attributes:
        told: What is learnt of runs' people beside what the events tell, by the runs' ids.
        heard: How many messages the last event takes into account; None where that is nothing to it.
    """

    events: tuple[Event, ...] = ()
    values: tuple[EventRow, ...] = ()
    claim: Claim | None = None
    told: tuple[tuple[str, Recipient], ...] = ()
    heard: int | None = None

    @classmethod
    def of(cls, events: Sequence[Event], claim: Claim | None, heard: int | None = None) -> "Append":
        """Make the rows in the caller's thread, so that what cannot be stored fails there."""
        for event in events:
            storable(event.run, event.step, event.message_id, *named_by(event))
        return cls(tuple(events), tuple(map(_row, events)), claim, heard=heard)

    def all_told(self) -> list[tuple[str, Recipient]]:
        """What is learnt of runs' people, with what the events tell."""
        return [*self.told, *((event.run, its) for event in self.events if any(its := named_by(event)))]

    @property
    def rows(self) -> int:
        """How many rows this writes."""
        return len(self.events) + len(self.told)

    @property
    def is_durable(self) -> bool:
        """Whether a power cut must not take them."""
        return bool(self.told) or not all(event.kind in LEARNT_AGAIN for event in self.events)


def _row(event: Event) -> EventRow:
    values = (event.kind.value, float(event.at), event.step, event.message_id, pack(event.detail))
    return *values, seal(event.run, *values)


_Refusal = LostClaim | OptedOut | CalledOff | HeardMore | JournalError


def append_all(db: Database, appends: Sequence[Append]) -> list[_Refusal | None]:
    """Write many callers' events, within a transaction that holds the write lock. Returns the refusal for each."""
    claims = {number: append.claim for number, append in enumerate(appends) if append.claim}
    begins = {number: each.run for number in claims for each in appends[number].events if each.kind is EventKind.BEGUN}
    named = [(number, run, *name_in(key)) for number, run in begins.items() for key in claims[number].names]
    # All on their way at once: between the first and the commit nobody else writes.
    runs_now = asking_kept(db, {event.run for append in appends for event in append.events})
    lost_now, out_now = asking_lost(db, list(claims.items())), asking_opted_out(db, named)
    runs, gone, out = runs_now(), lost_now(), out_now()
    answers: list[_Refusal | None] = []
    for number, append in enumerate(appends):
        unknown = [event.run for event in append.events if event.run not in runs]
        if number in gone:
            answers.append(LostClaim(claims[number].names[0]))
        elif number in out:
            answers.append(OptedOut())
        elif unknown:
            answers.append(JournalError(f"there is no run {unknown[0]} in the journal"))
        elif number in begins and _is_called_off(runs[begins[number]]):
            answers.append(CalledOff())
        else:
            is_more = append.heard is not None and runs[append.events[-1].run].state.heard > append.heard
            answers.append(HeardMore() if is_more else None)
    accepted = [append for append, answer in zip(appends, answers, strict=True) if answer is None]
    events = [event for append in accepted for event in append.events]
    values = [row for append in accepted for row in append.values]
    rows = [(runs[event.run].key, *row) for event, row in zip(events, values, strict=True)]
    for fresh, parameters in db.blocks(rows, int, str, float, str, str, str, int):
        db.execute(
            f"WITH fresh (run, kind, at, step, message_id, detail, seal) AS {fresh}"  # noqa: S608 - only marks
            " INSERT INTO events (run, kind, at, step, message_id, detail, seal)"
            " SELECT * FROM fresh WHERE run IS NOT NULL",
            parameters,
        )
    count_events(db, len(values), sum(row[-1] for row in values))
    untouched = runs.keys() - {event.run for event in events if not is_from_outside(event)}
    write_states(db, _changed(runs, events), untouched=untouched)
    told = [each for append in accepted for each in append.all_told()]
    if new := [(run, its) for run, its in told if run not in runs or its != Recipient(runs[run].conversation)]:
        learn_of(db, new)
    _opt_out(db, events)
    return answers


def _is_called_off(run: Kept) -> bool:
    return run.cancelled or run.state.phase is Phase.CANCELLED


def _opt_out(db: Database, events: Sequence[Event]) -> None:
    """Keep of the people of whose runs these events say so that they want to be written to no more."""
    for event in events:
        reason = event.detail.get("reason" if event.kind is EventKind.OPTED_OUT else "opts_out")
        if event.kind is not EventKind.OPTED_OUT and reason is None:
            continue
        target, *whom = db.execute(
            "SELECT target, conversation, phone, user_id FROM runs JOIN flows ON flows.key = flow WHERE id = ?",
            (event.run,),
        ).fetchone()
        said = str(reason or "").encode(errors="replace").decode()  # half a character is no reason not to keep it
        opt_out(db, target, Recipient(*whom), said, event.at, event.run)


def _changed(runs: dict[str, Kept], events: Iterable[Event]) -> Iterable[Kept]:
    """Those runs of which the events make something else."""
    now = {run: its.state for run, its in runs.items()}
    for event in events:
        now[event.run] = run_after(now[event.run], event)
    return [its._replace(state=now[run]) for run, its in runs.items() if now[run] != its.state]
