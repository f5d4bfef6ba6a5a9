"""Those whose runs are over may say stop: whose conversations are read for that, where each takes a request."""

from collections.abc import Callable

from flowrunner.journal import Journal
from flowrunner.model import Recipient

_OURS = 5.0
"""Seconds in which what we have sent is shown by the API as the latest of a conversation."""
_LATE = 30.0
"""Seconds in which the API has listed what was written; a conversation is not read twice in them."""
_MOST = 5
"""Conversations that are read by one question: who waits for an answer is not to wait for these."""
_MOST_KEPT = 10_000


class AfterRuns:
    """Says of whom the API lists, and no run hears, since when it matters what they write; used in one event loop.

    What we send makes a conversation active, too: after a campaign a request for each would take the whole rate. So one
    is read once for what is written in it after our last message; of very many the others by the next question.

    Args:
        journal: Where their runs are.
        target: What the journal calls the API.
        by_api: A moment by our clock as the API's has it.
    """

    def __init__(self, journal: Journal, target: str, by_api: Callable[[float], float]) -> None:
        self._journal, self._target, self._by_api = journal, target, by_api
        self._read: dict[str, float] = {}  # by conversation, until when
        self._count = 0
        self._last: tuple[str, float, int] | None = None

    def begin(self) -> None:
        """A new question begins."""
        self._count, self._last = 0, None

    def note(self, requests: int) -> None:
        """The question has taken so many requests by now: one more than before means that the last one was read."""
        if self._last is not None and requests > self._last[2]:
            key, now, _ = self._last
            if len(self._read) >= _MOST_KEPT:
                del self._read[next(iter(self._read))]
            self._read[key] = now
            self._count += 1
        self._last = None

    async def since(self, whom: Recipient, now: float, requests: int) -> float:
        """Since when it matters what they write, by the API's clock; 0.0 for not at all.

        Args:
            whom: Who.
            now: By our clock.
            requests: How many the question has taken by now.
        """
        read, here = self._read.get(whom.conversation, 0.0), self._by_api(now)
        if self._count >= _MOST or here < read + _LATE or not await self._journal.listening_to(self._target, whom):
            return 0.0
        begun = await self._journal.begun_lately(self._target, whom, 0.0)
        self._last = whom.conversation, here, requests
        return max(self._by_api(max(begun, default=0.0)) + _OURS, read - _LATE)
