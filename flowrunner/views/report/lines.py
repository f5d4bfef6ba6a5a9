"""Runs and campaigns as other programs follow them: one JSON object a line, in ASCII."""

import json
from collections.abc import Mapping, Sequence

from flowrunner.model import Campaign, Event, Json, Recipient


def event_json(event: Event) -> str:
    """One event as one line of JSON in ASCII, its keys always the same: kind, run, step, at, message_id, detail."""
    fact = {
        "kind": str(event.kind),
        "run": event.run,
        "step": event.step,
        "at": event.at,
        "message_id": event.message_id,
        "detail": dict(event.detail),
    }
    return _packed(fact)


def event_line(event: Event, row: int, recipient: Recipient) -> str:
    """One event of a campaign: what `event_json` has, then ``line`` (of the audience), ``phone``, ``conversation``."""
    whom = {"line": row, "phone": recipient.phone, "conversation": recipient.conversation}
    return f"{event_json(event)[:-1]},{_packed(whom)[1:]}"


def summary_line(
    campaign: Campaign | None,
    states: Mapping[str, int],
    reasons: Sequence[tuple[str, int]],
    *,
    stopped: str = "",
    exit_code: int = 0,
    **more: Json,
) -> str:
    """The last line: how many recipients are in each state, why some failed, and how the command ends.

    Args:
        campaign: The campaign; None where nobody was left to send to.
        states: As in a CampaignReport.
        reasons: As in a CampaignReport.
        stopped: Why it stopped before everybody was sent to.
        exit_code: What the command ends with.
        more: What else is to be said.
    """
    return _packed({
        "kind": "summary",
        "campaign": campaign.id if campaign is not None else "",
        "states": dict(states),
        "reasons": [{"reason": reason, "recipients": count} for reason, count in reasons],
        "stopped": stopped,
        "exit_code": exit_code,
        **more,
    })  # fmt: skip


def _packed(data: Json) -> str:
    return json.dumps(data, separators=(",", ":"))
