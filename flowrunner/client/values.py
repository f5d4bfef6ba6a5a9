"""What the API answers, as values."""

from collections.abc import Mapping
from typing import NamedTuple

from flowrunner.model import Json


class Named(NamedTuple):
    """Whom an object of the API is about, by everything in it that says so; empty where nothing does.

    Attributes:
        conversations: Ids of conversations.
        phones: Phone numbers and WhatsApp ids, as the API wrote them.
    """

    conversations: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()


class Receipt(NamedTuple):
    """The API's yes to one message.

    Attributes:
        message_id: The API's own id of the message.
        wamid: WhatsApp's id; empty while the API does not know it.
        status: The status the API gave, as it gave it.
        created_at: Seconds since the epoch, by the API's clock; 0.0 where the API gave none.
        named: Whom it says that the message went to.
    """

    message_id: str
    wamid: str = ""
    status: str = ""
    created_at: float = 0.0
    named: Named = Named()


class RemoteMessage(NamedTuple):
    """A message as the API's list shows it.

    Attributes:
        direction: ``outbound`` or ``inbound``.
        status: The API's word: pending, sent, delivered, read, failed, received.
        created_at: Seconds since the epoch; 0.0 where the API gave none.
        error: The API's reason, for a failed message.
        data: The whole object.
        named: Whose conversation it says that it is in.
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
    named: Named = Named()


class Conversation(NamedTuple):
    """A conversation as the API shows it.

    Attributes:
        phone: Its phone number, as the API wrote it; empty where it gave none.
        status: ``active`` or ``ended``.
        named: Whose it says that it is.
    """

    conversation_id: str
    phone: str
    status: str
    contact_name: str = ""
    last_active_at: str = ""
    named: Named = Named()
