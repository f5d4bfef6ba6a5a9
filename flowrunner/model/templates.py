"""WhatsApp's message templates, as the account that sends has them."""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from flowrunner.model.plain import Json

TEMPLATE_PLACE: Final = r"\{\{\s*([0-9]+|[A-Za-z][A-Za-z0-9_]*)\s*\}\}"
"""A place in a template's text where a value goes: ``{{1}}``, ``{{name}}``.

https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/overview
"""


class Template(NamedTuple):
    """One template in one language.

    Attributes:
        status: ``APPROVED``, or why it cannot be sent: ``PENDING``, ``REJECTED``, ``PAUSED``, ``DISABLED``, ``DRAFT``.
        category: ``UTILITY``, ``MARKETING`` or ``AUTHENTICATION``.
        components: Header, body, footer, buttons and the like, as Meta lists them; empty where the API gave none.
    """

    name: str
    language: str
    status: str
    category: str
    components: tuple[Mapping[str, Json], ...]

    def part(self, kind: str) -> Mapping[str, Json]:
        """The component of a kind, ``BODY``; empty where it has none."""
        return next((each for each in self.components if each["type"] == kind), {})

    def places(self, kind: str) -> list[str]:
        """The names of the places in a component's text, each once; numbers in their order."""
        found = dict.fromkeys(re.findall(TEMPLATE_PLACE, str(self.part(kind).get("text", ""))))
        return sorted(found, key=lambda name: int(name) if name.isdigit() else 0)

    @property
    def buttons(self) -> tuple[Mapping[str, Json], ...]:
        """Its buttons, in their order."""
        return tuple(self.part("BUTTONS").get("buttons", ()))


Templates = Mapping[tuple[str, str], Template]
"""All templates of an account, by name and language."""
