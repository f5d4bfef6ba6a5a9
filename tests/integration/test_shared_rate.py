"""A rate that several processes share by their journal: each has opened the journal itself; time is virtual."""

import asyncio
from bisect import bisect_left
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from flowrunner.app.senders.sender import Sender, paced
from flowrunner.delivery import Pace, Rate
from flowrunner.delivery.rate.share import Share
from flowrunner.journal import Journal, JournalAwayError, open_journal
from flowrunner.journal.places import Place
from flowrunner.journal.rates import Given, Wanted
from flowrunner.model import EventKind, Recipient
from support.lab import Lab, rendered
from support.two_names import PHONE, USER, World
from support.virtual import VirtualClock

SENDER = "https://api.example.com 1f2e"
MINUTE = Rate(100, 60.0)


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place | str:
    """Where the journal is that the processes have in common."""
    if request.param == "sqlite":
        return tmp_path / "journal.db"
    its: str = request.getfixturevalue("virtual_postgres_at")("journal")
    return its


def most(left: list[float], seconds: float) -> int:
    """The most that leave in any window of so many seconds."""
    left = sorted(left)
    return max(bisect_left(left, at + seconds) - place for place, at in enumerate(left))


@asynccontextmanager
async def paces(place: Place | str, clock: VirtualClock, rate: Rate, count: int) -> AsyncIterator[list[Pace]]:
    """The pace of each of so many processes."""
    async with AsyncExitStack() as stack:
        journals = [await stack.enter_async_context(open_journal(place, clock=clock)) for _ in range(count)]
        yield [Pace(rate, clock=clock, share=Share(each, SENDER, rate, clock)) for each in journals]


async def asked(pace: Pace, count: int) -> float:
    """When the last of so many questions left, one after another."""
    for _ in range(count):
        turn = await pace.turn(partial(pace.clock.sleep, stop=asyncio.Event()))
        assert turn is not None
        assert turn.left()
    return pace.clock.monotonic()


async def sends(pace: Pace, left: list[float], seconds: float, at_once: int) -> None:
    """Send for so long, so many at a time; each begins and is answered in a moment."""
    clock, stop = pace.clock, asyncio.Event()

    async def one(number: int) -> None:
        while clock.monotonic() < seconds:
            turn = await pace.turn(partial(clock.sleep, stop=stop), f"somebody {number}, {clock.monotonic()}")
            assert turn is not None
            await clock.sleep(0.008)
            await turn.due()
            if turn.left():
                left.append(clock.monotonic())
            await clock.sleep(0.008)

    await asyncio.gather(*(one(number) for number in range(at_once)))


@pytest.mark.long
@pytest.mark.parametrize("at_once", [10, 100])
@pytest.mark.parametrize("rate", [Rate(80, 1.0), MINUTE], ids=str)
def test_three_processes_get_nearly_all_of_a_rate_and_never_more(
    place: Place | str, clock: VirtualClock, rate: Rate, at_once: int
) -> None:
    """At least 95 %, after the first window's worth, and none much less than another."""
    windows = 6
    left: list[list[float]] = [[], [], []]

    async def work() -> None:
        async with paces(place, clock, rate, 3) as several:
            its = zip(several, left, strict=True)
            await asyncio.gather(*(sends(pace, each, windows * rate.seconds, at_once) for pace, each in its))

    clock.run(work())
    everything = [at for its in left for at in its if at < windows * rate.seconds]
    assert most(everything, rate.seconds) <= rate.count
    assert len(everything) - rate.count >= 0.95 * rate.count * (windows - 1)
    late = [sum(at >= 2 * rate.seconds for at in its) for its in left]
    assert min(late) >= 0.6 * max(late)


def test_a_process_that_begins_again_has_no_window_of_its_own(place: Place | str, clock: VirtualClock) -> None:
    """What left before it began counts."""

    async def work() -> float:
        async with paces(place, clock, MINUTE, 1) as [pace]:
            assert await asked(pace, 100) < 1.0
        async with paces(place, clock, MINUTE, 1) as [pace]:
            return await asked(pace, 1)

    assert 60 <= clock.run(work()) <= 63


def test_what_the_api_says_to_one_process_holds_for_all(place: Place | str, clock: VirtualClock) -> None:
    """That it was too fast, and what it may do."""

    async def work() -> tuple[float, float]:
        async with paces(place, clock, MINUTE, 2) as [first, second]:
            await asked(second, 1)
            first.refused(30.0)
            await clock.sleep(0.5)  # what the second has in advance is gone
            closed = await asked(second, 1)
            first.learn(10)
            await asked(first, 1)
            return closed, await asked(second, 9)

    closed, limited = clock.run(work())
    assert 30 <= closed <= 31
    assert 90 <= limited <= 92, "ten are those of the beginning, of half a minute later and eight of these"


def test_turns_that_nobody_used_are_given_back(place: Place | str, clock: VirtualClock) -> None:
    """At the latest when the process ends."""
    sender = Sender("a-key-of-a-test", "https://api.example.com", MINUTE)

    async def work() -> float:
        async with open_journal(place, clock=clock) as journal, open_journal(place, clock=clock) as other:
            async with paced(sender, journal, clock) as pace:
                await asked(pace, 70)  # so fast that some are taken in advance
            async with paced(sender, other, clock) as pace:
                return await asked(pace, 30)

    assert clock.run(work()) < 1.0


def test_who_waits_for_turns_has_them_soon_after_they_were_given_back(place: Place | str, clock: VirtualClock) -> None:
    """Though it would have had others only in a minute."""

    async def work() -> tuple[float, float]:
        async with paces(place, clock, MINUTE, 2) as [first, second]:
            await asked(first, 70)
            waiting = asyncio.create_task(asked(second, 30))
            await clock.sleep(0.5)
            done = waiting.done()
            share: Any = first._share  # noqa: SLF001
            await share.end()
            return float(done), await waiting

    done, at = clock.run(work())
    assert not done
    assert at < 3.0


GRAPH = {"dialect": "meta", "api_url": "https://graph.facebook.com/v24.0"}


@pytest.mark.parametrize(
    ("one", "other"),
    [({}, {"key": "another-key"}), ({}, {"api_url": "https://api.example.org"}), (GRAPH, {"number": "42"})],
    ids=str,
)
def test_another_sender_has_a_rate_of_its_own_and_no_row_holds_a_key(
    tmp_path: Path, clock: VirtualClock, one: dict[str, str], other: dict[str, str]
) -> None:
    """Of a key or a provider; at Graph, which counts by the number, each number has one."""
    sender = Sender("a-key-of-a-test", "https://api.example.com", MINUTE, number="41")._replace(**one)

    async def work() -> float:
        async with open_journal(tmp_path / "journal.db", clock=clock) as journal:
            async with paced(sender, journal, clock) as pace:
                await asked(pace, 100)
            async with paced(sender._replace(**other), journal, clock) as pace:
                return await asked(pace, 100)

    assert clock.run(work()) < 1.0
    assert b"-key" not in (tmp_path / "journal.db").read_bytes()


@pytest.mark.parametrize(
    "other",
    [
        {"number": "42"},
        {"dialect": "meta", "number": "110987654321", "api_url": "https://api.example.com"},
        {"dialect": "meta", "number": "110987654321", "api_url": "https://app.example.com/meta/whatsapp/v24.0"},
    ],
    ids=str,
)
def test_senders_of_one_key_share_its_rate(tmp_path: Path, clock: VirtualClock, other: dict[str, str]) -> None:
    """Kapso counts by the key, whatever the number and the dialect: two took twice it."""
    sender = Sender("a-key-of-a-test", "https://api.example.com", MINUTE, number="41")

    async def work() -> float:
        async with open_journal(tmp_path / "journal.db", clock=clock) as journal:
            async with paced(sender, journal, clock) as pace:
                await asked(pace, 100)
            async with paced(sender._replace(**other), journal, clock) as pace:
                return await asked(pace, 1)

    assert clock.run(work()) >= 59.0


class Failing:
    """A journal that is away for a while, and keeps when it gave turns."""

    def __init__(self, journal: Journal, clock: VirtualClock, until: float) -> None:
        self._journal, self._clock, self._until = journal, clock, until

    async def reserve(self, sender: str, wanted: Wanted) -> Given:
        if 1.0 <= self._clock.monotonic() < self._until:
            raise JournalAwayError("it is away")
        return await self._journal.reserve(sender, wanted)


def test_while_the_journal_is_away_nobody_is_given_a_turn_and_afterwards_it_goes_on(
    place: Place | str, clock: VirtualClock
) -> None:
    """Never faster than allowed."""
    rate, left = Rate(20, 1.0), list[float]()

    async def one(pace: Pace) -> None:
        while clock.monotonic() < 8:
            try:
                left.append(await asked(pace, 1))
            except JournalAwayError:
                await clock.sleep(0.1)

    async def work() -> None:
        async with open_journal(place, clock=clock) as journal:
            its: Any = Failing(journal, clock, 4.0)
            pace = Pace(rate, clock=clock, share=Share(its, SENDER, rate, clock))
            await asyncio.gather(*(one(pace) for _ in range(5)))

    clock.run(work())
    assert most(left, 1.0) <= 20
    assert not [at for at in left if 1.5 <= at < 4.0], "what it has in advance lapses"
    assert sum(at >= 4.0 for at in left) >= 75


class Slow:
    """A journal whose writes of events take longer than a turn is kept."""

    def __init__(self, journal: Journal, clock: VirtualClock) -> None:
        self._journal, self._clock, self._writes = journal, clock, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)

    async def append(self, *events: Any, **options: Any) -> None:
        self._writes += 1
        await self._clock.sleep(2.0 if self._writes == 2 else 0.0)  # the first is not before a request
        await self._journal.append(*events, **options)


def test_a_message_whose_turn_was_over_waits_for_another(tmp_path: Path, clock: VirtualClock) -> None:
    """Nobody sends in a moment that others count on; and it goes once."""
    lab, rate = Lab(tmp_path, clock=clock), Rate(2, 1.0)
    rendering = rendered("name: two\nsteps: [{message: one}, {message: two}]\n")

    async def work() -> list[EventKind]:
        async with open_journal(lab.path, clock=clock) as journal:
            slow: Any = Slow(journal, clock)
            pace = Pace(rate, clock=clock, share=Share(journal, SENDER, rate, clock))
            run = await lab.begun(rendering, slow)
            return [each.kind for each in await lab.carry_out(run, rendering, slow, pace=pace)]

    kinds = clock.run(work())
    assert kinds.count(EventKind.RETRYING) == 1
    assert kinds[-1] is EventKind.FINISHED
    assert lab.accepted() == ["one", "two"]


@pytest.mark.parametrize("names", [(PHONE, PHONE), (PHONE, USER)], ids=["by one name", "by another"])
def test_one_person_gets_a_burst_of_45_from_all_processes_together(
    tmp_path: Path, clock: VirtualClock, names: tuple[Recipient, Recipient]
) -> None:
    """Whoever comes next knows from the journal what was begun to them; then one in 6 seconds."""
    world = World(tmp_path, clock)

    async def work() -> None:
        for name, whom, count in zip("abc", (names[0], *names), (20, 20, 10), strict=True):
            async with open_journal(world.path, clock=clock) as journal:
                await world.send(journal, whom, name, [f"{name} {number}" for number in range(count)])

    clock.run(work())
    at = sorted(each.created_at for each in world.state.history())
    assert len(at) == 50
    assert at[44] - at[0] < 60
    assert all(later - earlier >= 5.9 for earlier, later in pairwise(at[45:]))
    assert at[49] - at[0] >= 29
