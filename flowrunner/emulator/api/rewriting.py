"""A person edits or deletes what they wrote.

https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages/edit and
https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages/revoke: a message
of its own tells of it, the first one stays in the lists as it was.
"""

from collections.abc import Mapping

from flowrunner.emulator.api.errors import ApiError
from flowrunner.emulator.api.messages import StoredMessage, id_of
from flowrunner.emulator.api.meta.graph import graph
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.api.wire import text_of
from flowrunner.model import Json

EDIT_FOR = 15 * 60.0
"""Seconds after a message in which it can be edited."""
DELETE_FOR = 2 * 24 * 3600.0
"""Seconds after a message in which it can be deleted."""
KINDS = ("edit", "revoke")
_LIMITS: Mapping[str, str] = {
    "edit": "A text or a caption can be edited for 15 minutes, unless it was deleted",
    "revoke": "A message can be deleted for two days, and once",
}
_CAPTIONED = ("image", "video", "document")


def rewritten(state: EmulatorState, conversation_id: str, data: Mapping[str, Json]) -> dict[str, Json]:
    """A person's edit or deletion as it is kept, in Meta's own form under its type.

    Args:
        state: Where the message is that it changes.
        conversation_id: Whose it is.
        data: ``message_type`` (``edit`` or ``revoke``), ``original_message_id`` (a wamid), and of an edit ``content``,
            the new text or caption.

    Raises:
        ApiError: 400, in one sentence why a phone does not do it.
    """
    wamid = text_of(data, "original_message_id")
    original = state.message(id_of(wamid))
    if original is None or original.conversation_id != conversation_id or original.direction != "inbound":
        raise ApiError(400, message="Parameter original_message_id must be the wamid of a message of this person's")
    if data["message_type"] not in can_be(state, original):
        raise ApiError(400, message=_LIMITS[str(data["message_type"])])
    if data["message_type"] == "revoke":
        return {"message_type": "revoke", "content": "", "revoke": {"original_message_id": wamid}}
    content = text_of(data, "content")
    if not content:
        raise ApiError(400, message="Parameter content is required")
    kind = original.body.get("message_type")
    body = {**original.body, "content" if kind == "text" else "caption": content}
    return {
        "message_type": "edit",
        "content": content,
        "edit": {"original_message_id": wamid, "message": graph(body, heard=True)},
    }


def can_be(state: EmulatorState, message: StoredMessage) -> tuple[str, ...]:
    """What a person can still do to a message of theirs: some of `KINDS`."""
    if state.marks.is_deleted(message.id):
        return ()
    age = state.now() - message.created_at
    can = {"edit": age <= EDIT_FOR and _has_words(message), "revoke": age <= DELETE_FOR}
    return tuple(kind for kind in KINDS if can[kind])


def _has_words(message: StoredMessage) -> bool:
    """Whether there is a text or caption that its author can change."""
    kind = message.body.get("message_type")
    return kind == "text" or (kind in _CAPTIONED and bool(message.body.get("caption")))
