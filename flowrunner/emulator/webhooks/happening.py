"""Which events come of what the emulator does, and when each is due."""

from collections.abc import Iterator

from flowrunner.emulator.api.state import Change, EmulatorState
from flowrunner.emulator.webhooks.values import Event

_TOLD = ("sent", "delivered", "read", "failed")


class Happenings:
    """Turns changes of the state into events, each once.

    Args:
        state: What changes.
    """

    def __init__(self, state: EmulatorState) -> None:
        self._state = state
        self._messages: set[tuple[str, int, str]] = set()  # with each status by its place, and as what it stood there
        self._talks: dict[str, str] = {talk.id: talk.status for talk in state.conversations}

    def events(self, change: Change) -> Iterator[tuple[float, Event]]:
        """The events of a change, each with the moment from which on it is true, in seconds since the epoch."""
        if change.kind == "reset":
            self._messages, self._talks = set(), {}
        if talk := self._state.conversations.known(change.conversation_id):
            before = self._talks.get(talk.id)
            self._talks[talk.id] = talk.status
            if before is None:
                yield self._state.now(), Event("whatsapp.conversation.created", talk.id)
            if talk.status == "ended" != before:
                yield self._state.now(), Event("whatsapp.conversation.ended", talk.id)
        message = self._state.message(change.message_id)
        if message is None:
            return
        if message.direction == "inbound":
            if self._is_new(message.id, -1, "received"):
                yield message.created_at, Event("whatsapp.message.received", message.conversation_id, message.id)
            return
        for index, each in enumerate(message.statuses):
            if each.status in _TOLD and self._is_new(message.id, index, each.status):
                name = f"whatsapp.message.{each.status}"
                yield each.at, Event(name, message.conversation_id, message.id, index)

    def _is_new(self, message_id: str, index: int, status: str) -> bool:
        key = message_id, index, status
        is_new = key not in self._messages
        self._messages.add(key)
        return is_new
