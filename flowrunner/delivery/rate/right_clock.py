"""Whether this machine's clock is right, by the clock that all machines of a journal go by."""

import asyncio
import math
from typing import Final

from flowrunner.clock import Clock
from flowrunner.journal import Journal, JournalAwayError

_LOOK: Final = 60.0
_AGAIN: Final = 1.0
"""Seconds between two looks, while it is right and while it is wrong."""
HINT: Final = "set it by NTP, and start again"


class RightClock:
    """Looks at it now and then: pauses and silence of everybody would end by a wrong one, and looking up would fail.

    Attributes:
        grace: Seconds by which it may be off.
        offset: Seconds that it was ahead of the journal's when it was looked at last.
    """

    def __init__(self, journal: Journal, grace: float, clock: Clock) -> None:
        """Nothing is known yet: it counts as right.

        Args:
            journal: Whose clock it is held against; a file has this machine's.
            grace: Seconds by which it may be off.
            clock: This machine's.
        """
        self._journal, self.grace, self._clock = journal, grace, clock
        self.offset, self._unsure, self._look_at = 0.0, 0.0, -math.inf
        self._looking = asyncio.Lock()

    @property
    def is_off(self) -> bool:
        """Whether it surely is wrong: what was sent could not be looked up by its time."""
        return abs(self.offset) - self._unsure > self.grace

    def why(self) -> str:
        """What is wrong with it."""
        way = "ahead of" if self.offset > 0 else "behind"
        words = f"{abs(self.offset):.1f} s {way} the database's, and at most {self.grace:g} s are allowed"
        return f"this machine's clock is {words}"

    async def look(self) -> None:
        """Ask the journal what time it is.

        Raises:
            JournalError: It cannot be asked.
        """
        asked = self._clock.now()
        self.offset = await self._journal.clock_offset()
        # The other was read at some moment of that: a database that was away for a while makes no clock wrong.
        self._unsure = abs(self._clock.now() - asked) / 2
        self._look_at = self._clock.monotonic() + (_AGAIN if self.is_off or self._unsure > self.grace else _LOOK)

    async def require(self) -> None:
        """Go on only by a right clock; it is looked at if that is a while ago.

        Raises:
            JournalAwayError: It is wrong.
            JournalError: The journal cannot be asked.
        """
        async with self._looking:
            if self._clock.monotonic() >= self._look_at:
                await self.look()
        if self.is_off:
            raise JournalAwayError(self.why(), HINT)
