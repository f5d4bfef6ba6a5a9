"""A machine whose clock is not the database's, or steps: nothing of a run is decided by it, whoever carries it out."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import flowrunner
from flowrunner.app.listening.listen import listen_async
from flowrunner.app.services import clock_check as clocks
from flowrunner.delivery.rate.right_clock import RightClock
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.journal.tables.journal import TablesJournal
from flowrunner.model import Recipient
from support.journals import blocking
from support.program import KEY, flow, texts
from support.virtual import VirtualClock

SENT = ["hi", "bye"]


class Offset:
    """How far this machine's clock is ahead, as any journal tells it."""

    def __init__(self) -> None:
        self.seconds, self.looks = 0.0, 0

    async def told(self) -> float:
        self.looks += 1
        return self.seconds


@pytest.fixture
def offset(monkeypatch: pytest.MonkeyPatch) -> Offset:
    its = Offset()

    async def told(_: TablesJournal) -> float:
        return await its.told()

    monkeypatch.setattr(TablesJournal, "clock_offset", told)
    return its


class Town:
    """Somebody, and a flow for them."""

    def __init__(self, folder: Path, url: str, journal: str) -> None:
        self.journal, self.sender = journal, flowrunner.Sender(KEY, url)
        self.loaded = flowrunner.load(flow(folder / "hello.yaml", ['{message: "hi"}', '{message: "bye"}']))
        self.people = folder / "people.csv"
        self.people.write_text("conversation\nc1\n", encoding="utf-8")

    def run(self) -> Any:
        rendering = flowrunner.render(self.loaded, recipient=Recipient("c1"))
        return flowrunner.run(rendering, key=KEY, api_url=self.sender.api_url, journal=self.journal)

    def campaign(self) -> Any:
        return flowrunner.run_campaign(
            self.loaded, self.people, self.sender, journal=self.journal, confirm=lambda _: True
        )

    def resume(self) -> Any:
        with blocking(self.journal, read_only=True) as its:
            [known] = [*its.campaigns(), *(each.run for each in its.runs())]
        return flowrunner.resume(known.id, self.sender, journal=self.journal)


@pytest.fixture
def town(tmp_path: Path, url: str, postgres_url: str) -> Town:
    return Town(tmp_path, url, postgres_url)


def said(state: EmulatorState) -> list[str]:
    return [json.loads(each)["content"] for each in texts(state)]


@pytest.mark.parametrize("seconds", [3600.0, -5.1])
@pytest.mark.parametrize("begins", [Town.run, Town.campaign])
def test_nothing_is_sent_by_it_and_all_goes_on_once_it_is_right(
    town: Town, state: EmulatorState, offset: Offset, begins: Callable[[Town], Any], seconds: float
) -> None:
    """By who begins, and by who goes on."""
    offset.seconds = seconds
    for each in (begins, Town.resume):
        with pytest.raises(flowrunner.JournalError, match=r"this machine's clock is .* the database's") as caught:
            each(town)
        assert "NTP" in caught.value.hint
        assert said(state) == []
    offset.seconds = 4.9
    town.resume()
    assert said(state) == SENT


def test_it_is_looked_at_now_and_then_and_more_often_while_it_is_wrong(clock: VirtualClock) -> None:
    its = Offset()

    class Journal:
        clock_offset = its.told

    async def scene() -> None:
        right = RightClock(Journal(), 5.0, clock)  # type: ignore[arg-type]
        await asyncio.gather(*(right.require() for _ in range(100)))
        assert its.looks == 1
        its.seconds = -7.5
        await clock.sleep(59)
        await right.require()
        await clock.sleep(2)
        for _ in range(2):
            with pytest.raises(flowrunner.JournalError, match=r"7\.5 s behind the database's, and at most 5 s"):
                await right.require()
        assert its.looks == 2
        its.seconds = 5.0
        await clock.sleep(1.1)
        await right.require()
        assert its.looks == 3

    clock.run(scene())


def test_an_answer_that_was_long_on_its_way_tells_of_no_wrong_clock(clock: VirtualClock) -> None:
    """The database read its own at some moment of that: only what is surely wrong is, and it is soon asked anew."""
    ways = iter([(12.0, 6.0), (12.0, -6.0), (12.0, 11.1), (0.0, 6.0)])  # how long it took, and what it came to

    class Journal:
        async def clock_offset(self) -> float:
            took, seconds = next(ways)
            await clock.sleep(took)
            return seconds

    async def scene() -> None:
        right, off = RightClock(Journal(), 5.0, clock), []  # type: ignore[arg-type]
        for _ in range(4):
            try:
                await right.require()
            except flowrunner.JournalError as error:
                off.append(str(error))
            else:
                off.append("")
            await clock.sleep(1.1)
        assert [each.partition(" is ")[2].partition(" s ")[0] for each in off] == ["", "", "11.1", "6.0"]

    clock.run(scene())


def test_who_listens_looks_at_it_too(town: Town, offset: Offset, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a worker does; meanwhile nobody is gone on with."""
    monkeypatch.setattr(clocks, "_LOOK", 0.05)

    async def scene() -> None:
        stop, events = asyncio.Event(), asyncio.Queue[str]()

        async def until(event: str) -> None:
            while await events.get() != event:
                pass

        def log(line: str) -> None:
            events.put_nowait(json.loads(line)["event"])

        listened = [flowrunner.Listened("sales", town.sender, "secret")]
        listening = asyncio.create_task(listen_async(listened, journal=town.journal, port=0, stop=stop, log=log))
        await until("listening")
        offset.seconds = 3600.0
        await until("clock off")
        offset.seconds = 0.0
        await until("clock right again")
        stop.set()
        await listening

    asyncio.run(asyncio.wait_for(scene(), 30))
