"""Kapso's v1 API as a `Dialect`, see https://docs.kapso.ai/api/legacy/whatsapp.

A recipient is a conversation, which must be there before anything is sent: it begins when the customer writes or a
template is sent in Kapso, and ends 24 hours after its last message. A status is learnt from the conversation's list.
"""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from flowrunner.dialects.kapso_v1.answers import receipt
from flowrunner.dialects.kapso_v1.lists import conversations, messages, path_to
from flowrunner.dialects.refusals import reject
from flowrunner.dialects.values import RemoteMessage, Request
from flowrunner.model import Json, Recipient

if TYPE_CHECKING:
    from flowrunner.dialects import LookUp, Same

__all__ = [
    "PRODUCTION_URL", "conversations", "encode", "find", "is_same", "messages", "post", "receipt", "refusals", "version"
]  # fmt: skip

version: Final = "/api/v1"
PRODUCTION_URL: Final = "https://app.kapso.ai"


encode: Final[Callable[[Json], str]] = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, separators=(",", ":")
).encode
"""The JSON text of the message object, or of a part of it as it stands there; see `Dialect.encode`."""


def post(recipient: Recipient, wire: str) -> Request:
    """The request that sends a message; see `Dialect.post`."""
    return Request("POST", f"{path_to(recipient)}/whatsapp_messages", f'{{"message":{wire}}}')


async def find(meant: Recipient, look_up: "LookUp", called: str) -> Recipient | None:
    """The recipient's active conversation; see `Dialect.find`."""
    from flowrunner.dialects.kapso_v1 import finding  # a check and a preview find nobody

    return await finding.find(meant, look_up, called)


def is_same(body: Mapping[str, Json], message: RemoteMessage) -> "Same":
    """Whether the API's record is of the message that was sent as ``body``; see `Dialect.is_same`."""
    from flowrunner.dialects.kapso_v1 import sameness  # only what is in doubt needs it

    return sameness.is_same(body, message)


refusals: Final = (
    reject("409", "", "agent execution", "an agent holds this conversation: hand it over or stop the agent in Kapso"),
    reject("404", "", "message not found", "check reacted_to_message_id: no message has that id"),
    reject("404", "", "", "a conversation ends 24 hours after its last message: find the new one by --phone"),
    reject("409", "", "", "look at the conversation in Kapso: its state does not let this message in"),
)
