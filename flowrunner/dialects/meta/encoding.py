"""A message in the flow's words as Meta's object; to whom it goes is not in it.

Each type has its page under https://developers.facebook.com/documentation/business-messaging/whatsapp/messages; the two
that are not there, `read` and typing, are under .../messages/mark-message-as-read and .../typing-indicators.
"""

from collections.abc import Callable, Mapping
from typing import Final

from flowrunner.dialects.meta.interactive import interactive
from flowrunner.dialects.meta.parts import given, media
from flowrunner.dialects.meta.templates import template
from flowrunner.model import Json, compact

ADDRESSING: Final = ("messaging_product", "recipient_type", "to", "recipient", "biz_opaque_callback_data")
"""What the request adds, for every message."""


def encode(body: Mapping[str, Json]) -> str:
    """The JSON text of the message, without whom it is for; see `flowrunner.dialects.Dialect.encode`.

    A message that quotes another has ``context`` first, with what its author wrote: the id of a step, or WhatsApp's.
    """
    kind = body.get("message_type", "text")
    if kind == "read":
        typing = {"typing_indicator": {"type": "text"}} if body.get("typing") else {}
        return compact({"status": "read", "message_id": body.get("message_id", ""), **typing})
    context = {"context": {"message_id": body["reply_to"]}} if body.get("reply_to") else {}
    if kind == "raw":
        # Two addresses in one request would leave it to the API which of them counts.
        return compact({**context, **{name: each for name, each in body["raw"].items() if name not in ADDRESSING}})
    return compact({**context, "type": kind, kind: _OBJECTS[kind](body)})


def _text(body: Mapping[str, Json]) -> Json:
    return {"body": body["content"], **given(body, "preview_url")}


def _captioned(body: Mapping[str, Json]) -> Json:
    # As on v1, where `content` is the caption of what has none; an empty one is one.
    caption = body["caption"] if "caption" in body else body.get("content")
    return {**media(body), **({"caption": caption} if caption else {}), **given(body, "filename")}


def _audio(body: Mapping[str, Json]) -> Json:
    return {**media(body), **given(body, "voice")}


def _location(body: Mapping[str, Json]) -> Json:
    return given(body, "latitude", "longitude", name="location_name", address="location_address")


def _reaction(body: Mapping[str, Json]) -> Json:
    return given(body, message_id="reacted_to_message_id", emoji="reaction_emoji")


def _contacts(body: Mapping[str, Json]) -> Json:
    return [_card(each) for each in body["contacts"]]


_NAMES: Final = ("formatted_name", "first_name", "last_name", "middle_name", "prefix", "suffix")
_IN_ORDER: Final = ("prefix", "first_name", "middle_name", "last_name", "suffix")


def _card(card: Mapping[str, Json]) -> Json:
    """A card, whose names Meta wants apart, and one of them for all."""
    apart = card.get("name")
    names = {name: each for name, each in (apart if isinstance(apart, Mapping) else card).items() if name in _NAMES}
    whole = names.get("formatted_name") or " ".join(str(names[name]) for name in _IN_ORDER if names.get(name))
    rest = {name: each for name, each in card.items() if name not in (*_NAMES, "name")}
    return {"name": {**names, "formatted_name": whole}, **rest}


_OBJECTS: Final[Mapping[str, Callable[[Mapping[str, Json]], Json]]] = {
    "text": _text,
    "image": _captioned,
    "video": _captioned,
    "document": _captioned,
    "audio": _audio,
    "sticker": media,
    "location": _location,
    "contacts": _contacts,
    "reaction": _reaction,
    "interactive": interactive,
    "template": template,
}
