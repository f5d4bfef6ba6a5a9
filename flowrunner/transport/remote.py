"""The API's objects as values: tolerant of what is missing, strict about what a run depends on."""

from collections.abc import Mapping
from dataclasses import dataclass

from flowrunner.model import Json
from flowrunner.transport.answers import epoch, failure, parsed
from flowrunner.transport.values import Conversation, Receipt, RemoteMessage


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list.

    Attributes:
        pages: How many pages there are, by this page's own count; None where it does not say.
        total: How many items there are, likewise.
    """

    items: tuple[Mapping[str, Json], ...]
    pages: int | None
    total: int | None


def receipt(body: bytes) -> Receipt | None:
    """The receipt in a yes, or None where it has no message id."""
    data = _data(parsed(body))
    if not isinstance(data, Mapping) or not (message_id := _text(data, "id")):
        return None
    return Receipt(
        message_id,
        wamid=_text(data, "whatsapp_message_id"),
        status=_text(data, "status"),
        created_at=epoch(data.get("created_at")),
    )


def page(body: bytes) -> Page | None:
    """A page of a list, or None where the body is none."""
    whole = parsed(body)
    items = _data(whole)
    if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
        return None
    meta = whole.get("meta") if isinstance(whole, Mapping) else None
    meta = meta if isinstance(meta, Mapping) else {}
    return Page(tuple(items), _count(meta, "total_pages"), _count(meta, "total_count"))


def message(data: Mapping[str, Json]) -> RemoteMessage:
    """A listed message."""
    status = _text(data, "status")
    return RemoteMessage(
        message_id=_text(data, "id"),
        wamid=_text(data, "whatsapp_message_id"),
        direction=_text(data, "direction"),
        message_type=_text(data, "message_type"),
        content=_text(data, "content"),
        status=status,
        created_at=epoch(data.get("created_at")),
        error=failure(data) if status == "failed" else "",
        data=data,
    )


def conversation(data: Mapping[str, Json]) -> Conversation:
    """A conversation, listed or alone."""
    return Conversation(
        conversation_id=_text(data, "id"),
        phone=_text(data, "phone_number"),
        status=_text(data, "status"),
        contact_name=_text(data, "contact_name"),
        last_active_at=_text(data, "last_active_at"),
    )


def one_conversation(body: bytes) -> Conversation | None:
    """The conversation in an answer, or None where it has no id."""
    data = _data(parsed(body))
    if not isinstance(data, Mapping) or not _text(data, "id"):
        return None
    return conversation(data)


def _data(whole: Json) -> Json:
    return whole.get("data") if isinstance(whole, Mapping) else None


def _text(data: Mapping[str, Json], name: str) -> str:
    value = data.get(name)
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _count(meta: Mapping[str, Json], name: str) -> int | None:
    value = meta.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
