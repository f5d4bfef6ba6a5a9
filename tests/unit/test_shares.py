"""Processes that share a rate, each with a pace of its own: how much of it they use, and that they never use more.

They are simulated: what is remembered of the rate is in memory, and asking for turns, writing begun rows and answers
take the time that they mostly take; time is virtual.
"""

import asyncio
import random
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowrunner.delivery import Pace, Rate
from flowrunner.delivery.rate.share import Share
from flowrunner.journal import JournalAwayError
from flowrunner.journal.rates import Given, Shared, Wanted, give
from support.slices import some
from support.virtual import VirtualClock

RATE = Rate(80, 1.0)
BEGINS, WRITES, ANSWERS = (0.008, 0.02), (0.005, 0.015), 0.05
"""Seconds that it takes to begin a run, to write that a message is begun, and until it is answered."""


@dataclass
class Rows:
    """The journal that the processes have in common: what is remembered of the rate.

    Attributes:
        away: From when to when it does not answer.
    """

    clock: VirtualClock
    seed: int
    away: tuple[float, float] = (0.0, 0.0)
    shared: Shared = field(default_factory=Shared)
    one_writes: asyncio.Lock = field(default_factory=asyncio.Lock)
    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)  # noqa: S311 - no secret

    async def reserve(self, _sender: str, wanted: Wanted) -> Given:
        async with self.one_writes:
            begins, ends = self.away
            if begins <= self.clock.monotonic() < ends:
                await self.clock.sleep(ends - self.clock.monotonic())
                if self.chance.random() < 0.5:
                    raise JournalAwayError("it fell")
            await self.clock.sleep(self.chance.uniform(0.001, 0.006))
            self.shared, its = give(self.shared, wanted, self.clock.monotonic())
            await self.clock.sleep(self.chance.uniform(0.001, 0.008))
        return its


@dataclass
class Process:
    """One that sends a campaign of many people.

    Attributes:
        each: Messages to each of them.
        held_up: For how many seconds at most a message is held up before its first byte; each fifth is.
        left: When its messages left.
        late: How many did not leave, because their turn was over.
    """

    rows: Rows
    each: int
    held_up: float = 0.0
    left: list[float] = field(default_factory=list)
    late: int = 0

    async def sends(self, seconds: float) -> None:
        clock, chance = self.rows.clock, self.rows.chance
        journal: Any = self.rows
        pace, slots = Pace(RATE, clock=clock, share=Share(journal, "a sender", RATE, clock)), asyncio.Semaphore(100)
        sleep = partial(clock.sleep, stop=asyncio.Event())

        async def message(whom: str) -> bool:
            turn = None
            while turn is None:
                try:
                    turn = await pace.turn(sleep, whom)
                except JournalAwayError:
                    await clock.sleep(0.1)
            await clock.sleep(chance.uniform(*WRITES))
            await turn.due()
            await clock.sleep(chance.uniform(0.0, 0.001))
            if self.held_up and chance.random() < 0.2:
                await clock.sleep(chance.uniform(0.0, self.held_up))
            return turn.left()

        async def run(number: int) -> None:
            place = await pace.begin(sleep, self.each, 0.3)
            assert place is not None
            begun.set_result(None)
            await clock.sleep(chance.uniform(*BEGINS))
            with place.taken():
                for _ in range(self.each):
                    while not await message(f"{number}"):
                        self.late += 1
                    self.left.append(clock.monotonic())
                    await clock.sleep(ANSWERS)
            pace.leave(place)
            slots.release()

        number, running = 0, set[asyncio.Task[None]]()
        while clock.monotonic() < seconds:
            await slots.acquire()
            number, begun = number + 1, asyncio.get_running_loop().create_future()
            running.add(asyncio.create_task(run(number)))
            await begun
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def sent(processes: list[Process], seconds: float) -> list[float]:
    """When messages leave that all of them send for so long."""

    async def work() -> None:
        await asyncio.gather(*(each.sends(seconds) for each in processes))

    processes[0].rows.clock.run(work())
    return sorted(at for each in processes for at in each.left if at < seconds)


def most(left: list[float], seconds: float = 1.0) -> int:
    """The most that leave in any window of so many seconds."""
    return max(bisect_left(left, at + seconds) - place for place, at in enumerate(left))


@pytest.fixture
def clock() -> Iterator[VirtualClock]:
    with VirtualClock() as clock:
        yield clock


@pytest.mark.sliced
@pytest.mark.parametrize("each", [1, 2, 10])
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("seed", range(2))
def test_processes_that_have_always_something_to_send_use_95_percent(
    clock: VirtualClock, count: int, each: int, seed: int
) -> None:
    """Once a second has passed; also one process alone, and however many messages one person gets."""
    rows, seconds = Rows(clock, seed), float(some(20))
    left = sent([Process(rows, each) for _ in range(count)], seconds)
    assert most(left) <= RATE.count
    assert len(left) - bisect_left(left, left[0] + 1.0) >= 0.95 * RATE.count * (seconds - left[0] - 1.0)


@settings(max_examples=some(12), deadline=None)
@given(
    seed=st.integers(0, 1000),
    each=st.integers(1, 10),
    held_up=st.floats(0.0, 0.8),
    away=st.tuples(st.floats(1.0, 4.0), st.floats(0.0, 3.0)),
)
def test_they_never_use_more_whatever_holds_them_up(
    seed: int, each: int, held_up: float, away: tuple[float, float]
) -> None:
    """A message that is held up counts when it leaves, and does not once its turn is over; the journal may fall."""
    with VirtualClock() as clock:
        rows = Rows(clock, seed, (away[0], sum(away)))
        left = sent([Process(rows, each, held_up) for _ in range(3)], 8.0)
    assert most(left) <= RATE.count
    assert len(left) >= 2 * RATE.count


def test_a_turn_that_is_over_lets_nothing_leave(clock: VirtualClock) -> None:
    """Others count on it from then on."""
    rows = Rows(clock, seed=0)
    processes = [Process(rows, 2, held_up=0.8) for _ in range(3)]
    assert most(sent(processes, 8.0)) <= RATE.count
    assert sum(each.late for each in processes) > 0


def test_turns_that_are_given_back_before_they_may_be_used_are_used_no_sooner(clock: VirtualClock) -> None:
    """A process ends that was given some a moment ahead, and another begins."""
    rows: Any = Rows(clock, seed=0)
    shares = [Share(rows, "a sender", RATE, clock) for _ in range(2)]
    left = list[float]()

    async def leave(share: Share, count: int) -> None:
        pace = Pace(RATE, clock=clock, share=share)
        for _ in range(count):
            turn = await pace.turn(partial(clock.sleep, stop=asyncio.Event()))
            assert turn is not None
            assert turn.left()
            left.append(clock.monotonic())

    async def work() -> None:
        await leave(shares[0], RATE.count)
        await clock.sleep(left[0] + 0.95 - clock.monotonic())
        await shares[0].ask(20)
        assert shares[0].turn_in() > 0
        await shares[0].end()
        await leave(shares[1], 20)

    clock.run(work())
    assert most(left) <= RATE.count
