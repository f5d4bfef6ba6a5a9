"""Whom a flow is for, and how a file of them is to be read."""

from collections.abc import Mapping
from types import MappingProxyType
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
