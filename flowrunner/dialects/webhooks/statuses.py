"""How far a message has come, as a status of Meta's tells it."""

from collections.abc import Mapping
from typing import Final

from flowrunner.dialects.reading import codes, epoch, id_of, sentences, text_of
from flowrunner.dialects.refusals import NO_MARKETING
from flowrunner.model import EventKind, Json, Told

KINDS: Final[Mapping[str, EventKind]] = {
    "sent": EventKind.SENT,
    "delivered": EventKind.DELIVERED,
    "read": EventKind.READ,
    "played": EventKind.READ,
    "failed": EventKind.FAILED,
}
"""Each word for it that is known."""


def told(status: Mapping[str, Json]) -> Told | None:
    """A status; None where it is of no message, or its word is not known.

    https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages/status
    """
    kind, message_id = KINDS.get(text_of(status, "status")), id_of(status, "id")
    if kind is None or not message_id:
        return None
    why = [next(codes(status), ""), sentences(status)] if kind is EventKind.FAILED else []
    reason, reference = ": ".join(filter(None, why)), text_of(status, "biz_opaque_callback_data")
    return Told((message_id,), kind, epoch(status.get("timestamp")), reason, reference)


def refuses(told: Told) -> bool:
    """Whether a message did not arrive as its person has stopped marketing messages."""
    return told.kind is EventKind.FAILED and told.reason.partition(":")[0] in NO_MARKETING
