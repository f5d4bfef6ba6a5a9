"""What a person wrote, as v1 has it: its pages do not show such a message, so that whatever is there is read.

Inferred: the published description has ``reply_option_id`` and ``reply_option_title`` of an answer to an interactive
message, and what Meta tells may stand below ``message_type_data`` as it came.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from flowrunner.dialects.reading import epoch, id_of, text_of
from flowrunner.dialects.said import FILES, Said, cards, degrees, object_of, tapped
from flowrunner.model import Inbound, Json


def inbound_of(data: Mapping[str, Json]) -> Inbound | None:
    """The message; None where it has no id."""
    own, wamid = id_of(data, "id"), id_of(data, "whatsapp_message_id")
    if not (own or wamid):
        return None
    said = _said(data)
    context = said.context or next((found for each in _places(data) if (found := _answered(each))), "")
    other = own if wamid and own != wamid else ""
    at = epoch(data.get("created_at"))
    return Inbound(wamid or own, at, said.kind, said.text, said.choice, context, other, said.data)


def _places(data: Mapping[str, Json]) -> Iterator[Mapping[str, Json]]:
    """Where something of a type may stand, the most particular first."""
    for each in (object_of(data, "message_type_data"), object_of(data, "metadata"), data):
        yield object_of(each, "interactive")
        yield each


def _answered(place: Mapping[str, Json]) -> str:
    return id_of(object_of(place, "context"), "id")


def _said(data: Mapping[str, Json]) -> Said:
    kind, content = text_of(data, "message_type") or "text", text_of(data, "content")
    its = {**data, **object_of(data, "message_type_data")}
    if kind == "text":
        return Said("text", content or text_of(its, "text"))
    if kind in {"interactive", "button"}:
        return _tap(data, content)
    if kind in FILES:
        return _file(kind, its)
    if kind == "location":
        return _place(its, content)
    if kind == "reaction":
        emoji = its["reaction_emoji"] if isinstance(its.get("reaction_emoji"), str) else content
        return Said("reaction", emoji, context=id_of(its, "reacted_to_message_id"))
    if kind == "contacts":
        return cards(its.get("contacts"))
    return Said(text=content)


def _tap(data: Mapping[str, Json], content: str) -> Said:
    """What was tapped, by its id where that is told anywhere, else by its title alone."""
    for each in _places(data):
        if found := tapped(each):
            return found._replace(text=found.text or content)
        if choice := text_of(each, "reply_option_id"):
            return Said("button", text_of(each, "reply_option_title") or content, choice)
        its = object_of(each, "button") or each
        if choice := text_of(its, "payload"):
            return Said("button", text_of(its, "text") or content, choice)
    return Said("button", content)


def _file(kind: str, its: Mapping[str, Json]) -> Said:
    kept = object_of(its, "media_data")
    found = {name: text_of(its, theirs) or text_of(kept, named) for name, (theirs, named) in _FILE.items()}
    data: dict[str, Json] = {name: each for name, each in found.items() if each}
    if its.get("voice") is True:
        data["voice"] = True
    return Said(kind, text_of(its, "caption"), data=data)


_FILE: Final = {
    "media_id": ("media_id", "id"),
    "url": ("media_url", "url"),
    "mime_type": ("mime_type", "content_type"),
    "filename": ("filename", "filename"),
}
"""What is told of a file, and under which names; the second is that of Kapso's own copy."""


def _place(its: Mapping[str, Json], content: str) -> Said:
    place = {name: degrees(its.get(name)) for name in ("latitude", "longitude")}
    if None in place.values():
        return Said(text=content)
    named = {name: text_of(its, f"location_{name}") or text_of(its, name) for name in ("name", "address")}
    return Said("location", data={**place, **{name: each for name, each in named.items() if each}})
