"""What stands on a message besides itself: reactions, and what the person made of it later."""

from collections.abc import Mapping

from flowrunner.emulator.api.messages import StoredMessage
from flowrunner.model import Json

_AIMED = ("reaction", "edit", "revoke")
"""The types of messages that belong to another message."""


class Marks:
    """The marks on all messages, by the ids of these."""

    def __init__(self) -> None:
        self._reactions: dict[str, dict[str, str]] = {}  # message id -> direction -> emoji
        self._edits: dict[str, str] = {}
        self._deleted: set[str] = set()

    def note(self, message_id: str, mark: StoredMessage) -> None:
        """Put a mark on a message: a reaction, an edit or a deletion that was taken."""
        kind = mark.body.get("message_type")
        if kind == "edit":
            self._edits[message_id] = mark.content
        elif kind == "revoke":
            self._deleted.add(message_id)
        else:
            self._reactions.setdefault(message_id, {})[mark.direction] = str(mark.body.get("reaction_emoji") or "")

    def reactions(self, message_id: str) -> tuple[str, ...]:
        """The emoji on a message: at most one of each side, the latest."""
        return tuple(filter(None, self._reactions.get(message_id, {}).values()))

    def edited(self, message_id: str) -> str | None:
        """What a message says after its last edit; None where it was not edited."""
        return self._edits.get(message_id)

    def is_deleted(self, message_id: str) -> bool:
        """Whether the person took it back."""
        return message_id in self._deleted


def target_of(body: Mapping[str, Json]) -> str:
    """WhatsApp's id of the message that this one belongs to; empty where it belongs to none."""
    kind = body.get("message_type")
    if kind not in _AIMED:
        return ""
    if kind == "reaction":
        return str(body.get("reacted_to_message_id") or "")
    its = body.get(kind)
    return str(its.get("original_message_id") or "") if isinstance(its, Mapping) else ""
