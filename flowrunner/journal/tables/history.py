"""What people had of a flow before, by whatever of their names: a thousand people are asked for at a time."""

import json
import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from flowrunner.client.access import target_key
from flowrunner.engine.history.phases import Phase
from flowrunner.journal.tables.database import Database
from flowrunner.journal.tables.names import aliases
from flowrunner.journal.tables.people import by_column, runs_of
from flowrunner.journal.tables.records import records, unpack
from flowrunner.journal.values import RunRecord, Sent
from flowrunner.model import Recipient


def earlier(db: Database, flow_name: str, target: str, recipient: Recipient) -> list[RunRecord]:
    """Runs of that flow to the same person, newest first."""
    keys = {run for _, run, *_ in _runs_of(db, flow_name, target, [recipient], "TRUE")}
    return records(db, f"WHERE runs.key IN ({db.listed(int)})", (json.dumps([*keys]),)) if keys else []


class Had(NamedTuple):
    """Whether somebody had a flow before, as one caller asks it.

    Attributes:
        but: A run that does not count.
        since: Nor does one of which no message was handed over since then.
    """

    flow_name: str
    target: str
    recipients: Sequence[Recipient]
    but: str
    since: float = -math.inf


def had_before(db: Database, asked: Sequence[Had]) -> list[set[int]]:
    """The places of those of each caller who had that flow, or may have."""
    found: list[set[int]] = [set() for _ in asked]
    for flow_name, target, since in dict.fromkeys((each.flow_name, each.target, each.since) for each in asked):
        people = [
            (number, place, recipient)
            for number, each in enumerate(asked)
            if (each.flow_name, each.target, each.since) == (flow_name, target, since)
            for place, recipient in enumerate(each.recipients)
        ]
        chosen = "had <> 'none'" + (f" AND {_SINCE}" if since > -math.inf else "")
        parameters = [since] if since > -math.inf else []
        for at, _, _, run in _runs_of(db, flow_name, target, [its for *_, its in people], chosen, parameters):
            number, place, _ = people[at]
            if run != asked[number].but:
                found[number].add(place)
    return found


_SINCE = "(SELECT max(at) FROM events WHERE run = runs.key AND kind IN ('begun', 'accepted')) >= ?"
"""Whether a message of the run was handed over since then."""


def ended_so(db: Database, flow_name: str, target: str, recipients: Sequence[Recipient], phase: Phase) -> set[int]:
    """The places of those whose last run of that flow has come to that, of the runs that were begun."""
    chosen = "state NOT IN ('held', 'left_out', 'cancelled') AND NOT (state = 'new' AND campaign IS NOT NULL)"
    last: dict[int, tuple[int, str]] = {}
    for place, run, state, _ in _runs_of(db, flow_name, target, recipients, chosen):
        last[place] = max(last.get(place, (0, "")), (run, state))
    return {place for place, (_, state) in last.items() if state == phase}


def sent_to(db: Database, target: str, recipient: Recipient) -> list[Sent]:
    """What all runs to this person began and what was taken of it, in the order it was written."""
    sent: list[Sent] = []
    places: dict[str, str] = {}  # a run may have begun in a conversation that has ended since
    for run, conversation, step, message_id, detail in db.execute(
        "SELECT runs.id, runs.conversation, step, message_id, detail"  # noqa: S608 - our own
        " FROM runs JOIN events ON events.run = runs.key"
        f" WHERE runs.key IN ({db.listed(int)}) AND kind IN ('begun', 'accepted') ORDER BY events.key",
        (json.dumps(_runs_to(db, target, recipient)),),
    ):
        if '"conversation"' in detail:
            places[run] = unpack(detail).get("conversation", conversation)
        if places.get(run, conversation) in ("", recipient.conversation) or not recipient.conversation:
            sent.append(Sent(run, step, message_id))
    return sent


def begun_lately(db: Database, target: str, recipient: Recipient, since: float) -> list[float]:
    """When all runs to this person began messages since then, in order."""
    found = db.execute(
        f"SELECT at, detail FROM events WHERE run IN ({db.listed(int)}) AND kind = 'begun' AND at >= ?",  # noqa: S608
        (json.dumps(_runs_to(db, target, recipient)), since),
    )
    return sorted(at for at, detail in found if '"unsent"' not in detail)  # marking as read sends nothing


def _runs_to(db: Database, target: str, recipient: Recipient) -> list[int]:
    """The keys of all runs to this person, by all their names."""
    found = runs_of(db, target, [recipient], aliases(db, target, [recipient]), "runs.key")
    return list({key for _, key in found})


def _runs_of(
    db: Database,
    flow_name: str,
    target: str,
    recipients: Sequence[Recipient],
    chosen: str,
    parameters: Sequence[float] = (),
) -> Iterator[tuple[int, int, str, str]]:
    """Runs of that flow to these people, by all their names, however these are spelt.

    Each as the person's place, the run's key, its state and its id; one may come more than once. ``chosen`` is a
    condition on the runs.
    """
    flows = [
        key
        for key, its in db.execute("SELECT key, target FROM flows WHERE name = ?", (flow_name,)).fetchall()
        if target_key(its) == target_key(target)
    ]
    if not flows:
        return
    also = aliases(db, target, recipients)
    people = [(place, each) for place, its in enumerate(recipients) for each in (its, *also.get(place, ()))]
    for column, rows in by_column(people).items():
        for values, names in db.blocks(rows, int, str):
            yield from db.execute(
                f"WITH fresh (place, name) AS {values}"  # noqa: S608 - only marks
                f" SELECT place, runs.key, state, runs.id FROM fresh CROSS JOIN runs ON runs.{column} = fresh.name"
                f" WHERE place IS NOT NULL AND runs.{column} <> '' AND {chosen} AND runs.flow IN ({db.listed(int)})",
                (*names, *parameters, json.dumps(flows)),
            ).fetchall()
