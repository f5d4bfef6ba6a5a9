"""What is said of how far a campaign has come while those in doubt are in another process's hands."""

import asyncio
from pathlib import Path

from flowrunner.campaign import CampaignDelivery
from flowrunner.campaign.limits import Limits
from flowrunner.engine.decide import digest_of
from flowrunner.journal import Claim
from flowrunner.model import Event, EventKind
from support.lab import rendered
from support.shared import TARGET, TWO, shared
from support.virtual import VirtualClock

PEOPLE = 4


def test_who_is_asked_for_again_and_again_is_counted_once(tmp_path: Path, clock: VirtualClock) -> None:
    """A process of another machine died with a message of everybody under way: its lease of some minutes is waited
    for, and each second it is looked whether they are free.
    """

    seen = set()

    async def look(delivery: CampaignDelivery) -> None:
        while True:
            await clock.sleep(0.3)
            seen.add(delivery.progress.in_doubt)

    async def work() -> list[EventKind]:
        async with shared(tmp_path, clock) as its:
            await its.begin(PEOPLE)
            for member in await its.journal.pending(its.campaign.id, limit=PEOPLE):
                run, stamp = member.run, clock.stamp()
                claim = await its.journal.claim(TARGET, run.recipient, f"{run.id}/elsewhere.4/17/3/ab.1", 200.0)
                assert isinstance(claim, Claim)
                detail = {"digest": digest_of(rendered(TWO).messages[0]), "clock": list(stamp)}
                await its.journal.append(Event(EventKind.BEGUN, run.id, clock.now(), "1", detail=detail), claim=claim)
                doubt = Event(EventKind.IN_DOUBT, run.id, clock.now(), "1", detail={"reason": "it was cut"})
                await its.journal.append(doubt, claim=claim)
            delivery = CampaignDelivery(its.campaign, its.loaded, its.process().channel, Limits())

            looking = asyncio.create_task(look(delivery))
            ends = [each.event.kind async for each in delivery.events()]
            looking.cancel()
        return ends

    assert clock.run(work()).count(EventKind.FINISHED) == PEOPLE
    assert seen <= {*range(PEOPLE + 1)}, sorted(seen)


def test_whom_another_machine_had_is_found_again_once_its_lease_is_over(tmp_path: Path, clock: VirtualClock) -> None:
    """It died before it began anything: the audience, which was read to its end, is read once more."""

    async def work() -> list[EventKind]:
        async with shared(tmp_path, clock) as its:
            await its.begin(PEOPLE)
            for member in await its.journal.pending(its.campaign.id, limit=PEOPLE):
                run = member.run
                await its.journal.claim(TARGET, run.recipient, f"{run.id}/elsewhere.4/17/3/ab.1", 20.0)
            delivery = CampaignDelivery(its.campaign, its.loaded, its.process().channel, Limits())
            return [each.event.kind async for each in delivery.events()]

    began = clock.now()
    assert clock.run(asyncio.wait_for(work(), 120)).count(EventKind.FINISHED) == PEOPLE
    assert clock.now() - began >= 20
