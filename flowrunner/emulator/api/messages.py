"""A message as the emulator keeps it, and how its status moves while time passes."""

import base64
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from flowrunner.emulator.api.records import type_data
from flowrunner.model import Json
from flowrunner.spec.facts import facts_of

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
            metadata["errors"] = [
                {"code": self.failure.code, "title": self.failure.text, "message": self.failure.text},
            ]
        shown: dict[str, Json] = {
            "id": self.id,
            "phone_number": self.phone_number,
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


class Course(NamedTuple):
    """The way of one message to the phone: its statuses, when the phone has it, and why it failed, if it did."""

    statuses: tuple[StatusChange, ...]
    shown_at: float | None
    failure: Failure | None = None


def course(
    body: Mapping[str, Json], start: float, delays: Delays, *, late: float, failure: Failure | None, oddity: str
) -> Course:
    """The way of a message that was taken at ``start``. Reactions are sent, and nothing more is ever heard of them.

    Args:
        body: The message.
        start: Seconds since the epoch.
        delays: When it gets its statuses.
        late: Seconds that its media comes late.
        failure: Why it fails after it was sent; None where it does not.
        oddity: One of `ODDITIES`, or empty.
    """
    extra = delays.media + late if facts_of(body).media else 0.0
    sent, delivered, read = start + delays.sent, start + delays.delivered + extra, start + delays.read + extra
    pending = StatusChange(start, "pending")
    if failure:
        return Course((pending, StatusChange(sent, "sent"), StatusChange(delivered, "failed")), None, failure)
    if facts_of(body).last == "sent":
        return Course((pending, StatusChange(sent, "sent")), sent)
    half = (read - delivered) / 2
    at = {"sent": sent, "delivered": delivered, "between": delivered + half, "read": read, "after": read + half}
    return Course((pending, *(StatusChange(at[moment], status) for status, moment in _ORDERS[oddity])), delivered)


_ORDERS: Mapping[str, Sequence[tuple[str, str]]] = {
    "": (("sent", "sent"), ("delivered", "delivered"), ("read", "read")),
    "status-duplicate": (("sent", "sent"), ("delivered", "delivered"), ("sent", "between"), ("read", "read"),
                         ("delivered", "after")),
    "status-reorder": (("delivered", "sent"), ("sent", "delivered"), ("read", "read")),
    "status-skip": (("read", "read"),),
}  # fmt: skip
"""The statuses that are told, each with the moment, by the fault that causes it; none for the right ones."""

ODDITIES = tuple(filter(None, _ORDERS))
"""The faults that change the order of statuses."""


def id_of(wamid: Json) -> str:
    """The id of the message that WhatsApp calls ``wamid``; empty when it cannot be one of the emulator's."""
    text = str(wamid).removeprefix(_WAMID)
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except ValueError:
        return ""


def iso(at: float) -> str:
    """``at`` as the API writes it: ISO 8601, UTC, milliseconds, ``Z``."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


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
