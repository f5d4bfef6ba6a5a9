"""The other side of a test: the API, the phone network and the customer, who outlive any process that sends."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from itertools import count
from typing import Any, Final, NamedTuple

from flowrunner.emulator.api.app import create_app
from flowrunner.emulator.api.inbound import inbound_body
from flowrunner.emulator.api.messages import Delays, StatusChange, StoredMessage
from flowrunner.emulator.api.state import Change, EmulatorState
from flowrunner.emulator.webhooks.delivering import Deliveries
from flowrunner.emulator.webhooks.forms import TELLING
from flowrunner.emulator.webhooks.values import Webhook
from flowrunner.model import Json, Recipient
from flowrunner.testing.virtual import VirtualClock

SECRET: Final = "a secret of tests"  # noqa: S105  # it signs what never leaves this process
TALK: Final = "conversation1"
"""The id of the conversation with the customer."""
IDS: Final = "id-"
"""What the ids of messages begin with."""
HOOK: Final = "tests"
_BEFORE: Final = 3_600.0
"""Seconds before the test that the customer wrote last, where they may be sent free text."""
_DELAYS: Final = Delays(sent=0.01, delivered=0.02, read=0.03)
"""So soon that nobody has to look twice: what is slow in a test is what the test says."""
_SAID: Final = "whatsapp.message.received"
Take = Callable[[Mapping[str, str], bytes], Awaitable[int]]
"""Takes a webhook, its headers in lower case; gives the status of the answer, 0 for none."""


class Sent(NamedTuple):
    """A message that the API took.

    Attributes:
        step: The address of the step that sent it, in its turn.
        at: Seconds since the test began.
    """

    step: str
    message: StoredMessage
    at: float


class Emulator:
    """An emulator that one test has after another: to make its routes takes as long as to play a short test.

    Attributes:
        clock: Where time comes from.
        state: What it knows.
        app: What it is asked by.
        ids: What the ids that are made begin with.
    """

    def __init__(self, clock: VirtualClock) -> None:
        self.ids = IDS
        self.clock, self.state = clock, EmulatorState(clock=clock, delays=_DELAYS)
        self.app = create_app(self.state)

    def anew(self) -> None:
        """Know nothing any more, of faults and webhooks either; the ids that are made are those of the first time."""
        numbers = count(1)
        self.state.listeners.clear()
        self.state.webhooks.clear()
        self.state.new_id = lambda: f"{self.ids}{next(numbers)}"
        self.state.reset()


class Outside:
    """The emulator and one customer.

    Attributes:
        state: What the emulator knows.
        sent: What it took, in order.
        posts: How many requests brought a message, or tried to.
        step: The address of the step whose message leaves next; set by whoever sends.
        news: Set when something happens: a message is taken, or the process that sends has something else to do.
        leads: A message is begun only once all before it are named, so that what a turn between them does comes first.
        is_held: One is to be begun, and waits for that.
    """

    def __init__(
        self, emulator: Emulator, recipient: Recipient, dialect: str, *, is_open: bool, take: Take,
        statuses: Collection[str],
    ) -> None:  # fmt: skip
        """``take`` is told what happens, as a receiver of webhooks is: what is said, and these statuses of messages."""
        emulator.anew()
        self.clock, self.state, self._app, self._take = emulator.clock, emulator.state, emulator.app, take
        self.sent: list[Sent] = []
        self.posts, self.step, self.news = 0, "", asyncio.Event()
        self.leads, self.is_held, self._named, self._all_named = False, False, 0, asyncio.Event()
        self._began = self.clock.now()
        self.state.conversations.create(
            recipient.phone, user_id=recipient.user_id, conversation_id=TALK, window_open=is_open
        )
        if is_open:
            self._wrote_before()
        self.state.listeners.append(self._changed)
        self.state.webhooks += _hooks(dialect, statuses)
        self._closing = asyncio.Event()
        self._deliveries = Deliveries(self.state, self._post)
        self._telling = asyncio.ensure_future(self._deliveries.run(self._closing))

    def _wrote_before(self) -> None:
        """Let the customer have written before the test begins: else nobody might send them free text."""
        message, then = self.say({"content": "Hello"}), self._began - _BEFORE
        self.state.turn(replace(message, created_at=then, shown_at=then, statuses=(StatusChange(then, "received"),)))

    async def close(self) -> None:
        """Tell nothing more."""
        self._closing.set()
        await asyncio.gather(self._telling, return_exceptions=True)

    def _changed(self, change: Change) -> None:
        message = self.state.message(change.message_id)
        is_new = message is not None and len(self.sent) < len(self.state.received())
        if change.kind == "message" and message is not None and message.direction == "outbound" and is_new:
            self.sent.append(Sent(self.step, message, self.clock.now() - self._began))
            self.news.set()

    async def _post(self, _url: str, body: bytes, headers: Mapping[str, str]) -> int:
        status = await self._take({name.lower(): value for name, value in headers.items()}, body)
        self.news.set()
        return status

    @property
    def owes_answer(self) -> bool:
        """Whether something that the customer has said is still to be told."""
        return self._deliveries.owes(_SAID)

    @property
    def named(self) -> int:
        """How many of the messages that were sent are named by turns so far."""
        return self._named

    @named.setter
    def named(self, number: int) -> None:
        self._named = number
        self._all_named.set()

    async def turn(self) -> None:
        """Wait until the next message may be begun; see `leads`."""
        while self.leads and len(self.sent) > self._named:
            self._all_named.clear()
            self.is_held = True
            self.news.set()
            await self._all_named.wait()
        self.is_held = False

    async def asked(self, scope: Any, receive: Any, send: Any) -> None:
        """One request, which is carried out to its end whatever becomes of who asks."""
        self.posts += is_message(scope)
        await asyncio.shield(asyncio.ensure_future(self._app(scope, receive, send)))

    def say(self, said: Mapping[str, Json]) -> StoredMessage:
        """Let the customer say something now, as `inbound_body` takes it."""
        return self.state.add_inbound(TALK, inbound_body(said))


def _hooks(dialect: str, statuses: Collection[str]) -> list[Webhook]:
    """Who is told, in the forms of that dialect."""
    url = f"http://127.0.0.1/webhooks/{HOOK}"
    told = frozenset(f"whatsapp.message.{each}" for each in statuses)
    of_statuses, of_answers = TELLING[dialect]
    return [Webhook(url, of_statuses, SECRET, told), Webhook(url, of_answers, SECRET, frozenset([_SAID]))]


def is_message(scope: Any) -> bool:
    """Whether a request brings a message: what else is posted is a file, which comes in a form."""
    return scope["method"] == "POST" and (b"content-type", b"application/json") in scope["headers"]
