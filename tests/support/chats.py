"""A person who answers, a run that listens, and an emulator between them, in virtual time."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from flowrunner.app.flows import given
from flowrunner.app.resuming.due_runs import OpenSender, carry_on
from flowrunner.app.runs.deliver import Delivery
from flowrunner.app.runs.send import prepared_again
from flowrunner.app.senders.sender import Sender
from flowrunner.campaign import Channel
from flowrunner.client import open_client
from flowrunner.client.targets import EMULATOR, Target
from flowrunner.delivery import Doubts, Pace, Rate, Uploads, begin, new_run
from flowrunner.delivery.inbound.polling import Hearing
from flowrunner.emulator.api.app import create_app
from flowrunner.emulator.api.inbound import inbound_body
from flowrunner.emulator.api.messages import Delays
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.engine.history.phases import ENDED, PARKED, Phase
from flowrunner.engine.history.state import State, state_of
from flowrunner.journal import Journal, open_journal
from flowrunner.journal.many import Member
from flowrunner.journal.places import Place
from flowrunner.model import Event, EventKind, Recipient, Rendering, Run
from support.lab import rendered, telling
from support.numbers import number_of
from support.virtual import VirtualClock

PHONE = "+5215512345678"
PERSON = Recipient("c1", PHONE)
Said = Mapping[str, Any]


def text(content: str) -> Said:
    """A text that a person writes."""
    return {"message_type": "text", "content": content}


def tap(button: str, title: str, context: str = "") -> Said:
    """A button that a person taps; ``context`` is the id of the message that it was on."""
    about = {"context": {"id": context}} if context else {}
    return {"message_type": "interactive", "button_reply": {"id": button, "title": title}, **about}


class Chat:
    """One person's chat with a flow.

    Attributes:
        state: The emulator's.
        journal: The journal.
        line: What the runs are gone on with by.
        stop: Ends the listening.
        is_away: Whether the API is out of reach.
    """

    def __init__(self, journal: Journal, clock: VirtualClock, dialect: str, *, quiet: bool, look: float) -> None:
        """``quiet``: nobody asks the API; ``look``: seconds between two looks, so that days do not take many."""
        self.clock, self.journal, self.dialect = clock, journal, dialect
        self.state = EmulatorState(delays=Delays(sent=0.01, delivered=0.02, read=0.03), clock=clock)
        self.state.conversations.create(PHONE, conversation_id="c1")
        self.stop = asyncio.Event()
        self.is_away, self._app = False, create_app(self.state)
        self.client = open_client(
            "http://127.0.0.1", "lab-key-0000", app=self._reached, clock=clock, dialect=dialect,
            number=number_of(dialect), timeout=5.0,
        )  # fmt: skip
        pace = Pace(Rate(100_000, 1.0), clock=clock)
        doubts = Doubts(timeout=5.0, grace=0.3, patience=2.0)
        channel = Channel(self.client, journal, pace, doubts, self.stop, 20.0)
        target = Target(dialect, EMULATOR).text
        self.line = OpenSender(target, channel, Hearing(self.client, journal, target, pace, channel.sleep))
        self._quiet, self._look, self._stir = quiet, look, asyncio.Event()

    async def _reached(self, *its: Any) -> None:
        if self.is_away:
            raise httpx.ConnectError("All connection attempts failed")
        await self._app(*its)

    async def begin(self, flow: str, values: Mapping[str, str] | None = None, *, again: bool = False) -> Run:
        """Begin a run of a flow, and carry it out to where it waits or ends."""
        return await self.begin_rendered(rendered(flow, values=dict(values or {})), again=again)

    async def begin_rendered(self, rendering: Rendering, person: Recipient = PERSON, *, again: bool = False) -> Run:
        """The same of a flow that is rendered."""
        values = {each.name: each.value for each in rendering.variables}
        run = new_run(rendering.flow, person, values, rendering.now, self.line.target, self.clock)
        assert await begin(run, self.journal, again=again, clock=self.clock) is None
        await self.go_on(run)
        return run

    async def go_on(self, run: Run) -> None:
        """Go on with a run, whether its time has come or not, as `resume` does."""
        await self.line.go_on(Member(0, 0, Phase.NEW, run), lambda _member, _event: None)

    def delivery(self, run: Run, *, wait: bool = False) -> Delivery:
        """The same run as ``run`` and ``resume`` carry it out, which may stay while it waits."""
        channel, sender = self.line.channel, Sender("lab-key-0000", EMULATOR, max_wait=20.0, wait=wait)
        prepared, _ = prepared_again(run)
        shown, _ = prepared.render(run.recipient, given(dict(run.variables)), run.now)
        assert shown is not None
        uploads = Uploads(run.bundle, run.target, self.client, self.journal, channel.pace, 20.0)
        return Delivery(run, prepared, shown, sender, self.client, channel.pace, self.journal, uploads)

    def say(self, said: Said) -> str:
        """Let the person say something now. Returns WhatsApp's id of it."""
        return self.state.add_inbound("c1", inbound_body(said)).wamid

    async def later(self, *said: tuple[float, Said]) -> None:
        """Let them say something after so many seconds each."""
        for seconds, each in said:
            await self.clock.sleep(seconds)
            self.say(each)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Somebody listens: the API is asked, and runs are gone on with as they become due."""
        both = [
            asyncio.ensure_future(self._ask()),
            asyncio.ensure_future(carry_on([self.line], self.journal, self.stop, stir=self._stir, look=self._look)),
        ]
        try:
            yield
        finally:
            self.stop.set()
            await asyncio.gather(*both)
            self.stop.clear()

    async def _ask(self) -> None:
        while not self.stop.is_set():
            if not self._quiet and await self.line.hearing.ask():
                self._stir.set()
            await self.clock.sleep(max(self._look / 2, self.line.hearing.left), self.stop)

    async def until(self, run: Run, seconds: float = 10 * 86_400.0) -> State:
        """Wait until a run has ended, for so long at most."""
        give_up = self.clock.now() + seconds
        while (state := await self.of(run)).run.phase not in ENDED and self.clock.now() < give_up:
            await self.clock.sleep(self._look)
        return state

    async def of(self, run: Run) -> State:
        """What has become of a run."""
        return state_of(await self.journal.events(run.id))

    async def events(self, run: Run) -> list[Event]:
        """Its events."""
        return await self.journal.events(run.id)

    async def accepted(self, run: Run) -> list[tuple[str, Any]]:
        """What the API took of a run, in order: the address of each step, and the message as it was posted."""
        taken = [each.step for each in await self.events(run) if each.kind is EventKind.ACCEPTED]
        bodies = [json.loads(each.raw) for each in self.state.received()]
        return list(zip(taken, [each.get("message", each) for each in bodies], strict=True))

    async def question(self, run: Run) -> str:
        """The address of the question that waits for its answer; empty where none does."""
        last = next((each for each in reversed(await self.events(run)) if each.kind is not EventKind.HEARD), None)
        return last.step if last is not None and last.kind is EventKind.ASKED else ""

    def chat(self) -> list[str]:
        """What was said by both sides, in order, each message by its telling field; the person's behind ``> ``."""
        talk = self.state.messages("c1", "oldest")
        return [("> " if each.direction == "inbound" else "") + telling(each.body) for each in talk]


def chatted(
    tmp_path: Path,
    clock: VirtualClock,
    work: Callable[[Chat], Any],
    *,
    dialect: str = "kapso-v1",
    quiet: bool = False,
    look: float = 120.0,
    journal: Place | str | None = None,
) -> None:
    """Do something with a `Chat`, in virtual time, its journal a file unless another place is said."""

    async def all_of_it() -> None:
        async with open_journal(journal or tmp_path / "journal.db", clock=clock) as opened:
            talk = Chat(opened, clock, dialect, quiet=quiet, look=look)
            try:
                await work(talk)
            finally:
                await talk.client.aclose()

    clock.run(all_of_it())


def is_parked(state: State) -> bool:
    """Whether a run waits."""
    return state.run.phase in PARKED


__all__ = ["Chat", "chatted", "is_parked", "tap", "text"]
