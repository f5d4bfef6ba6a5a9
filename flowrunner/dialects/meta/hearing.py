"""What a person wrote, as Meta's object has it: in webhooks, and in the lists of Kapso's proxy.

https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages
"""

from collections.abc import Callable, Mapping
from typing import Final

from flowrunner.dialects.reading import epoch, id_of, text_of
from flowrunner.dialects.said import FILES, Said, cards, degrees, object_of, tapped
from flowrunner.model import Inbound, Json


def inbound_of(data: Mapping[str, Json]) -> Inbound | None:
    """The message; None where it has no id, was written in a group, or was written by nobody (type ``system``)."""
    kind, message_id = text_of(data, "type"), id_of(data, "id")
    if not message_id or kind == "system" or data.get("group_id"):
        return None
    its, kapso = object_of(data, kind), object_of(data, "kapso")
    said = cards(data.get("contacts")) if kind == "contacts" else _SAID.get(kind, _unknown)(its)
    if said.kind in FILES:
        said = said._replace(data={**_kept(kapso), **said.data})
    context = said.context or id_of(object_of(data, "context"), "id")
    return Inbound(message_id, epoch(data.get("timestamp")), said.kind, said.text, said.choice, context, data=said.data)


def _text(its: Mapping[str, Json]) -> Said:
    return Said("text", text_of(its, "body"))


def _media(kind: str) -> Callable[[Mapping[str, Json]], Said]:
    def said(its: Mapping[str, Json]) -> Said:
        found = {ours: text_of(its, theirs) for ours, theirs in _FILE.items()}
        found["url"] = found["url"] or text_of(its, "link")
        data: dict[str, Json] = {name: each for name, each in found.items() if each}
        if its.get("voice") is True:
            data["voice"] = True
        return Said(kind, text_of(its, "caption"), data=data)

    return said


_FILE: Final = {"media_id": "id", "url": "url", "mime_type": "mime_type", "filename": "filename"}


def _kept(kapso: Mapping[str, Json]) -> Mapping[str, Json]:
    """What Kapso tells of a file that it keeps: where it is, without Meta's key."""
    its = object_of(kapso, "media_data")
    found = {
        "url": text_of(kapso, "media_url") or text_of(its, "url"),
        "mime_type": text_of(its, "content_type"),
        "filename": text_of(its, "filename"),
    }
    return {name: each for name, each in found.items() if each}


def _location(its: Mapping[str, Json]) -> Said:
    place = {name: degrees(its.get(name)) for name in ("latitude", "longitude")}
    if None in place.values():
        return Said()
    named = {name: text_of(its, name) for name in ("name", "address")}
    return Said("location", data={**place, **{name: each for name, each in named.items() if each}})


def _interactive(its: Mapping[str, Json]) -> Said:
    return tapped(its) or Said()


def _button(its: Mapping[str, Json]) -> Said:
    """A tap on a template's quick reply."""
    return Said("button", text_of(its, "text"), text_of(its, "payload"))


def _reaction(its: Mapping[str, Json]) -> Said:
    return Said("reaction", text_of(its, "emoji"), context=id_of(its, "message_id"))


def _edit(its: Mapping[str, Json]) -> Said:
    """A message that was edited; of an edit within it nothing is known."""
    new = object_of(its, "message")
    kind = text_of(new, "type")
    said = _SAID.get(kind, _unknown)(object_of(new, kind)) if kind != "edit" else Said()
    return Said("edited", said.text, context=id_of(its, "original_message_id"), data=said.data)


def _revoke(its: Mapping[str, Json]) -> Said:
    return Said("deleted", context=id_of(its, "original_message_id"))


def _unknown(its: Mapping[str, Json]) -> Said:
    """Of an order there may be words."""
    return Said(text=text_of(its, "text"))


_SAID: Final[Mapping[str, Callable[[Mapping[str, Json]], Said]]] = {
    "text": _text,
    **{each: _media(each) for each in FILES},
    "location": _location,
    "interactive": _interactive,
    "button": _button,
    "reaction": _reaction,
    "edit": _edit,
    "revoke": _revoke,
}
"""How each type is read."""
