"""Checked recipients become runs in the journal, in bulk; nothing is sent."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple
from zoneinfo import ZoneInfo

from flowrunner.audience import Audience
from flowrunner.campaign.check import CHUNK
from flowrunner.campaign.counts import AudienceCheck
from flowrunner.clock import Clock
from flowrunner.delivery.beginning import new_id
from flowrunner.diagnostics.errors import FlowError
from flowrunner.engine import Prepared
from flowrunner.flow import Loaded
from flowrunner.journal import Journal
from flowrunner.journal.many import Beginning, Omission
from flowrunner.model import Flow, Json, Recipient
from flowrunner.model.campaigns import Campaign


class CampaignRecipient(NamedTuple):
    """Somebody who is to be sent to.

    Attributes:
        line: Their line in the audience's file.
        variables: A value for each input of the flow.
        zone: The IANA name of their time zone; empty where it does not matter.
    """

    line: int
    recipient: Recipient
    variables: Mapping[str, Json]
    zone: str = ""


def recipients_of(loaded: Loaded, audience: Audience, checked: AudienceCheck) -> Iterator[CampaignRecipient]:
    """Everybody of an audience who is not left out, with their time zone where clocks matter.

    Raises:
        FlowError: The file is not as it was checked.
    """
    left_out = {each.line for each in checked.omissions}
    prepared = Prepared(loaded)
    for row in audience:
        if row.line in left_out and not row.ends:
            continue
        if row.problem is not None:
            raise FlowError([row.problem])
        bound, _ = prepared.inputs.bind(audience.given(row), row.recipient)
        assert bound is not None, "a row that was checked has values"  # noqa: S101
        zone = audience.zone(row) if checked.zones else None
        yield CampaignRecipient(row.line, row.recipient, bound.values, zone.key if isinstance(zone, ZoneInfo) else "")


def new_campaign(
    flow: Flow,
    audience: str,
    target: str,
    now: str,
    total: int,
    options: Mapping[str, Json],
    clock: Clock,
    at: float | None = None,
) -> Campaign:
    """A campaign that has not begun, with an id of its own; ``at`` is when it was asked for, if not now."""
    moment = clock.now()
    return Campaign(
        id=f"c{new_id(moment)}",
        flow_name=flow.name,
        bundle=flow.bundle,
        target=target,
        now=now,
        created_at=moment if at is None else at,
        audience=audience,
        total=total,
        options=options,
        listens=flow.listens,
    )


async def begin_campaign(
    campaign: Campaign, people: Iterable[CampaignRecipient], omissions: Sequence[Omission], journal: Journal
) -> None:
    """Write the campaign, who is left out of it, and a run for everybody else.

    A process that dies on the way leaves a campaign with fewer runs than its total, of which nothing was sent.
    """
    await journal.begin_campaign(campaign)
    if omissions:
        await journal.omit(campaign.id, omissions)
    every = (Beginning(f"{campaign.id}-{line:07x}", whom, values, line, zone) for line, whom, values, zone in people)
    while rows := list(islice(every, CHUNK)):
        await journal.begin_runs(campaign.id, rows)
