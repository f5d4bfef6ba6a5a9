"""What the emulator knows and does. Synchronous; the clock and the ids are given from outside."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, NamedTuple

from flowrunner.clock import Clock
from flowrunner.emulator.api.conversations import Conversations, Talk
from flowrunner.emulator.api.courses import Course, course_of
from flowrunner.emulator.api.errors import ApiError, outside_window
from flowrunner.emulator.api.faults import FaultTable
from flowrunner.emulator.api.marks import Marks, target_of
from flowrunner.emulator.api.media import Uploads
from flowrunner.emulator.api.messages import (
    Delays,
    Draft,
    Received,
    StatusChange,
    StoredMessage,
    id_of,
    ordered,
    random_id,
)
from flowrunner.emulator.api.numbers import Numbers
from flowrunner.emulator.api.rates import Quota, RateCounter, RateLimit
from flowrunner.emulator.api.records import content
from flowrunner.emulator.api.templates import Templates
from flowrunner.model import Json
from flowrunner.spec.facts import facts_of

if TYPE_CHECKING:
    from flowrunner.emulator.webhooks.values import Webhook

MOST_DELIVERIES = 500
"""Tries to tell a webhook that are remembered."""
TYPING = 25.0
"""Seconds that a person sees that the business is typing.

https://developers.facebook.com/documentation/business-messaging/whatsapp/typing-indicators
"""


class Change(NamedTuple):
    """Something happened that is not just time passing; ids are empty where none belongs."""

    kind: Literal["conversation", "message", "faults", "reset"]
    conversation_id: str = ""
    message_id: str = ""


class EmulatorState:
    """Everything the emulator knows.

    Statuses depend on the clock alone and are worked out when somebody looks; they are no change that is told.

    Args:
        clock: Where time comes from.
        new_id: Makes the ids of conversations and messages.
        api_key: The only key that passes; when empty, every key does.
        delays: When messages get their statuses; None for the defaults of `Delays`.
        rate_limit: The limit on requests; None for none.

    Attributes:
        listeners: Each is called with each change, in the thread that made it.
        began: When it began, in seconds since the epoch.
        templates: Those of the account; a setting, which stays when all else is forgotten.
        webhooks: Who is told what happens; a setting, too.
        deliveries: The latest tries to tell them, as plain data.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        new_id: Callable[[], str] = random_id,
        api_key: str = "",
        delays: Delays | None = None,
        rate_limit: RateLimit | None = None,
    ) -> None:
        self.clock, self.now = clock, clock.now
        self.new_id = new_id
        self.api_key = api_key
        self.delays = delays or Delays()
        self.rate_limit = rate_limit
        self.listeners: list[Callable[[Change], object]] = []
        self.began = self.now()
        self.templates = Templates()
        self.webhooks: list[Webhook] = []
        self._clear()

    def _clear(self) -> None:
        self.faults = FaultTable(lambda: self._tell(Change("faults")))
        self.conversations = Conversations(
            self.now, self.new_id, lambda conversation_id: self._tell(Change("conversation", conversation_id))
        )
        self.numbers = Numbers()
        self.uploads = Uploads(self.now)
        self.deliveries: deque[dict[str, Json]] = deque(maxlen=MOST_DELIVERIES)
        self.typing: dict[str, float] = {}  # conversation -> until when the business is seen typing
        self._messages: dict[str, list[StoredMessage]] = {}
        self._by_id: dict[str, StoredMessage] = {}
        self.marks = Marks()
        self._history: list[str] = []  # message ids
        self._received: list[Received] = []
        self._numbers: dict[str, int] = {}
        self._flying: set[tuple[str, str]] = set()
        self._rates = RateCounter()

    def reset(self) -> None:
        """Forget everything, faults too; settings and listeners stay."""
        self._clear()
        self._tell(Change("reset"))

    def _tell(self, change: Change) -> None:
        for listener in tuple(self.listeners):
            listener(change)

    @contextmanager
    def in_flight(self, talk: Talk) -> Iterator[None]:
        """Hold the way to a person while one message is being taken.

        Raises:
            ApiError: 409 when another message to them is being taken.
        """
        if talk.person in self._flying:
            raise ApiError(409)
        self._flying.add(talk.person)
        try:
            yield
        finally:
            self._flying.discard(talk.person)

    def accept(self, draft: Draft, post: int) -> StoredMessage:
        """Take one outbound message.

        Args:
            draft: The message.
            post: The number `FaultTable.posted` gave to this request.

        Raises:
            ApiError: 422 when the conversation has ended or the window is shut, and what `Draft.check` raises.
        """
        # What the person wrote while the message was on its way counts.
        talk = self.conversations.known(draft.talk.id) or draft.talk
        if talk.status != "active":
            # The API's pages do not say what happens here; a client must not take it for success.
            raise ApiError(422, "Conversation has ended", "Start a new conversation with this phone number")
        draft.check()
        now = self.now()
        if not facts_of(draft.body).opens and not talk.window_open(now):
            raise outside_window("object" if draft.graph else "text")

        late = self.faults.strike("store-late", post)
        start = now + (late["seconds"] if late else 0.0)
        way = course_of(draft.body, start, self.delays, self.faults, post)
        message = replace(
            self._stored(talk, "outbound", draft.body, start, way, self.faults.shift(post)),
            content=self._readable(draft),
            graph=draft.graph,
            reference="" if draft.reference and self.faults.strike("no-echo", post) else draft.reference,
        )
        self.typing.pop(talk.id, None)
        number = self._numbers[talk.id] = self._numbers.get(talk.id, 0) + 1
        self._received.append(Received(talk.id, number, draft.raw))
        self.add(replace(talk, last_active_at=now, last_outbound_at=now), message)
        return message

    def _readable(self, draft: Draft) -> str:
        """The human-readable record; of a template that is known its text with the values."""
        told = self.templates.text_of(draft.graph["template"]) if draft.graph and "template" in draft.graph else ""
        return told or content(draft.body)

    def add_inbound(self, conversation_id: str, body: Mapping[str, Json]) -> StoredMessage:
        """Take a person's message, given as a message object; it opens the window.

        A person who writes to a conversation that has ended gets a new one.

        Raises:
            ApiError: 404 when there is no such conversation.
        """
        talk = self.conversations.get(conversation_id)
        if talk.status != "active":
            talk = self.conversations.with_person(talk.phone, talk.config_id, talk.user_id)
        now = self.now()
        late = self.faults.strike("answer-late", self.faults.next_post)
        start = now + (late["seconds"] if late else 0.0)
        way = Course((StatusChange(start, "received"),), start)
        message = self._stored(talk, "inbound", body, start, way, self.faults.shift())
        self.add(replace(talk, last_active_at=now, window_since=now), message)
        return message

    def _stored(
        self, talk: Talk, direction: str, body: Mapping[str, Json], start: float, way: Course, shift: float
    ) -> StoredMessage:
        return StoredMessage(
            id=self.new_id(),
            conversation_id=talk.id,
            position=self.count(talk.id) + 1,
            phone_number=talk.phone,
            direction=direction,
            body=body,
            content=content(body),
            created_at=start,
            shown_at=way.shown_at,
            statuses=way.statuses,
            failure=way.failure,
            held=way.held,
            shift=shift,
        )

    def add(self, talk: Talk, message: StoredMessage) -> None:
        """Have a message, the last of its conversation, which is ``talk`` from now on."""
        self._messages.setdefault(talk.id, []).append(message)
        self._history.append(message.id)
        self._by_id[message.id] = message
        if target := self.target(message):
            self.marks.note(target.id, message)
        self.conversations.keep(talk)
        self._tell(Change("message", talk.id, message.id))

    def count(self, conversation_id: str) -> int:
        """How many messages a conversation has, of both directions."""
        return len(self._messages.get(conversation_id, ()))

    def stretch(self, conversation_id: str, first: int, last: int) -> Sequence[StoredMessage]:
        """The messages at the positions from ``first`` to ``last``, as far as there are any."""
        return self._messages.get(conversation_id, [])[max(first, 1) - 1 : max(last, 0)]

    def message(self, message_id: str) -> StoredMessage | None:
        """One message; None when there is none with this id."""
        return self._by_id.get(message_id)

    def mark_read(self, message_id: str, *, typing: bool = False) -> StoredMessage:
        """Mark a person's message as read by the business; with ``typing`` they see for a while that somebody writes.

        Raises:
            ApiError: 404 when there is no such message, 400 when it is not a person's.
        """
        message = self.message(message_id)
        if message is None:
            raise ApiError(404, "WhatsApp message not found")
        if message.direction != "inbound":
            raise ApiError(400, "Can only mark inbound messages as read")
        if typing:
            self.typing[message.conversation_id] = self.now() + TYPING
        return self.turn(replace(message, statuses=(*message.statuses, StatusChange(self.now(), "read"))))

    def turn(self, message: StoredMessage) -> StoredMessage:
        """Let a message be this from now on; see `flowrunner.emulator.api.courses.turned`."""
        self._messages[message.conversation_id][message.position - 1] = self._by_id[message.id] = message
        self._tell(Change("message", message.conversation_id, message.id))
        return message

    def target(self, message: StoredMessage) -> StoredMessage | None:
        """What a reaction, edit or deletion belongs to; None for other messages, and outside of the conversation."""
        target = self.message(id_of(target_of(message.body)))
        return target if target and target.conversation_id == message.conversation_id else None

    def messages(self, conversation_id: str, order: str = "newest", seed: int = 0) -> tuple[StoredMessage, ...]:
        """The messages a conversation shows now.

        Args:
            conversation_id: Which one.
            order: ``newest`` or ``oldest`` first, or ``shuffled``.
            seed: The same one shuffles the same way, so that pages fit together.

        Raises:
            ApiError: 404 when there is no such conversation.
        """
        self.conversations.get(conversation_id)
        return ordered(self._messages.get(conversation_id, ()), self.now(), order, seed)

    def all_messages(self, order: str = "newest", seed: int = 0) -> tuple[StoredMessage, ...]:
        """The messages that all conversations show now, in the order that `messages` takes."""
        return ordered(self._by_id.values(), self.now(), order, seed)

    def history(self) -> tuple[StoredMessage, ...]:
        """Every message of all conversations, of both directions, in the order in which they were taken."""
        return tuple(map(self._by_id.__getitem__, self._history))

    def received(self) -> tuple[Received, ...]:
        """The requests that brought the outbound ones, in the order of acceptance."""
        return tuple(self._received)

    def count_request(self, key: str) -> Quota | None:
        """Count one request of a key; None while there is no limit.

        A ``rate-limit`` fault stands in for the limit of the settings. It strikes with each request over its limit.
        """
        fault = self.faults.active("rate-limit")
        rule = RateLimit(fault["limit"], fault["window"], fault["headers"]) if fault else self.rate_limit
        if rule is None:
            return None
        rate = self._rates.count(key, rule, self.now())
        spared = fault and rate.exceeded and not self.faults.strike("rate-limit", self.faults.next_post)
        return rate._replace(exceeded=False) if spared else rate
