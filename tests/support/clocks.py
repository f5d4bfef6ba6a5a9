"""Clocks that a test sets."""

import asyncio
from collections.abc import Callable

from flowrunner.clock import SYSTEM, Clock, Stamp


class StillClock(Clock):
    """It stands still until it is told; sleeps are real.

    Attributes:
        time: What it says, in seconds since the epoch, and since any other moment.
    """

    def __init__(self, time: float = 1_750_000_000.0) -> None:
        self.time = time

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time


class TestClock(Clock):
    """Time passes only while somebody sleeps, or a test lets it.

    Attributes:
        wall: By how many seconds the wall's clock is ahead.
        boot: Which start of the machine it is.
        slept: How long each sleep was to be.
    """

    __test__ = False

    def __init__(self, passed: Callable[[], float], let_pass: Callable[[float], None]) -> None:
        self._passed, self._let_pass = passed, let_pass
        self._began = SYSTEM.up()
        self.wall, self.boot = 0.0, "a-boot"
        self.slept: list[float] = []

    def now(self) -> float:
        return 1_790_000_000.0 + self._passed() + self.wall

    def monotonic(self) -> float:
        return self._passed()

    def up(self) -> float:
        return self._began + self._passed()

    def stamp(self) -> Stamp:
        return Stamp(self.boot, self.up())

    async def sleep(self, seconds: float, stop: asyncio.Event | None = None) -> bool:
        if stop is None:
            return await super().sleep(seconds)  # of who keeps a claim, or looks now and then: nobody waits for it
        await asyncio.sleep(0)
        if seconds > 0 and not stop.is_set():
            self.slept.append(seconds)
            self._let_pass(seconds)
        return stop.is_set()


class FastClock(Clock):
    """Time passes ten times as fast as this machine's, for what waits and has a socket at its other end.

    Args:
        ahead: By how many seconds the wall's clock is ahead.
    """

    def __init__(self, ahead: float = 0.0) -> None:
        self._ahead, self._began = ahead, (super().now(), super().monotonic(), super().up())

    def now(self) -> float:
        return self._ahead + self._faster(super().now(), self._began[0])

    def monotonic(self) -> float:
        return self._faster(super().monotonic(), self._began[1])

    def up(self) -> float:
        return self._faster(super().up(), self._began[2])

    async def sleep(self, seconds: float, stop: asyncio.Event | None = None) -> bool:
        return await super().sleep(seconds / 10, stop)

    @staticmethod
    def _faster(now: float, began: float) -> float:
        return began + (now - began) * 10
