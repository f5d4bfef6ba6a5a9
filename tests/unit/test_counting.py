"""Who watches a program does not keep it from its work, however many people wait."""

import asyncio

from flowrunner.app.services.waiting_count import WaitingCount
from support.virtual import VirtualClock


class Counting:
    """A journal whose counting takes a while; it counts how often it was asked."""

    def __init__(self, clock: VirtualClock, seconds: float) -> None:
        self.clock, self.seconds, self.times = clock, seconds, 0

    async def asking(self, _target: str) -> int:
        self.times += 1
        await self.clock.sleep(self.seconds)
        return self.times


def test_what_takes_long_is_counted_seldom() -> None:
    """A scrape each second for a minute: a twentieth of the time goes into counting, and each gets a count."""
    with VirtualClock() as clock:
        journal = Counting(clock, 0.5)
        waiting = WaitingCount(journal, clock)  # type: ignore[arg-type]

        async def scraped() -> list[int]:
            found = []
            for _ in range(60):
                found.append(await waiting.of("t"))
                await clock.sleep(1, asyncio.Event())
            return found

        found = clock.run(scraped())
    assert journal.times == 6
    assert found == sorted(found)
    assert {*found} == {1, 2, 3, 4, 5, 6}


def test_what_takes_no_time_is_counted_each_time() -> None:
    """For each API of its own."""
    with VirtualClock() as clock:
        journal = Counting(clock, 0.0)
        waiting = WaitingCount(journal, clock)  # type: ignore[arg-type]
        assert [clock.run(waiting.of(target)) for target in ("a", "a", "b")] == [1, 2, 3]
