"""A plan that was saved is carried out exactly, or refused."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from flowrunner.app.blocking import blocking
from flowrunner.app.campaigns.audience import NobodyLeftError, ReadyCampaign, first_of
from flowrunner.app.campaigns.send import CampaignResult, send_ready, shared_place
from flowrunner.app.senders.configured import chosen_at
from flowrunner.app.senders.sender import Sender
from flowrunner.campaign import AudienceCheck, CampaignEvent, CampaignRecipient, Facts, Limits
from flowrunner.campaign.schedule import schedule_from
from flowrunner.client.access import target_key
from flowrunner.clock import SYSTEM, Clock
from flowrunner.config.overrides import Overrides
from flowrunner.config.values import Config
from flowrunner.diagnostics.errors import RefusedError
from flowrunner.flow import load_bundle
from flowrunner.journal import Journal, open_journal
from flowrunner.journal.places import Place, place_of
from flowrunner.plan.checking import check_plan
from flowrunner.plan.reading import Plan, open_plan
from flowrunner.plan.values import PlanError
from flowrunner.spec.words import listed

_ALL: Final = Limits()
DAY: Final = 86_400.0
"""Seconds that a plan may be old, if nothing else is said."""


class OpenedPlan(NamedTuple):
    """A plan that may be carried out.

    Attributes:
        path: Where the journal is.
    """

    ready: ReadyCampaign
    sender: Sender
    journal: Journal
    path: Place


@asynccontextmanager
async def opened(
    path: Path,
    sender_at: Callable[[str], Sender],
    *,
    journal: Place | None = None,
    max_age: float = DAY,
    skip_unreachable: bool = False,
    missing: Callable[[Path], None] = lambda _: None,
    clock: Clock = SYSTEM,
) -> AsyncIterator[OpenedPlan]:
    """A saved plan, checked anew, with who sends it and the journal that keeps its runs.

    Args:
        path: The plan.
        sender_at: Who sends to the API that the plan says, as the journal calls it.
        journal: Where its runs are to be kept; by default where the plan says.
        max_age: Seconds that it may be old.
        skip_unreachable: Leave out who cannot be sent free text now, where that comes first.
        missing: Told each file that it was made of and that is not where it was: nobody can say whether it has changed.
        clock: Where time comes from.

    Raises:
        PlanError: The plan cannot be carried out.
        NobodyLeftError: Everybody has opted out since.
        RefusedError: The sender, the file or the journal cannot be used.
    """
    with _readable(path):
        plan = open_plan(path)
    its = sender_at(plan.header.target)
    its.check()
    for file in plan.files:
        if not file.is_file():
            missing(file)
    head = plan.header
    loaded = load_bundle(head.bundle)
    where = journal or plan.journal
    async with open_journal(where, clock=clock) as kept:
        with _readable(path):
            checked = await check_plan(plan, loaded, kept, max_age=max_age, clock=clock)
            if not checked.people:
                raise NobodyLeftError(checked)
            first = first_of(loaded, (each.whom for each in plan.people()), head.now)
        schedule = schedule_from(head.schedule, head.created_at)
        name = head.audience or str(path)
        recipients = _left(plan, checked)
        ready = ReadyCampaign(
            loaded, name, head.target, head.now, checked, schedule, recipients, first, head.is_flat, skip_unreachable
        )
        yield OpenedPlan(ready, its, kept, where)


def _left(plan: Plan, checked: AudienceCheck) -> Iterator[CampaignRecipient]:
    """Everybody of a plan who is not left out by the time that this is first asked."""
    left_out = {each.line for each in checked.omissions}
    for each in plan.people():
        if each.whom.line not in left_out:
            yield each.whom


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RefusedError(f"cannot read {path}: {error.strerror}", "check its permissions") from None


def planned_by(config: Config | None, target: str, said: Overrides, base: Sender) -> Sender:
    """Who sends a plan; as `chosen_at`.

    Raises:
        PlanError: What was said is another API, or another number, than the plan's.
    """
    its = base.at(target)
    meant = its._replace(
        api_url=said.api_url or its.api_url, dialect=said.dialect or its.dialect, number=said.number or its.number
    )
    named = {"api-url": said.api_url, "dialect": said.dialect, "number": said.number}
    _require_target(target, meant, [name for name, value in named.items() if value])
    return chosen_at(config, target, said, base)


def _for_plan(target: str, sender: Sender) -> Sender:
    _require_target(target, sender if sender.api_url else sender.at(target), ["api-url"])
    return sender.at(target)


def _require_target(target: str, meant: Sender, said: list[str]) -> None:
    """Make sure that a plan's API is the one that is meant.

    Raises:
        PlanError: It is another one.
        SenderError: What is meant cannot be used.
    """
    wanted = meant._replace(insecure=True).target
    if target_key(wanted) != target_key(target):
        options = listed([f"--{name}" for name in said], "and")
        variables = listed([f"FLOWRUNNER_{name.upper().replace('-', '_')}" for name in said], "and")
        hint = f"make it again for that API, or leave out {options} and unset {variables}"
        raise PlanError(f"it sends to {target}, not to {wanted}", hint)


async def run_plan_async(
    path: Path | str,
    sender: Sender,
    *,
    confirm: Callable[[Facts], bool],
    journal: Place | str | None = None,
    max_age: float = DAY,
    skip_unreachable: bool = False,
    limits: Limits = _ALL,
    stop: asyncio.Event | None = None,
    on_event: Callable[[CampaignEvent], None] = lambda _: None,
    detach: bool = False,
    clock: Clock = SYSTEM,
) -> CampaignResult:
    """Send exactly what a plan says; for the arguments see `opened` and `run_campaign_async`.

    With ``skip_unreachable`` those are left out who cannot be sent free text now, where that comes first. The plan says
    to which API; where ``sender`` names another one, it is refused.

    Raises:
        PlanError: The plan cannot be carried out.
        RefusedError: It was not confirmed, or something else is in the way.
    """
    where = place_of(journal) if journal is not None else None
    sender_at = partial(_for_plan, sender=sender)
    async with opened(
        Path(path), sender_at, journal=where, max_age=max_age, skip_unreachable=skip_unreachable, clock=clock
    ) as its:
        shared = shared_place(its.path, its.sender) if detach else None
        return await send_ready(
            its.ready, its.sender, its.journal, confirm, limits, stop or asyncio.Event(), on_event, clock, shared
        )


run_plan = blocking(run_plan_async)
