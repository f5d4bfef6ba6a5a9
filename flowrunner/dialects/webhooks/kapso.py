"""Kapso's payloads: an event alone, or a batch of them; of version 2, in Meta's words, or of version 1, in v1's.

https://docs.kapso.ai/docs/platform/webhooks and https://docs.kapso.ai/docs/platform/webhooks/advanced
"""

from collections.abc import Iterator, Mapping

from flowrunner.dialects.kapso_v1 import answers as v1
from flowrunner.dialects.kapso_v1.hearing import inbound_of as inbound_of_v1
from flowrunner.dialects.meta import answers as v2
from flowrunner.dialects.meta.hearing import inbound_of
from flowrunner.dialects.reading import epoch, id_of, text_of
from flowrunner.dialects.said import object_of, person
from flowrunner.dialects.values import Named
from flowrunner.dialects.webhooks.statuses import KINDS, refuses, told
from flowrunner.dialects.webhooks.values import Part
from flowrunner.model import NOBODY, EventKind, Inbound, Json, Recipient, Told


def parts(headers: Mapping[str, str], whole: Mapping[str, Json]) -> tuple[list[Part], list[str]]:
    """Each event of a message, and the names of what was not read."""
    name = headers.get("x-webhook-event") or text_of(whole, "type") or text_of(whole, "event")
    found = [_part(each, name.rpartition(".")[2]) for each in _events(whole)]
    return found, [name or "other" for part in found if not (part.told or part.heard)]


def _events(whole: Mapping[str, Json]) -> Iterator[Mapping[str, Json]]:
    data = whole.get("data")
    if "message" in whole or not isinstance(data, list | Mapping):
        yield whole
    else:
        yield from (each for each in (data if isinstance(data, list) else [data]) if isinstance(each, Mapping))


def _part(event: Mapping[str, Json], name: str) -> Part:
    message, talk, config = (object_of(event, each) for each in ("message", "conversation", "whatsapp_config"))
    numbers = {
        "phone_number_id": next(filter(None, (id_of(each, "phone_number_id") for each in (event, talk, config))), ""),
        "whatsapp_config_id": id_of(config, "id") or id_of(talk, "whatsapp_config_id"),
    }
    read, who = (_of_v1, _who_in_v1) if "message_type" in message else (_of_v2, _who_in_v2)
    its_told, its_heard = read(message, talk, name)
    refusing = (who(message, talk),) if any(map(refuses, its_told)) else ()
    return Part(
        {name: each for name, each in numbers.items() if each},
        tuple(its_told),
        tuple(each for each in its_heard if each[0] != NOBODY),
        tuple(each for each in refusing if each != NOBODY),
    )


_Read = tuple[list[Told], list[tuple[Recipient, Inbound]]]


def _of_v2(message: Mapping[str, Json], talk: Mapping[str, Json], name: str) -> _Read:
    kapso = object_of(message, "kapso")
    direction = "inbound" if name == "received" and not text_of(kapso, "direction") else v2.message(message).direction
    if direction == "inbound":
        its = inbound_of(message)
        whom = _who_in_v2({**message, "kapso": {**kapso, "direction": direction}}, talk)
        return [], [(whom, its)] if its is not None else []
    found = [each for status in v2.statuses_in(kapso.get("statuses")) if (each := told(status)) is not None]
    if not found:
        its_status = text_of(kapso, "status") if text_of(kapso, "status") in KINDS else name
        last = told({"id": message.get("id"), "status": its_status, "errors": kapso.get("errors")})
        found = [last] if last is not None else []
    return found, []


def _of_v1(message: Mapping[str, Json], talk: Mapping[str, Json], name: str) -> _Read:
    its = v1.message(message)
    if (its.direction or ("inbound" if name == "received" else "")) == "inbound":
        heard = inbound_of_v1(message)
        return [], [(_who_in_v1(message, talk), heard)] if heard is not None else []
    ids = tuple(each for each in (its.message_id, id_of(message, "whatsapp_message_id")) if each)
    kind = KINDS.get(its.status) or KINDS.get(name)
    if not ids or kind is None:
        return [], []
    reason = its.error if kind is EventKind.FAILED else ""
    return [Told(tuple(dict.fromkeys(ids)), kind, epoch(message.get("updated_at")), reason)], []


def _who_in_v1(message: Mapping[str, Json], talk: Mapping[str, Json]) -> Recipient:
    called = {"phone_number": message.get("conversation_phone_number")}
    return person(_both(v1.message(message).named, v1.conversation(talk).named, v1.message(called).named))


def _who_in_v2(message: Mapping[str, Json], talk: Mapping[str, Json]) -> Recipient:
    return person(_both(v2.message(message).named, v2.conversation(talk).named))


def _both(*names: Named) -> Named:
    """All that each says; what the first says comes first."""
    return Named(*(tuple(filter(None, dict.fromkeys(sum(each, ())))) for each in zip(*names, strict=True)))
