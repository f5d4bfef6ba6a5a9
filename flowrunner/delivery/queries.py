"""Questions to the API, asked at its pace, and again while the API says "not now"."""

import itertools
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from flowrunner.client import Conversation, Retryable, TransportError
from flowrunner.client.paged_requests import one_question
from flowrunner.client.send_guard import leaving_only_while
from flowrunner.delivery.rate.pace import Pace, Turn
from flowrunner.delivery.rate.turn_order import Sleep
from flowrunner.model import Recipient

if TYPE_CHECKING:
    from flowrunner.client.http import Client

Answer = TypeVar("Answer")


async def ask(
    question: Callable[[], Awaitable[Answer]], client: "Client", pace: Pace, sleep: Sleep, max_wait: float,
    count: Callable[[], None] = lambda: None,
) -> Answer | None:  # fmt: skip
    """The answer; None where a stop was asked for before it was.

    Args:
        question: Asks ``client`` once.
        client: Of the API.
        pace: Questions count, too.
        sleep: How to wait.
        max_wait: Seconds that it is asked again.
        count: Called for each request that it takes.

    Raises:
        TransportError: The last refusal.
    """
    give_up = pace.clock.monotonic() + max_wait
    for tries in itertools.count():
        if (turn := await pace.turn(sleep)) is None:
            return None
        count()
        try:
            return await once(question, turn, pace, sleep, count)
        except Retryable as refusal:
            pace.learn(client.rate)
            pace.refused(refusal.retry_after, max_wait)
            wait = refusal.delay(tries)
            may = pace.clock.monotonic() + wait <= give_up
            if await sleep(wait if may else 0):
                return None  # it was not refused for good
            if not may:
                raise
    raise AssertionError("count() has no end")


async def once(
    question: Callable[[], Awaitable[Answer]], turn: Turn, pace: Pace, sleep: Sleep,
    count: Callable[[], None] = lambda: None,
) -> Answer | None:  # fmt: skip
    """The answer to a question whose turn has come; each further request that it takes, as for a page, has its own.

    None where a stop was asked for before it was known. ``count`` is called for each of those.

    Raises:
        TransportError: It was refused.
    """

    async def next_turn() -> None:
        nonlocal turn
        if (its := await pace.turn(sleep)) is None:
            raise _StoppedError
        turn = its
        count()

    def may_leave() -> bool:
        return turn.left()

    with one_question(next_turn), leaving_only_while(may_leave):
        try:
            return await question()
        except _StoppedError:
            return None


class _StoppedError(Exception):
    """A stop was asked for while a request waited for its turn."""


async def find(
    meant: Recipient, client: "Client", pace: Pace, sleep: Sleep, max_wait: float, called: str = "this number"
) -> Recipient | None:
    """The recipient as messages to it are addressed, with its phone as the API writes it; None where a stop came first.

    Args:
        meant: Named by the id of the conversation, else by the phone.
        client: Of the API.
        pace: Questions count, too.
        sleep: How to wait.
        max_wait: Seconds that each question is asked again.
        called: The phone, as the reason says it; of a thousand people the reasons are alike.

    Raises:
        TransportError: There is none, more than one, somebody else's, or nobody knows.
    """

    async def look_up(whom: Recipient) -> list[Conversation] | None:
        return await ask(partial(client.conversations, whom), client, pace, sleep, max_wait)

    return await client.dialect.find(meant, look_up, called)


def said(error: TransportError) -> dict[str, Any]:
    """What the API said, as an event keeps it; ``concerns`` where that is not this message alone."""
    told = {"reason": error.reason, "hint": error.hint, "status": error.status, "code": error.code}
    told["concerns"] = error.concerns if error.concerns != "message" else ""
    return {name: value for name, value in told.items() if value}
