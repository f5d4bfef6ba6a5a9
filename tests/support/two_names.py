"""One person by two names at an API of Meta's shape, and runs to them by either."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path

from flowrunner.client import open_client
from flowrunner.delivery import Doubts, Pace, Rate, begin, deliver, new_run
from flowrunner.delivery.permission import Hold
from flowrunner.dialects import meta
from flowrunner.emulator.api.app import create_app
from flowrunner.emulator.api.messages import Delays
from flowrunner.emulator.api.numbers import NUMBER_ID
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.engine import Prepared, moment
from flowrunner.flow import load_text
from flowrunner.journal import Journal, open_journal
from flowrunner.model import Event, Recipient
from support.virtual import VirtualClock

TARGET = f"meta http://127.0.0.1/meta/whatsapp/v24.0/{NUMBER_ID}"
PHONE, USER = Recipient(phone="+5215512345678"), Recipient(user_id="MX.1349")
BOTH = Recipient("", PHONE.phone, USER.user_id)
THREE = ["one", "two", "three"]
QUICK = Rate(100_000, 1.0)


class World:
    """An emulator in which one person has a phone and a user id, and answers name both; and a journal."""

    def __init__(self, folder: Path, clock: VirtualClock) -> None:
        self.clock, self.path = clock, folder / "journal.db"
        self.state = EmulatorState(delays=Delays(sent=0.01, delivered=0.02, read=0.03), clock=clock)
        self.state.conversations.create(BOTH.phone, user_id=BOTH.user_id, conversation_id="c1")
        self.app = create_app(self.state)

    async def send(
        self,
        journal: Journal,
        whom: Recipient,
        name: str = "hi",
        texts: Sequence[str] = THREE,
        rate: Rate = QUICK,
        hold: Hold | None = None,
    ) -> list[Event]:
        """A run of a flow of that name, from its beginning to its end; nothing where it must not begin."""
        steps = "".join(f"  - message: {text}\n" for text in texts)
        loaded = load_text(f"name: {name}\nsteps:\n{steps}", "flow.yaml")
        assert loaded.flow is not None
        prepared, now = Prepared(loaded, meta), moment(self.clock.now())
        run = new_run(loaded.flow, whom, {}, now, TARGET, self.clock)
        if await begin(run, journal, clock=self.clock) is not None:
            return []
        client = open_client(
            "http://127.0.0.1",
            "key-of-a-test",
            dialect="meta",
            number=NUMBER_ID,
            timeout=2.0,
            app=self.app,
            clock=self.clock,
        )
        events = deliver(
            run, prepared, prepared.scope(whom, {}, now), client, journal, stop=asyncio.Event(),
            pace=Pace(rate, clock=self.clock), doubts=Doubts(timeout=2.0, grace=1.0), max_wait=60.0, hold=hold,
        )  # fmt: skip
        try:
            async with aclosing(events):
                return [event async for event in events]
        finally:
            await client.aclose()

    def got(self) -> list[str]:
        """What the person got, in order."""
        return [json.loads(each.raw)["text"]["body"] for each in self.state.received()]


async def at_once(world: World, *named: tuple[Recipient, str, Sequence[str]]) -> list[list[Event]]:
    """Each in a journal that it opened itself, as another process would."""

    async def one(whom: Recipient, name: str, texts: Sequence[str]) -> list[Event]:
        async with open_journal(world.path, clock=world.clock) as journal:
            return await world.send(journal, whom, name, texts)

    return await asyncio.gather(*(one(*each) for each in named))
