"""What people have written to a number: asked of its API, for all who are waited for, where no webhook tells."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from flowrunner.client import TransportError
from flowrunner.clock import Clock
from flowrunner.delivery.inbound.after_runs import AfterRuns
from flowrunner.delivery.inbound.late_optouts import keep_stops
from flowrunner.delivery.queries import ask
from flowrunner.delivery.rate.pace import Pace
from flowrunner.delivery.rate.turn_order import Sleep
from flowrunner.journal import Journal
from flowrunner.model import Inbound, Recipient

if TYPE_CHECKING:
    from flowrunner.client.http import Client

_SHARE = 10
"""No more than one request in so many may be of such a question."""
_PAGE = 100
"""Messages that a request brings."""
_SOON, _SLOW, _GROWTH = 2.0, 60.0, 1.5
"""Seconds between two questions while people write, at most, and how they grow while nobody does."""
_LEAST, _GLANCE = 0.1, 2.0
"""Seconds that are slept at least, and after which it is looked whether somebody new may answer."""
_OVERLAP = 120.0
"""Seconds that a question goes back before the one before it: what is listed late is heard all the same, once."""

_MOST_UNDATED = 10_000


class Hearing:
    """Asks one API what people wrote, as often as is worth it; used in one event loop.

    Who asks nothing has no cost: nothing is asked while no run that listens is parked, or while a listener is told.

    Args:
        client: Of the API.
        journal: Where the runs are.
        target: What the journal calls the API.
        pace: Questions count, too.
        sleep: How to wait.
        max_wait: Seconds that each question is asked again.
    """

    def __init__(
        self, client: "Client", journal: Journal, target: str, pace: Pace, sleep: Sleep, max_wait: float = 120.0
    ) -> None:
        self._client, self._journal, self._target, self._pace = client, journal, target, pace
        self._sleep, self._max_wait = sleep, max_wait
        self._gap = _SOON
        self._next = self._may = 0.0  # when it is asked, and from when on the rate allows it
        self._asked = self._asked_at = self._glanced = 0.0  # when it was asked last, by both clocks
        self._newest = 0.0
        self._since: float | None = None
        self._undated: dict[str, float] = {}  # by the ids of messages, since when they are told
        self._after_runs = AfterRuns(journal, target, self._by_api)
        self._requests = 1
        self.failure: TransportError | None = None
        """Why the last question was not answered; None where it was."""

    @property
    def clock(self) -> Clock:
        """Where time comes from."""
        return self._pace.clock

    @property
    def left(self) -> float:
        """Seconds until it is worth asking again."""
        return max(0.0, self._next - self._pace.clock.monotonic())

    async def rest(self) -> bool:
        """Sleep until it is worth asking again. Returns whether a stop was asked for."""
        while (left := self.left) > 0:
            if await self._sleep(max(_LEAST, min(left, _GLANCE))):
                return True
            await self._hurry()
        return False

    async def _hurry(self) -> None:
        """Let it be asked as soon as the rate allows, where somebody may answer who was sent something since."""
        clock = self._pace.clock
        if self._next <= self._may or clock.monotonic() < self._glanced + _GLANCE:
            return
        self._glanced = clock.monotonic()
        newest = await self._journal.asked_last(self._target) or 0.0  # by whatever process, and its clock
        if newest > max(self._newest, self._asked - _GLANCE) or self._pace.sent_at > self._asked_at:
            self._gap, self._next = _SOON, self._may
        self._newest = newest

    async def ask(self, *, even_if_told: bool = False, stops_since: float | None = None) -> Sequence[str]:
        """Ask, if it is time and anybody waits. Returns the ids of the runs that heard something new.

        Args:
            even_if_told: Also while a listener is alive, which has been down before.
            stops_since: Since when, by our clock, it matters what people write though no run waits: they may say stop.
                None for not at all.

        Raises:
            JournalError: The journal cannot be used.
        """
        if not self._client.lists:
            return ()
        if self.left > 0:
            await self._hurry()
        if self.left > 0:
            return ()
        clock, journal = self._pace.clock, self._journal
        self._asked, self._asked_at = clock.now(), clock.monotonic()
        moments = [await journal.listening_since(self._target), stops_since]
        first = min((each for each in moments if each is not None), default=None)
        is_told = not even_if_told and await journal.listened_until(self._target) > clock.now()
        heard: Sequence[str] | None = ()
        if first is not None and not is_told:
            began, since = clock.now(), self._since or self._by_api(first)
            try:
                heard = await self.once(since - _OVERLAP, even_after=stops_since is not None)
                if self._since is None and self._by_api(first) < since - _OVERLAP / 2:
                    # The answer has told that the API's clock is behind ours: what it dates earlier is asked for, too.
                    more = await self.once(self._by_api(first) - _OVERLAP, even_after=stops_since is not None)
                    heard = [*(heard or ()), *(more or ())]
            except TransportError as refusal:
                self.failure = refusal
            else:
                self.failure, self._since = None, self._by_api(began)
        self._gap = _SOON if heard else min(self._gap * _GROWTH, _SLOW)
        self._glanced = clock.monotonic()
        self._may = self._glanced + max(_SOON, self._pace.least_gap * _SHARE * self._requests)
        self._next = max(self._may, self._glanced + self._gap)
        return heard or ()

    def _by_api(self, at: float) -> float:
        """A moment by our clock as the API's has it, as far as any answer has told."""
        return at + self._client.api_clock.now(self.clock) - self.clock.now()

    def _dated(self, said: Inbound, since: float) -> Inbound:
        """The same, where the API does not date it as of when it was first told: it tells it again and again.

        What it told when it was asked first may be older: it was asked for what was written since then.
        """
        if said.at:
            return said
        at = since if self._since is None else self._by_api(self.clock.now())
        if len(self._undated) >= _MOST_UNDATED and said.id not in self._undated:
            del self._undated[next(iter(self._undated))]
        return said._replace(at=self._undated.setdefault(said.id, at))

    async def once(self, since: float, *, even_after: bool = False) -> Sequence[str] | None:
        """Ask what was written since then, by the API's clock; None where a stop was asked for.

        With ``even_after`` also what those write whose runs are over: they may say stop.

        Raises:
            TransportError: The API does not tell.
            JournalError: The journal cannot be used.
        """
        self._requests = 1
        self._after_runs.begin()
        left = 0

        def count() -> None:
            nonlocal left
            left += 1

        async def wanted(whom: Recipient) -> float:
            self._after_runs.note(left)
            if not await self._journal.hears(self._target, whom):
                return await self._after_runs.since(whom, self.clock.now(), left) if even_after else 0.0
            self._requests += 1
            return since

        question = partial(self._client.heard, since, wanted)
        try:
            told = await ask(question, self._client, self._pace, self._sleep, self._max_wait, count)
        finally:
            self._after_runs.note(left)
            self._requests = max(self._requests, left)  # lists have pages, and may be asked for again
        if told is None:
            return None
        self._requests = max(self._requests + len(told) // _PAGE, left)
        told = [(whom, self._dated(each, since)) for whom, each in told]
        heard = await self._journal.hear(self._target, told)
        await keep_stops(self._journal, self._target, told)
        return heard
