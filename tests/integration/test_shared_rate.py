"""A rate that several processes share by their journal: each opened the journal itself; time is virtual."""

import asyncio
from bisect import bisect_left
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from flowrunner.delivery import Pace, Rate
from flowrunner.delivery.share import Share
from flowrunner.journal import open_journal
from support.virtual import VirtualClock

SENDER = "https://api.example.com 1f2e"


def most(left: list[float], seconds: float) -> int:
    """The most that leave in any window of so many seconds."""
    left = sorted(left)
    return max(bisect_left(left, at + seconds) - place for place, at in enumerate(left))


@asynccontextmanager
async def paces(path: Path, clock: VirtualClock, rate: Rate, count: int) -> AsyncIterator[list[Pace]]:
    """The pace of each of so many processes."""
    async with AsyncExitStack() as stack:
        journals = [await stack.enter_async_context(open_journal(path, clock=clock)) for _ in range(count)]
        yield [Pace(rate, clock=clock, share=Share(each, SENDER, rate, clock)) for each in journals]


async def sends(pace: Pace, left: list[float], seconds: float, at_once: int, takes: float) -> None:
    """Send for so long, so many at a time; each begins in ``takes`` seconds and is answered in as many."""
    clock, stop = pace.clock, asyncio.Event()

    async def one(number: int) -> None:
        while clock.monotonic() < seconds:
            turn = await pace.turn(partial(clock.sleep, stop=stop), f"somebody {number}, {clock.monotonic()}")
            assert turn is not None
            await clock.sleep(takes)
            if turn.left():
                left.append(clock.monotonic())
            await clock.sleep(takes)

    await asyncio.gather(*(one(number) for number in range(at_once)))


@pytest.mark.parametrize("at_once", [10, 100])
@pytest.mark.parametrize("rate", [Rate(80, 1.0), Rate(100, 60.0)], ids=str)
def test_three_processes_get_nearly_all_of_a_rate_and_never_more(tmp_path: Path, rate: Rate, at_once: int) -> None:
    """At least 95 %, after the first window's worth, in equal shares."""
    windows = 12
    left: list[list[float]] = [[], [], []]
    with VirtualClock() as clock:

        async def work() -> None:
            async with paces(tmp_path / "journal.db", clock, rate, 3) as several:
                await asyncio.gather(
                    *(
                        sends(pace, its, windows * rate.seconds, at_once, 0.008)
                        for pace, its in zip(several, left, strict=True)
                    )
                )

        clock.run(work())
    everything = [at for its in left for at in its if at < windows * rate.seconds]
    assert most(everything, rate.seconds) <= rate.count
    late = [sum(at >= 2 * rate.seconds for at in its) for its in left]
    assert len(everything) - rate.count >= 0.95 * rate.count * (windows - 1)
    assert min(late) >= 0.7 * max(late)
