"""What stands in and under the bubble of each message type: one drawing function a type, found by its name."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flowrunner.views.ink import BOLD, DIM, visible
from flowrunner.views.marks import paragraphs
from flowrunner.views.paragraphs import Paragraph, plain

Body = Mapping[str, Any]
Section = tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """A drawn message, not yet folded.

    Attributes:
        inside: What stands in the bubble; a rule parts one section from the next.
        buttons: The reply buttons under it.
        sheet: What opens when a list message's button is touched: its sections, a rule between them.
    """

    inside: tuple[Section, ...]
    buttons: tuple[Paragraph, ...] = ()
    sheet: tuple[Section, ...] = ()


def card(body: Body) -> Card:
    """The card of one message, the object posted as ``message``; a type that has no drawing is shown as JSON."""
    return _DRAW.get(body.get("message_type", "text"), _unknown)(body)


def _text(body: Body) -> Card:
    return Card((paragraphs(str(body.get("content", ""))),))


def _media(icon: str, *, captioned: bool = True) -> Callable[[Body], Card]:
    def draw(body: Body) -> Card:
        url = str(body.get("media_url") or "")
        name = body.get("filename") or url.partition("?")[0].rstrip("/").rpartition("/")[2] or body["message_type"]
        source = url or f"media id {body.get('media_id', '')}"
        file = (plain(f"{icon} {name}", BOLD), plain(source, DIM))
        # The content serves as the caption where there is none.
        caption = str(body.get("caption") or body.get("content") or "") if captioned else ""
        return Card((file, paragraphs(caption)) if caption else (file,))

    return draw


def _location(body: Body) -> Card:
    lines = [
        plain(f"📍 {body.get('location_name') or 'location'}", BOLD),
        plain(f"{body.get('latitude')}, {body.get('longitude')}", DIM),
    ]
    if address := body.get("location_address"):
        lines.insert(1, plain(str(address)))
    return Card((tuple(lines),))


def _interactive(body: Body) -> Card:
    drawn = _INTERACTIVE.get(body.get("interactive_type", ""), _unknown)(body)
    text: list[Paragraph] = []
    if header := body.get("header_text"):
        text.append(plain(str(header), BOLD))
    text.extend(paragraphs(str(body.get("body_text", ""))))
    if footer := body.get("footer_text"):
        text.append(plain(str(footer), DIM))
    return replace(drawn, inside=(tuple(text), *drawn.inside))


def _buttons(body: Body) -> Card:
    titles = (plain(f"↩ {button['title']}") for button in body["buttons"])
    return Card((), buttons=tuple(replace(title, align="centre") for title in titles))


def _list(body: Body) -> Card:
    label = replace(plain(f"≡ {body.get('list_button_text', '')}", BOLD), align="centre")
    return Card(((label,),), sheet=((label,), *(tuple(_rows(section)) for section in body["sections"])))


def _rows(section: Body) -> Iterator[Paragraph]:
    if title := section.get("title"):
        yield plain(str(title), BOLD)
    for row in section["rows"]:
        yield replace(plain(str(row["title"])), first="○ ", rest="  ")
        if description := row.get("description"):
            yield plain(str(description), DIM, "  ")


def _template(body: Body) -> Card:
    name = plain(f"📋 template {body.get('template_name', '')} ({body.get('template_language', '')})", BOLD)
    kind = body.get("header_type")
    header = list(_values(body.get("header_params"), f"header ({kind})" if kind else "header"))
    if filename := body.get("header_filename"):
        header.append(plain(f"file: {filename}"))
    sections = ((name,), tuple(header), tuple(_values(body.get("template_params"), "")))
    return Card(tuple(section for section in sections if section))


def _values(params: Any, name: str) -> Iterator[Paragraph]:
    """A template's values, each with its placeholder: by place, by name, or for header and body apart."""
    if isinstance(params, Mapping):
        for key, value in params.items():
            if isinstance(value, Mapping):
                yield plain(f"{key}:", DIM)
                yield from _values(value, str(key))
            else:
                yield plain(f"{{{{{key}}}}} = {value}")
    elif isinstance(params, list):
        yield from (plain(f"{{{{{number}}}}} = {value}") for number, value in enumerate(params, 1))
    elif params is not None:
        yield plain(f"{name}: {params}")


def _reaction(body: Body) -> Card:
    emoji = body.get("reaction_emoji")
    said = f"({emoji}) reaction to" if emoji else "( ) reaction taken from"
    return Card(((Paragraph(((visible(said), BOLD), (visible(f" {body.get('reacted_to_message_id', '')}"), DIM))),),))


def _contacts(body: Body) -> Card:
    return Card(tuple(tuple(_contact(contact)) for contact in body["contacts"]))


_NAMES = ("prefix", "first_name", "middle_name", "last_name", "suffix")
_ORG = ("company", "department", "title")
_ADDRESS = ("street", "city", "state", "zip", "country")


def _contact(contact: Body) -> Iterator[Paragraph]:
    names = contact.get("name") or contact
    yield plain(f"👤 {names.get('formatted_name') or _join(names, _NAMES, ' ')}", BOLD)
    if org := contact.get("org"):
        yield plain(_join(org, _ORG, " · "))
    for many, one in (("phones", "phone"), ("emails", "email"), ("urls", "url")):
        for item in contact.get(many, ()):
            yield plain(_labelled(one, str(item[one]), item))
    for address in contact.get("addresses", ()):
        yield plain(_labelled("address", _join(address, _ADDRESS, ", "), address))
    if birthday := contact.get("birthday"):
        yield plain(f"birthday {birthday}")


def _labelled(label: str, value: str, item: Body) -> str:
    return f"{label} {value} ({item['type']})" if item.get("type") else f"{label} {value}"


def _join(parts: Body, keys: tuple[str, ...], separator: str) -> str:
    return separator.join(str(parts[key]) for key in keys if parts.get(key))


def _unknown(body: Body) -> Card:
    lines = json.dumps(body, ensure_ascii=False, indent=2).split("\n")
    return Card(((*(plain(line) for line in lines),),))


_DRAW: Mapping[str, Callable[[Body], Card]] = {
    "text": _text,
    "image": _media("📷"),
    "video": _media("🎬"),
    "audio": _media("🎵", captioned=False),
    "document": _media("📄"),
    "location": _location,
    "interactive": _interactive,
    "template": _template,
    "reaction": _reaction,
    "contacts": _contacts,
}

_INTERACTIVE: Mapping[str, Callable[[Body], Card]] = {"button": _buttons, "list": _list}
