"""One person by two names: runs by phone and by user id are one after the other, and nobody gets a flow twice."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path

import pytest

from flowrunner.client import open_client
from flowrunner.delivery import Doubts, Pace, Rate, begin, deliver, new_run
from flowrunner.dialects import meta
from flowrunner.emulator.api.app import create_app
from flowrunner.emulator.api.faults import parse_fault
from flowrunner.emulator.api.messages import Delays
from flowrunner.emulator.api.numbers import NUMBER_ID
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.engine import Prepared, moment
from flowrunner.flow import load_text
from flowrunner.journal import Journal, open_journal
from flowrunner.model import Event, EventKind, Recipient
from support.virtual import VirtualClock

TARGET = f"meta http://127.0.0.1/meta/whatsapp/v24.0/{NUMBER_ID}"
PHONE, USER = Recipient(phone="+5215512345678"), Recipient(user_id="MX.1349")
BOTH = Recipient("", PHONE.phone, USER.user_id)
THREE = ["one", "two", "three"]


class World:
    """An emulator in which one person has a phone and a user id, and answers name both; and a journal."""

    def __init__(self, folder: Path, clock: VirtualClock) -> None:
        self.clock, self.path = clock, folder / "journal.db"
        self.state = EmulatorState(delays=Delays(sent=0.01, delivered=0.02, read=0.03), clock=clock)
        self.state.conversations.create(BOTH.phone, user_id=BOTH.user_id, conversation_id="c1")
        self.app = create_app(self.state)

    async def send(
        self, journal: Journal, whom: Recipient, name: str = "hi", texts: Sequence[str] = THREE
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
            pace=Pace(Rate(100_000, 1.0), clock=self.clock), doubts=Doubts(timeout=2.0, grace=1.0), max_wait=60.0,
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


def test_a_run_by_phone_and_a_run_by_user_id_at_once(tmp_path: Path, clock: VirtualClock) -> None:
    """Nobody knew that they are one person: the first answers tell, and then one of the two goes no further."""
    world = World(tmp_path, clock)
    world.state.faults.add(parse_fault("latency:seconds=1,count=2"))
    done = clock.run(at_once(world, (PHONE, "hi", THREE), (USER, "hi", THREE)))
    assert sorted(each[-1].kind for each in done) == [EventKind.FINISHED, EventKind.SKIPPED]
    assert world.got() == ["one", "one", "two", "three"], "the first message was on its way twice before anybody knew"
    (skipped,) = [each[-1] for each in done if each[-1].kind is EventKind.SKIPPED]
    assert skipped.detail["reason"] == "had this flow before"


@pytest.mark.parametrize("names", [(PHONE, USER), (USER, PHONE), (BOTH, USER), (PHONE, BOTH)])
def test_a_person_whose_names_are_known_gets_a_flow_once(
    tmp_path: Path, clock: VirtualClock, names: Sequence[Recipient]
) -> None:
    """By whichever of them it is sent, one after the other or at once."""

    async def work(world: World) -> None:
        async with open_journal(world.path, clock=clock) as journal:
            await journal.learn(TARGET, BOTH)
        done = await at_once(world, *((whom, "hi", THREE) for whom in names))
        assert min(map(len, done)) == 0
        assert world.got() == THREE
        assert await at_once(world, (names[1], "hi", THREE)) == [[]]

    clock.run(work(World(tmp_path, clock)))


def test_two_flows_to_a_person_of_two_names_do_not_mix(tmp_path: Path, clock: VirtualClock) -> None:
    """The one waits for the other, as two flows to one conversation do."""

    async def work(world: World) -> None:
        async with open_journal(world.path, clock=clock) as journal:
            await journal.learn(TARGET, BOTH)
        done = await at_once(world, (PHONE, "hi", THREE), (USER, "bye", ["four", "five", "six"]))
        assert [each[-1].kind for each in done] == [EventKind.FINISHED] * 2
        got = world.got()
        assert sorted([got[:3], got[3:]]) == [["four", "five", "six"], THREE]

    clock.run(work(World(tmp_path, clock)))


def test_a_link_that_is_learnt_in_the_middle_makes_the_rest_wait(tmp_path: Path, clock: VirtualClock) -> None:
    """Two flows at once to a person of two names, of which nobody knows: after the first answers they do not mix."""
    world = World(tmp_path, clock)
    world.state.faults.add(parse_fault("latency:seconds=1,count=2"))
    done = clock.run(at_once(world, (PHONE, "hi", THREE), (USER, "bye", ["four", "five", "six"])))
    assert [each[-1].kind for each in done] == [EventKind.FINISHED] * 2
    got = world.got()
    assert set(got[:2]) == {"one", "four"}
    assert sorted([got[2:4], got[4:]]) == [["five", "six"], ["two", "three"]]


def test_what_an_answer_told_stands_in_the_event_and_is_known_afterwards(tmp_path: Path, clock: VirtualClock) -> None:
    """The run stays as it was begun; by the other name, nothing begins."""

    async def work(world: World) -> None:
        async with open_journal(world.path, clock=clock) as journal:
            events = await world.send(journal, PHONE)
            told = [event.detail.get("user_id", "") for event in events if event.kind is EventKind.ACCEPTED]
            assert told == [USER.user_id, "", ""], "once is enough"
            (record,) = await journal.runs()
            assert record.run.recipient == PHONE
            assert await journal.known(TARGET, PHONE) == BOTH
            assert await world.send(journal, USER) == []
        assert world.got() == THREE

    clock.run(work(World(tmp_path, clock)))


def test_an_answer_about_somebody_else_links_nobody(tmp_path: Path, clock: VirtualClock) -> None:
    """It is in doubt who got the message: that is no proof of who is whom."""

    async def work(world: World) -> None:
        async with open_journal(world.path, clock=clock) as journal:
            stranger = BOTH._replace(user_id="MX.9999")
            events = await world.send(journal, stranger)
            assert events[-1].kind is EventKind.IN_DOUBT
            assert await journal.known(TARGET, USER) == USER

    clock.run(work(World(tmp_path, clock)))
