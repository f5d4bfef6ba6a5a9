"""Kapso's v1 API as a `Dialect`, see https://docs.kapso.ai/api/legacy/whatsapp.

A recipient is a conversation, which must be there before anything is sent: it begins when the customer writes or a
template is sent in Kapso, and ends 24 hours after its last message. A status is learnt from the conversation's list.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from flowrunner.dialects.kapso_v1.answers import receipt
from flowrunner.dialects.kapso_v1.content import readable
from flowrunner.dialects.kapso_v1.finding import find
from flowrunner.dialects.kapso_v1.lists import conversations, messages, path_to
from flowrunner.dialects.refusals import reject
from flowrunner.dialects.values import RemoteMessage, Request
from flowrunner.model import Json, Recipient, compact

if TYPE_CHECKING:
    from flowrunner.dialects import Same

__all__ = [
    "PRODUCTION_URL", "conversations", "encode", "find", "is_same", "messages", "name", "post", "receipt", "refusals",
    "version",
]  # fmt: skip

name: Final = "kapso-v1"
version: Final = "/api/v1"
PRODUCTION_URL: Final = "https://app.kapso.ai"


def encode(body: Mapping[str, Json]) -> str:
    """The JSON text of the ``message`` object, with a readable ``content`` where its author wrote none."""
    return compact(body if "content" in body else {**body, "content": readable(body)})


def post(recipient: Recipient, wire: str, reference: str = "") -> Request:  # noqa: ARG001  # v1 keeps none
    """The request that sends a message; see `Dialect.post`."""
    return Request("POST", f"{path_to(recipient)}/whatsapp_messages", f'{{"message":{wire}}}')


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
