"""Runs at an API of Meta's shape that is the tests' own."""

import asyncio
from contextlib import aclosing
from pathlib import Path
from typing import Any

from flowrunner.client import open_client
from flowrunner.client.http import Client
from flowrunner.delivery import Doubts, Pace, Rate, begin, deliver, new_run
from flowrunner.delivery.late_statuses import Learnt, refresh
from flowrunner.dialects import meta
from flowrunner.engine import Prepared, moment
from flowrunner.flow import load_text
from flowrunner.journal import open_journal
from flowrunner.model import Event, Recipient
from support.meta_judge import MetaJudge

TARGET = "meta http://127.0.0.1/meta/whatsapp/v24.0/17"
ANA = Recipient(phone="+5215512345678")


def opened(judge: MetaJudge) -> Client:
    """A client of it."""
    where = "http://127.0.0.1" if judge.lists else "http://127.0.0.1/v24.0"  # Graph's own shape
    return open_client(where, "key-of-a-test", dialect="meta", number="17", timeout=2.0, app=judge, clock=judge.clock)


async def refreshed(judge: MetaJudge, folder: Path) -> Learnt:
    """Ask for the statuses of all that was sent."""
    client, pace = opened(judge), Pace(Rate(100_000, 1.0), clock=judge.clock)
    async with open_journal(folder / "journal.db", clock=judge.clock) as journal:
        return await refresh(journal.followed(TARGET), TARGET, journal, client, pace, asyncio.Event())


async def carried_out(
    judge: MetaJudge, folder: Path, text: str, whom: Recipient = ANA, *, goes_on: bool = False, **more: Any
) -> list[Event]:
    """A new run, to its end; or the one that the journal has goes on."""
    loaded = load_text(text, "flow.yaml")
    assert loaded.flow is not None
    prepared, clock = Prepared(loaded, meta), judge.clock
    now = moment(clock.now())
    client = opened(judge)
    async with open_journal(folder / "journal.db", clock=clock) as journal:
        run = new_run(loaded.flow, whom, {}, now, TARGET, clock)
        if goes_on:
            run = (await journal.runs())[0].run
        else:
            assert await begin(run, journal, again=True, clock=clock) is None
        stop = more.pop("stop", None) or asyncio.Event()
        events = deliver(
            run, prepared, prepared.scope(whom, {}, now), client, journal, stop=stop,
            pace=Pace(Rate(100_000, 1.0), clock=clock),
            doubts=Doubts(timeout=2.0, grace=1.0, patience=5.0), max_wait=20.0, **more,
        )  # fmt: skip
        async with aclosing(events):
            return [event async for event in events]
