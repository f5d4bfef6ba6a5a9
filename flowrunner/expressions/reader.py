"""For whom a text is rendered: the language they read, where they are, and the clock they live by."""

from datetime import tzinfo
from typing import Final, NamedTuple

from flowrunner.model import EXAMPLE_RECIPIENT, Recipient
from flowrunner.model import NOBODY as NO_RECIPIENT

READER: Final = "\0reader"
"""The name of the reader among the values of a text; no expression can read it."""


class Reader(NamedTuple):
    """Who reads a text.

    Attributes:
        language: The code of what they read; empty where the flow does not say it.
        recipient: Who it is: their phone tells where they are.
        timezone: The name of their time zone, where it is given.
    """

    language: str = ""
    recipient: Recipient = NO_RECIPIENT
    timezone: str = ""

    @property
    def country(self) -> str:
        """Two letters; empty where nobody knows it."""
        if not self.recipient.phone or self.recipient == EXAMPLE_RECIPIENT:
            return ""
        from flowrunner.phones.regions import region_of

        return region_of(self.recipient.phone)

    @property
    def zone(self) -> tzinfo | None:
        """Their time zone; None where nobody knows it."""
        from flowrunner.phones.zones import zone_of

        return zone_of(self.recipient, self.timezone)


NOBODY: Final = Reader()
