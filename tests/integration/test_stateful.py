"""Faults, deaths, stops and resumes in any order: what was taken is a prefix of the flow, at the end all of it."""

import asyncio
import tempfile
from collections.abc import Callable
from contextlib import ExitStack, aclosing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from flowrunner.client import open_client
from flowrunner.delivery import Doubts, Pace, Rate, begin, deliver, new_run
from flowrunner.delivery.doubt.policy import Policy
from flowrunner.emulator.api.app import create_app
from flowrunner.emulator.api.faults import parse_fault
from flowrunner.emulator.api.messages import Delays
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.journal import open_journal
from flowrunner.model import Event, EventKind, Rendering, Run
from support.delivered import source
from support.lab import rendered, told
from support.postgres import Journals
from support.virtual import VirtualClock

MESSAGES = ["a", "b", "c", {"message_type": "template", "template_name": "t", "template_language": "es"}, "d"]
FAULTS = [
    "cut-before:",
    "cut-after:",
    "malformed:",
    "html:",
    "html:accepted=yes,",
    "status:code=500,",
    "status:code=500,accepted=yes,",
    "status:code=429,retry_after=0.01,",
    "status:code=401,",
    "status:code=400,graph=131047,",
    "timeout-after:seconds=0.2,",
    "store-late:seconds=0.15,",
    "list-partial:",
    "list-order:order=shuffled,",
]
TIMEOUT, GRACE = 0.1, 0.1
AT = st.none() | st.integers(1, 12)
FAULT = st.builds("{}after={},count={}".format, st.sampled_from(FAULTS), st.integers(0, 3), st.integers(1, 2))


class Death(BaseException):
    """The process is gone: nothing that would have cleaned up may have an effect."""


class Life:
    """Counts what a worker does to the world, and ends it before or after one of these deeds."""

    def __init__(self, dies_at: int | None, *, after: bool, at: Callable[[int], None]) -> None:
        self._dies_at, self._after, self._at = dies_at, after, at
        self._deeds = 0

    async def do(self, deed: Callable[..., Any], *arguments: Any, **more: Any) -> Any:
        self._deeds += 1
        self._at(self._deeds)
        dead = self._dies_at is not None and self._deeds >= self._dies_at
        if dead and not (self._after and self._deeds == self._dies_at):
            raise Death
        result = await deed(*arguments, **more)
        if dead:
            raise Death
        return result


class Mortal:
    """A journal or a door, whose coroutines a worker's life counts; everything else passes."""

    def __init__(self, real: Any, life: Life, deeds: tuple[str, ...]) -> None:
        self._real, self._life, self._deeds = real, life, deeds

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._real, name)
        if name not in self._deeds:
            return real
        return lambda *arguments, **more: self._life.do(real, *arguments, **more)


class Runs(RuleBasedStateMachine):
    """One run to one conversation; workers come, die and are replaced."""

    @initialize(chosen=st.lists(st.sampled_from(range(len(MESSAGES))), min_size=4, max_size=6))
    def a_run_begins(self, chosen: list[int]) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.clock = VirtualClock()
        self.state = EmulatorState(delays=Delays(sent=0.0, delivered=0.0, read=0.0), clock=self.clock)
        self.state.conversations.create("+5215512345678", conversation_id="c1")
        self.path = self.a_place()
        messages = [MESSAGES[number] for number in chosen]
        self.expected = [each if isinstance(each, str) else each["template_name"] for each in messages]
        self.rendering = rendered(f"name: s\nsteps: {[{'message': each} for each in messages]}")
        self.run = self.clock.run(begun(self.path, self.rendering, self.clock))

    def a_place(self) -> Path | str:
        """Where the journal is."""
        return Path(self.folder.name) / "journal.db"

    @rule(
        faults=st.lists(FAULT, max_size=3),
        policy=st.sampled_from(["reconcile", "reconcile", "stop"]),
        dies_at=AT,
        after=st.booleans(),
        stops_at=AT,
    )
    def a_worker_goes_on(
        self, faults: list[str], policy: Policy, dies_at: int | None, after: bool, stops_at: int | None
    ) -> None:
        self.state.faults.replace(map(parse_fault, faults))
        self.clock.run(self.work(policy, dies_at, after, stops_at))

    async def work(self, policy: Policy, dies_at: int | None, after: bool, stops_at: int | None) -> list[Event]:
        """A worker's life; the events it saw."""
        stop = asyncio.Event()
        life = Life(dies_at, after=after, at=lambda deed: stop.set() if deed == stops_at else None)
        door = open_client(
            "http://127.0.0.1", "lab-key-0000", timeout=TIMEOUT, app=create_app(self.state), clock=self.clock
        )
        doubts = Doubts(policy, timeout=TIMEOUT, grace=GRACE, patience=0.5)
        events: list[Event] = []
        async with open_journal(self.path, clock=self.clock) as journal:
            whole = deliver(
                self.run,
                *source(self.rendering),
                Mortal(door, life, ("send", "messages")),
                Mortal(journal, life, ("append", "claim", "renew", "release")),
                stop=stop,
                pace=Pace(Rate(100_000, 1.0), window=0.01, clock=self.clock),
                doubts=doubts,
                max_wait=5.0,
            )
            try:
                async with aclosing(whole):
                    events.extend([event async for event in whole])
            except Death:
                pass
        await door.aclose()
        return events

    @invariant()
    def what_was_taken_is_a_prefix_of_the_flow(self) -> None:
        taken = [told(each.raw) for each in self.state.received()]
        assert taken == self.expected[: len(taken)], self.expected

    def teardown(self) -> None:
        if not hasattr(self, "run"):
            return
        self.state.faults.clear()
        events = self.clock.run(self.work("reconcile", None, False, None))
        assert events[-1].kind is EventKind.FINISHED, events
        assert [told(each.raw) for each in self.state.received()] == self.expected
        self.clock.close()
        self.folder.cleanup()


async def begun(path: Path | str, rendering: Rendering, clock: VirtualClock) -> Run:
    async with open_journal(path, clock=clock) as journal:
        run = new_run(rendering.flow, rendering.recipient, {}, rendering.now, "emulator", clock)
        assert await begin(run, journal, clock=clock) is None
        return run


@pytest.fixture(autouse=True)
def _workers_that_were_replaced_have_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flowrunner.delivery.session.has_ended", lambda _, **_more: True)


COMMON: dict[str, Any] = {"deadline": None, "suppress_health_check": list(HealthCheck)}


def test_whatever_happens_each_message_is_taken_once_and_in_order() -> None:
    """A short walk, the same each time."""
    run_state_machine_as_test(
        Runs, settings=settings(max_examples=12, stateful_step_count=6, derandomize=True, **COMMON)
    )


@pytest.mark.parametrize("walks", [5, pytest.param(100, marks=pytest.mark.soak)], ids=["slice", "soak"])
def test_the_same_with_a_journal_in_postgresql(postgres_journals: Journals, walks: int) -> None:
    """Nobody has to wait for a lease here: who was replaced has ended."""

    class OnAServer(Runs):
        def a_place(self) -> str:
            self.stack = ExitStack()
            return self.stack.enter_context(postgres_journals.lent())

        def teardown(self) -> None:
            super().teardown()
            if hasattr(self, "stack"):
                self.stack.close()

    how = settings(max_examples=walks, stateful_step_count=6, derandomize=True, **COMMON)
    run_state_machine_as_test(OnAServer, settings=how)


@pytest.mark.soak
def test_whatever_happens_for_long_each_message_is_taken_once_and_in_order() -> None:
    """A long walk, another each time."""
    run_state_machine_as_test(Runs, settings=settings(max_examples=400, stateful_step_count=10, **COMMON))
