"""v1's objects as values: tolerant of what is missing, strict about what a run depends on."""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from flowrunner.dialects.reading import codes, epoch, id_of, parsed, plain, sentences, text_of
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
    if not isinstance(data, Mapping) or not (message_id := id_of(data, "id")):
        return None
    return Receipt(
        message_id,
        wamid=id_of(data, "whatsapp_message_id"),
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
    status = text_of(data, "status")
    return RemoteMessage(
        message_id=id_of(data, "id"),
        direction=text_of(data, "direction"),
        message_type=text_of(data, "message_type"),
        content=text_of(data, "content"),
        status=status,
        created_at=epoch(data.get("created_at")),
        error=_failure(data) if status == "failed" else "",
        data=data,
        named=_named(data),
        rank=_RANKS.get(status, 0),
        failed=status == "failed",
        changed_at=epoch(data.get("updated_at")),
    )


def conversation(data: Mapping[str, Json]) -> Conversation:
    """A conversation, listed or alone."""
    conversation_id, named = id_of(data, "id"), _named(data)
    return Conversation(
        conversation_id=conversation_id,
        phone=plain(text_of(data, "phone_number")),
        status=text_of(data, "status"),
        named=named._replace(conversations=(conversation_id, *named.conversations)),
        inbound_at=epoch(data.get("last_inbound_at")),
        active_at=epoch(data.get("last_active_at")),
        number=text_of(data, "whatsapp_config_id"),
    )


def one_conversation(answer: Answer) -> Conversation | None:
    """The conversation in an answer, or None where there is none with an id."""
    data = _data(parsed(answer.text)) if answer.status == 200 else None
    if not isinstance(data, Mapping) or not id_of(data, "id"):
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
    ids = [text_of(data, name) for name in ("conversation_id", "whatsapp_conversation_id")]
    ids += [text_of(talk, "id") for talk in talks[1:]]
    phones = [text_of(each, name) for each in people for name in ("phone_number", "wa_id")]
    return Named(*(tuple(dict.fromkeys(plain(each) for each in found if each)) for found in (ids, phones)))


def _within(data: Mapping[str, Json], *names: str) -> Iterator[Mapping[str, Json]]:
    for name in names:
        if isinstance(found := data.get(name), Mapping):
            yield found


def _count(meta: Mapping[str, Json], name: str) -> int | None:
    value = meta.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
