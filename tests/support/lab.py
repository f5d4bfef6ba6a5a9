"""A runner, a journal and an emulator in one process, for tests of what becomes of a run."""

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any

from flowrunner.client import open_client
from flowrunner.client.targets import EMULATOR, Target
from flowrunner.clock import SYSTEM, Clock
from flowrunner.delivery import Doubts, Pace, Rate, begin, deliver, new_run
from flowrunner.dialects import dialect_of
from flowrunner.emulator.api.app import create_app
from flowrunner.emulator.api.faults import parse_fault
from flowrunner.emulator.api.messages import Delays
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.engine import moment
from flowrunner.journal import Journal, open_journal
from flowrunner.journal.places import Place
from flowrunner.model import Event, EventKind, Recipient, Rendering, Run
from support.delivered import prepared_flow, source
from support.emulated import on_phone
from support.numbers import number_of

SIX = """
name: six
steps:
  - message: "one"
  - message: {message_type: image, media_url: "https://cdn.example.com/two.jpg", caption: "two"}
    timeout: 2s
  - message: "three"
  - message: {message_type: interactive, interactive_type: button, body_text: four, buttons: [{id: a, title: A}]}
    timeout: 2s
  - message: {message_type: template, template_name: five, template_language: es}
  - message: "six"
"""
TELLING = ("caption", "body_text", "template_name", "location_name", "content")


def rendered(text: str, conversation: str = "c1", values: dict[str, str] | None = None) -> Rendering:
    """The flow, rendered for a conversation."""
    prepared = prepared_flow(text, "flow.yaml")
    rendering, problems = prepared.render(
        Recipient(conversation, "+5215512345678"), {}, moment(SYSTEM.now()), examples=True
    )
    assert rendering is not None, problems
    return rendering


class Lab:
    """One emulator and one journal; runs come and go."""

    def __init__(
        self,
        folder: Path,
        *faults: str,
        delays: Delays | None = None,
        timeout: float = 0.5,
        grace: float = 0.3,
        clock: Clock = SYSTEM,
        dialect: str = "kapso-v1",
        journal: Place | str | None = None,
    ) -> None:
        """The journal is a file in the folder, unless another place is said."""
        self.clock, self.dialect = clock, dialect
        self.state = EmulatorState(delays=delays or Delays(sent=0.01, delivered=0.02, read=0.03), clock=clock)
        self.state.conversations.create("+5215512345678", conversation_id="c1")
        self.app = create_app(self.state)
        self.path = folder / "journal.db" if journal is None else journal
        self.timeout, self.grace = timeout, grace
        for fault in faults:
            self.state.faults.add(parse_fault(fault))

    async def run(self, rendering: Rendering, **more: Any) -> list[Event]:
        """Begin a run, and carry it out to its end, whichever that is."""
        async with open_journal(self.path, clock=self.clock) as journal:
            run = await self.begun(rendering, journal)
            return await self.carry_out(run, rendering, journal, **more)

    async def begun(self, rendering: Rendering, journal: Journal) -> Run:
        """A run that is in the journal, and of which nothing was done yet."""
        target = Target(self.dialect, EMULATOR).text
        run = new_run(rendering.flow, rendering.recipient, {}, rendering.now, target, self.clock)
        assert await begin(run, journal, clock=self.clock) is None
        return run

    async def resume(self, rendering: Rendering, **more: Any) -> list[Event]:
        """Go on with the flow's newest run."""
        async with open_journal(self.path, clock=self.clock) as journal:
            run = next(each.run for each in await journal.runs() if each.run.flow_name == rendering.flow.name)
            return await self.carry_out(run, rendering, journal, **more)

    async def carry_out(self, run: Run, rendering: Rendering, journal: Journal, **more: Any) -> list[Event]:
        """Go on with a run that was begun."""
        door = open_client(
            "http://127.0.0.1", "lab-key-0000", timeout=self.timeout, app=self.app, clock=self.clock,
            dialect=self.dialect, number=number_of(self.dialect),
        )  # fmt: skip
        doubts = Doubts(timeout=self.timeout, grace=self.grace, patience=2.0)
        options: dict[str, Any] = {"stop": asyncio.Event(), "doubts": doubts, "max_wait": 20.0}
        options["pace"] = Pace(Rate(100_000, 1.0), window=0.3, clock=self.clock)
        try:
            events = deliver(run, *source(rendering, dialect_of(self.dialect)), door, journal, **{**options, **more})
            async with aclosing(events):
                return [event async for event in events]
        finally:
            await door.aclose()

    def accepted(self) -> list[str]:
        """What the emulator took, in order, each message by its telling field."""
        return [told(each.raw) for each in self.state.received()]

    def on_phone(self) -> list[str]:
        """What the phone shows, in its order."""
        return [telling(each.body) for each in on_phone(self.state, "c1")]


def told(raw: bytes) -> str:
    """A request's message by its telling field, in either dialect."""
    data = json.loads(raw)
    return telling(data["message"]) if "message" in data else telling(_flat(data[data["type"]]))


def _flat(its: Mapping[str, Any]) -> dict[str, Any]:
    """What tells one of Meta's objects from another, under the flow's names."""
    names = {"content": its.get("body"), "caption": its.get("caption"), "template_name": its.get("name")}
    if "latitude" in its:
        names = {"location_name": its.get("name")}
    if isinstance(its.get("body"), Mapping):
        names = {"body_text": its["body"]["text"]}
    return {name: each for name, each in names.items() if each}


def telling(body: Mapping[str, Any]) -> str:
    """A message by its telling field."""
    return next(str(body[name]) for name in TELLING if name in body)


def outcome(events: list[Event]) -> str:
    """How a run ended."""
    return str(events[-1].kind) if events else "nothing"


def kinds(events: list[Event], step: str) -> list[EventKind]:
    """What became of one step."""
    return [event.kind for event in events if event.step == step]


async def until(there: Callable[[], bool]) -> None:
    """Wait until something is so, up to ten seconds."""
    for _ in range(1000):
        if there():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never was")
