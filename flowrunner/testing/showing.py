"""Tests as conversations of an emulator: each is played anew, and what was said in it is put into one state."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from flowrunner.clock import Clock
from flowrunner.emulator.api.conversations import Talk
from flowrunner.emulator.api.messages import StoredMessage
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.flow import Loaded
from flowrunner.testing.outcomes import Outcome
from flowrunner.testing.playing.beginning import seconds_of, whom, zone
from flowrunner.testing.playing.outside import IDS, TALK
from flowrunner.testing.playing.shared import room
from flowrunner.testing.trying import tried
from flowrunner.testing.values import Case, Given


class Shown(NamedTuple):
    """A test, and its conversation.

    Attributes:
        outcome: What came of it.
        talk: The id of the conversation.
        wrong: The position of the message that should be another; 0 for none.
    """

    outcome: Outcome
    talk: str
    wrong: int


class _Chat(NamedTuple):
    """What was said in a test, and when it was over, by the customer's clock."""

    shown: Shown
    talk: Talk
    messages: tuple[StoredMessage, ...]
    end: float


class _From(Clock):
    """Time goes on from a moment, as fast as by another clock."""

    def __init__(self, at: float, clock: Clock) -> None:
        self._clock, self._ahead = clock, at - clock.monotonic()

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._ahead + self._clock.monotonic()


def shown_in(tests: Iterable[tuple[Case, Loaded]], clock: Clock) -> tuple[EmulatorState, list[Shown]]:
    """An emulator that knows what was said in tests, up to where each fails: conversations, each of its test's name.

    Nothing goes on in it. What this machine's clock makes of its moments is the time of day at the customer, as the
    tests have it; from the end of the last of them on, its time passes as by ``clock``.
    """
    try:
        chats = [_chat(number, case, flow) for number, (case, flow) in enumerate(tests, 1)]
    finally:
        room().emulator.ids = IDS
    state = EmulatorState(clock=_From(max((each.end for each in chats), default=0.0), clock))
    now = state.now()
    for each in chats:
        since = each.talk.window_since
        is_open = each.talk.window_open(each.end)
        # The tests end at several moments, and the state has one: how long ago it is stays.
        talk = replace(each.talk, window_since=now - (each.end - since) if is_open and since is not None else None)
        state.conversations.keep(talk)
        for message in each.messages:
            state.add(talk, message)
    return state, [each.shown for each in chats]


def _chat(number: int, case: Case, flow: Loaded) -> _Chat:
    talk = f"test{number}"
    room().emulator.ids = f"{talk}-"  # no message of another test has the same
    room().emulator.anew()
    outcome = tried(case, flow)
    played, began = room().emulator.state, seconds_of(case.given.now, case.given)
    messages = [
        _moved(message, talk, position, case.given)
        for position, message in enumerate(_of_chat(played.stretch(TALK, 1, played.count(TALK)), outcome, began), 1)
    ]
    end = _there(began + outcome.seconds, case.given)
    last = max([_there(began, case.given), *(each.created_at for each in messages)])
    its = played.conversations.known(TALK)
    recipient = whom(case.given)
    its = its or played.conversations.create(recipient.phone, user_id=recipient.user_id)
    since = None if its.window_since is None else _there(its.window_since, case.given)
    named = replace(its, id=talk, name=case.name, last_active_at=last, window_since=since)
    return _Chat(Shown(outcome, talk, _wrong(outcome, messages)), named, tuple(messages), end)


def _of_chat(messages: Iterable[StoredMessage], outcome: Outcome, began: float) -> Iterable[StoredMessage]:
    """Those that the outcome's chat has: not what was said before the test, nor what was sent after its failure."""
    left = Counter[str](each.who for each in outcome.chat)
    for message in messages:
        who = "bot" if message.direction == "outbound" else "customer"
        if message.created_at >= began and left[who] > 0:
            left[who] -= 1
            yield message


def _wrong(outcome: Outcome, messages: list[StoredMessage]) -> int:
    """The position of the message that no turn names; 0 where it is not a message that fails the test."""
    last = outcome.chat[-1] if outcome.chat else None
    is_wrong = outcome.case.golden is None and last is not None and last.who == "bot" and not last.turn
    return messages[-1].position if is_wrong and messages else 0


def _moved(message: StoredMessage, talk: str, position: int, given: Given) -> StoredMessage:
    return replace(
        message, conversation_id=talk, position=position, created_at=_there(message.created_at, given),
        shown_at=None if message.shown_at is None else _there(message.shown_at, given),
        statuses=tuple(each._replace(at=_there(each.at, given)) for each in message.statuses),
    )  # fmt: skip


def _there(at: float, given: Given) -> float:
    """The moment at which this machine's clock shows what the customer's shows at another."""
    return datetime.fromtimestamp(at, zone(given)).replace(tzinfo=None).timestamp()
