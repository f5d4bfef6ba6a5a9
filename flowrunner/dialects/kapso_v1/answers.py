"""v1's objects as values: tolerant of what is missing, strict about what a run depends on."""

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from flowrunner.dialects.reading import MASK, codes, epoch, parsed, plain, sentences
from flowrunner.dialects.values import Answer, Conversation, Named, Receipt, RemoteMessage
from flowrunner.model import Json

_RANKS: Final[Mapping[str, int]] = {"sent": 1, "delivered": 2, "read": 3, "played": 3}
"""How far each status is."""


class Page(NamedTuple):
    """One page of a list.

    Attributes:
        pages: How many pages there are, by this page's own count; None where it does not say.
        total: How many items there are, likewise.
    """

    items: tuple[Mapping[str, Json], ...]
    pages: int | None
    total: int | None


def receipt(answer: Answer) -> Receipt | None:
    """The receipt in a yes, or None where it is none, or has no message id that can be kept."""
    data = _data(parsed(answer.text)) if answer.status in {200, 201, 202} else None
    if not isinstance(data, Mapping) or not (message_id := _id(data, "id")):
        return None
    return Receipt(
        message_id,
        wamid=_id(data, "whatsapp_message_id"),
        created_at=epoch(data.get("created_at")),
        named=_named(data),
    )


def page(text: str) -> Page | None:
    """A page of a list, or None where the body is none."""
    whole = parsed(text)
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
        message_id=_id(data, "id"),
        direction=_text(data, "direction"),
        message_type=_text(data, "message_type"),
        content=_text(data, "content"),
        status=status,
        created_at=epoch(data.get("created_at")),
        error=_failure(data) if status == "failed" else "",
        data=data,
        named=_named(data),
        rank=_RANKS.get(status, 0),
        failed=status == "failed",
    )


def conversation(data: Mapping[str, Json]) -> Conversation:
    """A conversation, listed or alone."""
    conversation_id, named = _id(data, "id"), _named(data)
    return Conversation(
        conversation_id=conversation_id,
        phone=plain(_text(data, "phone_number")),
        status=_text(data, "status"),
        named=named._replace(conversations=(conversation_id, *named.conversations)),
        inbound_at=epoch(data.get("last_inbound_at")),
        active_at=epoch(data.get("last_active_at")),
        number=_text(data, "whatsapp_config_id"),
    )


def one_conversation(answer: Answer) -> Conversation | None:
    """The conversation in an answer, or None where there is none with an id."""
    data = _data(parsed(answer.text)) if answer.status == 200 else None
    if not isinstance(data, Mapping) or not _id(data, "id"):
        return None
    return conversation(data)


def _failure(data: Mapping[str, Json]) -> str:
    """Why a message failed, with the code in front, or an empty string where it does not say."""
    for place in (data, data.get("metadata")):
        if not isinstance(place, Mapping):
            continue
        found = {name: place[name] for name in ("error", "errors", "error_message") if place.get(name)}
        if why := [each for each in (next(codes(found), ""), sentences(found)) if each]:
            return ": ".join(why)
    return ""


def _data(whole: Json) -> Json:
    return whole.get("data") if isinstance(whole, Mapping) else None


def _named(data: Mapping[str, Json]) -> Named:
    """Everything in an object that says whom it is about; a card that was sent (``contacts``) does not."""
    talks = [data, *_within(data, "conversation", "whatsapp_conversation")]
    people = [*talks, *(each for talk in talks for each in _within(talk, "contact", "whatsapp_contact"))]
    ids = [_text(data, name) for name in ("conversation_id", "whatsapp_conversation_id")]
    ids += [_text(talk, "id") for talk in talks[1:]]
    phones = [_text(each, name) for each in people for name in ("phone_number", "wa_id")]
    return Named(*(tuple(dict.fromkeys(plain(each) for each in found if each)) for found in (ids, phones)))


def _within(data: Mapping[str, Json], *names: str) -> Iterator[Mapping[str, Json]]:
    for name in names:
        if isinstance(found := data.get(name), Mapping):
            yield found


def _id(data: Mapping[str, Json], name: str) -> str:
    """An id; empty where there is none, or none that can be kept: too long, not plain ASCII, or with the key in it."""
    value = _text(data, name)
    return value if re.fullmatch(r"[\x21-\x7e]{1,512}", value) and MASK not in value else ""


def _text(data: Mapping[str, Json], name: str) -> str:
    value = data.get(name)
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _count(meta: Mapping[str, Json], name: str) -> int | None:
    value = meta.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
