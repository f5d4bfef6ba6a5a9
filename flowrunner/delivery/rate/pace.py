"""How fast requests may leave: the API's limit for the key, and WhatsApp's for one recipient; and in which order.

The API's: https://docs.kapso.ai/api/rate-limits (100 a minute for each key on the smallest plan). WhatsApp's are in
`flowrunner.spec.facts`.
"""

import math
from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from flowrunner.clock import Clock
from flowrunner.delivery.rate.share import Block, Share
from flowrunner.delivery.rate.turn_order import BACK, Place, Places, Queue, Sleep, current
from flowrunner.delivery.transit_times import Transit
from flowrunner.journal.rates import MARGIN
from flowrunner.spec.facts import PAIR_BURST, PAIR_SECONDS

if TYPE_CHECKING:
    from flowrunner.delivery.rate.right_clock import RightClock

PAIR_MEMORY = PAIR_BURST * PAIR_SECONDS
"""Seconds after which it does not matter any more what was sent to a person."""
_MOST_PAIRS = 10_000  # then those whose bucket is full again are forgotten
_LEAD = 0.03  # seconds by which a message has its turn before it may leave: it is written meanwhile that it is begun
_EARLY = 0.1  # seconds by which somebody new begins before there is a turn: so long it may take until they ask for it
_SOON = 10.0  # turns are kept for who is back by then


class Rate(NamedTuple):
    """At most ``count`` requests in any ``seconds``."""

    count: int  # type: ignore[assignment]  # the method of a tuple that it hides is not used
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


class Turn:
    """One request's place in the pace; `left` says when the request really left.

    Attributes:
        at: When it did, else from when on it may, on the clock of `Clock.monotonic`.
        is_over: It had not left when others could count on it that the turn was not used.
    """

    __slots__ = ("_block", "_clock", "at", "is_over")

    def __init__(self, clock: Clock, at: float, block: Block | None) -> None:
        """Of these turns of the journal's, where the rate is shared with other processes."""
        self._clock, self._block = clock, block
        self.at, self.is_over = at, False

    async def due(self) -> None:
        """Wait until the request may leave."""
        if (wait := self.at - self._clock.monotonic()) > 0:
            await self._clock.sleep(wait)

    def left(self) -> bool:
        """The request leaves now, as its first byte is written: later than planned, if something came between.

        Returns whether it may; else that took so long that others count on it that the turn was not used.
        """
        now = self._clock.monotonic()
        if self._block is not None and not self._block.leave(now):
            self.is_over = True
            return False
        self._block, self.at = None, now
        return True


class Pace:
    """Gives each request the moment it may leave. Held in memory, one for each sender; used in one event loop.

    What leaves here alone keeps to the rate; where other processes use it, too, all of them do together.

    Runs that have a place are served one after another: who began first goes first, and nobody begins while those under
    way use the rate. Requests of nobody with a place go in the order in which they came.

    Attributes:
        transit: How long messages are on their way: what the looks of all have told.
        given: How many turns there were here.
        sent_at: When the last message had its turn here, on the clock of `Clock.monotonic`.

    Args:
        rate: What to begin with; the API's own word (`learn`) wins.
        window: Seconds of the window that the API's limit is counted in: a minute, unless a test makes it shorter.
        clock: Where time comes from.
        share: What other processes leave of it; None where there is no journal to share it by.
        right: Whether this machine's clock is right; None where there is no other to hold it against.
    """

    def __init__(
        self, rate: Rate, window: float = 60.0, *, clock: Clock, share: Share | None = None,
        right: "RightClock | None" = None,
    ) -> None:  # fmt: skip
        self._rate, self._window, self.clock, self._share, self.right = rate, window, clock, share, right
        self._lead, self._early = (_LEAD, _EARLY) if share is not None else (0.0, 0.0)
        self._turns: deque[Turn] = deque(maxlen=rate.count)
        self._pairs: dict[str, float] = {}  # conversation -> when its bucket is full again
        self._most_pairs = _MOST_PAIRS
        self._closed_until = 0.0
        self._places = Places()
        self.transit, self.given, self.sent_at = Transit(), 0, -math.inf
        self._queue = Queue(self._looks_in, self._take, self._ask)

    async def turn(self, sleep: Sleep, conversation: str = "", *, is_look: bool = False) -> Turn | None:
        """Wait for the next turn.

        Args:
            sleep: How to wait.
            conversation: For a message, whom it goes to; empty for a question.
            is_look: It only tells how far a message is: the messages of all who are under way by now go before it.

        Returns:
            The turn, or None when a stop was asked for. A question may leave by it at once, a message once it is `due`:
            what is to be written before that is written meanwhile.

        Raises:
            JournalError: The journal, by which the rate is shared, cannot be written.
        """
        place = current()
        if conversation:
            wait = self._pair(conversation)
            if place is not None and wait > 0:
                place.is_away = True
            if await sleep(wait):
                return None
        order = self._places.next() if place is None or is_look else place.order
        asked = self.clock.monotonic()
        turn = await self._queue.turn(order, sleep)
        if turn is not None:
            if not conversation:
                await turn.due()
            else:
                self.sent_at = turn.at
            if place is not None:
                place.has_left(turn.at, turn.at - asked)
            self._places.changed.set()
        return turn

    async def begin(self, sleep: Sleep, requests: float, seconds: float, within: float = math.inf) -> Place | None:
        """A place for somebody new, once those who are under way leave some of the rate.

        What they have left to send, and one message more, must be able to leave in the time that somebody alone takes:
        then nobody takes more than twice as long. Who is away, for a pause or because the API does not answer, holds
        nobody up.

        Args:
            sleep: How to wait.
            requests: How many they are likely to make.
            seconds: How long they would take alone; only until those who have ended have shown it.
            within: Seconds that are waited for it.

        Returns:
            Their place; None when a stop was asked for, or it took too long.
        """
        give_up = self.clock.monotonic() + within
        while (wait := self._room(seconds)) > 0:
            left = give_up - self.clock.monotonic()
            if left <= 0 or await self._places.sleep(min(wait, left), sleep):
                return None
        return self.enter(requests)

    def enter(self, requests: float) -> Place:
        """A place for somebody who is under way, or may not wait."""
        return self._places.enter(requests, self.clock.monotonic())

    def leave(self, place: Place) -> None:
        """Somebody has ended, or waits for days."""
        self._places.leave(place, self.clock.monotonic())

    def expect(self, seconds: float) -> None:
        """Whoever asks is back in so many seconds; if that is soon, others leave a turn for them."""
        if (place := current()) is not None:
            place.back_by = self.clock.monotonic() + seconds + BACK
            place.is_away = seconds > _SOON

    def _take(self) -> Turn | None:
        block, wait = None, self.wait()
        if wait > self._lead or (self._share is not None and (block := self._share.take()) is None):
            return None
        turn = Turn(self.clock, self.clock.monotonic() + max(wait, 0.0), block)
        self._turns.append(turn)
        self.given += 1
        return turn

    async def _ask(self, waiting: int) -> None:
        if self._share is not None and (told := await self._share.ask(waiting)) is not None:
            self._adopt(Rate(*told))

    def _room(self, seconds: float) -> float:
        """Seconds until somebody new may begin, as far as is known now; 0 or less: now."""
        if (wait := self.wait() - self._early) > 0:
            return wait
        if self._queue and self.forecast(len(self._queue) + 1) > self._early:
            return math.inf  # until they have had their turns
        owed, lapse = self._places.owed(now := self.clock.monotonic())
        if owed <= 0:
            return 0.0
        return min(self.forecast(math.ceil(owed) + 1) - (self._places.alone or seconds), lapse - now)

    def wait(self) -> float:
        """Seconds until the next request may leave, as far as is known now."""
        return max(self._own(), self._share.wait() if self._share is not None else 0.0)

    def _own(self) -> float:
        """The same, as far as this process alone decides it."""
        free = self._closed_until
        if len(self._turns) == self._turns.maxlen:
            free = max(free, self._turns[0].at + self._rate.seconds * MARGIN)
        return free - self.clock.monotonic()

    def _looks_in(self) -> float:
        """Seconds until it is looked whether there is a turn, or until it is worth to ask for more."""
        if self._share is None:
            return self._own()
        share = min(self._share.turn_in() - self._lead, self._share.asks_in(len(self._queue)))
        return max(self._own() - self._lead, share)

    @property
    def least_gap(self) -> float:
        """Seconds between two requests where they are spread evenly."""
        return self._rate.seconds / self._rate.count

    def forecast(self, requests: int) -> float:
        """Seconds until the last of so many further requests may leave, if each leaves as soon as it may."""
        if self._share is not None:
            requests *= self._share.others + 1  # those have as many turns
        now, span = self.clock.monotonic(), self._rate.seconds * MARGIN
        free = (self._turns.maxlen or 0) - len(self._turns)
        at = now
        if requests > free:
            rounds, place = divmod(requests - free - 1, self._rate.count)
            at = rounds * span + (max(now, self._turns[place].at + span) if place < len(self._turns) else now + span)
        return max(at, self._closed_until) - now

    def _pair(self, conversation: str) -> float:
        """Take one message out of a bucket that fills by one each `PAIR_SECONDS`; seconds until it is there."""
        now = self.clock.monotonic()
        full = max(self._pairs.get(conversation, 0.0), now)
        at = max(now, full - (PAIR_BURST - 1) * PAIR_SECONDS)
        self._pairs[conversation] = max(full, at) + PAIR_SECONDS
        if len(self._pairs) > self._most_pairs:
            self._pairs = {each: until for each, until in self._pairs.items() if until > now}
            # Many may be needed still: to look through them at each message would cost more than the message.
            self._most_pairs = max(_MOST_PAIRS, 2 * len(self._pairs))
        return at - now

    def recall(self, conversation: str, begun: Iterable[float]) -> None:
        """Count messages that were begun to a person lately, by any process.

        Args:
            conversation: Whom they went to.
            begun: When each was, in seconds since `PAIR_MEMORY` seconds ago; in order.
        """
        now, full = self.clock.monotonic(), 0.0
        for at in begun:
            full = max(full, min(at, PAIR_MEMORY)) + PAIR_SECONDS
        self._pairs[conversation] = max(self._pairs.get(conversation, 0.0), now - PAIR_MEMORY + full)

    def learn(self, limit: int | None) -> None:
        """Take the API's word for how many requests the key may make in a window."""
        if limit and self._adopt(Rate(limit, self._window)) and self._share is not None:
            self._share.learn(self._rate)

    def _adopt(self, rate: Rate) -> bool:
        """Go by the API's own word. Returns whether it is another than before."""
        if rate == self._rate:
            return False
        self._rate = rate
        self._turns = deque(self._turns, maxlen=rate.count)
        self._places.changed.set()
        return True

    def refused(self, retry_after: float | None, most: float = 120.0) -> None:
        """The API has said that it was too fast: nobody sends before it allows it, but for at most ``most`` seconds.

        Whoever was refused may not have so much time; that must not stop all others for as long as a
        single answer says.
        """
        if retry_after:
            seconds = min(retry_after, most)
            self._closed_until = max(self._closed_until, self.clock.monotonic() + seconds)
            if self._share is not None:
                self._share.close(seconds)
