"""When a message was begun, as it is written down: on a clock that lasts, and on the API's as far as that is known."""

from collections.abc import Mapping
from typing import NamedTuple

from flowrunner.client import ApiClock
from flowrunner.clock import Clock, Stamp
from flowrunner.model import Event, Json


class Span(NamedTuple):
    """The API's clock at a moment of ours: not before ``low``, not after ``high``, in seconds since the epoch.

    Attributes:
        stored: By what the API wrote into its messages, see `flowrunner.client.Reckoning`.
    """

    low: float
    high: float
    stored: bool


class Begun(NamedTuple):
    """The moment before a request left.

    Attributes:
        at: None where an older flowrunner wrote it down.
        api: The same moment by the API's clock; None where no answer had told of that yet.
    """

    at: Stamp | None = None
    api: Span | None = None


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


def begun(event: Event) -> Begun:
    """What a `begun` event keeps."""
    match event.detail.get("clock"):
        case [str(boot), int() | float() as up]:
            return Begun(Stamp(boot, up), _span(event.detail))
        case _:
            return Begun()


def _span(detail: Mapping[str, Json]) -> Span | None:
    for name in ("stored", "api"):
        match detail.get(name):
            case [int() | float() as low, int() | float() as high]:
                return Span(low, high, stored=name == "stored")
    return None


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
