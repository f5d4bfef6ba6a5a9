"""Where events are told, in which form, and what one event is."""

import ipaddress
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple, get_args
from urllib.parse import urlsplit

from flowrunner.model import Json

Object = dict[str, Json]
FormName = Literal["kapso", "kapso-v1", "meta"]
"""Kapso's payloads of version 2 or 1, or Meta's own, which Kapso passes on; see `forms`."""
FORMS: Final[tuple[FormName, ...]] = get_args(FormName)


@dataclass(frozen=True, slots=True)
class Webhook:
    """One receiver.

    Attributes:
        url: Of a program on this machine.
        secret: What payloads are signed with; empty for no signature.
        events: The names of those that are told; empty for all.
    """

    url: str
    form: FormName = "kapso"
    secret: str = field(default="", repr=False)
    events: frozenset[str] = frozenset()


class Event(NamedTuple):
    """Something that is told.

    Attributes:
        name: As ``whatsapp.message.delivered``.
        conversation_id: Where it happened.
        message_id: Of the message; empty for what happened to the conversation itself.
        status: Which of the message's statuses; -1 where it is none.
    """

    name: str
    conversation_id: str
    message_id: str = ""
    status: int = -1


def webhook(url: str, form: str = "kapso", secret: str = "") -> Webhook:
    """A receiver that is on this machine.

    Raises:
        ValueError: In a sentence, why it can be none.
    """
    parts = urlsplit(url)
    if parts.scheme != "http" or not _is_here(parts.hostname or ""):
        raise ValueError(f'"{url}" is not an address of this machine, such as http://127.0.0.1:8700/')
    for known in FORMS:
        if form == known:
            return Webhook(url, known, secret)
    raise ValueError(f'there is no form "{form}" (there are: {", ".join(FORMS)})')


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
