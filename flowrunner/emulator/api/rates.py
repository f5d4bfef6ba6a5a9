"""The limit on requests: so many per key in each fixed window, as the API documents it."""

from typing import NamedTuple


class RateLimit(NamedTuple):
    """How many requests a key may make.

    Attributes:
        limit: Requests in one window.
        window: The window's length in seconds; windows begin at whole multiples of it.
        headers: ``seconds`` or ``date`` for Retry-After, with ``X-RateLimit-*`` on every answer; ``no`` for none.
    """

    limit: int
    window: float = 60.0
    headers: str = "seconds"


class Quota(NamedTuple):
    """What one request found: the limit, what remains of it, and when (seconds since the epoch) it begins anew."""

    rule: RateLimit
    remaining: int
    exceeded: bool
    renews_at: float


class RateCounter:
    """Counts the requests of each key in the window of the moment."""

    def __init__(self) -> None:
        self._window = (0.0, 0)
        self._used: dict[str, int] = {}

    def count(self, key: str, rule: RateLimit, now: float) -> Quota:
        """Count one request; one that exceeds the limit uses nothing up."""
        index = int(now // rule.window)
        if self._window != (rule.window, index):
            self._window, self._used = (rule.window, index), {}
        used = self._used.get(key, 0)
        exceeded = used >= rule.limit
        if not exceeded:
            self._used[key] = used = used + 1
        return Quota(rule, rule.limit - used, exceeded, (index + 1) * rule.window)
