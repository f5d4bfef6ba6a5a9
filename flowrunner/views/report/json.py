"""What became of a campaign, as other programs read it: JSON."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

from flowrunner.model import CampaignReport, RecipientReport
from flowrunner.views.report.facts import facts, pieces


async def as_json(report: CampaignReport) -> AsyncIterator[str]:
    """One JSON object in ASCII, its last field ``recipients`` with one of them a line.

    Fields may be added to version 1, never changed or taken away. Moments are seconds since the epoch.
    """
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
        "steps": [tally._asdict() for tally in report.tallies],
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
    return {**whom, **told, "updated_at": entry.updated_at}
