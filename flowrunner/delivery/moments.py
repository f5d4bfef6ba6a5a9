"""This moment, as it is written down and as the API's clock has it; and how much must pass before a look-up."""

from flowrunner.client import ApiClock
from flowrunner.clock import Clock, Stamp
from flowrunner.engine.begun import Begun, Span
from flowrunner.model import Json


def reckoned(api_clock: ApiClock, up: float) -> tuple[Span, ...]:
    """A moment of `Clock.up` by the API's clock, in each way that it is known, the better one first."""
    return tuple(Span(up + each.low, up + each.high, each.stored) for each in api_clock.reckonings)


def written(clock: Clock, api_clock: ApiClock) -> dict[str, Json]:
    """This moment, as a `begun` event keeps it."""
    stamp = clock.stamp()
    detail: dict[str, Json] = {"clock": list(stamp)}
    for low, high, stored in reckoned(api_clock, stamp.up)[:1]:
        detail["stored" if stored else "api"] = [round(low, 3), round(high, 3)]
    return detail


def grace_left(begun: Begun, ended: Stamp | None, timeout: float, grace: float, clock: Clock) -> float:
    """Seconds until what was begun then surely has ended, and the API has had time to list it.

    Counted from this moment where it is not known how long ago that was: never more than both together.

    Args:
        begun: When the request was about to leave.
        ended: When we gave it up, where this process did: a slow journal may have let it leave late.
        timeout: Seconds after which a request of ours has ended.
        grace: Seconds that the API may need.
        clock: Where time comes from.
    """
    passed = clock.since(begun.at)
    whole = timeout + grace
    left = whole if passed is None else whole - passed
    return max(0.0, left, grace - (clock.since(ended) or 0.0) if ended is not None else 0.0)
