"""Whom a flow is for."""

from typing import Final, NamedTuple

CONVERSATION_ID: Final = r"(?!\.+$)[A-Za-z0-9_.:~-]{1,200}"
"""What a conversation's id looks like: it stands in the API's paths."""


class Recipient(NamedTuple):
    """Whom a run is for. ``conversation`` is the API's id; ``phone`` is in international form, or empty."""

    conversation: str = ""
    phone: str = ""

    @property
    def label(self) -> str:
        """What a person calls them: the phone number, or the conversation where there is none."""
        return self.phone or self.conversation


EXAMPLE_RECIPIENT: Final = Recipient(conversation="example", phone="+5215512345678")
"""Who stands in where a preview has no recipient."""
