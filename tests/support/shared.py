"""A campaign that several processes send together, each as if it were on a machine of its own; in virtual time."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from flowrunner.campaign import Channel, begin_campaign, new_campaign
from flowrunner.campaign.begin_runs import CampaignRecipient
from flowrunner.campaign.shared import SharedCampaign
from flowrunner.client import open_client
from flowrunner.client.targets import EMULATOR, Target
from flowrunner.clock import Clock
from flowrunner.delivery import Doubts, Pace, Rate
from flowrunner.delivery.rate.in_flight import SendingWindow
from flowrunner.emulator.api.app import create_app
from flowrunner.emulator.api.faults import parse_fault
from flowrunner.emulator.api.messages import Delays
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.engine import moment
from flowrunner.flow import load_text
from flowrunner.journal import Journal, open_journal
from flowrunner.journal.many import Member
from flowrunner.journal.work import HandOver, Terms
from flowrunner.model import Event, Json, Recipient

if TYPE_CHECKING:
    from flowrunner.client.http import Client
    from flowrunner.model.campaigns import Campaign

TARGET = Target("kapso-v1", EMULATOR).text
TWO = 'name: two\nsteps: [{message: "one"}, {message: "two"}]\n'
FAST = Rate(100_000, 1.0)


class Shared:
    """The campaign.

    Attributes:
        state: The emulator's.
        campaign: The campaign, written down.
        handed: How it was handed over last.
        events: What its runs were told of here, by whichever process.
        odd: What nobody foresaw.
    """

    def __init__(self, journal: Journal, clock: Clock, text: str) -> None:
        self.journal, self.clock, self._text = journal, clock, text
        self.state = EmulatorState(delays=Delays(sent=0.01, delivered=0.02, read=0.03), clock=clock)
        self._app = create_app(self.state)
        self.events: list[tuple[Member, Event]] = []
        self.odd: list[tuple[Member, Exception]] = []
        self.campaign: Campaign
        self.handed: HandOver
        self._clients: list[Client] = []

    async def begin(self, count: int, terms: Terms | None = None, **options: Json) -> None:
        """Write it down for so many people, c0, c1, ..., and hand it over."""
        self.loaded = load_text(self._text, "flow.yaml")
        assert self.loaded.flow is not None, self.loaded.diagnostics
        for number in range(count):
            self.state.conversations.create(f"+346{number:08}", conversation_id=f"c{number}")
        now = moment(self.clock.now())
        self.campaign = new_campaign(self.loaded.flow, "p.csv", TARGET, now, count, options, self.clock)
        people = [CampaignRecipient(number + 1, Recipient(f"c{number}"), {}) for number in range(count)]
        await begin_campaign(self.campaign, people, [], self.journal)
        await self.hand_over(terms)

    async def hand_over(self, terms: Terms | None = None) -> None:
        self.handed = await self.journal.work.hand_over(self.campaign.id, terms or Terms(), self.clock.now())

    def process(
        self, stop: asyncio.Event | None = None, *, window: int = 100, rate: Rate = FAST, journal: Journal | None = None
    ) -> SharedCampaign:
        """One process's part."""

        async def hear(member: Member, event: Event) -> None:
            self.events.append((member, event))

        client = open_client("http://127.0.0.1", "lab-key-0000", app=self._app, clock=self.clock, timeout=5.0)
        self._clients.append(client)
        channel = Channel(
            client, journal or self.journal, Pace(rate, clock=self.clock), Doubts(timeout=5.0, grace=0.3, patience=2.0),
            stop or asyncio.Event(), 20.0, lease=30.0,
        )  # fmt: skip

        def unforeseen(member: Member, error: Exception) -> None:
            self.odd.append((member, error))

        slots = SendingWindow(window)
        return SharedCampaign(self.campaign, self.loaded, self.handed, channel, slots, hear, unforeseen)

    def fault(self, text: str) -> None:
        self.state.faults.add(parse_fault(text))

    async def keys(self) -> list[int]:
        """The keys of those that are left."""
        return [each.key for each in await self.journal.pending(self.campaign.id, limit=1000)]

    def sent(self) -> dict[str, list[str]]:
        """What each person got, in order."""
        got: dict[str, list[str]] = {}
        for each in self.state.received():
            got.setdefault(each.conversation_id, []).append(json.loads(each.raw)["message"]["content"])
        return got

    async def states(self) -> dict[str, int]:
        return dict((await self.journal.counts(self.campaign.id)).states)

    async def aclose(self) -> None:
        for each in self._clients:
            await each.aclose()


@asynccontextmanager
async def shared(folder: Path, clock: Clock, text: str = TWO) -> AsyncIterator[Shared]:
    """A campaign of that flow."""
    async with open_journal(folder / "journal.db", clock=clock) as journal:
        its = Shared(journal, clock, text)
        try:
            yield its
        finally:
            await its.aclose()
