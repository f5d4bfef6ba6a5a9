"""Meta's own payloads: many entries with many changes, each of one number.

https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages
"""

from collections.abc import Iterator, Mapping
from typing import Final

from flowrunner.dialects.meta.answers import message
from flowrunner.dialects.meta.hearing import inbound_of
from flowrunner.dialects.reading import epoch, id_of, text_of
from flowrunner.dialects.said import object_of, person
from flowrunner.dialects.values import Named
from flowrunner.dialects.webhooks.statuses import refuses, told
from flowrunner.dialects.webhooks.values import Part
from flowrunner.model import NOBODY, Inbound, Json, Recipient

_STOPS: Final = "stop"
"""What a person says who wants no more marketing.
https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/user_preferences"""
_RESUMES: Final = "resume"
"""What they say who want it again."""


def parts(_headers: Mapping[str, str], whole: Mapping[str, Json]) -> tuple[list[Part], list[str]]:
    """Each change, and the names of what was not read."""
    found: list[Part] = []
    ignored: list[str] = []
    for entry in objects(whole, "entry"):
        for change in objects(entry, "changes"):
            part = _part(object_of(change, "value"), ignored)
            found.append(part)
            if not any((part.told, part.heard, part.refusing, part.allowing)):
                ignored.append(text_of(change, "field"))
    return found, ignored


def _part(value: Mapping[str, Json], ignored: list[str]) -> Part:
    statuses = [(each, told(each)) for each in objects(value, "statuses")]
    ignored += [f"status.{text_of(each, 'status')}" for each, its in statuses if its is None]
    people = list(objects(value, "contacts"))
    heard: list[tuple[Recipient, Inbound]] = []
    for each in objects(value, "messages"):
        whom, its = _writer(each, people), inbound_of(each)
        if its is None or whom == NOBODY:
            ignored.append(f"message.{text_of(each, 'type')}")
        else:
            heard.append((whom, its))
    preferences = _preferences(value)
    refusing = [whom for whom, preference in preferences.items() if preference == _STOPS]
    refusing += [
        person(_named({"wa_id": each.get("recipient_id"), "user_id": each.get("recipient_user_id")}))
        for each, its in statuses
        if its is not None and refuses(its)
    ]
    number = id_of(object_of(value, "metadata"), "phone_number_id")
    return Part(
        {"phone_number_id": number} if number else {},
        told=tuple(its for _, its in statuses if its is not None),
        heard=tuple(heard),
        refusing=tuple(each for each in refusing if each != NOBODY),
        allowing=tuple(whom for whom, its in preferences.items() if its == _RESUMES and whom != NOBODY),
    )


def _preferences(value: Mapping[str, Json]) -> dict[Recipient, str]:
    """What people said of marketing, each of them last."""
    said = [each for each in objects(value, "user_preferences") if text_of(each, "category") == "marketing_messages"]
    said.sort(key=lambda each: epoch(each.get("timestamp")))
    return {person(_named(each)): text_of(each, "value") for each in said}


def _writer(data: Mapping[str, Json], people: list[Mapping[str, Json]]) -> Recipient:
    """Who wrote a message, with what their contact beside it adds."""
    whom = person(message({**data, "kapso": {"direction": "inbound"}}).named)
    for each in people:
        other = person(_named(each))
        if {whom.phone, whom.user_id} & {other.phone, other.user_id} - {""}:
            return Recipient("", whom.phone or other.phone, whom.user_id or other.user_id)
    return whom


def _named(contact: Mapping[str, Json]) -> Named:
    """A contact's names, as the writer's of a message."""
    its = {"from": contact.get("wa_id"), "from_user_id": contact.get("user_id")}
    return message({**its, "kapso": {"direction": "inbound"}}).named


def objects(data: Mapping[str, Json], name: str) -> Iterator[Mapping[str, Json]]:
    """Every object of a list; none where it is none."""
    found = data.get(name)
    if isinstance(found, list):
        yield from (each for each in found if isinstance(each, Mapping))
