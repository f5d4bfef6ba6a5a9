"""A question to the API, asked at its pace, and again while the API says "not now"."""

from collections.abc import Awaitable, Callable
from itertools import count
from typing import TYPE_CHECKING, TypeVar

from flowrunner.client import Retryable
from flowrunner.delivery.pace import Pace, Sleep

if TYPE_CHECKING:
    from flowrunner.client.http import Client

Answer = TypeVar("Answer")


async def ask(
    question: Callable[[], Awaitable[Answer]], transport: "Client", pace: Pace, sleep: Sleep, max_wait: float
) -> Answer | None:
    """The answer; None where a stop was asked for before it was.

    Args:
        question: Asks ``transport`` once.
        transport: The door.
        pace: Questions count, too.
        sleep: How to wait.
        max_wait: Seconds that it is asked again.

    Raises:
        TransportError: The last refusal.
    """
    give_up = pace.clock.monotonic() + max_wait
    for tries in count():
        if await pace.turn(sleep) is None:
            return None
        try:
            return await question()
        except Retryable as refusal:
            pace.learn(transport.rate)
            pace.refused(refusal.retry_after, max_wait)
            wait = refusal.delay(tries)
            may = pace.clock.monotonic() + wait <= give_up
            if await sleep(wait if may else 0):
                return None  # it was not refused for good
            if not may:
                raise
    raise AssertionError("count() has no end")
