"""How the clock of a rate's row stands against this process's: each answer tells a little more of it."""

import math
from collections import deque
from typing import Final

from flowrunner.journal.rates import Given

_KEPT: Final = 30.0
"""Seconds for which an answer tells something: by then two clocks may have gone apart."""


class RowTime:
    """What the row's clock said was true at some moment between asking and being answered: the shorter, the surer.

    What is said of a moment is never too good: a request has left by then, and a turn may be used from then on.
    """

    def __init__(self) -> None:
        """Nobody has answered yet."""
        self._ahead = 0
        self._least, self._most = -math.inf, math.inf  # that the row is ahead, as all that was told agrees on
        self._told: deque[tuple[float, float, float]] = deque()  # when, and the least and most that the row is ahead

    def answered(self, its: Given, asked: float, now: float) -> None:
        """An answer came now, to what was asked then; both by `Clock.monotonic`."""
        if its.ahead != self._ahead:  # the row's clock was held, and what was known of it is over
            self._told.clear()
        while self._told and self._told[0][0] < now - _KEPT:
            self._told.popleft()
        self._ahead = its.ahead
        self._told.append((now, its.now / 1000 - now, its.now / 1000 - asked))
        _, leasts, mosts = zip(*self._told, strict=True)
        self._least, self._most = max(leasts), min(mosts)

    def by(self, moment: float) -> int:
        """The row's time by which a moment of this process is over, in milliseconds."""
        return math.ceil((moment + self._most) * 1000)

    def since(self, time: float) -> float:
        """From when on, in this process, the row's time has come, in seconds."""
        return time - self._least
