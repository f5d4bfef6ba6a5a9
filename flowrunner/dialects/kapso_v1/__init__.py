"""Kapso's v1 API as a `Dialect`, see https://docs.kapso.ai/api/legacy/whatsapp.

A recipient is a conversation, which begins when the customer writes or a template is sent, and ends 24 hours after its
last message; or a phone, whose conversation is found or opened by what is sent to it. A status is learnt from the
conversation's list.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from flowrunner.dialects.content import readable
from flowrunner.dialects.kapso_v1.answers import receipt
from flowrunner.dialects.kapso_v1.lists import conversations, heard, heard_of, messages, path_to, reachable
from flowrunner.dialects.refusals import Row, exclude, reject, stop
from flowrunner.dialects.values import Account, Answer, File, NumberId, RemoteMessage, Request, Window
from flowrunner.model import Inbound, Json, Recipient, compact
from flowrunner.spec.facts import WINDOW, facts_of

if TYPE_CHECKING:
    from flowrunner.dialects import Ask, Auth, LookUp, Same
    from flowrunner.dialects.webhooks.values import Payload
    from flowrunner.model.templates import Template

__all__ = [
    "NUMBER", "PRODUCTION_URL", "account", "addresses", "auth", "conversations", "counts_by_key",
    "encode", "find", "heard", "heard_of",
    "inbound", "is_same", "last_inbound", "lists", "marked", "marks", "messages", "name", "names", "opens", "post",
    "reachable", "receipt", "refusals", "says_status", "split", "status", "templates", "upload", "uploads", "webhook",
    "window",
]  # fmt: skip

name: Final = "kapso-v1"
names: Final = ("phone", "conversation")
PRODUCTION_URL: Final = "https://app.kapso.ai"
NUMBER: Final = NumberId("whatsapp_config_id", r"[A-Za-z0-9-]{0,64}", "7d3f9c1e-5a2b-4c8d-9e6f-1a2b3c4d5e6f")
uploads: Final = False
marks: Final = False
_VERSION: Final = "/api/v1"


def split(host: str, path: str, number: str) -> tuple[str, str]:  # noqa: ARG001  # one API at any host, for all numbers
    """What stands before the API's own paths, and what those begin with; see `Dialect.split`."""
    return path.removesuffix(_VERSION).rstrip("/"), _VERSION


def auth(host: str) -> "Auth":  # noqa: ARG001
    """How the key is shown; see `Dialect.auth`."""
    return "x-api-key"


def lists(root: str) -> bool:  # noqa: ARG001
    """Every conversation's messages can be read; see `Dialect.lists`."""
    return True


def says_status(root: str) -> bool:  # noqa: ARG001
    """A single message cannot be asked for; see `Dialect.says_status`."""
    return False


def counts_by_key(root: str) -> bool:  # noqa: ARG001
    """Kapso's limit is the key's; see `Dialect.counts_by_key`."""
    return True


def addresses(recipient: Recipient) -> bool:
    """Whether there is a conversation; see `Dialect.addresses`."""
    return bool(recipient.conversation)


def opens(body: Mapping[str, Json]) -> bool:
    """Whether it may go to somebody who has not written; see `Dialect.opens`."""
    return facts_of(body).opens


def encode(body: Mapping[str, Json]) -> str:
    """The JSON text of the ``message`` object, with a readable ``content`` where its author wrote none."""
    return compact(body if "content" in body else {**body, "content": readable(body)})


def post(
    recipient: Recipient,
    wire: str,
    reference: str = "",  # noqa: ARG001  # v1 keeps none
    *,
    quoted: str = "",  # noqa: ARG001  # nor does it quote
    number: str = "",
) -> Request:
    """The request that sends a message: to the conversation, else to the phone; see `Dialect.post`.

    The latter finds the phone's active conversation or opens one, with the first configuration where none is named:
    https://docs.kapso.ai/api/legacy/whatsapp/whatsapp-messages/send-a-whatsapp-message-standalone.
    """
    if recipient.conversation or not recipient.phone:
        return Request("POST", f"{path_to(recipient)}/whatsapp_messages", f'{{"message":{wire}}}')
    query = f"?{urlencode({'whatsapp_config_id': number})}" if number else ""
    whom = compact({"phone_number": recipient.phone})
    return Request("POST", f"/whatsapp_messages{query}", f'{{"message":{whom[:-1]},{wire[1:]}}}')


def marked(answer: Answer) -> bool | None:
    """Never asked, see `marks`."""
    raise NotImplementedError(answer)


async def last_inbound(recipient: Recipient, ask: "Ask") -> str:
    """Never asked, see `marks`."""
    raise NotImplementedError(recipient, ask)


async def status(message_id: str, ask: "Ask") -> RemoteMessage:
    """Never asked, see `says_status`."""
    raise NotImplementedError(message_id, ask)


async def upload(file: File, ask: "Ask") -> str:
    """Never asked, see `uploads`."""
    raise NotImplementedError(file.name, ask)


async def window(recipient: Recipient, ask: "Ask", *, number: str = "") -> Window:
    """Until when more than templates may be sent: a day after the newest message that came in; see `Dialect.window`.

    Free text goes to an active conversation only.
    """
    if recipient.conversation:
        its = (await conversations(recipient, ask))[0]
    else:
        from flowrunner.dialects.kapso_v1.finding import active

        found = await active(recipient, partial(conversations, ask=ask, number=number), recipient.phone)
        if found is None:
            return Window()
        its = found
    if its.status != "active":
        return Window()
    if its.inbound_at:
        return Window(its.inbound_at + WINDOW, its.conversation_id)
    there = Recipient(its.conversation_id, recipient.phone)
    came_in = [each for each in await messages(there, ask, to_the_end=False) if each.direction == "inbound"]
    newest = max(came_in, key=lambda each: each.created_at, default=None)
    if newest is None or not newest.created_at:
        return Window(conversation=its.conversation_id)
    return Window(newest.created_at + WINDOW, its.conversation_id)


async def find(meant: Recipient, look_up: "LookUp", called: str) -> Recipient | None:
    """The recipient's active conversation; see `Dialect.find`."""
    from flowrunner.dialects.kapso_v1 import finding  # a check and a preview find nobody

    return await finding.find(meant, look_up, called)


async def account(own: str, number: str, ask: "Ask") -> Account:
    """The number that sends; see `Dialect.account`."""
    from flowrunner.dialects.kapso_v1 import numbers  # no run needs it

    return await numbers.account(own, number, ask)


async def templates(own: str, number: str, account: str, ask: "Ask") -> "list[Template]":
    """Every template of the account; see `Dialect.templates`."""
    from flowrunner.dialects.kapso_v1 import approved  # no run needs it

    return await approved.templates(own, number, account, ask)


def inbound(message: RemoteMessage) -> Inbound | None:
    """What the person wrote; see `Dialect.inbound`."""
    from flowrunner.dialects.kapso_v1.hearing import inbound_of  # only who listens needs it

    return inbound_of(message.data) if message.direction == "inbound" else None


def webhook(secret: str, headers: Mapping[str, str], body: bytes) -> "Payload | None":
    """What Kapso tells by itself; see `Dialect.webhook`."""
    from flowrunner.dialects import webhooks  # only who listens needs it

    return webhooks.received(secret, headers, body)


def is_same(body: Mapping[str, Json], message: RemoteMessage) -> "Same":
    """Whether the API's record is of the message that was sent as ``body``; see `Dialect.is_same`."""
    from flowrunner.dialects import sameness  # only what is in doubt needs it

    return sameness.is_same(body, message)


_REFUSALS: Final = (
    stop("422", "", "configuration not found", "connect a WhatsApp number in Kapso, or check the configuration's id"),
    exclude("400", "", "phone number is required|phone_number is required", "name the person by a phone: --phone"),
    reject("404", "", "message not found", "check reacted_to_message_id: no message has that id"),
    exclude("404", "", "", "a conversation ends 24 hours after its last message: find the new one by --phone"),
    exclude("409", "", "", "look at the conversation in Kapso: its state does not let this message in"),
)


def refusals(root: str) -> Sequence[Row]:  # noqa: ARG001
    """Those of Kapso's conversations and configurations; see `Dialect.refusals`."""
    return _REFUSALS
