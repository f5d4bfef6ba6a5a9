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
        self._messages: set[str] = set()
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
        if message is None or message.id in self._messages:
            return
        self._messages.add(message.id)
        if message.direction == "inbound":
            yield message.created_at, Event("whatsapp.message.received", message.conversation_id, message.id)
            return
        for index, each in enumerate(message.statuses):
            if each.status in _TOLD:
                name = f"whatsapp.message.{each.status}"
                yield each.at, Event(name, message.conversation_id, message.id, index)
