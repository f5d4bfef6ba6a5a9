"""Kapso's payloads of version 1, in the words of its v1.

https://docs.kapso.ai/docs/platform/webhooks
"""

from functools import partial

from flowrunner.emulator.api.conversations import Talk
from flowrunner.emulator.api.messages import StoredMessage
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.webhooks import kapso
from flowrunner.emulator.webhooks.values import Event, Object

_NAMES = (
    "id", "message_type", "content", "direction", "status", "phone_number", "whatsapp_message_id", "created_at",
)  # fmt: skip


def payload(state: EmulatorState, talk: Talk, message: StoredMessage | None, _event: Event) -> Object:
    """What is told of an event: the message as it is by now."""
    number = state.numbers.of_config(talk.config_id)
    about = {
        "conversation": talk.data(),
        "whatsapp_config": {"id": number.config_id, "name": number.name, "phone_number_id": number.id},
    }
    if message is None:
        return about
    whole = message.data(state.now())
    return {"message": {name: whole[name] for name in _NAMES if name in whole}, **about}


headers = partial(kapso.headers, version="v1")
