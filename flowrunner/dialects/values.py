"""What is asked of an API and what it says, as values that all dialects have in common."""

import re
from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from flowrunner.model import Json, Recipient
from flowrunner.model.plain import NOTHING


class NumberId(NamedTuple):
    """The id by which an API knows a number that sends.

    Attributes:
        name: What the API calls it.
        pattern: What it looks like; where it may be empty, there may be only one.
        example: One such id.
    """

    name: str
    pattern: str
    example: str

    def fits(self, text: str) -> bool:
        """Whether it can be such an id."""
        return re.fullmatch(self.pattern, text) is not None

    @property
    def is_required(self) -> bool:
        """Whether nothing can be sent without one."""
        return not self.fits("")


class File(NamedTuple):
    """A file that a request carries, in a form.

    Attributes:
        name: What it is called.
        type: Its MIME type.
        fields: What stands beside it in the form.
    """

    name: str
    type: str
    content: bytes
    fields: Mapping[str, str] = NOTHING


class Request(NamedTuple):
    """One HTTP request.

    Attributes:
        method: ``GET`` or ``POST``.
        path: What follows the API's address, with its query.
        text: The body, JSON; empty for a question.
        most_bytes: The answer is read no further.
        is_beside: The path follows what the API's address begins with: it is of another API at the same place.
        file: What is uploaded; None for a message and a question.
    """

    method: str
    path: str
    text: str = ""
    most_bytes: int = 1 << 20
    is_beside: bool = False
    file: File | None = None

    @property
    def is_message(self) -> bool:
        """Whether it sends one: that may not be done again as an upload or a question may."""
        return self.method == "POST" and self.file is None


class Answer(NamedTuple):
    """An HTTP answer, from which the API key was taken out.

    Attributes:
        headers: By name, in lower case.
        text: The body.
        whole: False where the body was longer than is read; then ``text`` is empty.
    """

    status: int
    headers: Mapping[str, str]
    text: str
    whole: bool = True


class Named(NamedTuple):
    """Whom an object of the API is about, by everything in it that says so; empty where nothing does.

    Attributes:
        conversations: Ids of conversations.
        phones: Phone numbers and WhatsApp ids, as the API wrote them.
        user_ids: Business-scoped user ids.
    """

    conversations: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    user_ids: tuple[str, ...] = ()

    def stranger(self, meant: Recipient) -> str:
        """Whom it is about, where that is somebody else than meant; empty where it is not, or where it does not say."""
        for conversation in self.conversations:
            if conversation and meant.conversation and conversation != meant.conversation:
                return f"conversation {conversation}"
        for phone in self.phones:
            if phone and meant.phone and phone != meant.phone and not _is_same(phone, meant.phone):
                return phone
        for user_id in self.user_ids:
            # One that several businesses share names the same person as the business's own.
            is_alike = (".ENT." in user_id) is (".ENT." in meant.user_id)
            if user_id and meant.user_id and user_id != meant.user_id and is_alike:
                return user_id
        return ""

    def learnt(self, known: Recipient) -> dict[str, str]:
        """What it tells of a recipient beyond what is known, as the fields of `Recipient`."""
        told = zip(Recipient._fields, (self.conversations, self.phones, self.user_ids), strict=True)
        return {name: values[0] for name, values in told if values and values[0] and not getattr(known, name)}


def _is_same(phone: str, other: str) -> bool:
    from flowrunner.phones.spellings import is_same_phone  # most answers have the very text

    return is_same_phone(phone, other)


class Receipt(NamedTuple):
    """The API's yes to one message.

    Attributes:
        message_id: The API's own id of the message.
        wamid: WhatsApp's id; empty while the API does not know it.
        created_at: Seconds since the epoch, by the API's clock; 0.0 where the API gave none.
        named: Whom it says that the message went to.
        held: WhatsApp holds it back, to see how others like it are received: it may still be refused.
    """

    message_id: str
    wamid: str = ""
    created_at: float = 0.0
    named: Named = Named()
    held: bool = False


class RemoteMessage(NamedTuple):
    """A message as the API's list shows it.

    Attributes:
        direction: ``outbound`` or ``inbound``.
        status: The API's word for how far it is.
        created_at: Seconds since the epoch; 0.0 where the API gave none.
        error: Why it failed; empty where it did not, or where the API gives no reason.
        data: The whole object; of what was sent in another shape than the flow's, in the flow's words.
        named: Whose conversation it says that it is in.
        rank: How far it is: 0 not sent yet, 1 sent, 2 delivered, 3 read.
        failed: Whether WhatsApp could not deliver it.
        reference: What it was posted with, see `flowrunner.dialects.Dialect.post`; empty where that was nothing, None
            where the API does not tell.
    """

    message_id: str
    direction: str
    message_type: str
    content: str
    status: str
    created_at: float
    error: str
    data: Mapping[str, Json]
    named: Named = Named()
    rank: int = 0
    failed: bool = False
    reference: str | None = None
    changed_at: float = 0.0


class Conversation(NamedTuple):
    """A conversation as the API shows it.

    Attributes:
        phone: Its phone number, as the API wrote it; empty where it gave none.
        status: ``active`` or ``ended``.
        named: Whose it says that it is.
        inbound_at: When its person wrote last, in seconds since the epoch; 0.0 where the API does not say.
        active_at: When anything was last written in it, likewise.
        number: The id of the number that it is with, see `Dialect.post`; empty where the API does not say.
        newest_id: The id of its newest message; empty where the API does not say.
    """

    conversation_id: str
    phone: str
    status: str
    named: Named = Named()
    inbound_at: float = 0.0
    active_at: float = 0.0
    number: str = ""
    newest_id: str = ""


Health = Literal["healthy", "degraded", "unhealthy", "unknown"]
"""Whether a number can send: yes; yes, but it is limited or about to be; no; nobody said."""


class Account(NamedTuple):
    """The number that a key sends from.

    Attributes:
        number: Its id; empty where the key has several and none is named.
        phone: The number as people write it; empty where the API does not say.
        name: What people are shown.
        reason: What the API says of it beyond that, above all where it is not healthy.
    """

    number: str = ""
    phone: str = ""
    name: str = ""
    health: Health = "unknown"
    reason: str = ""


_TO_ARRIVE: Final = 30.0


class Window(NamedTuple):
    """How long a person may be sent more than templates: 24 hours after they wrote last.

    https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages#customer-service-windows

    Attributes:
        until: Seconds since the epoch, by the API's clock; 0.0 where they never wrote.
        conversation: The id of the conversation it was learnt from; empty where there is none.
    """

    until: float = 0.0
    conversation: str = ""

    def left(self, now: float) -> float:
        """The seconds in which a message may still be begun, from a moment in seconds since the epoch on.

        They end a little early: a message takes a while to arrive, and APIs tell whole seconds.
        """
        return self.until - now - _TO_ARRIVE
