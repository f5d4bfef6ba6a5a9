"""How many messages of a sender are on their way to the API at once."""

import asyncio
from typing import Final, Self

_SOON: Final = 0.2
"""Seconds. Where answers take less, a message is written down as begun while it waits for its place."""
_AT_FIRST: Final = 10.0
_WEIGHT: Final = 0.25
"""Of the latest answer in what is known of how long one takes."""


class SendingWindow:
    """Messages on their way, at most so many at once. Used in one event loop.

    That a message is begun is on disk before it leaves, and what comes next is made once its answer is there. Half as
    many people again are under way, so that no place on the way stays empty meanwhile. Where the API is slow that gains
    nothing, and a message that was begun would wait: there, whoever is to begin one has a place for it first.

    Attributes:
        people: How many people are under way: a slot for each.
    """

    def __init__(self, most: int) -> None:
        """Nothing is on its way."""
        self.people = asyncio.Semaphore(most + most // 2)
        self._free = asyncio.Semaphore(most)
        self._seconds = _AT_FIRST

    @property
    def waits(self) -> bool:
        """Whether who is to begin a message now has to wait for its place."""
        return self._is_slow and self._free.locked()

    @property
    def _is_slow(self) -> bool:
        return self._seconds >= _SOON

    def place(self) -> "Place":
        """A place for one message."""
        return Place(self._free, is_early=self._is_slow)

    def answered(self, seconds: float) -> None:
        """What left so long ago is on its way no more."""
        self._seconds += (seconds - self._seconds) * _WEIGHT


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
