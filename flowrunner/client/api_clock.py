"""The API's clock: where it stands against ours, as far as its answers tell."""

from flowrunner.client.answers import http_date
from flowrunner.clock import Clock
from flowrunner.engine.history.begun import Span

_STALE = 1.0
"""Seconds by which a server's ``Date`` may be behind its own clock: many write it once a second, for all answers."""
_SECOND = 1.0
_TICK = 0.01
"""`Clock.up` is cut to hundredths."""


class ApiClock:
    """Learns from every answer; an answer that cannot be true with those before it begins anew: the clock was set."""

    def __init__(self) -> None:
        self._date: Span | None = None
        self._stored: Span | None = None
        self.dates: int = 0
        """Answers with a ``Date`` that agree with each other; the more there are, the closer ``low`` is."""

    def at(self, up: float) -> tuple[Span, ...]:
        """What it shows at a moment of `Clock.up`, in each way that it is known, the better one first."""
        known = [each for each in (self._stored, self._date) if each is not None]
        return tuple(Span(up + low, up + high, stored) for low, high, stored in known)

    def now(self, clock: Clock) -> float:
        """What it shows now, in seconds since the epoch; what ours does where no answer has told it yet."""
        known = self.at(clock.up())
        return known[0].low if known else clock.now()

    def answered(self, date: str, left: float, back: float) -> None:
        """An answer with this ``Date`` came to a request that left and was answered at these moments of `Clock.up`."""
        if (at := http_date(date)) is None:
            return
        seen = Span(at - back - _TICK, at + _SECOND + _STALE - left, stored=False)
        self._date, agrees = _with(self._date, seen)
        self.dates = self.dates + 1 if agrees else 1

    def dated(self, created_at: float, left: float, back: float) -> None:
        """The API gave ``created_at`` (seconds since the epoch) to what a request brought it between these moments."""
        if created_at:
            seen = Span(created_at - back - _TICK, created_at + resolution(created_at) - left, stored=True)
            self._stored, _ = _with(self._stored, seen)


def _with(known: Span | None, seen: Span) -> tuple[Span, bool]:
    """Both in one, or what was seen last where they contradict each other; and whether they agree."""
    if known is None:
        return seen, True
    low, high = max(known.low, seen.low), min(known.high, seen.high)
    return (seen, False) if low > high else (Span(low, high, seen.stored), True)


def resolution(created_at: float) -> float:
    """How much later than it says a moment may have been, in seconds: some APIs write whole seconds."""
    return _SECOND if created_at == int(created_at) else 0.001
