"""Kapso's payloads of version 2, in Meta's words, and the headers of both of its versions.

https://docs.kapso.ai/docs/platform/webhooks
"""

import hashlib
import hmac

from flowrunner.emulator.api.conversations import Talk
from flowrunner.emulator.api.messages import StoredMessage
from flowrunner.emulator.api.meta import told
from flowrunner.emulator.api.meta.routes import conversation_data
from flowrunner.emulator.api.numbers import Number
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.webhooks.values import Event, Object, Webhook


def payload(state: EmulatorState, talk: Talk, message: StoredMessage | None, event: Event) -> Object:
    """What is told of an event."""
    number = state.numbers.of_config(talk.config_id)
    about = {"conversation": conversation_data(state, talk), "phone_number_id": number.id}
    if message is None:
        return about
    return {"message": _message(number, talk, message, event), **about, "is_new_conversation": message.position == 1}


def _message(number: Number, talk: Talk, message: StoredMessage, event: Event) -> Object:
    """A message as it is at the event, with the person's side alone."""
    at = message.statuses[event.status].at if event.status >= 0 else message.created_at
    whole = told.platform(number, talk, message, at)
    whole["kapso"] = {
        name: whole["kapso"][name]
        for name in ("direction", "status", "processing_status", "origin", "has_media", "content", "statuses")
    }
    return told.one_sided(whole, message)


def headers(hook: Webhook, event: str, key: str, body: bytes, version: str = "v2") -> dict[str, str]:
    """The headers of a payload; see `flowrunner.emulator.webhooks.forms.Form`."""
    found = {"X-Webhook-Event": event, "X-Idempotency-Key": key, "X-Webhook-Payload-Version": version}
    signature = hmac.new(hook.secret.encode(), body, hashlib.sha256).hexdigest()
    return {**found, "X-Webhook-Signature": signature} if hook.secret else found
