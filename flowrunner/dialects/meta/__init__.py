"""Meta's messages as a `Dialect`: at Kapso's proxy, which keeps what was sent and lists it, or at Meta's own Graph API.

https://docs.kapso.ai/api/meta/whatsapp; https://developers.facebook.com/documentation/business-messaging/whatsapp.

A recipient is a phone or a business-scoped user id; a conversation is what Kapso makes of the messages with them. The
number that sends stands in every path.
"""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from flowrunner.dialects.errors import MOMENT
from flowrunner.dialects.meta.answers import marked, receipt
from flowrunner.dialects.meta.encoding import encode
from flowrunner.dialects.meta.finding import find
from flowrunner.dialects.meta.lists import (
    conversations,
    heard,
    heard_of,
    last_inbound,
    messages,
    reachable,
    status,
    window,
)
from flowrunner.dialects.meta.posting import post
from flowrunner.dialects.meta.uploading import upload
from flowrunner.dialects.refusals import Row, retry
from flowrunner.dialects.values import Account, NumberId, RemoteMessage
from flowrunner.model import Inbound, Json, Recipient
from flowrunner.spec.facts import facts_of

if TYPE_CHECKING:
    from flowrunner.dialects import Ask, Auth, Same
    from flowrunner.dialects.webhooks.values import Payload
    from flowrunner.model.templates import Template

__all__ = [
    "NUMBER", "PRODUCTION_URL", "account", "addresses", "auth", "conversations", "counts_by_key",
    "encode", "find", "heard", "heard_of",
    "inbound", "is_same", "last_inbound", "lists", "marked", "marks", "messages", "name", "names", "opens", "post",
    "reachable", "receipt", "refusals", "says_status", "split", "status", "templates", "upload", "uploads", "webhook",
    "window",
]  # fmt: skip

name: Final = "meta"
names: Final = ("phone", "conversation", "user_id")
PRODUCTION_URL: Final = "https://api.kapso.ai"
NUMBER: Final = NumberId("phone_number_id", r"[0-9]{1,32}", "1234567890")
uploads: Final = True
marks: Final = True
# Whatever its words, but for those of an agent: nothing was sent, and Kapso gives this status no other meaning here.
_IN_FLIGHT: Final = retry("409", "", "", MOMENT, "another message to this person is still on its way")
_GRAPH: Final = "graph.facebook.com"
_VERSION: Final = "/v24.0"
_PROXY: Final = "/meta/whatsapp"
_PATH: Final = re.compile(r"(.*?)((?:/api)?/meta(?:/whatsapp)?)?(/v\d+\.\d+)?")


def split(host: str, path: str, number: str) -> tuple[str, str]:
    """What stands before the API's own paths, and what those begin with; see `Dialect.split`.

    A path that is a version alone is Graph's own shape, at whatever host.
    """
    found = _PATH.fullmatch(path.removesuffix(f"/{number}"))
    assert found is not None  # noqa: S101  # each part may be empty
    before, proxy, version = (part or "" for part in found.groups())
    is_graph = host == _GRAPH or bool(version and not proxy)
    return before, f"{'' if is_graph else proxy or _PROXY}{version or _VERSION}/{number}"


def auth(host: str) -> "Auth":
    """Kapso has a header of its own; see `Dialect.auth`."""
    return "bearer" if host == _GRAPH else "x-api-key"


def lists(root: str) -> bool:
    """Whether it is Kapso's proxy: Graph tells what became of a message by webhooks alone; see `Dialect.lists`."""
    return "/meta/" in root


says_status = lists
counts_by_key = lists


def refusals(root: str) -> Sequence[Row]:
    """Whoever has no Kapso is sent to Meta's own pages; see `Dialect.refusals`."""
    if lists(root):
        return (_IN_FLIGHT,)
    from flowrunner.dialects.meta.graph_refusals import AT_GRAPH  # only who is refused there needs it

    return (_IN_FLIGHT, *AT_GRAPH)


def addresses(recipient: Recipient) -> bool:
    """Whether there is a phone or a user id; see `Dialect.addresses`."""
    return bool(recipient.phone or recipient.user_id)


def opens(body: Mapping[str, Json]) -> bool:
    """Whether it may go to somebody who has not written; see `Dialect.opens`."""
    return facts_of(body).opens


async def account(own: str, number: str, ask: "Ask") -> Account:
    """The number that sends; see `Dialect.account`."""
    from flowrunner.dialects.meta import numbers  # no run needs it

    return await numbers.account(own, number, ask)


async def templates(own: str, number: str, account: str, ask: "Ask") -> "list[Template]":
    """Every template of the account; see `Dialect.templates`."""
    from flowrunner.dialects.meta import approved  # no run needs it

    return await approved.templates(own, number, account, ask)


def inbound(message: RemoteMessage) -> Inbound | None:
    """What the person wrote; see `Dialect.inbound`."""
    from flowrunner.dialects.meta.hearing import inbound_of  # only who listens needs it

    return inbound_of(message.data) if message.direction == "inbound" else None


def webhook(secret: str, headers: Mapping[str, str], body: bytes) -> "Payload | None":
    """What Kapso or Meta tells by itself; see `Dialect.webhook`."""
    from flowrunner.dialects import webhooks  # only who listens needs it

    return webhooks.received(secret, headers, body)


def is_same(body: Mapping[str, Json], message: RemoteMessage) -> "Same":
    """Whether the API's record is of the message that was sent as ``body``; see `Dialect.is_same`."""
    from flowrunner.dialects.meta import sameness  # only what is in doubt needs it

    return sameness.is_same(body, message)
