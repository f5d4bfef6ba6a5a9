"""People who talk to flows, and a listener that may be killed at any instant, all in virtual time."""

import asyncio
from collections.abc import Mapping
from random import Random
from typing import Any

from flowrunner.app.resuming.due_runs import OpenSender, carry_on
from flowrunner.campaign import Channel
from flowrunner.client import open_client
from flowrunner.client.targets import EMULATOR, Target
from flowrunner.delivery import Doubts, Pace, Rate, begin, new_run
from flowrunner.delivery.inbound.polling import Hearing
from flowrunner.emulator.api.app import create_app
from flowrunner.emulator.api.faults import parse_fault
from flowrunner.emulator.api.inbound import inbound_body
from flowrunner.emulator.api.messages import Delays
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.webhooks.delivering import Deliveries
from flowrunner.emulator.webhooks.forms import TELLING
from flowrunner.emulator.webhooks.values import webhook
from flowrunner.engine.history.phases import Phase
from flowrunner.journal import Journal
from flowrunner.journal.many import Member
from flowrunner.model import Recipient, Run
from flowrunner.receiver.endpoints import Hook
from flowrunner.receiver.logs import Log
from flowrunner.receiver.metrics import Metrics
from flowrunner.receiver.receiving import Receiver
from flowrunner.testing.playing.mortal_journal import MortalJournal
from support.generated_talks import sayings
from support.lab import rendered
from support.numbers import number_of
from support.virtual import VirtualClock

FAULTS = (
    "latency:seconds=0.2",
    "webhook-reorder:seconds=20,probability=0.3,seed={seed}",
    "webhook-duplicate:seconds=3,probability=0.2,seed={seed}",
    "webhook-lost:probability=0.2,seed={seed}",
)
_LOOK = 60.0
_SECRET = "whsec-2b7c"


class Life:
    """One life of a listener: nothing of it reaches the journal or the API once it was killed."""

    def __init__(self, town: "Town") -> None:
        self.is_dead, self.stop, self.stir = False, asyncio.Event(), asyncio.Event()
        self._town, self._requests = town, set[asyncio.Task[None]]()
        journal: Any = MortalJournal(town.journal, lambda: self.is_dead)
        client = open_client(
            "http://127.0.0.1", "life-key-0000", app=self._app, clock=town.clock, dialect=town.dialect,
            number=number_of(town.dialect), timeout=5.0,
        )  # fmt: skip
        pace = Pace(Rate(100_000, 1.0), clock=town.clock)
        channel = Channel(client, journal, pace, Doubts(timeout=5.0, grace=0.3, patience=10.0), self.stop, 120.0)
        self.line = OpenSender(town.target, channel, Hearing(client, journal, town.target, pace, channel.sleep))
        self.hook = Hook("town", town.target, town.dialect, number_of(town.dialect), _SECRET)
        log = Log(lambda _: None, town.clock)
        self.receiver = Receiver([self.hook], journal, self.stir.set, Metrics(), log, town.clock)
        self._works = [
            asyncio.ensure_future(carry_on([self.line], journal, self.stop, stir=self.stir, look=_LOOK)),
            asyncio.ensure_future(self._ask()),
        ]

    async def _app(self, scope: Any, receive: Any, send: Any) -> None:
        """What the API was asked by somebody who is killed meanwhile is done all the same."""
        if self.is_dead:
            raise asyncio.CancelledError
        task = asyncio.ensure_future(self._town.app(scope, receive, send))
        self._requests.add(task)
        await asyncio.shield(task)
        if self.is_dead:
            raise asyncio.CancelledError

    async def _ask(self) -> None:
        """Once at the beginning; and always where no webhook comes."""
        while not self.stop.is_set():
            if await self.line.hearing.ask(even_if_told=True):
                self.stir.set()
            if self._town.is_told or await self._town.clock.sleep(max(self.line.hearing.left, _LOOK / 2), self.stop):
                return

    def kill(self) -> None:
        """As ``kill -9``."""
        self.is_dead = True
        self.stop.set()
        for each in self._works:
            each.cancel()

    async def end(self) -> None:
        """Let all of it come to an end."""
        self.stop.set()
        await asyncio.gather(*self._works, *self._requests, return_exceptions=True)


class Town:
    """People, the API that they are reached by, and a journal.

    Attributes:
        is_told: Webhooks come; else the API is asked.
        runs: Each run that was begun, by its person's conversation.
    """

    def __init__(self, journal: Journal, clock: VirtualClock, dialect: str, dice: Random, *, is_told: bool) -> None:
        self.journal, self.clock, self.dialect, self.dice, self.is_told = journal, clock, dialect, dice, is_told
        self.target = Target(dialect, EMULATOR).text
        self.state = EmulatorState(delays=Delays(sent=0.01, delivered=0.02, read=0.03), clock=clock)
        for each in FAULTS:
            self.state.faults.add(parse_fault(each.format(seed=dice.randint(1, 999))))
        self.app = create_app(self.state)
        self.runs: dict[str, list[Run]] = {}
        self.life = Life(self)
        self._closing = asyncio.Event()
        if is_told:
            _, form = TELLING[dialect]
            self.state.webhooks.append(webhook("http://127.0.0.1:1/webhooks/town", form, _SECRET))
        self._telling = asyncio.ensure_future(Deliveries(self.state, self._post).run(self._closing))

    async def _post(self, _url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """A webhook on its way: it, or its answer, may be lost, and then it is told again."""
        life, named = self.life, {name.lower(): value for name, value in headers.items()}
        if life.is_dead or self.dice.random() < 0.1:
            return 0
        try:
            status = await life.receiver.take(life.hook, named, body)
        except asyncio.CancelledError:
            if life.is_dead:
                return 0
            raise
        return 0 if self.dice.random() < 0.1 else status

    async def begin(self, number: int, flow: str) -> Run:
        """Begin a run to somebody; nothing is sent yet."""
        talk, phone = f"c{number}", f"+34600{number:06}"
        if talk not in self.runs:
            self.state.conversations.create(phone, conversation_id=talk)
        shown = rendered(flow, talk)
        run = new_run(shown.flow, Recipient(talk, phone), {}, shown.now, self.target, self.clock)
        assert await begin(run, self.journal, again=True, clock=self.clock) is None
        self.runs.setdefault(talk, []).append(run)
        return run

    async def go_on(self, run: Run) -> None:
        """As ``resume`` does."""
        life = self.life
        try:
            await life.line.go_on(Member(-1, 0, Phase.NEW, run), lambda _member, _event: None)
        except asyncio.CancelledError:
            if not life.is_dead:
                raise

    async def talks(self, talk: str) -> None:
        """Somebody says what the dice give, until they say nothing more."""
        for seconds, what in sayings(self.dice):
            await self.clock.sleep(seconds)
            shown = [each for each in self.state.messages(talk, "oldest") if each.direction == "outbound"]
            tappable = [each for each in shown if each.body.get("buttons")]
            said: dict[str, Any] = {"message_type": "text", "content": what}
            if what in ("tap", "late"):
                if not tappable:
                    continue
                its = tappable[-1 if what == "tap" else 0]
                button = self.dice.choice(list(its.body["buttons"]))
                said = {"message_type": "interactive", "button_reply": dict(button), "context": {"id": its.wamid}}
            elif what == "image":
                said = {"message_type": "image", "media_url": "https://cdn.example.com/a.jpg"}
            self.state.add_inbound(talk, inbound_body(said))

    async def kills(self, count: int) -> None:
        """The listener is killed so often, and comes up again at once, or later."""
        dice = self.dice
        for _ in range(count):
            await self.clock.sleep(dice.choice([0.0, 0.1, 0.3, 2.0, 60.0, 600.0, 3000.0]) + dice.random() / 4)
            self.life.kill()
            await self.clock.sleep(dice.choice([0.0, 1.0, 90.0, 3600.0]))
            self.life = Life(self)

    async def close(self) -> None:
        """End all of it."""
        await self.life.end()
        self._closing.set()
        await asyncio.gather(self._telling, return_exceptions=True)
