"""How fast requests may leave: the API's limit for the key, and WhatsApp's for one recipient.

Limits: https://docs.kapso.ai/api/rate-limits (100 a minute for each key on the smallest plan), and
https://developers.facebook.com/documentation/business-messaging/whatsapp/about-the-platform (one recipient: a burst of
45 messages, then 10 a minute).
"""

import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowrunner.transport import RateSeen

PAIR_BURST = 45
PAIR_SECONDS = 6.0
_MARGIN = 1.02  # a request may be longer on its way than the one that came a window later


@dataclass(frozen=True, slots=True)
class Rate:
    """At most ``count`` requests in any ``seconds``."""

    count: int
    seconds: float

    @classmethod
    def parse(cls, text: str) -> "Rate":
        """Read ``100/min``, ``80/s``.

        Raises:
            ValueError: It is neither; the text says what it should be.
        """
        count, _, unit = text.strip().partition("/")
        seconds = {"s": 1.0, "min": 60.0, "m": 60.0}.get(unit.strip())
        if seconds is None or not count.strip().isdecimal() or not 1 <= int(count) <= 1_000_000:
            raise ValueError(f"{text!r} is not a rate: write a number and a unit, such as 100/min or 80/s")
        return cls(int(count), seconds)


class Pace:
    """Gives each request the moment it may leave. Held in memory, one for each key.

    Args:
        rate: What to begin with; the API's own word (`learn`) wins.
        window: Seconds of the window that the API's limit is counted in: a minute, unless a test makes it shorter.
    """

    def __init__(self, rate: Rate, window: float = 60.0) -> None:
        self._rate, self._window = rate, window
        self._left: deque[float] = deque(maxlen=rate.count)
        self._pairs: dict[str, float] = {}  # conversation -> when its bucket is full again
        self._closed_until = 0.0

    def slot(self, conversation: str = "") -> float:
        """Take the next slot; answers with the seconds to wait until it.

        Args:
            conversation: For a message, whom it goes to; empty for a question.
        """
        now = time.monotonic()
        at = max(now, self._closed_until)
        if len(self._left) == self._left.maxlen:
            at = max(at, self._left[0] + self._rate.seconds * _MARGIN)
        if conversation:
            # The bucket of a pair holds 45 messages and fills by one each six seconds.
            full = max(self._pairs.get(conversation, 0.0), at)
            at = max(at, full - (PAIR_BURST - 1) * PAIR_SECONDS)
            self._pairs[conversation] = max(full, at) + PAIR_SECONDS
        self._left.append(at)
        return at - now

    def learn(self, seen: "RateSeen | None") -> None:
        """Take the API's word for how many requests the key may make in a window."""
        if seen is None or not seen.limit or Rate(seen.limit, self._window) == self._rate:
            return
        self._rate = Rate(seen.limit, self._window)
        self._left = deque(self._left, maxlen=seen.limit)

    def refused(self, retry_after: float | None) -> None:
        """The API has said that it was too fast: nobody sends before it allows it."""
        if retry_after:
            self._closed_until = max(self._closed_until, time.monotonic() + retry_after)
