"""Workers side by side, each as if it were on a machine of its own; in virtual time, with a queue in memory."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flowrunner.app.campaigns.handover import hand_over
from flowrunner.app.resuming.due_runs import OpenSender
from flowrunner.app.senders.sender import Sender
from flowrunner.app.services.lifecycle import worked
from flowrunner.app.workers.worker import Worker, Working
from flowrunner.campaign import Channel, begin_campaign, new_campaign
from flowrunner.campaign.begin_runs import CampaignRecipient
from flowrunner.client import open_client
from flowrunner.clock import Clock
from flowrunner.delivery import Doubts, Pace, Rate
from flowrunner.delivery.inbound.polling import Hearing
from flowrunner.emulator.api.app import create_app
from flowrunner.emulator.api.faults import parse_fault
from flowrunner.emulator.api.messages import Delays
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.engine import moment
from flowrunner.flow import load_text
from flowrunner.journal import Journal, open_journal
from flowrunner.journal.work import Terms
from flowrunner.model import Json, Recipient
from flowrunner.model.campaigns import Campaign
from flowrunner.receiver.logs import Log
from support.memory_queue import MemoryQueue

TARGETS = {"sales": "kapso-v1 https://sales.example.com/api/v1", "news": "kapso-v1 https://news.example.com/api/v1"}
"""What the journal calls the senders' APIs; they are emulators of this process."""


@dataclass
class OneWorker:
    """A worker under way."""

    worker: Worker
    stop: asyncio.Event
    lines: list[OpenSender]
    log: list[dict[str, Any]] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def drain(self) -> None:
        self.stop.set()
        await asyncio.gather(*self.tasks)

    async def die(self) -> None:
        """Let nothing be said or written any more."""
        for each in self.tasks:
            each.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def health(self) -> tuple[bool, Any]:
        return self.worker.status.health()

    async def figures(self) -> dict[str, float]:
        lines = (await self.worker.status.figures()).splitlines()
        return {name: float(value) for name, value in (each.rsplit(" ", 1) for each in lines if each[0] != "#")}


class Shop:
    """A journal, a queue, and an API for each sender.

    Attributes:
        apis: The emulators, by the senders' names.
    """

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self.journal, self.clock, self.queue = journal, clock, MemoryQueue(clock)
        delays = Delays(sent=0.01, delivered=0.02, read=0.03)
        self.apis = {name: EmulatorState(delays=delays, clock=clock) for name in TARGETS}
        self._apps = {name: create_app(each) for name, each in self.apis.items()}
        self._people = dict.fromkeys(TARGETS, 0)
        self._opened: list[Any] = []
        self.workers: list[OneWorker] = []

    async def campaign(self, text: str, count: int, sender: str = "sales", **options: Json) -> Campaign:
        """Write one down for so many people, c0, c1, ...; nobody has it yet."""
        loaded = load_text(text, "flow.yaml")
        assert loaded.flow is not None, loaded.diagnostics
        for number in range(self._people[sender], count):
            self.apis[sender].conversations.create(f"+346{number:08}", conversation_id=f"c{number}")
        self._people[sender] = max(self._people[sender], count)
        now = moment(self.clock.now())
        its = new_campaign(loaded.flow, "p.csv", TARGETS[sender], now, count, options, self.clock)
        people = [CampaignRecipient(number + 1, Recipient(f"c{number}"), {}) for number in range(count)]
        await begin_campaign(its, people, [], self.journal)
        return its

    async def hand_over(self, campaign: Campaign, terms: Terms | None = None, first: int = 0) -> None:
        await hand_over(campaign, terms or Terms(), self.journal, self.queue, self.clock, first=first)

    def start(
        self, *names: str, window: int = 100, rate: Rate | None = None, journal: Journal | None = None
    ) -> OneWorker:
        """Let a worker begin."""
        stop, lines, said = asyncio.Event(), [], list[dict[str, Any]]()
        for name in names or TARGETS:
            client = open_client(
                "http://127.0.0.1", "lab-key-0000", app=self._apps[name], clock=self.clock, timeout=5.0
            )
            self._opened.append(client)
            pace = Pace(rate or Rate(100_000, 1.0), clock=self.clock)
            doubts = Doubts(timeout=5.0, grace=0.3, patience=2.0)
            channel = Channel(client, journal or self.journal, pace, doubts, stop, 20.0, lease=30.0)
            lines.append(
                OpenSender(TARGETS[name], channel, Hearing(client, self.journal, TARGETS[name], pace, channel.sleep))
            )
        senders = [Working(name, Sender("lab-key-0000")) for name in names or TARGETS]
        worker = Worker(
            senders, lines, journal or self.journal, self.queue, stop, lambda line: said.append(json.loads(line)),
            self.clock, window=window, lease=30.0,
        )  # fmt: skip
        its = OneWorker(worker, stop, lines, said)
        log = Log(lambda _: None, self.clock)
        its.tasks = [asyncio.ensure_future(worked(each, stop, log, self.clock)) for each in worker.works()]
        self.workers.append(its)
        return its

    def fault(self, text: str, sender: str = "sales") -> None:
        self.apis[sender].faults.add(parse_fault(text))

    def sent(self, sender: str = "sales") -> dict[str, list[str]]:
        """What each person got, in order."""
        got: dict[str, list[str]] = {}
        for each in self.apis[sender].received():
            got.setdefault(each.conversation_id, []).append(json.loads(each.raw)["message"]["content"])
        return got

    async def states(self, campaign: Campaign) -> dict[str, int]:
        return dict((await self.journal.counts(campaign.id)).states)

    async def becomes(self, campaign: Campaign, within: float, **states: int) -> float:
        """Wait until its people are so; the seconds that took."""
        began = self.clock.now()
        while (found := await self.states(campaign)) != states:
            assert self.clock.now() - began <= within, found
            await self.clock.sleep(0.5)
        return self.clock.now() - began

    async def stopped(self, campaign: Campaign) -> str:
        handed = await self.journal.work.of(campaign.id)
        assert handed is not None
        return handed.stopped

    async def aclose(self) -> None:
        for each in self.workers:
            await each.die()
        for client in self._opened:
            await client.aclose()


@asynccontextmanager
async def shop(folder: Path, clock: Clock) -> AsyncIterator[Shop]:
    """One with nothing in it yet."""
    async with open_journal(folder / "journal.db", clock=clock) as journal:
        its = Shop(journal, clock)
        try:
            yield its
        finally:
            await its.aclose()


def shopped(folder: Path, clock: Any, work: Callable[[Shop], Any]) -> None:
    """Do something with a `Shop`, in virtual time."""

    async def all_of_it() -> None:
        async with shop(folder, clock) as its:
            await work(its)

    clock.run(all_of_it())
