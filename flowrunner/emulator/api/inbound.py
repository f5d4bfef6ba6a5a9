"""What a person sends, as the API would list it.

The pages of the API's v1 do not show a person's message. What stands under ``message_type_data`` is inferred from what
Meta tells of the same message (https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks):
an interactive answer has a ``type``, an object of that name, and the ``context`` of the message it answers.
"""

from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from mimetypes import guess_type

from flowrunner.diagnostics import Problem, Severity
from flowrunner.emulator.api.errors import ApiError
from flowrunner.emulator.api.messages import id_of
from flowrunner.emulator.api.records import content
from flowrunner.emulator.api.wire import text_of
from flowrunner.model import Json
from flowrunner.spec import check_message
from flowrunner.spec.facts import facts

_REPLIES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "button_reply": (("id", "title"), ()),
    "list_reply": (("id", "title"), ("description",)),
    "nfm_reply": (("name", "response_json"), ("body",)),
}
"""Each answer to an interactive message: what it must say, and what it may."""
_PRESSED = ("text", "payload")
"""What the answer to a template's quick reply says."""


def inbound_body(data: Mapping[str, Json]) -> dict[str, Json]:
    """A person's message as it is kept.

    Args:
        data: ``message_type`` (text when absent) and what belongs to it: ``content`` for text; ``button_reply`` or
            ``list_reply`` (``id``, ``title``, for a row also ``description``) or ``nfm_reply`` (``name``,
            ``response_json`` and ``body`` of a form) for interactive, with ``context`` (``id``, the wamid of the
            message answered) if known; ``button`` (``text``, ``payload``) for a template's quick reply; ``latitude``
            and ``longitude`` for location; ``contacts`` as they are sent; ``reacted_to_message_id`` (a wamid) and
            ``reaction_emoji`` (empty to take it back) for reaction; ``media_url``, ``media_id`` or ``filename``, and
            perhaps ``caption`` and ``mime_type``, for media. Any type may have just ``content``, what is to be read of
            it, and ``context`` (``id``) where the person quotes a message. Fields not named here are kept as they are.

    Raises:
        ApiError: 400, in one sentence what is missing.
    """
    kind = text_of(data, "message_type") or "text"
    telling = _telling(kind)
    told = [name for name in telling if text_of(data, name)]
    body = {"message_type": kind, **data}
    if "context" in data:
        body["context"] = _said(data, "context", ("id",), ("from",))
    if kind == "interactive" and any(name in data for name in _REPLIES):
        return body | _reply(data)
    if kind == "button" and "button" in data:
        pressed = _said(data, "button", _PRESSED, ())
        return {**body, "button": pressed, "content": text_of(data, "content") or pressed["text"]}
    if kind == "location" and all(isinstance(data.get(name), int | float) for name in ("latitude", "longitude")):
        return {**body, "content": content(body)}
    if kind == "contacts" and "contacts" in data and not text_of(data, "content"):
        if wrong := _faults({"message_type": kind, "contacts": data["contacts"]}):
            raise ApiError(400, message=wrong[0].message)
        return {**body, "content": content(body)}
    if "reacted_to_message_id" in told and not id_of(data["reacted_to_message_id"]):
        raise ApiError(400, message="Parameter reacted_to_message_id must be the wamid of a message")
    if not (told or text_of(data, "content")):
        names = ", ".join((*telling, *(_REPLIES if kind == "interactive" else ()), "content"))
        raise ApiError(400, message=f"Parameter {names.replace(', content', ' or content')} is required")
    for name in ("content", "caption", "reaction_emoji"):
        text_of(data, name)
    return _stored(body) if facts(kind).media and told else body


def _stored(body: Mapping[str, Json]) -> dict[str, Json]:
    """A file with what WhatsApp tells of one that it keeps: an id, its type, its digest. Nobody has its bytes."""
    source = "".join(text_of(body, name) for name in ("media_url", "media_id", "filename"))
    digest = sha256(source.encode()).digest()
    mime, _ = guess_type(source.partition("?")[0])
    made: dict[str, Json] = {
        "media_id": str(int.from_bytes(digest[:6], "big")),
        "mime_type": mime or "application/octet-stream",
        "sha256": b64encode(digest).decode(),
    }
    return {**made, **{name: value for name, value in body.items() if value not in ("", None)}}


def _telling(kind: str) -> tuple[str, ...]:
    """What says enough of a message without ``content``."""
    if facts(kind).media:
        return ("media_url", "media_id", "filename")
    return ("reacted_to_message_id",) if kind == "reaction" else ()


def _reply(data: Mapping[str, Json]) -> dict[str, Json]:
    """Which button was pressed, or which row was chosen."""
    kinds = [kind for kind in _REPLIES if isinstance(data.get(kind), Mapping)]
    if len(kinds) != 1:
        raise ApiError(400, message=f"Parameter {' or '.join(_REPLIES)} must be an object, and only one of them")
    (kind,) = kinds
    reply = _said(data, kind, *_REPLIES[kind])
    shown = reply.get("title") or reply.get("body") or reply.get("name", "")
    return {"type": kind, kind: reply, "content": text_of(data, "content") or shown}


def _said(data: Mapping[str, Json], kind: str, needed: tuple[str, ...], allowed: tuple[str, ...]) -> dict[str, str]:
    """What an object of a message says, in texts."""
    inner = data[kind]
    if not isinstance(inner, Mapping):
        raise ApiError(400, message=f"Parameter {kind} must be an object")
    said = {name: text for name in (*needed, *allowed) if (text := text_of(inner, name))}
    if any(name not in said for name in needed):
        raise ApiError(400, message=f"Parameter {kind} must have {' and '.join(needed)}")
    return said


def drawn(body: Mapping[str, Json]) -> Mapping[str, Json]:
    """The message as the chat shows it; what cannot be drawn as what it is, such as the choice of a row, is a text."""
    kind = str(body.get("message_type"))
    said = {name: value for name, value in body.items() if name != "context"}
    if kind == "text" or facts(kind).media or not _faults(said):  # of these `inbound_body` has seen to it
        return body
    return {"message_type": "text", "content": content(body)}


def _faults(message: Mapping[str, Json]) -> list[Problem]:
    return [each for each in check_message(message) if each.severity is Severity.ERROR]
