"""How many messages of a sender are on their way to the API at once."""

import asyncio
from typing import Final, Self

_SOON: Final = 0.15
"""Seconds. Where answers take less, a message is written down as begun while it waits for its place."""
_AT_FIRST: Final = 10.0
_WEIGHT: Final = 0.25
"""Of the latest answer in what is known of how long one takes."""


class SendingWindow:
    """Messages on their way, at most so many at once, and the people whom they are for. Used in one event loop.

    That a message is begun is on disk before it leaves, and what comes next is made once its answer is there. Where the
    API answers soon, twice as many people are under way, so that no place on the way stays empty meanwhile; but whoever
    wants one at a time gets one person after another. Elsewhere that gains nothing, and a message that was begun would
    wait: there, a place comes first.
    """

    def __init__(self, most: int) -> None:
        """Nothing is on its way."""
        self._most, self._people, self._room = most, 0, asyncio.Event()
        self._places = asyncio.Semaphore(most)
        self._seconds = _AT_FIRST

    async def enter(self) -> None:
        """Wait until one more person may be under way; they are, until they `leave`."""
        while self._people >= (self._most if self._is_slow or self._most == 1 else 2 * self._most):
            self._room.clear()
            await self._room.wait()
        self._people += 1

    def leave(self) -> None:
        """Somebody is under way no more."""
        self._people -= 1
        self._room.set()

    @property
    def waits(self) -> bool:
        """Whether who is to begin a message now has to wait for its place."""
        return self._is_slow and self._places.locked()

    def place(self) -> "Place":
        """A place for one message."""
        return Place(self._places, is_early=self._is_slow)

    def answered(self, seconds: float) -> None:
        """What left so long ago is on its way no more."""
        was_slow = self._is_slow
        self._seconds += (seconds - self._seconds) * _WEIGHT
        if was_slow and not self._is_slow:
            self._room.set()

    @property
    def _is_slow(self) -> bool:
        return self._seconds >= _SOON


class Place:
    """A place for one message on its way, given back when its block ends."""

    __slots__ = ("_free", "_has", "_is_early")

    def __init__(self, free: asyncio.Semaphore, *, is_early: bool) -> None:
        """``is_early``: it is taken at the beginning of the block."""
        self._free, self._is_early, self._has = free, is_early, False

    async def __aenter__(self) -> Self:
        if self._is_early:
            await self.take()
        return self

    async def take(self) -> None:
        """Wait for it, unless it is there."""
        if not self._has:
            await self._free.acquire()
            self._has = True

    async def __aexit__(self, *_: object) -> None:
        if self._has:
            self._free.release()
