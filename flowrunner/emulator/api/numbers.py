"""The business's own numbers, from which messages go: on v1 a configuration names one, on Meta's shape its own id."""

import uuid
from collections.abc import Iterator
from typing import NamedTuple

from flowrunner.emulator.api.conversations import CONFIG
from flowrunner.model import Json

NUMBER_ID = "100000000000001"
"""What Meta calls the emulator's first number: its ``phone_number_id``."""
ACCOUNT_ID = "200000000000001"
"""The WhatsApp Business Account of all numbers; it has the templates."""
_FIRST = 15_550_100_001


class Number(NamedTuple):
    """One number of the business.

    Attributes:
        id: Meta's ``phone_number_id``, digits.
        config_id: The id of v1's configuration, a UUID.
        digits: The number itself, in international form.
        name: What people are shown.
    """

    id: str
    config_id: str
    digits: str
    name: str

    @property
    def display(self) -> str:
        """The number as people write it."""
        return f"+{self.digits[0]} {self.digits[1:4]}-{self.digits[4:7]}-{self.digits[7:]}"

    def identity(self) -> dict[str, Json]:
        """What both Kapso's configuration and its platform's number tell of it."""
        return {
            "name": self.name,
            "display_name": f"{self.name} ({self.display})",
            "phone_number_id": self.id,
            "business_account_id": ACCOUNT_ID,
            "display_phone_number": self.display,
            "display_phone_number_normalized": self.digits,
            "is_coexistence": False,
            "inbound_processing_enabled": True,
            "calls_enabled": False,
        }


class Numbers:
    """All numbers. One that is asked for is there: an id of digits, or a configuration's UUID."""

    def __init__(self) -> None:
        self._by_id: dict[str, Number] = {}
        self._by_config: dict[str, Number] = {}
        self._add(NUMBER_ID, CONFIG)

    def _add(self, number_id: str, config_id: str) -> Number:
        count = len(self._by_id)
        number = Number(number_id, config_id, str(_FIRST + count), f"Emulator {count + 1}" if count else "Emulator")
        self._by_id[number_id] = self._by_config[config_id] = number
        return number

    def get(self, number_id: str) -> Number:
        """The number that Meta calls so; ``number_id`` is of digits."""
        return self._by_id.get(number_id) or self._add(number_id, str(uuid.uuid5(uuid.NAMESPACE_OID, number_id)))

    def of_config(self, config_id: str) -> Number:
        """The number of a configuration of v1."""
        made = str(int(NUMBER_ID) + len(self._by_id))
        return self._by_config.get(config_id) or self._add(made, config_id)

    def known_config(self, config_id: str) -> Number | None:
        """The number of a configuration of v1, where it was asked for before."""
        return self._by_config.get(config_id)

    def known(self, number_id: str) -> Number | None:
        """The number that Meta calls so, where it was asked for before."""
        return self._by_id.get(number_id)

    def __iter__(self) -> Iterator[Number]:
        return iter(tuple(self._by_id.values()))


def is_number_id(text: str) -> bool:
    """Whether it can be one of Meta's ids: digits."""
    return text.isascii() and text.isdigit() and len(text) <= 32
