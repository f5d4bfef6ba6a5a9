"""Webhooks as their publishers document them, with names of ours: nothing here is made by the emulator.

Meta: https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages. Kapso:
https://docs.kapso.ai/docs/platform/webhooks, and its agent skills' references (webhooks-event-types.md). Version 1 as
those who received it describe it: https://github.com/tomasleblancu/fizko, KAPSO_PAYLOAD_VERSIONS.md.
"""

import json
from typing import Any

NUMBER = "106540352242922"
OURS = "wamid.OURS="
THEIRS = "wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA="
ANA = {"profile": {"name": "Ana"}, "wa_id": "16505551234", "user_id": "US.13491208655302741918",
       "parent_user_id": "US.ENT.11815799212886844830"}  # fmt: skip
AT = 1749416383


def meta(field: str = "messages", **value: Any) -> dict[str, Any]:
    """Meta's envelope around one change."""
    metadata = {"display_phone_number": "15550783881", "phone_number_id": NUMBER}
    whole = {"messaging_product": "whatsapp", "metadata": metadata, **value}
    entry = {"id": "102290129340398", "changes": [{"value": whole, "field": field}]}
    return {"object": "whatsapp_business_account", "entry": [entry]}


def meta_message(kind: str, its: Any = None, **more: Any) -> dict[str, Any]:
    """One message of a person."""
    found = {"from": "16505551234", "id": THEIRS, "timestamp": str(AT), "type": kind, **more}
    return {**found, kind: its} if its is not None else found


def meta_status(kind: str, **more: Any) -> dict[str, Any]:
    """One status of a message of ours."""
    return {"id": OURS, "status": kind, "timestamp": str(AT), "recipient_id": "16505551234", **more}


TALK = {
    "id": "conv_123", "phone_number": "+15551234567", "status": "active", "last_active_at": "2025-10-28T14:25:01Z",
    "created_at": "2025-10-28T13:40:00Z", "updated_at": "2025-10-28T14:25:01Z", "metadata": {},
    "phone_number_id": NUMBER,
    "kapso": {"contact_name": "Ana", "messages_count": 1, "last_message_id": "wamid.123",
              "last_inbound_at": "2025-10-28T14:25:01Z", "last_outbound_at": None},
}  # fmt: skip


def kapso(message: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """Kapso's payload of version 2."""
    about = {"conversation": TALK, "is_new_conversation": True, "phone_number_id": NUMBER, **more}
    return about if message is None else {"message": message, **about}


def kapso_message(kind: str, its: Any, **kept: Any) -> dict[str, Any]:
    """A message of a person in it."""
    added = {"direction": "inbound", "status": "received", "processing_status": "pending", "origin": "cloud_api"}
    return {"id": "wamid.123", "timestamp": "1730092800", "type": kind, kind: its, "kapso": {**added, **kept}}


def kapso_status(*kinds: str, **last: Any) -> dict[str, Any]:
    """A message of ours with the history of its statuses."""
    found = [{"id": "wamid.456", "status": kind, "timestamp": str(1730092860 + at), "recipient_id": "15551234567"}
             for at, kind in enumerate(kinds)]  # fmt: skip
    found[-1] |= last
    added = {"direction": "outbound", "status": kinds[-1], "processing_status": "completed", "origin": "cloud_api"}
    return {"id": "wamid.456", "timestamp": "1730092860", "type": "text", "text": {"body": "On my way"},
            "kapso": {**added, "has_media": False, "statuses": found}}  # fmt: skip


V1 = {
    "message": {
        "id": "4a5b6c7d-8e9f-0a1b-2c3d-4e5f6a7b8c9d", "message_type": "text", "content": "Hola", "direction": "inbound",
        "conversation_phone_number": "56912345678", "contact_name": "Ana", "has_media": False,
        "created_at": "2025-07-14T15:00:00Z",
    },
    "conversation": {"id": "conv-id"},
    "whatsapp_config": {"id": "1d6ca0a3-91c2-4f13-8a94-28ddb0d5f2f3", "phone_number_id": NUMBER},
}  # fmt: skip
"""Kapso's payload of version 1."""


def v1(**message: Any) -> dict[str, Any]:
    """The same with another message."""
    return {**V1, "message": {**V1["message"], **message}}


def body(payload: Any) -> bytes:
    """A payload as it comes."""
    return json.dumps(payload, ensure_ascii=False).encode()
