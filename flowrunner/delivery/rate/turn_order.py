"""In which order those wait who share a rate: who began first goes first."""

import asyncio
import heapq
import math
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import count
from typing import Final, Generic, TypeVar

BACK: Final = 2.0
"""Seconds in which the API mostly answers: whose request takes longer is waited for by nobody."""
_WEIGHT: Final = 0.25
"""Of the latest run in what is known of how long one takes alone."""
_LONGEST: Final = 60.0

Given = TypeVar("Given")
Sleep = Callable[[float], Awaitable[bool]]
"""Sleeps so many seconds; returns whether a stop was asked for meanwhile."""


class Place:
    """The place of a run under way.

    Attributes:
        order: Who has a lower one goes first.
        owed: Requests that it is likely to make yet.
        back_by: When it will have asked for its next turn, on the clock of `Clock.monotonic`.
        is_away: It waits for something else, nobody knows for how long.
    """

    __slots__ = ("_began", "_waited", "back_by", "is_away", "order", "owed")

    def __init__(self, order: int, owed: float, now: float) -> None:
        self.order, self.owed, self.back_by, self.is_away = order, owed, now + BACK, False
        self._began, self._waited = now, 0.0

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Within: whatever this task asks for has this place."""
        token = _CURRENT.set(self)
        try:
            yield
        finally:
            _CURRENT.reset(token)

    def has_left(self, now: float, waited: float) -> None:
        """A request has left, which had waited so long for its turn."""
        self.owed -= 1
        self.back_by, self.is_away = now + BACK, False
        self._waited += waited

    def alone(self, now: float) -> float:
        """Seconds that it has taken so far, without those for which it waited for others."""
        return now - self._began - self._waited


_CURRENT: Final[ContextVar[Place | None]] = ContextVar("place", default=None)


def current() -> Place | None:
    """The place of the run that this task carries out; None where it has none."""
    return _CURRENT.get()


class Places:
    """All who are under way.

    Attributes:
        changed: Set whenever somebody new may perhaps begin.
        alone: Seconds that a run takes by itself, as those show that have ended; 0.0 until one has.
    """

    def __init__(self) -> None:
        self._orders = count()
        self._places: set[Place] = set()
        self.changed = asyncio.Event()
        self.alone = 0.0

    def next(self) -> int:
        """The order of somebody who comes after all that came so far."""
        return next(self._orders)

    def enter(self, requests: float, now: float) -> Place:
        """Somebody begins who is likely to make so many requests."""
        place = Place(self.next(), requests, now)
        self._places.add(place)
        return place

    def leave(self, place: Place, now: float) -> None:
        """Somebody has ended."""
        self._places.discard(place)
        its = place.alone(now)
        self.alone += (its - self.alone) * (_WEIGHT if self.alone else 1.0)
        self.changed.set()

    def owed(self, now: float) -> tuple[float, float]:
        """Requests for which turns are to be left, and until when: then somebody has not come back in time."""
        owed, until = 0.0, math.inf
        for each in self._places:  # it is gone through for everybody who is to begin
            if each.owed > 0 and each.back_by > now and not each.is_away:
                owed, until = owed + each.owed, min(until, each.back_by)
        return owed, until

    async def sleep(self, seconds: float, sleep: Sleep) -> bool:
        """Sleep, or wake as soon as something has changed. Returns whether a stop was asked for."""
        self.changed.clear()
        sleeping = asyncio.ensure_future(sleep(min(seconds, _LONGEST)))
        changing = asyncio.ensure_future(self.changed.wait())
        try:
            await asyncio.wait({sleeping, changing}, return_when=asyncio.FIRST_COMPLETED)
            return sleeping.done() and sleeping.result()
        finally:
            sleeping.cancel()
            changing.cancel()


class _Waiter(Generic[Given]):
    """Somebody who waits for what is given to one after another."""

    __slots__ = ("called", "given", "order")

    def __init__(self, order: tuple[int, int]) -> None:
        self.order = order
        self.given: Given | None = None
        self.called = asyncio.get_running_loop().create_future()

    def __lt__(self, other: "_Waiter[Given]") -> bool:
        return self.order < other.order


class Queue(Generic[Given]):
    """Those who wait for a turn, by their order.

    One of them sleeps until there is a turn, whosever it is; the others wait until they are called.

    Args:
        wait: Seconds until there may be a turn.
        give: One, if there is.
        ask: Asks for turns for so many, once there may be some; until then there may be none.
    """

    def __init__(
        self, wait: Callable[[], float], give: Callable[[], Given | None], ask: Callable[[int], Awaitable[None]]
    ) -> None:
        self._wait, self._give, self._ask = wait, give, ask
        self._waiting: list[_Waiter[Given]] = []
        self._numbers = count()
        self._is_watched = False

    def __len__(self) -> int:
        return len(self._waiting)

    async def turn(self, order: int, sleep: Sleep) -> Given | None:
        """Wait for a turn; None when a stop was asked for."""
        if not self._waiting and (given := self._give()) is not None:
            return given
        waiter = _Waiter[Given]((order, next(self._numbers)))
        heapq.heappush(self._waiting, waiter)
        try:
            while waiter.given is None:
                if self._is_watched:
                    await waiter.called
                    waiter.called = asyncio.get_running_loop().create_future()
                elif await self._watch(sleep):
                    return None
            return waiter.given
        finally:
            if waiter.given is None:
                self._waiting.remove(waiter)
                heapq.heapify(self._waiting)
            self._call()

    async def _watch(self, sleep: Sleep) -> bool:
        """Sleep until there is a turn, and give it to who comes first. Returns whether a stop was asked for."""
        self._is_watched = True
        try:
            if await sleep(self._wait()):
                return True
            await self._ask(len(self._waiting))
        finally:
            self._is_watched = False
        while self._waiting and (given := self._give()) is not None:
            first = heapq.heappop(self._waiting)
            first.given = given
            _wake(first)
        return False

    def _call(self) -> None:
        """Have somebody watch."""
        if self._waiting and not self._is_watched:
            _wake(self._waiting[0])


def _wake(waiter: "_Waiter[Given]") -> None:
    if not waiter.called.done():
        waiter.called.set_result(None)
