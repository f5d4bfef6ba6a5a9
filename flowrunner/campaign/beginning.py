"""A checked audience becomes runs in the journal, in bulk; nothing is sent."""

import time
from collections.abc import Iterable, Mapping
from zoneinfo import ZoneInfo

from flowrunner.audience import Audience, Row
from flowrunner.campaign.check import CHUNK, Checked
from flowrunner.journal import Beginning, Journal
from flowrunner.loading import Loaded
from flowrunner.model import Campaign, Json
from flowrunner.rendering import bind
from flowrunner.rendering.typer import Typer
from flowrunner.runner.beginning import new_id


def new_campaign(
    loaded: Loaded, audience: Audience, target: str, now: str, total: int, options: Mapping[str, Json]
) -> Campaign:
    """A campaign that has not begun, with an id of its own."""
    flow = loaded.flow
    assert flow is not None  # noqa: S101  # it was checked
    at = time.time()
    return Campaign(
        id=f"c{new_id(at)}",
        flow_name=flow.name,
        flow_path=flow.path,
        flow_digest=flow.digest,
        flow_text=flow.text,
        target=target,
        now=now,
        created_at=at,
        audience=audience.name,
        total=total,
        options=options,
    )


async def begin_campaign(
    campaign: Campaign, loaded: Loaded, audience: Audience, checked: Checked, book: Journal
) -> None:
    """Write the campaign and a run for everybody who is not left out, with their time zone where clocks matter.

    A process that dies on the way leaves a campaign with fewer runs than its total; `runs` shows it.
    """
    await book.campaigns.begin(campaign)
    if checked.omissions:
        await book.campaigns.omit(campaign.id, checked.omissions)
    left_out = {each.line for each in checked.omissions}
    typer = Typer(loaded)
    rows: list[Beginning] = []
    for row in _sendable(audience, left_out):
        values = typer.bind(row.values)
        if values is None:
            bound, _ = bind(loaded, audience.given(row), examples=False)
            assert bound is not None, "a row that was checked has values"  # noqa: S101
            values = bound.values
        zone = audience.zone(row) if checked.zones else None
        name = zone.key if isinstance(zone, ZoneInfo) else ""
        rows.append(Beginning(f"{campaign.id}-{row.line:07x}", row.recipient, values, row.line, name))
        if len(rows) == CHUNK:
            await book.campaigns.begin_runs(campaign.id, rows)
            rows = []
    if rows:
        await book.campaigns.begin_runs(campaign.id, rows)


def _sendable(audience: Iterable[Row], left_out: set[int]) -> Iterable[Row]:
    return (row for row in audience if row.line not in left_out and row.problem is None)
