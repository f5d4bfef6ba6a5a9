"""pywa reads webhooks: ``pywa_hears.py`` takes one a line of standard input, ``{"body", "signature"}``; prints JSON.

Run it by a Python that has pywa.
"""

import json
import sys
from typing import Any

from pywa import WhatsApp, filters, types

wa = WhatsApp("100000000000001", "any", app_secret="secret", server=None)
heard: list[Any] = []


@wa.on_message
def _(_client: WhatsApp, message: types.Message) -> None:
    heard.append(["message", message.type.value, message.from_user.wa_id, message.from_user.name, message.text])


@wa.on_callback_button
def _(_client: WhatsApp, button: types.CallbackButton[str]) -> None:
    heard.append(["button", button.data, button.title])


@wa.on_callback_selection
def _(_client: WhatsApp, row: types.CallbackSelection[str]) -> None:
    heard.append(["row", row.data, row.title])


@wa.on_message_status(filters.true)
def _(_client: WhatsApp, status: types.MessageStatus[str]) -> None:
    heard.append(["status", status.status.value, status.tracker])


refused = [
    wa.webhook_update_validator(each["body"].encode(), each["signature"])
    or wa.webhook_update_handler(each["body"].encode())[1]
    for each in map(json.loads, sys.stdin)
]
sys.stdout.write(json.dumps({"answers": refused, "heard": heard}))
