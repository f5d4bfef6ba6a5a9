"""What a webhook's payload tells, whatever its form."""

from collections.abc import Mapping
from typing import NamedTuple

from flowrunner.model import Inbound, Recipient, Told
from flowrunner.model.plain import NOTHING


class Part(NamedTuple):
    """What is told of one number that sends.

    Attributes:
        number: Its phone_number_id; empty where the payload does not say.
        config: Its whatsapp_config_id, likewise.
        told: How far messages have come.
        heard: What people wrote, and who they are.
        refusing: Who wants no more marketing.
    """

    number: str = ""
    config: str = ""
    told: tuple[Told, ...] = ()
    heard: tuple[tuple[Recipient, Inbound], ...] = ()
    refusing: tuple[Recipient, ...] = ()


class Payload(NamedTuple):
    """All that one payload tells.

    Attributes:
        parts: Each of one number.
        ignored: How much of what was not read, by the name of its event.
    """

    parts: tuple[Part, ...] = ()
    ignored: Mapping[str, int] = NOTHING
