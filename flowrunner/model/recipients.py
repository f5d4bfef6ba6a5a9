"""Whom a flow is for."""

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
EXAMPLE_RECIPIENT: Final = Recipient(conversation="example", phone="+5215512345678")
"""Who stands in where a preview has no recipient."""
