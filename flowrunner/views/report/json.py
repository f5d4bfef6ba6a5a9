"""Runs and campaigns as other programs read them: JSON in ASCII, as one object or as an object a line.

Fields may be added to version 1, never changed or taken away. Moments are seconds since the epoch.
"""

import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any

from flowrunner.model import Event, Json, Recipient
from flowrunner.model.campaigns import Campaign, CampaignReport, QuestionTally, RecipientReport, StepTally
from flowrunner.views.report.facts import facts, pieces
from flowrunner.views.terminal.runs import RunRow


async def as_json(report: CampaignReport) -> AsyncIterator[str]:
    """What became of a campaign; the last field is ``recipients``, with one of them a line."""
    its = report.campaign
    head: Mapping[str, Any] = {
        "version": 1,
        "campaign": {
            "id": its.id,
            "flow": {"name": its.flow_name, "path": its.bundle.path, "digest": its.bundle.digest},
            "target": its.target,
            "now": its.now,
            "created_at": its.created_at,
            "audience": its.audience,
            "total": its.total,
            "options": dict(its.options),
        },
        "started": report.started,
        "updated": report.updated,
        "states": dict(report.states),
        **({"languages": {code: dict(each) for code, each in report.languages.items()}} if report.languages else {}),
        "steps": [tally._asdict() for tally in report.tallies],
        **({"questions": question_data(report.questions)} if report.questions else {}),
        "reasons": [{"reason": reason, "recipients": count} for reason, count in report.reasons],
        "timeline": [
            {"start": start, "accepted": accepted, "failed": failed} for start, accepted, failed in report.timeline
        ],
    }
    yield json.dumps(head, indent=2).removesuffix("\n}") + ',\n  "recipients": ['
    comma = ""
    async for piece in pieces(report.recipients):
        yield comma + ",".join(f"\n    {json.dumps(_recipient(entry))}" for entry in piece)
        comma = ","
    yield "\n  ]\n}"


def _recipient(entry: RecipientReport) -> Mapping[str, Any]:
    told = facts(entry)
    line, conversation = told.pop("line"), told.pop("conversation_id")
    whom = {"line": line, "conversation": conversation, "phone": entry.recipient.phone}
    whom |= {"user_id": entry.recipient.user_id} if entry.recipient.user_id else {}
    answers = {"answers": dict(entry.answers)} if entry.answers else {}
    return {**whom, **told, **answers, "updated_at": entry.updated_at}


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
    campaign: Campaign, states: Mapping[str, int], *, next_wake: float | None, cancelled_at: float | None,
    detached_at: float | None = None, stopped: str = "",
) -> Json:  # fmt: skip
    """One campaign: how many recipients are in each state, when the next one goes on, when it was cancelled.

    Where workers have it, since when, and why they go no further with it.
    """
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
        "detached_at": detached_at,
        "stopped": stopped,
    }


def event_data(events: Iterable[Event]) -> Json:
    """Events, each as `run --format jsonl` prints it."""
    return [{**event._asdict(), "kind": str(event.kind), "detail": dict(event.detail)} for event in events]


def question_data(questions: Sequence[QuestionTally]) -> Json:
    """What became of questions; ``open`` is how many are still waited for, or ended otherwise."""
    return [
        {**its._asdict(), "answered": dict(its.answered), "words": dict(its.words), "open": its.open}
        for its in questions
    ]


def tally_data(tallies: Sequence[StepTally]) -> Json:
    """Tallies of steps, or of whole runs, whose ``label`` is their id."""
    return [tally._asdict() for tally in tallies]


def event_json(event: Event) -> str:
    """One event as one line of JSON in ASCII, its keys always the same: kind, run, step, at, message_id, detail."""
    kind, run, at, step, message_id, detail = event
    fact = {"kind": str(kind), "run": run, "step": step, "at": at, "message_id": message_id, "detail": dict(detail)}
    return _packed(fact)


def event_line(event: Event, row: int, recipient: Recipient) -> str:
    """One event of a campaign: what `event_json` has, then ``line`` (of the audience), ``phone``, ``conversation``."""
    whom = {"line": row, "phone": recipient.phone, "conversation": recipient.conversation}
    whom |= {"user_id": recipient.user_id} if recipient.user_id else {}
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
