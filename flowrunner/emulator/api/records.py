"""What the API's list shows of a message besides its course: ``content`` and ``message_type_data``, type by type.

The fields are those of the published description of v1 (``WhatsappMessage`` and the schemas named ``...MessageData``).
"""

from collections.abc import Callable, Mapping
from mimetypes import guess_type

from flowrunner.model import Json

Body = Mapping[str, Json]

_READABLE = (
    "content",
    "caption",
    "body_text",
    "reaction_emoji",
    "location_name",
    "template_name",
    "filename",
    "media_url",
    "media_id",
)
_GRAPH_ONLY = ("sha256", "context")
"""What Meta tells of a file and v1 does not."""
_NAMES = ("formatted_name", "first_name", "last_name", "middle_name", "prefix", "suffix")


def content(body: Body) -> str:
    """The human-readable record: the author's words, else the words the person will see."""
    for name in _READABLE:
        if body.get(name):
            return str(body[name])
    if "contacts" in body:
        return ", ".join(_contact_name(contact) for contact in body["contacts"])
    if "latitude" in body:
        return f"{body['latitude']}, {body.get('longitude')}"
    return ""


def type_data(body: Body) -> dict[str, Json]:
    """``message_type_data``: what is particular to the type."""
    kind = body.get("message_type", "text")
    shown = _SHOWN.get(kind) if isinstance(kind, str) else None
    return shown(body) if shown else _all(body)


def _contact_name(contact: Body) -> str:
    names = contact.get("name", contact)
    return str(names.get("formatted_name") or names.get("first_name") or "")


def _all(body: Body) -> dict[str, Json]:
    return {name: value for name, value in body.items() if name not in {"message_type", "content", "media_url"}}


def _text(body: Body) -> dict[str, Json]:
    return {"text": content(body)}


def _media(body: Body) -> dict[str, Json]:
    """The caption, which may have been given as the content, and what sort of file it is."""
    shown = {name: value for name, value in _all(body).items() if name not in _GRAPH_ONLY}
    if "caption" not in shown and body.get("content") and body.get("message_type") != "audio":
        shown["caption"] = body["content"]
    kind, _ = guess_type(str(body.get("filename") or str(body.get("media_url") or "").partition("?")[0]))
    return {"mime_type": kind, **shown} if kind else shown


def _contacts(body: Body) -> dict[str, Json]:
    """Names stand under ``name``, whichever way they were sent."""
    contacts = body.get("contacts")
    listed = contacts if isinstance(contacts, list) else []
    return {**_all(body), "contacts": [contact(each) for each in listed if isinstance(each, Mapping)]}


def contact(told: Body) -> dict[str, Json]:
    """A contact whose names stand under ``name``."""
    flat = {name: told[name] for name in _NAMES if name in told}
    rest = {name: value for name, value in told.items() if name not in _NAMES}
    return {"name": flat, **rest}


def _interactive(body: Body) -> dict[str, Json]:
    """What was asked; of a person's answer also which option it was."""
    shown = _all(body)
    reply = body.get(str(body.get("type")))
    if isinstance(reply, Mapping):
        shown |= {"reply_option_id": reply.get("id", ""), "reply_option_title": reply.get("title", "")}
    return shown


_SHOWN: Mapping[str, Callable[[Body], dict[str, Json]]] = {
    "text": _text,
    "image": _media,
    "video": _media,
    "audio": _media,
    "document": _media,
    "interactive": _interactive,
    "contacts": _contacts,
}
