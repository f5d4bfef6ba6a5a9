"""This process's share of a rate that all processes of a journal keep to together."""

import asyncio
import math
import os
from collections import deque
from contextlib import suppress
from itertools import groupby
from typing import Final

from flowrunner.clock import Clock
from flowrunner.delivery.rate.row_clock import RowTime
from flowrunner.journal import Journal, JournalError
from flowrunner.journal.rates import MOMENTS, Given, Rate, Used, Wanted

_HOLD: Final = 0.25
"""Of a window: how long turns are kept until they lapse, and after how long others may have given some back; but for at
most `_LONGEST` seconds."""
_LONGEST: Final = 2.0
_AHEAD: Final = 0.05
"""Seconds for which turns are taken in advance, by how many were used in as many: each asking costs a write."""


class Block:
    """Turns that were given at once.

    Attributes:
        until: What the journal calls them.
        starts: From when on each may be used that nobody has taken, on the clock of `Clock.monotonic`; in order.
        lapses: When they can be used no more.
        unsaid: Of how many the journal does not know what became of them.
    """

    __slots__ = ("_left", "lapses", "starts", "unsaid", "until")

    def __init__(self, its: Given, time: RowTime, lapses: float) -> None:
        """They were given at the row's time."""
        self.until, self.lapses, self.unsaid = its.until, lapses, its.total
        self.starts = deque(time.since(its.now / 1000 + wait) for wait, turns in its.turns for _ in range(turns))
        self._left: list[float] = []  # when requests did, as far as that is not said

    def leave(self, now: float) -> bool:
        """A request leaves by one of them. Returns whether it may: else it has lapsed."""
        if now >= self.lapses:
            return False
        self._left.append(now)
        return True

    def said(self, now: float, moment: float, time: RowTime) -> list[Used]:
        """What became of those of which that is known by now, said once; requests that left in one moment as one."""
        its: list[Used] = []
        for _, left in groupby(self._left, lambda at: at // moment):
            *_, last = times = [*left]
            its.append(Used(self.until, len(times), len(times), time.by(last)))
        self.unsaid -= len(self._left)
        self._left.clear()
        if self.unsaid and now >= self.lapses:
            its.append(Used(self.until, self.unsaid, 0, 0))
            self.starts.clear()
            self.unsaid = 0
        return its


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
        self._blocks: list[Block] = []  # those of which the journal does not know what became of all
        self._ready_at = self._ask_at = -math.inf
        self._took = 0.0
        self._time = RowTime()
        self._used: deque[float] = deque()  # when turns were taken lately
        self._seen: tuple[int, float] | None = None
        self._told: Rate | None = None
        self._closed_until = -math.inf
        self._telling: asyncio.Task[None] | None = None
        self.others = 0

    def wait(self) -> float:
        """Seconds until the next of its turns may be used, or it is worth to ask for some; 0 or less for now."""
        turn = self.turn_in()
        return turn if turn < math.inf else self._ready_at - self._clock.monotonic()

    def turn_in(self) -> float:
        """Seconds until the next of its turns may be used; infinite where there is none."""
        block = self._next()
        return math.inf if block is None else block.starts[0] - self._clock.monotonic()

    def asks_in(self, waiting: int) -> float:
        """Seconds until it is worth to ask where so many requests wait; infinite where there are turns for all."""
        return math.inf if waiting <= self._there() else self._ask_at - self._clock.monotonic()

    def take(self) -> Block | None:
        """Whose next turn somebody takes; None where there is none."""
        block = self._next()
        if block is not None:
            block.starts.popleft()
            self._used.append(self._clock.monotonic())
        return block

    async def ask(self, waiting: int) -> Rate | None:
        """Ask for turns, if it is worth it. Returns the API's own word on the rate, where any process knows it.

        Args:
            waiting: How many requests wait for turns.

        Raises:
            JournalError: The journal cannot be written: there are no more turns.
        """
        if self.asks_in(waiting) > 0:
            return None
        now = self._clock.monotonic()
        while self._used and self._used[0] < now - _AHEAD:
            self._used.popleft()
        wanted = waiting - self._there()
        its = await self._reserve(wanted, len(self._used))
        now = self._clock.monotonic()
        self._ready_at, self._ask_at = now + its.wait, now + min(its.wait, self._hold())
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
        for each in self._blocks:
            each.lapses = min(each.lapses, now)
        if self._blocks:
            await self._tell()

    async def _tell(self) -> None:
        with suppress(JournalError):  # it is told with the next asking
            await self._reserve(0, 0)

    async def _reserve(self, turns: int, spare: int) -> Given:
        asked = self._clock.monotonic()
        hold = self._hold() + 2 * self._took
        # They count as used where it is not known whether the journal has heard of them.
        used = tuple(its for each in self._blocks for its in each.said(asked, self._rate[1] / MOMENTS, self._time))
        self._blocks = [each for each in self._blocks if each.unsaid]
        told, closed = self._told, max(self._closed_until - asked, 0.0)
        seen = None if self._seen is None else (self._seen[0], asked - self._seen[1])
        its = await self._journal.reserve(
            self._sender, Wanted(self._who, self._rate, turns, hold, spare, used, told, closed, seen)
        )
        now = self._clock.monotonic()
        self._time.answered(its, asked, now)
        self._took, self._seen, self.others = now - asked, (its.now, asked), its.others
        if self._told is told:
            self._told = None
            self._rate = its.rate or self._rate
        if self._closed_until <= asked + closed:
            self._closed_until = -math.inf
        if its.turns:
            self._blocks.append(Block(its, self._time, asked + its.turns[-1][0] + hold))
        return its

    def _hold(self) -> float:
        return min(self._rate[1] * _HOLD, _LONGEST)

    def _there(self) -> int:
        """Turns that nobody has taken."""
        now = self._clock.monotonic()
        return sum(len(each.starts) for each in self._blocks if now < each.lapses)

    def _next(self) -> Block | None:
        """Whose turn may be used first."""
        now = self._clock.monotonic()
        there = [each for each in self._blocks if each.starts and now < each.lapses]
        return min(there, key=lambda each: each.starts[0], default=None)
