"""Meta's own payloads, which tell of messages alone.

https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages
"""

import hashlib
import hmac

from flowrunner.emulator.api.conversations import Talk
from flowrunner.emulator.api.messages import StoredMessage
from flowrunner.emulator.api.meta import told
from flowrunner.emulator.api.numbers import ACCOUNT_ID
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.webhooks.values import Event, Object, Webhook


def payload(state: EmulatorState, talk: Talk, message: StoredMessage | None, event: Event) -> Object | None:
    """What is told of an event; None where it is not of a message."""
    if message is None:
        return None
    number = state.numbers.of_config(talk.config_id)
    person: Object = {"profile": {"name": talk.name}, "wa_id": told.phone_of(talk), "user_id": talk.user_id}
    value: Object = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": number.digits, "phone_number_id": number.id},
        "contacts": [_plain(person)],
    }
    if message.direction == "inbound":
        value["messages"] = [_plain(told.one_sided(told.message(number, talk, message), message))]
    else:
        value["statuses"] = [_plain(told.status(talk, message, event.status) or {})]
    change = {"value": value, "field": "messages"}
    return {"object": "whatsapp_business_account", "entry": [{"id": ACCOUNT_ID, "changes": [change]}]}


def _plain(whole: Object) -> Object:
    """Without what Meta leaves out where it is not known."""
    return {name: value for name, value in whole.items() if value is not None}


def headers(hook: Webhook, _event: str, _key: str, body: bytes) -> dict[str, str]:
    """The headers of a payload, which do not name the event; see `flowrunner.emulator.webhooks.forms.Form`."""
    found = {"X-Idempotency-Key": hashlib.sha256(body).hexdigest()}
    signature = hmac.new(hook.secret.encode(), body, hashlib.sha256).hexdigest()
    return {**found, "X-Hub-Signature-256": f"sha256={signature}"} if hook.secret else found
