"""A message in readable words: v1 keeps them as its ``content``, and shows them to people who look at the inbox.

Kapso's published description requires ``content`` of every message, and its samples give one to most types:
https://docs.kapso.ai/api/legacy/whatsapp/whatsapp-messages/send-a-new-whatsapp-message.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from flowrunner.model import Json

Body = Mapping[str, Json]
_LONGEST: Final = 1024
"""Characters of a caption, which v1 takes the words for where there is none: a longer one is refused.
https://docs.kapso.ai/api/legacy/whatsapp/whatsapp-messages/send-a-new-whatsapp-message"""


def readable(body: Body) -> str:
    """What a message says, for an inbox: its words, else what it is; a reaction that is taken back says nothing."""
    kind = str(body.get("message_type", "text"))
    words = _WORDS[kind](body) if kind in _WORDS else ""
    return words or ("" if kind == "reaction" else kind)


def _field(name: str) -> Callable[[Body], str]:
    return lambda body: str(body.get(name) or "")


def _media(body: Body) -> str:
    """The caption, else the file's name, else the type; no words are ever shown beside audio."""
    file = str(body.get("media_url") or "").partition("?")[0].rstrip("/").rpartition("/")[2]
    name = body.get("filename") or file
    return str(body.get("caption") or (name if len(name) <= _LONGEST else "") or body.get("message_type"))


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
    "image": _media,
    "video": _media,
    "audio": _media,
    "document": _media,
    "location": _location,
    "interactive": _field("body_text"),
    "template": _template,
    "reaction": _field("reaction_emoji"),
    "contacts": _contacts,
}
