"""This process's share of a rate that all processes of a journal keep to together."""

import asyncio
import math
import os
from collections import deque
from contextlib import suppress
from typing import Final

from flowrunner.clock import Clock
from flowrunner.journal import Journal, JournalError
from flowrunner.journal.rates import Given, Rate, Used, Wanted

_HOLD: Final = 0.25
"""Of a window: how long turns are kept until they lapse, but for at most `_LONGEST` seconds."""
_LONGEST: Final = 2.0
_AHEAD: Final = 0.05
"""Seconds for which turns are taken in advance, by how many were used in as many: each asking costs a write."""


class Block:
    """Turns that were given at once.

    Attributes:
        given: How many.
        until: What the journal calls them.
        lapses: When they can be used no more, on the clock of `Clock.monotonic`.
        taken: How many of them somebody has.
        left: How many requests have left by them.
        last: When the last of those did.
    """

    __slots__ = ("_ended", "given", "lapses", "last", "left", "taken", "until")

    def __init__(self, given: int, until: int, lapses: float) -> None:
        self.given, self.until, self.lapses = given, until, lapses
        self.taken = self.left = 0
        self.last = 0.0
        self._ended = asyncio.Event()

    def leave(self, now: float) -> bool:
        """A request leaves by one of them. Returns whether it may: else it has lapsed."""
        if now >= self.lapses:
            return False
        self.left, self.last = self.left + 1, now
        if self.left == self.given:
            self._ended.set()
        return True

    def is_over(self, now: float) -> bool:
        """Whether none of them can be used any more."""
        return self.left == self.given or now >= self.lapses

    async def ended(self, clock: Clock) -> None:
        """Wait until none of them can."""
        await clock.sleep(self.lapses - clock.monotonic(), self._ended)


class Share:
    """Asks the journal for turns, some at a time, and tells it what became of them. Used in one event loop.

    Attributes:
        others: How many other processes waited for turns when it asked last.
    """

    def __init__(self, journal: Journal, sender: str, rate: Rate, clock: Clock) -> None:
        """Nothing is asked yet.

        Args:
            journal: What the processes have in common.
            sender: Whose rate it is, as the journal calls it.
            rate: What this process keeps to, as long as nobody knows the API's own word.
            clock: Where time comes from.
        """
        self._journal, self._sender, self._rate, self._clock = journal, sender, rate, clock
        self._who = os.urandom(6).hex()
        self._blocks: list[Block] = []  # those of which the journal does not know what became of them
        self._ready_at = -math.inf
        self._took = 0.0
        self._used: deque[float] = deque()  # when turns were taken lately
        self._seen: tuple[int, float] | None = None
        self._told: Rate | None = None
        self._closed_until = -math.inf
        self._telling: asyncio.Task[None] | None = None
        self.others = 0

    def wait(self) -> float:
        """Seconds until its turns may be used, or there are some, as far as is known; 0 or less for now."""
        return self._ready_at - self._clock.monotonic()

    def take(self) -> Block | None:
        """One of the turns that are there; None where there is none."""
        if not self._has_turns():
            return None
        block = self._blocks[-1]
        block.taken += 1
        self._used.append(self._clock.monotonic())
        return block

    async def ask(self, waiting: int) -> Rate | None:
        """Ask for turns, unless there are some. Returns the API's own word on the rate, where any process knows it.

        Args:
            waiting: How many requests wait for turns.

        Raises:
            JournalError: The journal cannot be written: there are no turns.
        """
        if self._has_turns():
            return None
        now = self._clock.monotonic()
        while self._used and self._used[0] < now - _AHEAD:
            self._used.popleft()
        its = await self._reserve(waiting, len(self._used))
        if not its.turns and self._blocks:
            # As long as it is not said when these left, nobody counts on it that they did before the last moment.
            for each in self._blocks:
                await each.ended(self._clock)
            its = await self._reserve(waiting, 0)
        self._ready_at = self._clock.monotonic() + its.wait
        return its.rate

    def learn(self, rate: Rate) -> None:
        """Tell the others with the next asking what the API has said of the rate."""
        self._told = self._rate = rate

    def close(self, seconds: float) -> None:
        """Tell the others that the API wants nothing for so long."""
        self._closed_until = max(self._closed_until, self._clock.monotonic() + seconds)
        self._telling = asyncio.ensure_future(self._tell())

    async def end(self) -> None:
        """Give back the turns that were not used; no more can be taken of them."""
        now = self._clock.monotonic()
        self._blocks = [each for each in self._blocks if each.left < each.given]
        for each in self._blocks:
            each.lapses = min(each.lapses, now)
        if self._blocks:
            await self._tell()

    async def _tell(self) -> None:
        with suppress(JournalError):  # it is told with the next asking
            await self._reserve(0, 0)

    async def _reserve(self, turns: int, spare: int) -> Given:
        asked = self._clock.monotonic()
        hold = min(self._rate[1] * _HOLD, _LONGEST) + 2 * self._took
        used = tuple(
            Used(each.until, each.given, each.left, asked - each.last) for each in self._blocks if each.is_over(asked)
        )
        # They count as used where it is not known whether the journal has heard of them.
        self._blocks = [each for each in self._blocks if not each.is_over(asked)]
        told, closed = self._told, max(self._closed_until - asked, 0.0)
        seen = None if self._seen is None else (self._seen[0], asked - self._seen[1])
        its = await self._journal.reserve(
            self._sender, Wanted(self._who, self._rate, turns, hold, spare, used, told, closed, seen)
        )
        self._took, self._seen, self.others = self._clock.monotonic() - asked, (its.now, asked), its.others
        if self._told is told:
            self._told = None
            self._rate = its.rate or self._rate
        if self._closed_until <= asked + closed:
            self._closed_until = -math.inf
        if its.turns:
            self._blocks.append(Block(its.turns, its.until, asked + its.wait + hold))
        return its

    def _has_turns(self) -> bool:
        block = self._blocks[-1] if self._blocks else None
        return block is not None and block.taken < block.given and self._clock.monotonic() < block.lapses
