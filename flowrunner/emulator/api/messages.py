"""A message as the emulator keeps it, and how its status moves while time passes."""

import base64
import uuid
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from flowrunner.emulator.api.dates import iso
from flowrunner.emulator.api.records import type_data
from flowrunner.model import Json
from flowrunner.spec.facts import facts_of

if TYPE_CHECKING:
    from flowrunner.emulator.api.conversations import Talk

_WAMID = "wamid."


@dataclass(frozen=True, slots=True)
class Delays:
    """When a message gets each status, in seconds after it was taken; ``media`` comes on top for slow media.

    Raises:
        ValueError: When they are not in the order of the statuses.
    """

    sent: float = 0.05
    delivered: float = 0.2
    read: float = 0.5
    media: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.sent <= self.delivered <= self.read or self.media < 0:
            raise ValueError("delays must be 0 or more, and sent, delivered, read in this order")


class StatusChange(NamedTuple):
    """From the moment ``at`` on, the status is ``status``."""

    at: float
    status: str


class Failure(NamedTuple):
    """Why a message failed after it was sent: Meta's number and words."""

    code: int
    text: str

    def data(self) -> dict[str, Json]:
        """The error object of a status that says ``failed``."""
        return {"code": self.code, "title": self.text, "message": self.text}


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """One message of a conversation.

    Attributes:
        position: 1 for the first message of its conversation, of both directions, in the order of acceptance.
        direction: ``outbound`` or ``inbound``.
        content: The human-readable record.
        created_at: Seconds since the epoch; lists show the message from then on.
        shown_at: When the phone has it, in seconds since the epoch; None when it never will.
        statuses: Its statuses, sorted by time; the first is at ``created_at``.
        shift: By how many seconds the clock was ahead of the time when it was taken: told dates are by that clock.
        graph: The object as Meta writes it, ``{"type": ..., ...}``, where it came so; None where it came by v1.
        reference: The ``biz_opaque_callback_data`` that its statuses show; empty for none.
        held: It is held for quality assessment before it is sent.
    """

    id: str
    conversation_id: str
    position: int
    phone_number: str
    direction: str
    body: Mapping[str, Json]
    content: str
    created_at: float
    shown_at: float | None
    statuses: tuple[StatusChange, ...]
    failure: Failure | None = None
    shift: float = 0.0
    graph: Mapping[str, Json] | None = None
    reference: str = ""
    held: bool = False

    def status_at(self, now: float) -> StatusChange:
        """The status that ``now`` shows, and since when."""
        return next((each for each in reversed(self.statuses) if each.at <= now), self.statuses[0])

    @property
    def wamid(self) -> str:
        """WhatsApp's id of the message."""
        return _WAMID + base64.urlsafe_b64encode(self.id.encode()).decode().rstrip("=")

    def data(self, now: float) -> dict[str, Json]:
        """The message object of the API, as it is at ``now``."""
        status = self.status_at(now)
        failed = status.status == "failed"
        metadata: dict[str, Json] = {}
        if failed and self.failure:
            metadata["errors"] = [self.failure.data()]
        shown: dict[str, Json] = {
            "id": self.id,
            "phone_number": self.phone_number or None,
            "message_type": self.body.get("message_type", "text"),
            "content": self.content,
            "direction": self.direction,
            "status": status.status,
            "processing_status": "pending" if status.status == "pending" else "processed",
            "metadata": metadata,
            "message_type_data": type_data(self.body),
            "created_at": iso(self.created_at + self.shift),
            "updated_at": iso(max(status.at, self.created_at) + self.shift),
        }
        # The API may not know WhatsApp's id until the message is sent, so a client must not count on it.
        if status.status != "pending":
            shown["whatsapp_message_id"] = self.wamid
        if self.body.get("media_url"):
            shown["media_url"] = self.body["media_url"]
        return shown


class Draft(NamedTuple):
    """A message that has come, before it is taken.

    Attributes:
        talk: Where it goes; a new conversation is kept when the message is taken.
        body: The message, in v1's flat fields.
        raw: The request's body as it came.
        check: Raises ApiError where the message is none that the API takes.
        graph: The object as Meta writes it; None where it came by v1.
        reference: Its ``biz_opaque_callback_data``; empty for none.
    """

    talk: "Talk"
    body: Mapping[str, Json]
    raw: bytes
    check: Callable[[], None]
    graph: Mapping[str, Json] | None = None
    reference: str = ""


def has_file(body: Mapping[str, Json]) -> bool:
    """Whether WhatsApp fetches a file for the message, which makes it slow."""
    return facts_of(body).media or body.get("message_type") == "sticker"


def ordered(messages: Iterable[StoredMessage], now: float, order: str, seed: int) -> tuple[StoredMessage, ...]:
    """Those that are there at ``now``, ``newest`` or ``oldest`` first, or ``shuffled`` in the way of the seed."""
    shown = [each for each in messages if each.created_at <= now]
    if order == "shuffled":
        return tuple(sorted(shown, key=lambda each: zlib.crc32(f"{seed} {each.id}".encode())))
    shown.sort(key=lambda each: each.created_at)
    return tuple(shown if order == "oldest" else reversed(shown))


def id_of(wamid: Json) -> str:
    """The id of the message that WhatsApp calls ``wamid``; empty when it cannot be one of the emulator's."""
    text = str(wamid).removeprefix(_WAMID)
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except ValueError:
        return ""


def random_id() -> str:
    """A fresh UUID."""
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True)
class Received:
    """The request that brought one accepted message.

    Attributes:
        conversation_id: Where it went.
        number: 1 for the first message that this conversation accepted.
        raw: The request's body, byte for byte.
    """

    conversation_id: str
    number: int
    raw: bytes = field(repr=False)
