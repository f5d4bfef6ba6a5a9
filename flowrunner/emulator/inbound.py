"""What a person sends, as the API would list it.

The pages of the API's v1 do not show a person's message. What stands under ``message_type_data`` is inferred from what
Meta tells of the same message (https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks):
an interactive answer has a ``type``, an object of that name, and the ``context`` of the message it answers.
"""

from collections.abc import Mapping

from flowrunner.emulator.errors import ApiError
from flowrunner.emulator.messages import MEDIA, id_of, record
from flowrunner.model import Json

_REPLIES: Mapping[str, tuple[str, ...]] = {
    "button_reply": ("id", "title"),
    "list_reply": ("id", "title", "description"),
}


def inbound_body(data: Mapping[str, Json]) -> dict[str, Json]:
    """A person's message as it is kept.

    Args:
        data: ``message_type`` (text when absent) and what belongs to it: ``content`` for text; ``button_reply`` or
            ``list_reply`` (``id``, ``title``, for a row also ``description``) for interactive, with ``context``
            (``id``, the wamid of the message answered) if known; ``reacted_to_message_id`` (a wamid) and
            ``reaction_emoji`` (empty to take it back) for reaction; ``media_url``, ``media_id`` or ``filename``, and
            perhaps ``caption``, for media. Other types need ``content``. Fields not named here are kept as they are.

    Raises:
        ApiError: 400, in one sentence what is missing.
    """
    kind = _text(data, "message_type") or "text"
    body = {"message_type": kind, **data}
    if kind == "interactive":
        return _interactive(body)
    if kind == "reaction":
        if not id_of(_text(body, "reacted_to_message_id")):
            raise ApiError(400, message="Parameter reacted_to_message_id must be the wamid of a message")
        return {**body, "reaction_emoji": _text(body, "reaction_emoji")}
    if kind in MEDIA:
        if not any(_text(body, name) for name in ("media_url", "media_id", "filename")):
            raise ApiError(400, message="Parameter media_url, media_id or filename is required")
    elif not _text(body, "content"):
        raise ApiError(400, message="Parameter content is required")
    for name in ("content", "caption"):
        _text(body, name)
    return body


def _interactive(body: Mapping[str, Json]) -> dict[str, Json]:
    kinds = [kind for kind in _REPLIES if kind in body]
    if len(kinds) != 1 or not isinstance(body[kinds[0]], dict):
        raise ApiError(400, message="Parameter button_reply or list_reply is required")
    kind = kinds[0]
    said = {name: _text(body[kind], name) for name in _REPLIES[kind]}
    if not (said["id"] and said["title"]):
        raise ApiError(400, message=f"Parameter {kind} must have an id and a title")
    reply = {name: value for name, value in said.items() if value}
    return {**body, "type": kind, kind: reply, "content": _text(body, "content") or reply["title"]}


def drawn(body: Mapping[str, Json]) -> Mapping[str, Json]:
    """The message as the chat shows it: an answer to buttons or a list is a text, all others are what they are."""
    return {"message_type": "text", "content": record(body)} if body.get("message_type") == "interactive" else body


def _text(body: Mapping[str, Json], name: str) -> str:
    value = body.get(name, "")
    if not isinstance(value, str):
        raise ApiError(400, message=f"Parameter {name} must be text")
    return value
