"""Whom a flow is for, and how a file of them is to be read."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

CONVERSATION_ID: Final = r"(?!\.+$)[A-Za-z0-9_.:~-]{1,200}"
"""What a conversation's id looks like: it stands in the API's paths."""


USER_ID: Final = r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}"
"""What a business-scoped user id looks like: a country, a dot, and what WhatsApp made up; ``US.ENT.`` where several
businesses share it. https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids
"""


class Recipient(NamedTuple):
    """Whom a run is for, by one of three names or more; each is empty where it is not known.

    Attributes:
        conversation: The API's id of the conversation with them.
        phone: Their number in international form.
        user_id: What WhatsApp calls them to this business (``US.1349...``); who has a username may show no number.
    """

    conversation: str = ""
    phone: str = ""
    user_id: str = ""

    @property
    def label(self) -> str:
        """What a person calls them: the phone number, else the user id, else the conversation."""
        return self.phone or self.user_id or self.conversation


NOBODY: Final = Recipient()
EXAMPLE_RECIPIENT: Final = Recipient("example", "+5215512345678", "MX.13491208655302741918")
"""Who stands in where a preview has no recipient."""


class OptOut(NamedTuple):
    """Somebody who wants to be written to no more.

    Attributes:
        recipient: Who, by the names that it was kept with; of several of a kind the latest.
        reason: What they said, or why it was kept.
        at: When, in seconds since the epoch.
        target: The API at which they did; empty where it was kept for all of them.
        run: The run in which they said so; empty where it was none.
    """

    recipient: Recipient
    reason: str
    at: float
    target: str = ""
    run: str = ""


class Reading(NamedTuple):
    """How a file of recipients is to be read.

    Attributes:
        region: The country of the phone numbers that are written without one, as two letters.
        columns: The names of columns by the input (or ``phone`` and the like) that they are for.
        encoding: What the file's text is in; empty for UTF-8.
        comma: Whether numbers have a decimal comma.
        timezone: By which clock those live whose row and phone do not say.
    """

    region: str = ""
    columns: Mapping[str, str] = MappingProxyType({})
    encoding: str = ""
    comma: bool = False
    timezone: str = ""
