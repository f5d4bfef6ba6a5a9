"""Who of an audience can be sent free text now: asked of the API before the first message of a campaign leaves."""

import asyncio
import math
from collections.abc import Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from flowrunner.client import Conversation, Rejected, TransportError
from flowrunner.delivery import Pace, ask
from flowrunner.model import Recipient
from flowrunner.phones.spellings import all_spellings
from flowrunner.spec.facts import WINDOW

if TYPE_CHECKING:
    from flowrunner.client.http import Client

NO_CONVERSATION: Final = "unreachable, no active conversation"
SHUT: Final = "unreachable, the 24-hour window is closed"
LEAST: Final = 60.0
MOST: Final = 600.0
"""Seconds that asking may take: a tenth of what the campaign takes, within these bounds."""
_MANY: Final = 200
"""From so many people on all active conversations are listed first: the list has at most as many pages."""
_AT_ONCE: Final = 20
_PATIENCE: Final = 30.0
"""Seconds that somebody is asked for again where the API cannot tell."""
_PROVED: Final = 3
"""People who are not in that list and are asked for one by one: where one is there after all, it proves nothing."""


class Reach(NamedTuple):
    """What asking gave.

    Attributes:
        unreachable: Why somebody cannot be sent free text, by their line in the audience.
        unasked: How many could not be asked for in time, or the API did not tell.
    """

    unreachable: Mapping[int, str] = MappingProxyType({})
    unasked: int = 0


class Asking:
    """Asks who can be reached, at the API's pace and for a bounded time.

    Args:
        client: Of the API.
        pace: Questions count.
        longest: Seconds that it may take.
    """

    def __init__(self, client: "Client", pace: Pace, longest: float) -> None:
        self._client, self._pace, self._clock = client, pace, pace.clock
        self._give_up = self._clock.monotonic() + longest
        self._answered = -math.inf  # when the API told of somebody last, by the same clock
        self._refusal: TransportError | None = None
        self._never = asyncio.Event()

    async def reach(self, people: Sequence[tuple[int, Recipient]]) -> Reach:
        """Who of these people, each by their line, cannot be sent free text now.

        Raises:
            TransportError: The API refuses the sender.
        """
        if not self._client.lists:
            return Reach({}, len(people))
        found: dict[int, str | None] = {}
        listed = await self._list() if len(people) > _MANY else None
        left = list(people)
        if listed is not None:
            absent = [each for each in people if listed.of(each[1]) is None]
            proofs = await self._each(absent[:_PROVED])
            if ("" not in proofs.values() and NO_CONVERSATION in proofs.values()) or not absent:
                there = {each.line: each for each in listed.windows(people, self._now())}
                found = {line: NO_CONVERSATION for line, _ in absent}
                found |= {line: its.why for line, its in there.items() if its.is_told}
            found |= proofs
            left = [each for each in people if each[0] not in found]
        found |= await self._each(left)
        if self._refusal is not None:
            raise self._refusal
        told = {line: why for line, why in found.items() if why is not None}
        unasked = len(people) - sum(why is not None for why in found.values())
        return Reach({line: why for line, why in told.items() if why}, unasked)

    async def _list(self) -> "_Listed | None":
        question = partial(self._client.reachable, self._now() - WINDOW)
        asking = asyncio.ensure_future(ask(question, self._client, self._pace, self._sleep, max(self._left(), 0.0)))
        ending = asyncio.ensure_future(self._sleep(max(self._left(), 0.0)))
        await asyncio.wait({asking, ending}, return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        if not asking.done():
            asking.cancel()
            return None
        try:
            listed = asking.result()
        except TransportError:
            return None
        return _Listed(listed) if listed is not None else None

    async def _each(self, people: Sequence[tuple[int, Recipient]]) -> dict[int, str | None]:
        """Why each of them cannot be reached, one by one: empty where they can, None where nobody knows."""
        waiting, found = iter(people), dict[int, str | None]()

        async def work() -> None:
            for line, whom in waiting:
                if max(self._pace.wait(), 0.0) > self._left():
                    return
                found[line] = await self._one(whom)

        await asyncio.gather(*(work() for _ in range(min(_AT_ONCE, len(people)))))
        return found

    async def _one(self, whom: Recipient) -> str | None:
        question, began = partial(self._client.window, whom), self._clock.monotonic()
        try:
            window = await ask(question, self._client, self._pace, self._sleep, min(max(self._left(), 0.0), _PATIENCE))
        except Rejected as refusal:
            if refusal.concerns == "sender":
                self._refusal, self._give_up = refusal, -math.inf
            return NO_CONVERSATION if refusal.status == _GONE else None
        except TransportError:
            if self._answered < began:  # it told of nobody meanwhile
                self._give_up = -math.inf
            return None
        self._answered = self._clock.monotonic()
        if window is None:
            return None
        return "" if window.left(self._now()) > 0 else SHUT if window.conversation else NO_CONVERSATION

    def _now(self) -> float:
        return self._client.api_clock.now(self._clock)

    def _left(self) -> float:
        return self._give_up - self._clock.monotonic()

    async def _sleep(self, seconds: float) -> bool:
        return await self._clock.sleep(seconds, self._never)


_GONE: Final = 404


class _There(NamedTuple):
    """Somebody who is in the list: why they cannot be reached, where it tells."""

    line: int
    why: str
    is_told: bool


class _Listed:
    """All active conversations, by phone and by id."""

    def __init__(self, listed: Sequence[Conversation]) -> None:
        self._by_id = {each.conversation_id: each for each in listed}
        self._by_phone = {phone: each for each in listed for phone in all_spellings(each.phone) if each.phone}
        self._by_user = {user_id: each for each in listed for user_id in each.named.user_ids}

    def of(self, whom: Recipient) -> Conversation | None:
        """Theirs."""
        if whom.conversation:
            return self._by_id.get(whom.conversation)
        return self._by_phone.get(whom.phone) or self._by_user.get(whom.user_id)

    def windows(self, people: Sequence[tuple[int, Recipient]], now: float) -> list[_There]:
        """What it tells of those who are in it."""
        there = [(line, its) for line, whom in people if (its := self.of(whom)) is not None]
        return [_There(line, "" if now < its.inbound_at + WINDOW else SHUT, its.inbound_at > 0) for line, its in there]


def longest(seconds: float) -> float:
    """How long asking may take for a campaign that takes so many seconds."""
    return min(max(LEAST, seconds / 10), MOST)
