"""A message in readable words: v1 keeps them as its ``content``, and shows them to people who look at the inbox.

Kapso's published description requires ``content`` of every message, and its samples give one to most types:
https://docs.kapso.ai/api/legacy/whatsapp/whatsapp-messages/send-a-new-whatsapp-message. Of an image, a video or a
document without a caption it is the caption that the customer reads, so it says no more there than the author did.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from flowrunner.model import Json

Body = Mapping[str, Json]
_LONGEST: Final = 1024
"""Characters of a caption, which v1 takes the words for where there is none: a longer one is refused.
https://docs.kapso.ai/api/legacy/whatsapp/whatsapp-messages/send-a-new-whatsapp-message"""


def readable(body: Body) -> str:
    """What a message says, for an inbox: its words, else what it is; nothing where a customer would read that."""
    kind = str(body.get("message_type", "text"))
    words = _WORDS[kind](body) if kind in _WORDS else ""
    return words or ("" if kind in _SILENT else kind)


_SILENT: Final = frozenset(["image", "video", "document", "reaction"])
"""Without words they have none: a caption is shown, and a reaction without an emoji is one that is taken back."""


def _field(name: str) -> Callable[[Body], str]:
    return lambda body: str(body.get(name) or "")


def _document(body: Body) -> str:
    """The caption, else the name that the customer sees anyway."""
    return str(body.get("caption") or _short(str(body.get("filename") or "")))


def _audio(body: Body) -> str:
    """The file's name: no words are ever shown beside audio."""
    return _short(str(body.get("media_url") or "").partition("?")[0].rstrip("/").rpartition("/")[2])


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else ""


def _location(body: Body) -> str:
    place = ", ".join(str(body[name]) for name in ("location_name", "location_address") if body.get(name))
    return place or f"{body.get('latitude')}, {body.get('longitude')}"


def _template(body: Body) -> str:
    values = ", ".join(_values(body.get("template_params")))
    return f"{body.get('template_name')} ({values})" if values else str(body.get("template_name"))


def _values(params: Json) -> Iterator[str]:
    """The values of a template, whether listed, named, or apart for header and body."""
    if isinstance(params, (list, Mapping)):
        for each in params.values() if isinstance(params, Mapping) else params:
            yield from _values(each)
    elif params is not None:
        yield str(params)


def _contacts(body: Body) -> str:
    return ", ".join(filter(None, (contact_name(each) for each in body.get("contacts", ()))))


def contact_name(contact: Body) -> str:
    """What a contact is called; its names may stand under ``name``."""
    apart = contact.get("name")
    names = apart if isinstance(apart, Mapping) else contact
    parts = (names.get(name) for name in ("first_name", "middle_name", "last_name"))
    return str(names.get("formatted_name") or " ".join(str(each) for each in parts if each))


_WORDS: Final[Mapping[str, Callable[[Body], str]]] = {
    "text": _field("content"),
    "image": _field("caption"),
    "video": _field("caption"),
    "audio": _audio,
    "document": _document,
    "location": _location,
    "interactive": _field("body_text"),
    "template": _template,
    "reaction": _field("reaction_emoji"),
    "contacts": _contacts,
}
