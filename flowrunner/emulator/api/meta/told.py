"""What Meta's shape tells of messages and conversations, with what Kapso adds under ``kapso``.

The fields are those of Kapso's pages: https://docs.kapso.ai/api/platform/v1/messages/get-message and
https://docs.kapso.ai/docs/whatsapp/business-scoped-user-ids. Of people without a phone number every field that would
hold it is null.
"""

import re
from collections.abc import Collection, Mapping

from flowrunner.emulator.api.conversations import Talk, digits
from flowrunner.emulator.api.dates import iso
from flowrunner.emulator.api.messages import StoredMessage, has_file
from flowrunner.emulator.api.meta.graph import graph
from flowrunner.emulator.api.numbers import Number
from flowrunner.emulator.api.records import type_data
from flowrunner.model import Json

_FIELDS = re.compile(r"kapso\(([a-z_,\s]*)\)")


def wanted(fields: str) -> Collection[str] | None:
    """Which members of ``kapso`` the query's ``fields`` ask for; None for all of them."""
    found = _FIELDS.search(fields)
    return None if found is None else {each.strip() for each in found[1].split(",")} - {""}


def phone_of(talk: Talk) -> str | None:
    """The person's number as Meta writes it, digits; None where there is none."""
    return digits(talk.phone) or None


def message(number: Number, talk: Talk, stored: StoredMessage) -> dict[str, Json]:
    """A message without what Kapso adds."""
    person, inbound = phone_of(talk), stored.direction == "inbound"
    told: dict[str, Json] = {
        "id": stored.wamid,
        "timestamp": str(int(stored.created_at + stored.shift)),
        "from": person if inbound else number.digits,
        "to": number.digits if inbound else person,
        **(stored.graph if stored.graph is not None else graph(stored.body, heard=inbound)),
    }
    told["from_user_id" if inbound else "to_user_id"] = talk.user_id
    if "context" in told and "message_id" in told["context"]:
        told["context"] = {"id": told["context"]["message_id"]}
    elif "context" in told and inbound:
        # Whose message it is that the person answers; the emulator's page lets them quote the business's alone.
        told["context"] = {"from": number.digits, **told["context"]}
    return told


def kapso(talk: Talk, stored: StoredMessage, now: float) -> dict[str, Json]:
    """What Kapso adds to a message in its proxy's lists."""
    status = stored.status_at(now).status
    added: dict[str, Json] = {
        "direction": stored.direction,
        "status": status,
        "processing_status": "pending" if status == "pending" else "processed",
        "phone_number": phone_of(talk),
        "has_media": has_file(stored.body),
        "whatsapp_conversation_id": talk.id,
        "contact_name": talk.name or None,
        "content": stored.content,
        "message_type_data": type_data(stored.body),
    }
    if stored.body.get("media_url"):
        added["media_url"] = stored.body["media_url"]
    return added


def platform(number: Number, talk: Talk, stored: StoredMessage, now: float) -> dict[str, Json]:
    """A message as Kapso's platform tells of it, with the history of its statuses."""
    history = [status(talk, stored, index) for index, each in enumerate(stored.statuses) if each.at <= now]
    statuses = [each for each in history if each]
    more: dict[str, Json] = {"origin": "cloud_api", "phone_number_id": number.id, "statuses": statuses}
    return {**message(number, talk, stored), "kapso": {**kapso(talk, stored, now), **more}}


def one_sided(whole: Mapping[str, Json], stored: StoredMessage) -> dict[str, Json]:
    """A message as webhooks tell it: with the person's side alone."""
    ours = "to" if stored.direction == "inbound" else "from"
    return {name: value for name, value in whole.items() if name != ours}


def status(talk: Talk, stored: StoredMessage, index: int) -> dict[str, Json] | None:
    """A status as Meta's webhook tells of it; None for one that Meta never tells: pending, received.

    The reference of the message stands in it, as Meta says of its webhooks; that Kapso keeps it is inferred.
    """
    change = stored.statuses[index]
    if stored.direction == "inbound" or change.status == "pending":
        return None
    told: dict[str, Json] = {
        "id": stored.wamid,
        "status": change.status,
        "timestamp": str(int(change.at + stored.shift)),
        "recipient_id": phone_of(talk),
        "recipient_user_id": talk.user_id,
    }
    if stored.reference:
        told["biz_opaque_callback_data"] = stored.reference
    if change.status == "failed" and stored.failure:
        told["errors"] = [stored.failure.data()]
    return told


def conversation(number: Number, talk: Talk, last: StoredMessage | None, count: int, ahead: float) -> dict[str, Json]:
    """A conversation, as proxy, platform and webhooks tell of it; ``ahead``: by how many seconds their clock is."""
    return {
        "id": talk.id,
        "phone_number": phone_of(talk),
        "business_scoped_user_id": talk.user_id,
        "phone_number_id": number.id,
        "status": talk.status,
        "last_active_at": iso(talk.last_active_at + ahead),
        "created_at": iso(talk.created_at),
        "updated_at": iso(talk.last_active_at + ahead),
        "metadata": {},
        "kapso": {
            "contact_name": talk.name or None,
            "messages_count": count,
            "last_message_id": last.wamid if last else None,
            "last_message_type": str(last.body.get("message_type", "text")) if last else None,
            "last_message_timestamp": iso(last.created_at + last.shift) if last else None,
            "last_message_text": last.content if last else None,
            "last_inbound_at": _when(talk.window_since, ahead),
            "last_outbound_at": _when(talk.last_outbound_at, ahead),
        },
    }


def _when(at: float | None, ahead: float) -> str | None:
    return None if at is None else iso(at + ahead)


def only(told: Mapping[str, Json], fields: Collection[str] | None) -> dict[str, Json]:
    """A message or conversation with those members of ``kapso`` that were asked for; None for all."""
    if fields is None:
        return dict(told)
    return {**told, "kapso": {name: value for name, value in told["kapso"].items() if name in fields}}
