"""What the API answers, as values."""

from collections.abc import Mapping
from typing import NamedTuple

from flowrunner.model import Json


class Receipt(NamedTuple):
    """The API's yes to one message.

    Attributes:
        message_id: The API's own id of the message.
        wamid: WhatsApp's id; empty while the API does not know it.
        status: The status the API gave, as it gave it.
        created_at: Seconds since the epoch, by the API's clock; 0.0 where the API gave none.
    """

    message_id: str
    wamid: str = ""
    status: str = ""
    created_at: float = 0.0


class RemoteMessage(NamedTuple):
    """A message as the API's list shows it.

    Attributes:
        direction: ``outbound`` or ``inbound``.
        status: The API's word: pending, sent, delivered, read, failed, received.
        created_at: Seconds since the epoch; 0.0 where the API gave none.
        error: The API's reason, for a failed message.
        data: The whole object.
    """

    message_id: str
    wamid: str
    direction: str
    message_type: str
    content: str
    status: str
    created_at: float
    error: str
    data: Mapping[str, Json]


class Conversation(NamedTuple):
    """A conversation as the API shows it. ``status`` is ``active`` or ``ended``."""

    conversation_id: str
    phone: str
    status: str
    contact_name: str = ""
    last_active_at: str = ""
