"""What is known of messages beside their form: of each type, as its schema says it, and of WhatsApp's limits."""

from collections.abc import Mapping
from functools import cache
from typing import Final, NamedTuple

from flowrunner.model import Json, Status
from flowrunner.spec.files import KINDS, kind_of, message_schema

WINDOW: Final = 24 * 3600.0
"""Seconds after the customer's last message in which free-form messages may be sent."""
PAIR_BURST: Final = 45
"""Messages that one recipient may get in a row; then one each `PAIR_SECONDS`.

https://developers.facebook.com/documentation/business-messaging/whatsapp/about-the-platform
"""
PAIR_SECONDS: Final = 6.0


class TypeFacts(NamedTuple):
    """What a type's schema says under ``x-facts``.

    Attributes:
        media: WhatsApp fetches a file for it before the phone can have it.
        slow: A message that is sent after it may reach the phone before it
            (https://github.com/theopenconversationkit/tock/issues/1860).
        opens: It may be sent when the customer has not written within the `WINDOW`.
        last: How far it comes; nothing more is ever heard of it.
    """

    media: bool = False
    slow: bool = False
    opens: bool = False
    last: Status = "read"


@cache
def facts(kind: str) -> TypeFacts:
    """What is known of a kind of message; of one that is none, nothing."""
    known = message_schema(kind).get("x-facts", {}) if kind in KINDS else {}
    return TypeFacts(**known)


def facts_of(body: Mapping[str, Json]) -> TypeFacts:
    """What is known of one message; a media header makes it as slow as the file is."""
    found = facts(kind_of(body))
    return found._replace(media=True, slow=True) if facts(str(body.get("header_type", ""))).media else found
