"""How many people wait for an answer, for those who watch: counted no more often than it is worth."""

from typing import Final

from flowrunner.clock import Clock
from flowrunner.journal import Journal

_SHARE: Final = 20
"""Counting takes one second of so many: of a million runs it takes nearly half of one, and scrapes may come often."""


class WaitingCount:
    """Counts in one journal, and remembers for a while what it has found.

    Args:
        journal: Where the runs are.
        clock: Says what counting takes.
    """

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal, self._clock = journal, clock
        self._known: dict[str, tuple[int, float]] = {}

    async def of(self, target: str) -> int:
        """How many wait at an API.

        Raises:
            JournalError: The journal cannot be used.
        """
        began = self._clock.monotonic()
        count, until = self._known.get(target, (0, began))
        if began < until:
            return count
        count, now = await self._journal.asking(target), self._clock.monotonic()
        self._known[target] = count, now + _SHARE * (now - began)
        return count
