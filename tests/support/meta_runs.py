"""Runs at an API of Meta's shape that is the tests' own."""

import asyncio
from contextlib import aclosing
from pathlib import Path
from typing import Any

from flowrunner.client import open_client
from flowrunner.client.http import Client
from flowrunner.delivery import Doubts, Pace, Rate, begin, deliver, new_run
from flowrunner.delivery.statuses import Learnt, refresh
from flowrunner.dialects import meta
from flowrunner.engine import Prepared, Scope, moment
from flowrunner.flow import load_text
from flowrunner.journal import open_journal
from flowrunner.model import Action, Event, Message, Recipient, Step
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


class Marking(Prepared):
    """A flow whose steps called ``mark`` mark as read what the person wrote."""

    def act(self, step: Step, scope: Scope) -> Action:
        action = super().act(step, scope)
        if step.id != "mark" or not isinstance(action, Message):
            return action
        return action._replace(body={"message_type": "read", "typing": True}, text="read")


async def carried_out(judge: MetaJudge, folder: Path, text: str, whom: Recipient = ANA, **more: Any) -> list[Event]:
    """A new run, to its end; or the one of that flow goes on, where there is one."""
    loaded = load_text(text, "flow.yaml")
    assert loaded.flow is not None
    prepared, clock = Marking(loaded, meta), judge.clock
    now = moment(clock.now())
    client = opened(judge)
    async with open_journal(folder / "journal.db", clock=clock) as journal:
        run = new_run(loaded.flow, whom, {}, now, TARGET, clock)
        assert await begin(run, journal, again=True, clock=clock) is None
        events = deliver(
            run, prepared, prepared.scope(whom, {}, now), client, journal, stop=asyncio.Event(),
            pace=Pace(Rate(100_000, 1.0), clock=clock),
            doubts=Doubts(timeout=2.0, grace=1.0, patience=5.0), max_wait=20.0, **more,
        )  # fmt: skip
        async with aclosing(events):
            return [event async for event in events]
