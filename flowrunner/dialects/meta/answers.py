"""What Meta's API and Kapso's proxy of it answer, as values: tolerant of what is missing, and of null for anybody.

Kapso's own reading of a message stands in its object ``kapso``; Meta's statuses, as they came, in ``kapso.statuses``.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from flowrunner.dialects.meta.decoding import decode
from flowrunner.dialects.reading import codes, epoch, id_of, parsed, plain, sentences, text_of
from flowrunner.dialects.values import Answer, Conversation, Named, Receipt, RemoteMessage
from flowrunner.model import USER_ID, Json

_RANKS: Final[Mapping[str, int]] = {"sent": 1, "delivered": 2, "read": 3, "played": 3}
"""How far each status is."""
_DELIVERED: Final = 2
_HELD: Final = "held_for_quality_assessment"


class Page(NamedTuple):
    """One page of a list.

    Attributes:
        after: The cursor of the next one; empty where there is none.
    """

    items: tuple[Mapping[str, Json], ...]
    after: str


def receipt(answer: Answer) -> Receipt | None:
    """The receipt in a yes, or None where it is none, or has no message id that can be kept."""
    whole = parsed(answer.text) if answer.status in {200, 201, 202} else None
    if not isinstance(whole, Mapping):
        return None
    its = next(_objects(whole, "messages"), {})
    if not (message_id := id_of(its, "id")):
        return None
    people = list(_objects(whole, "contacts"))
    phones, user_ids = _known(people, "wa_id"), _user_ids(people, "user_id")
    return Receipt(
        message_id, wamid=message_id, named=Named((), phones, user_ids), held=its.get("message_status") == _HELD
    )


def marked(answer: Answer) -> bool | None:
    """The yes to a mark as read, or None where it is none."""
    whole = parsed(answer.text) if answer.status == 200 else None
    return True if isinstance(whole, Mapping) and whole.get("success") is True else None


def page(answer: Answer) -> Page | None:
    """A page of a list, or None where the answer is none."""
    whole = parsed(answer.text) if answer.status == 200 else None
    items = whole.get("data") if isinstance(whole, Mapping) else None
    if not isinstance(whole, Mapping) or not isinstance(items, list):
        return None
    if not all(isinstance(item, Mapping) for item in items):
        return None
    return Page(tuple(items), text_of(_object(_object(whole, "paging"), "cursors"), "after"))


def one(answer: Answer) -> Mapping[str, Json] | None:
    """The object in an answer, alone or under ``data``; None where there is none with an id."""
    whole = parsed(answer.text) if answer.status == 200 else None
    its = _object(whole, "data") or whole
    return its if isinstance(its, Mapping) and id_of(its, "id") else None


def message(data: Mapping[str, Json]) -> RemoteMessage:
    """A message, listed or alone."""
    kapso, flat = _object(data, "kapso"), decode(data)
    direction = text_of(kapso, "direction") or ("inbound" if data.get("from") and not data.get("to") else "outbound")
    statuses = list(statuses_in(kapso.get("statuses")))
    said = [text_of(kapso, "status"), *(text_of(each, "status") for each in statuses)]
    rank = max(_RANKS.get(each, 0) for each in said)
    failed = "failed" in said and rank < _DELIVERED  # they come out of order, and what arrived has not failed
    who = "from" if direction == "inbound" else "to"
    return RemoteMessage(
        message_id=id_of(data, "id"),
        direction=direction,
        message_type=str(flat.get("message_type", "")),
        content=str(flat.get("content") or text_of(kapso, "content")),
        status=text_of(kapso, "status"),
        created_at=epoch(data.get("timestamp")),
        error=_failure(kapso, statuses) if failed else "",
        data=flat if direction != "inbound" else data,
        named=Named(
            _known([kapso], "whatsapp_conversation_id"),
            (*_known([data], who), *_known([kapso], "phone_number")),
            _user_ids([data], f"{who}_user_id"),
        ),
        rank=rank,
        failed=failed,
        reference=max(map(_reference, statuses), default=None),  # a status may lack it, and another have it
        changed_at=min(
            (epoch(each.get("timestamp")) for each in statuses if _RANKS.get(text_of(each, "status")) == rank),
            default=0.0,
        ),
    )


def conversation(data: Mapping[str, Json]) -> Conversation:
    """A conversation, listed or alone."""
    conversation_id, phone = id_of(data, "id"), plain(text_of(data, "phone_number"))
    return Conversation(
        conversation_id=conversation_id,
        phone=phone,
        status=text_of(data, "status"),
        named=Named((conversation_id,), (phone,) if phone else (), _user_ids([data], "business_scoped_user_id")),
        inbound_at=epoch(_object(data, "kapso").get("last_inbound_at")),
        newest_id=id_of(_object(data, "kapso"), "last_message_id"),
    )


def statuses_in(found: Json, deep: int = 12) -> Iterator[Mapping[str, Json]]:
    """Meta's statuses in what Kapso keeps of them: each alone, or within what Meta had sent it in."""
    if isinstance(found, list) and deep:
        for each in found:
            yield from statuses_in(each, deep - 1)
    elif isinstance(found, Mapping) and deep:
        if isinstance(found.get("status"), str):
            yield found
        else:
            for each in found.values():
                yield from statuses_in(each, deep - 1)


def _reference(status: Mapping[str, Json]) -> str:
    return text_of(status, "biz_opaque_callback_data")


def _failure(kapso: Mapping[str, Json], statuses: list[Mapping[str, Json]]) -> str:
    """Why a message failed, with the code in front, or an empty string where nothing says it."""
    for place in (*reversed(statuses), kapso):
        found = {name: place[name] for name in ("error", "errors", "error_message") if place.get(name)}
        if why := [each for each in (next(codes(found), ""), sentences(found)) if each]:
            return ": ".join(why)
    return ""


def _object(data: Json, name: str) -> Mapping[str, Json]:
    found = data.get(name) if isinstance(data, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _objects(data: Mapping[str, Json], name: str) -> Iterator[Mapping[str, Json]]:
    found = data.get(name)
    if isinstance(found, list):
        yield from (each for each in found if isinstance(each, Mapping))


def _known(objects: list[Mapping[str, Json]], name: str) -> tuple[str, ...]:
    return tuple(plain(text_of(each, name)) for each in objects if text_of(each, name))


def _user_ids(objects: list[Mapping[str, Json]], name: str) -> tuple[str, ...]:
    """Business-scoped ids; those of a parent, which stand for the same person elsewhere, are none."""
    return tuple(each for each in _known(objects, name) if re.fullmatch(USER_ID, each) and ".ENT." not in each)
