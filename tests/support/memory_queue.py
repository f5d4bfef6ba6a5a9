"""A queue of units in memory, in the place of PostgreSQL's: what a worker does is the same."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from flowrunner.clock import Clock
from flowrunner.cluster import Unit

LEASE = 20.0


class MemoryQueue:
    """An `Executor` of one event loop.

    Attributes:
        units: Those that nobody has begun.
        done: Those that were carried out, in order, with what was given back of each.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.units: dict[str, Unit] = {}
        self._taken: dict[str, Unit] = {}
        self.done: list[tuple[Unit, Unit | None]] = []

    async def submit(self, units: Sequence[Unit]) -> None:
        for each in units:
            if each.id not in self._taken:
                self.units.setdefault(each.id, each)

    async def work(
        self, carry_out: Callable[[Unit], Awaitable[Unit | None]], stop: asyncio.Event, at_once: int, sender: str = ""
    ) -> None:
        running: set[asyncio.Task[None]] = set()

        async def carry(unit: Unit) -> None:
            try:
                rest = await carry_out(unit)
            except asyncio.CancelledError:  # it died: another is given the unit when its lease is over
                self.units[unit.id] = unit._replace(not_before=self._clock.now() + LEASE)
                raise
            finally:
                del self._taken[unit.id]
            self.done.append((unit, rest))
            if rest is not None:
                await self.submit([rest])

        try:
            while not stop.is_set():
                running = {each for each in running if not each.done() or each.result()}
                now = self._clock.now()
                ready = [each for each in self.units.values() if each.sender == sender and each.not_before <= now]
                for unit in ready[: at_once - len(running)]:
                    self._taken[unit.id] = self.units.pop(unit.id)
                    running.add(asyncio.create_task(carry(unit)))
                await self._clock.sleep(1.0, stop)
            await asyncio.gather(*running)
        except asyncio.CancelledError:
            for each in running:
                each.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            raise

    async def waiting(self, sender: str = "") -> int:
        return sum(each.sender == sender for each in self.units.values())
