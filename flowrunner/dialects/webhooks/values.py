"""What a webhook's payload tells, whatever its form."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from flowrunner.model import Inbound, Recipient, Told
from flowrunner.model.plain import NOTHING

UNREADABLE: Final = "unreadable"
"""In the place of an event's name, where a body is no JSON."""


class Part(NamedTuple):
    """What is told of one number that sends.

    Attributes:
        numbers: Its ids, each under what it is called there, see `flowrunner.dialects.values.NumberId`; without those
            that the payload does not say.
        told: How far messages have come.
        heard: What people wrote, and who they are.
        refusing: Who wants no more marketing.
        allowing: Who wants it again.
    """

    numbers: Mapping[str, str] = NOTHING
    told: tuple[Told, ...] = ()
    heard: tuple[tuple[Recipient, Inbound], ...] = ()
    refusing: tuple[Recipient, ...] = ()
    allowing: tuple[Recipient, ...] = ()


class Payload(NamedTuple):
    """All that one payload tells.

    Attributes:
        parts: Each of one number.
        ignored: How much of what was not read, by the name of its event.
    """

    parts: tuple[Part, ...] = ()
    ignored: Mapping[str, int] = NOTHING
