"""What is told of an event, in each form.

https://docs.kapso.ai/docs/platform/webhooks and
https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages.
"""

from flowrunner.emulator.api.conversations import Talk
from flowrunner.emulator.api.messages import StoredMessage
from flowrunner.emulator.api.meta import told
from flowrunner.emulator.api.meta.routes import conversation_data
from flowrunner.emulator.api.numbers import ACCOUNT_ID, Number
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.webhooks.values import Event, Form
from flowrunner.model import Json

Object = dict[str, Json]


def payload(state: EmulatorState, event: Event, form: Form) -> Object | None:
    """What is told of an event; None where nothing is told in this form, or it is no longer there."""
    talk, message = state.conversations.known(event.conversation_id), state.message(event.message_id)
    if talk is None or (event.message_id and message is None):
        return None
    if message is not None and event.status >= 0 and not _is_so(message, event):
        return None  # the network has said something else meanwhile
    number = state.numbers.of_config(talk.config_id)
    if form == "meta":
        return _meta(number, talk, message, event) if message else None
    if form == "kapso-v1":
        return _kapso_v1(state, number, talk, message)
    about = {"conversation": conversation_data(state, talk), "phone_number_id": number.id}
    if message is None:
        return about
    return {"message": _message(number, talk, message, event), **about, "is_new_conversation": message.position == 1}


def _is_so(message: StoredMessage, event: Event) -> bool:
    statuses = message.statuses
    return event.status < len(statuses) and event.name == f"whatsapp.message.{statuses[event.status].status}"


def _message(number: Number, talk: Talk, message: StoredMessage, event: Event) -> Object:
    """A message as it is at the event, with the person's side alone."""
    at = message.statuses[event.status].at if event.status >= 0 else message.created_at
    whole = told.platform(number, talk, message, at)
    whole["kapso"] = {
        name: whole["kapso"][name]
        for name in ("direction", "status", "processing_status", "origin", "has_media", "content", "statuses")
    }
    return _one_sided(whole, message)


def _one_sided(whole: Object, message: StoredMessage) -> Object:
    ours = "to" if message.direction == "inbound" else "from"
    return {name: value for name, value in whole.items() if name != ours}


def _kapso_v1(state: EmulatorState, number: Number, talk: Talk, message: StoredMessage | None) -> Object:
    about = {
        "conversation": talk.data(),
        "whatsapp_config": {"id": number.config_id, "name": number.name, "phone_number_id": number.id},
    }
    if message is None:
        return about
    whole = message.data(state.now())
    names = (
        "id",
        "message_type",
        "content",
        "direction",
        "status",
        "phone_number",
        "whatsapp_message_id",
        "created_at",
    )
    return {"message": {name: whole[name] for name in names if name in whole}, **about}


def _meta(number: Number, talk: Talk, message: StoredMessage, event: Event) -> Object | None:
    person: Object = {"profile": {"name": talk.name}, "wa_id": told.phone_of(talk), "user_id": talk.user_id}
    value: Object = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": number.digits, "phone_number_id": number.id},
        "contacts": [_plain(person)],
    }
    if message.direction == "inbound":
        value["messages"] = [_plain(_one_sided(told.message(number, talk, message), message))]
    else:
        value["statuses"] = [_plain(told.status(talk, message, event.status) or {})]
    change = {"value": value, "field": "messages"}
    return {"object": "whatsapp_business_account", "entry": [{"id": ACCOUNT_ID, "changes": [change]}]}


def _plain(whole: Object) -> Object:
    """Without what Meta leaves out where it is not known."""
    return {name: value for name, value in whole.items() if value is not None}
