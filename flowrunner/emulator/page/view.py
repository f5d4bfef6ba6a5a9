"""What one open page shows, and what of it has changed since the page was last told."""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field

from flowrunner.emulator.api.conversations import Talk, digits
from flowrunner.emulator.api.exchanges import Exchange, ExchangeLog
from flowrunner.emulator.api.messages import StoredMessage
from flowrunner.emulator.api.state import Change, EmulatorState
from flowrunner.emulator.page.html import exchange_row, faults, talk_head, talk_row, turn
from flowrunner.model import Json
from flowrunner.spec.facts import WINDOW

MOST_TALKS = 100
"""Conversations in the list, the last active ones; all others are found by name or number."""
MOST_TURNS = 100
"""Messages that are given at once, the latest of the conversation or a stretch further up."""
MOST_EXCHANGES = 100
"""Requests in the list, the latest ones."""


@dataclass(slots=True)
class _News:
    """What the page has not been told yet; ``everything`` at first and after a reset."""

    everything: bool = True
    talks: set[str] = field(default_factory=set)
    turns: set[int] = field(default_factory=set)
    exchanges: dict[int, Exchange] = field(default_factory=dict)
    faults: bool = False

    def __bool__(self) -> bool:
        return bool(self.everything or self.talks or self.turns or self.exchanges or self.faults)


class View:
    """One open page.

    Args:
        state: What there is to see.
        log: The requests.
        shown: The id of the conversation whose chat is open; may be empty, or one that there is not.
        find: Part of a name, phone number or user id; conversations without it are not listed.
        reads: Whether requests that only ask are listed, too.
        live: Whether anything can be done with messages.
    """

    def __init__(
        self, state: EmulatorState, log: ExchangeLog, shown: str, find: str, *, reads: bool, live: bool = True
    ) -> None:
        self._state, self._log, self._live = state, log, live
        self._shown, self._find, self._reads = shown, find.casefold(), reads
        self._news = _News()
        self._due: list[tuple[float, int, str]] = []  # when, position in the open chat or 0, conversation
        self._windows: dict[str, float] = {}

    def changed(self, change: Change) -> None:
        """Note what has changed."""
        if change.kind == "reset":
            self._news = _News()
        elif change.kind == "faults":
            self._news.faults = True
        else:
            self._news.talks.add(change.conversation_id)
            if (until := self._state.typing.get(change.conversation_id, 0)) > self._state.now():
                heapq.heappush(self._due, (until, 0, change.conversation_id))
            if message := self._state.message(change.message_id):
                self._note(message)

    def exchanged(self, exchange: Exchange) -> None:
        """Note that a request has come or ended."""
        if self._reads or not exchange.is_read:
            self._news.exchanges[exchange.number] = exchange
            if len(self._news.exchanges) > MOST_EXCHANGES:
                del self._news.exchanges[next(iter(self._news.exchanges))]

    def _note(self, message: StoredMessage) -> None:
        if message.conversation_id == self._shown:
            self._news.turns.add(message.position)
            if target := self._state.target(message):
                self._news.turns.add(target.position)
            self._await(message)
        elif message.created_at > self._state.now():
            heapq.heappush(self._due, (message.created_at, 0, message.conversation_id))

    def _await(self, message: StoredMessage) -> None:
        now = self._state.now()
        for step in message.statuses:
            if step.at > now:
                heapq.heappush(self._due, (step.at, message.position, message.conversation_id))

    def waits(self) -> float | None:
        """Seconds until there is news: 0 when there is some, None when nothing is foreseen."""
        if self._news:
            return 0.0
        return max(self._due[0][0] - self._state.now(), 0.0) if self._due else None

    def news(self) -> dict[str, Json]:
        """What has changed since the last call, as the page's script takes it; empty when nothing has."""
        now = self._state.now()
        while self._due and self._due[0][0] <= now:
            _, position, conversation_id = heapq.heappop(self._due)
            self._news.talks.add(conversation_id)
            if position:
                self._news.turns.add(position)
        fresh, self._news = self._news, _News(everything=False)
        if fresh.everything:
            return self._everything()
        told: dict[str, Json] = {}
        if fresh.talks:
            told["talks"] = self._rows(filter(None, map(self._state.conversations.known, fresh.talks)))
            told["total"] = len(self._state.conversations)
        if fresh.turns or self._shown in fresh.talks:
            told["chat"] = self._chat(fresh.turns, head=self._shown in fresh.talks)
        if fresh.exchanges:
            told["exchanges"] = self._exchanges(fresh.exchanges.values())
        if fresh.faults:
            told["faults"] = faults(self._state.faults.data())
        return told

    def _everything(self) -> dict[str, Json]:
        state = self._state
        self._due = []
        self._windows = {}
        talk = state.conversations.known(self._shown)
        if talk:
            for message in state.stretch(talk.id, 1, state.count(talk.id)):
                if message.statuses[-1].at > state.now():
                    self._await(message)
        return {
            "everything": True,
            "talks": self._rows(state.conversations),
            "total": len(state.conversations),
            "chat": {**stretch(state, talk.id, live=self._live), "head": talk_head(state, talk)} if talk else None,
            "exchanges": self._exchanges(self._log.latest(MOST_EXCHANGES, reads=self._reads)),
            "faults": faults(state.faults.data()),
        }

    def _rows(self, talks: Iterable[Talk]) -> list[Json]:
        found = heapq.nlargest(MOST_TALKS, filter(self._listed, talks), key=lambda talk: talk.last_active_at)
        for talk in found:
            since = talk.window_since
            if since is not None and self._windows.get(talk.id) != since:
                self._windows[talk.id] = since
                heapq.heappush(self._due, (since + WINDOW, 0, talk.id))
        return [talk_row(self._state, talk) for talk in found]

    def _listed(self, talk: Talk) -> bool:
        number = "" if any(sign.isalpha() for sign in self._find) else digits(self._find)
        names = (talk.name.casefold(), talk.user_id.casefold())
        return any(self._find in each for each in names) or bool(number and number in talk.phone)

    def _chat(self, positions: set[int], *, head: bool) -> dict[str, Json] | None:
        state = self._state
        talk = state.conversations.known(self._shown)
        if talk is None:
            return None
        count = state.count(talk.id)
        told: dict[str, Json] = {"head": talk_head(state, talk)} if head else {}
        if len(positions) > MOST_TURNS:
            # More than a page shows at once: it is given its end anew.
            return {**told, **stretch(state, talk.id, live=self._live)}
        found = (state.stretch(talk.id, position, position) for position in sorted(positions))
        return {
            **told,
            "changed": [[each.position, turn(state, each, live=self._live)] for some in found for each in some],
            "count": count,
        }

    def _exchanges(self, exchanges: Iterable[Exchange]) -> list[Json]:
        return [[each.number, exchange_row(each)] for each in exchanges]


def stretch(
    state: EmulatorState, conversation_id: str, *, before: int = 0, after: int = 0, live: bool = True
) -> dict[str, Json]:
    """Messages of one conversation, at most `MOST_TURNS`: the latest, those before a position, or those after one.

    With them can be done what can be done with messages only where they are ``live``.

    ``first`` and ``last`` are the positions it goes from and to, whether or not there is something to see at each;
    ``count`` is the position of the conversation's last message.
    """
    count = state.count(conversation_id)
    if after:
        first, last = after + 1, min(after + MOST_TURNS, count)
    else:
        last = before - 1 if before else count
        first = max(last - MOST_TURNS + 1, 1)
    turns = [[each.position, turn(state, each, live=live)] for each in state.stretch(conversation_id, first, last)]
    return {"first": first, "last": last, "count": count, "turns": turns}
