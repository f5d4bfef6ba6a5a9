"""Runs, campaigns and their steps as other programs read them: one JSON object in ASCII.

Fields may be added to version 1, never changed or taken away. Moments are seconds since the epoch.
"""

import json
from collections.abc import Iterable, Mapping, Sequence

from flowrunner.model import Campaign, Event, Json, StepTally
from flowrunner.views.terminal.runs import RunRow


def listing(**parts: Json) -> str:
    """These parts, with the version before them."""
    return json.dumps({"version": 1, **parts}, indent=2)


def run_data(row: RunRow) -> Json:
    """One run."""
    return {
        "id": row.id,
        "flow": row.flow,
        "recipient": row.recipient,
        "state": row.state.replace(" ", "_"),
        "steps_done": row.done,
        "steps": row.total,
        "started": row.started,
        "updated": row.updated,
    }


def campaign_data(
    campaign: Campaign, states: Mapping[str, int], *, next_wake: float | None, cancelled_at: float | None
) -> Json:
    """One campaign: how many recipients are in each state, when the next one goes on, when it was cancelled."""
    return {
        "id": campaign.id,
        "flow": campaign.flow_name,
        "audience": campaign.audience,
        "target": campaign.target,
        "created_at": campaign.created_at,
        "recipients": campaign.total,
        "states": dict(states),
        "next_wake": next_wake,
        "cancelled_at": cancelled_at,
    }


def event_data(events: Iterable[Event]) -> Json:
    """Events, each as `run --format jsonl` prints it."""
    return [{**event._asdict(), "kind": str(event.kind), "detail": dict(event.detail)} for event in events]


def tally_data(tallies: Sequence[StepTally]) -> Json:
    """Tallies of steps, or of whole runs, whose ``label`` is their id."""
    return [tally._asdict() for tally in tallies]
