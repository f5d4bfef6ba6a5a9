"""The request that sends a message: one endpoint, whoever it is for and whatever it is."""

import json
from collections.abc import Mapping

from flowrunner.dialects.errors import Rejected
from flowrunner.dialects.values import Request
from flowrunner.model import Json, Recipient, compact


def post(
    recipient: Recipient,
    wire: str,
    reference: str = "",
    *,
    quoted: str = "",
    number: str = "",  # noqa: ARG001  # the address has it
) -> Request:
    """The request that sends a message; see `flowrunner.dialects.Dialect.post`.

    The message's own text follows whom it is for. Of one that quotes another, or marks one as read, WhatsApp's id of
    that other is filled in; nothing is quoted where there is none.

    Raises:
        Rejected: The recipient has neither a phone nor a user id.
    """
    whole: Mapping[str, Json] = json.loads(wire)
    if "status" in whole:
        marked = {**whole, "message_id": whole["message_id"] or quoted}
        return _posted({"messaging_product": "whatsapp"}, compact(marked))
    if "context" in whole and not str(whole["context"].get("message_id", "")).startswith("wamid."):
        rest = {name: each for name, each in whole.items() if name != "context"}
        wire = compact({"context": {"message_id": quoted}, **rest} if quoted else rest)
    address = {"messaging_product": "whatsapp", "recipient_type": "individual", **_whom(recipient)}
    if reference:
        address["biz_opaque_callback_data"] = reference
    return _posted(address, wire)


def _posted(address: Mapping[str, str], wire: str) -> Request:
    return Request("POST", "/messages", f"{compact(address)[:-1]},{wire[1:]}")


def _whom(recipient: Recipient) -> dict[str, str]:
    if recipient.phone:
        return {"to": "".join(sign for sign in recipient.phone if sign.isdecimal())}
    if recipient.user_id:
        return {"recipient": recipient.user_id}
    raise Rejected(
        f"nobody knows whose conversation {recipient.conversation} is", hint="name the person by phone or by user id"
    )
