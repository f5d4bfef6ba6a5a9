"""How an event is told in each form: the payload, and the headers that say whose it is."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from flowrunner.emulator.api.conversations import Talk
from flowrunner.emulator.api.messages import StoredMessage
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.webhooks import kapso, kapso_v1, meta
from flowrunner.emulator.webhooks.values import Event, FormName, Object, Webhook


class Form(NamedTuple):
    """One form.

    Attributes:
        payload: What is told of an event in a conversation, and of its message if there is one; None for nothing.
        headers: What stands above a payload to a receiver, besides its type: given the event's name, and a key that is
            the same each time that the same event is told. It is signed over the bytes of the body as they are sent.
    """

    payload: Callable[[EmulatorState, Talk, StoredMessage | None, Event], Object | None]
    headers: Callable[[Webhook, str, str, bytes], dict[str, str]]


_FORMS: Final[Mapping[FormName, Form]] = {
    "kapso": Form(kapso.payload, kapso.headers),
    "kapso-v1": Form(kapso_v1.payload, kapso_v1.headers),
    "meta": Form(meta.payload, meta.headers),
}

TELLING: Final[Mapping[str, tuple[FormName, FormName]]] = {"kapso-v1": ("kapso-v1", "kapso"), "meta": ("meta", "meta")}
"""By which forms the senders of a dialect are told: how far messages have come, and all that people say.

Kapso's first payloads have the ids by which v1 knows messages, the second all that people say.
"""


def payload(state: EmulatorState, event: Event, form: FormName) -> Object | None:
    """What is told of an event; None where nothing is told in this form, or it is no longer there."""
    talk, message = state.conversations.known(event.conversation_id), state.message(event.message_id)
    if talk is None or (event.message_id and message is None):
        return None
    if message is not None and event.status >= 0 and not _is_so(message, event):
        return None  # the network has said something else meanwhile
    return _FORMS[form].payload(state, talk, message, event)


def _is_so(message: StoredMessage, event: Event) -> bool:
    statuses = message.statuses
    return event.status < len(statuses) and event.name == f"whatsapp.message.{statuses[event.status].status}"


def headers(hook: Webhook, event: str, key: str, body: bytes) -> dict[str, str]:
    """The headers with which ``body`` is told to a receiver, see `Form`."""
    common = {"Content-Type": "application/json", "User-Agent": "flowrunner-emulator"}
    return {**common, **_FORMS[hook.form].headers(hook, event, key, body)}
