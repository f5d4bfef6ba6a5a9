"""A request that sends a message, read: whom it goes to and what it is."""

from collections.abc import Mapping
from typing import NamedTuple

from flowrunner.emulator.api.conversations import digits, is_phone, is_user_id
from flowrunner.emulator.api.errors import ApiError, invalid
from flowrunner.emulator.api.meta.shapes import any_object, members, missing, text, unknown, word, wrong
from flowrunner.emulator.api.meta.types import TYPES
from flowrunner.emulator.api.numbers import ACCOUNT_ID
from flowrunner.model import Json

_TYPING = members({"type": word("text")})
_ENVELOPE = {
    "messaging_product", "recipient_type", "to", "recipient", "type", "context", "biz_opaque_callback_data",
    "messaging_account_id", "recipient_identity_key_hash",
}  # fmt: skip
_AS_IT_IS = {"data", "flow_action_data"}


class Send(NamedTuple):
    """A message and whom it goes to.

    Attributes:
        called: The recipient as the request has it.
        phone: ``+`` and digits; empty where it goes to a user id.
        user_id: Empty where it goes to a phone.
        graph: The message alone: ``type``, the member of that name, perhaps ``context``.
        reference: ``biz_opaque_callback_data``; empty for none.
    """

    called: str
    phone: str
    user_id: str
    graph: Mapping[str, Json]
    reference: str


class Read(NamedTuple):
    """A mark that a person's message was read; with ``typing`` they see that somebody writes."""

    message_id: str
    typing: bool


def is_read(body: Mapping[str, Json]) -> bool:
    """Whether the request marks a message as read."""
    return "status" in body


def read_mark(body: Mapping[str, Json]) -> Read:
    """The mark that a request makes.

    Raises:
        ApiError: In Meta's form, what is wrong with it.
    """
    _product(body)
    members({"messaging_product": text(), "status": word("read"), "message_id": text()}, {"typing_indicator": _TYPING})(
        body, "message"
    )
    return Read(body["message_id"], "typing_indicator" in body)


def read_send(body: Mapping[str, Json]) -> Send:
    """The message that a request sends; of the message itself only the type is looked at, see `check_graph`.

    Raises:
        ApiError: In Meta's form, what is wrong with the rest.
    """
    _product(body)
    kind = body.get("type")
    if not isinstance(kind, str):
        raise invalid(100, "The parameter type is required.")
    for name in body:
        if name not in _ENVELOPE and name != kind:
            raise unknown(name, "message")
    word("individual", "group")(body.get("recipient_type", "individual"), "recipient_type")
    text(1, 512)(body.get("biz_opaque_callback_data", "-"), "biz_opaque_callback_data")
    if body.get("messaging_account_id", ACCOUNT_ID) != ACCOUNT_ID:
        text_ = "Messaging account does not match the phone number"
        raise ApiError(422, text_, code="messaging_account_mismatch")
    called, phone, user_id = _recipient(body)
    graph = {name: _said(body[name]) for name in ("type", "context", kind) if body.get(name) is not None}
    return Send(called, phone, user_id, graph, body.get("biz_opaque_callback_data", ""))


def _said(value: Json) -> Json:
    """A value without members that are null: to Graph they are not there. What a form is given stays as it is."""
    if isinstance(value, list):
        return [_said(each) for each in value]
    if isinstance(value, Mapping):
        return {
            name: inner if name in _AS_IT_IS else _said(inner) for name, inner in value.items() if inner is not None
        }
    return value


def _product(body: Mapping[str, Json]) -> None:
    if body.get("messaging_product") != "whatsapp":
        raise invalid(100, "The parameter messaging_product is required.")


def _recipient(body: Mapping[str, Json]) -> tuple[str, str, str]:
    """The recipient as called, their phone and their user id; where both are given the phone counts."""
    called, user_id = body.get("to"), body.get("recipient")
    if called is not None:
        if not isinstance(called, str) or not is_phone(called) or not 5 <= len(digits(called)) <= 20:
            raise wrong("to must be a phone number with its country code")
        return called, f"+{digits(called)}", ""
    if user_id is None:
        raise invalid(100, "The parameter to is required.")
    if not isinstance(user_id, str) or not is_user_id(user_id):
        raise wrong("recipient must be a business-scoped user id, such as US.13491208655302741918")
    return user_id, "", user_id


def check_graph(graph: Mapping[str, Json]) -> None:
    """Refuse a message that is not as Meta's pages say.

    Raises:
        ApiError: In Meta's form, what is wrong with it.
    """
    kind = graph["type"]
    word(*TYPES)(kind, "type")
    if kind not in graph:
        raise missing(f"The parameter {kind} is required for type {kind}.")
    if "context" in graph:
        any_object(graph["context"], "context")
        members({"message_id": text()})(graph["context"], "context")
        if kind == "reaction":
            raise invalid(100, "Invalid parameter", "A reaction cannot be a reply")
    TYPES[kind](graph[kind], kind)
    if kind == "interactive" and graph[kind]["type"] == "address_message":
        country = graph[kind]["action"]["parameters"]["country"]
        if country != "IN":
            raise invalid(1026, "Receiver is incapable of receiving this message", status=422)
