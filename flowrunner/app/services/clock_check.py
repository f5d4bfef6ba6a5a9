"""Programs that run on and on, by a clock that may be wrong, or become so."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from flowrunner.clock import Clock
from flowrunner.delivery.rate.right_clock import HINT, RightClock
from flowrunner.diagnostics.errors import RefusedError
from flowrunner.receiver.logs import Log

_LOOK: Final = 60.0
"""Seconds between two looks whether this machine's clock is right."""


def require_right(clock: RightClock) -> None:
    """Refuse to begin by a wrong clock, once it was looked at.

    Raises:
        RefusedError: It is off by more than the grace.
    """
    if clock.is_off:
        raise RefusedError(clock.why(), HINT)


async def look_now_and_then(
    its: RightClock, look: Callable[[], Awaitable[None]], stop: asyncio.Event, log: Log, clock: Clock
) -> None:
    """Look at it every minute until a stop is asked for, and log where it has become wrong, or right again.

    Raises:
        JournalError: The journal cannot be asked.
    """
    while not await clock.sleep(_LOOK, stop):
        was_off = its.is_off
        await look()
        if its.is_off != was_off:
            event = "clock right again" if was_off else "clock off"
            log.say(event, "info" if was_off else "error", offset=round(its.offset, 3))
