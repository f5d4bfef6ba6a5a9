"""What stands in and under the bubble of each message type: one drawing function a type, found by its name."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby

from flowrunner.model.media import MediaFile
from flowrunner.model.plain import NOTHING
from flowrunner.model.templates import Template
from flowrunner.views.message.body import (
    Body,
    Value,
    caption,
    contact_details,
    contact_name,
    file_name,
    media_source,
    template_values,
)
from flowrunner.views.message.files import labels
from flowrunner.views.terminal.approved import approved_sections
from flowrunner.views.terminal.paragraphs import Paragraph, plain, written
from flowrunner.views.terminal.styles import BOLD, DIM
from flowrunner.views.visible import visible

Section = tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """A drawn message, not yet folded.

    Attributes:
        inside: What stands in the bubble; a rule parts one section from the next.
        buttons: The reply buttons under it.
        options: What opens when a list message's button is touched: its sections, a rule between them.
    """

    inside: tuple[Section, ...]
    buttons: tuple[Paragraph, ...] = ()
    options: tuple[Section, ...] = ()


def card(body: Body, files: Mapping[str, MediaFile] = NOTHING, template: Template | None = None) -> Card:
    """The card of one message, the object posted as ``message``; a type that has no drawing is shown as JSON.

    Args:
        body: The message.
        files: What is known of the files that it is sent with, as a bundle has them.
        template: What WhatsApp makes it of, where that is known; without it only the values are shown.
    """
    if template is not None and template.components:
        drawn = Card(*approved_sections(body, template))
    else:
        drawn = _DRAW.get(body.get("message_type", "text"), _unknown)(body)
    said = [plain(label, DIM) for label in labels(body, files)]
    return replace(drawn, inside=((*drawn.inside[0], *said), *drawn.inside[1:])) if said else drawn


def _text(body: Body) -> Card:
    return Card((written(str(body.get("content", ""))),))


def _media(icon: str) -> Callable[[Body], Card]:
    def draw(body: Body) -> Card:
        file = (plain(f"{icon} {file_name(body)}", BOLD), plain(media_source(body), DIM))
        said = caption(body)
        return Card((file, written(said)) if said else (file,))

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
    text.extend(written(str(body.get("body_text", ""))))
    if footer := body.get("footer_text"):
        text.append(plain(str(footer), DIM))
    return replace(drawn, inside=(tuple(text), *drawn.inside))


def _buttons(body: Body) -> Card:
    titles = (plain(f"↩ {button['title']}") for button in body["buttons"])
    return Card((), buttons=tuple(replace(title, align="centre") for title in titles))


def _list(body: Body) -> Card:
    label = replace(plain(f"≡ {body.get('list_button_text', '')}", BOLD), align="centre")
    return Card(((label,),), options=((label,), *(tuple(_rows(section)) for section in body["sections"])))


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
    header: list[Paragraph] = []
    if (value := body.get("header_params")) is not None:
        header.append(plain(f"header ({kind}): {value}" if kind else f"header: {value}"))
    if filename := body.get("header_filename"):
        header.append(plain(f"file: {filename}"))
    sections = ((name,), tuple(header), tuple(_values(template_values(body.get("template_params")))))
    return Card(tuple(section for section in sections if section))


def _values(values: Iterator[Value]) -> Iterator[Paragraph]:
    """A template's values, each with its placeholder, under the part they stand in."""
    for part, its in groupby(values, lambda value: value.part):
        if part:
            yield plain(f"{part}:", DIM)
        yield from (plain(f"{{{{{value.placeholder}}}}} = {value.value}") for value in its)


def _reaction(body: Body) -> Card:
    emoji = body.get("reaction_emoji")
    said = f"({emoji}) reaction to" if emoji else "( ) reaction taken from"
    return Card(((Paragraph(((visible(said), BOLD), (visible(f" {body.get('reacted_to_message_id', '')}"), DIM))),),))


def _contacts(body: Body) -> Card:
    return Card(tuple(tuple(_contact(contact)) for contact in body["contacts"]))


def _contact(contact: Body) -> Iterator[Paragraph]:
    yield plain(f"👤 {contact_name(contact)}", BOLD)
    for label, value, type_ in contact_details(contact):
        said = value if label == "org" else f"{label} {value}"
        yield plain(f"{said} ({type_})" if type_ else said)


def _unknown(body: Body) -> Card:
    lines = json.dumps(body, ensure_ascii=False, indent=2).split("\n")
    return Card(((*(plain(line) for line in lines),),))


_DRAW: Mapping[str, Callable[[Body], Card]] = {
    "text": _text,
    "image": _media("📷"),
    "video": _media("🎬"),
    "audio": _media("🎵"),
    "document": _media("📄"),
    "location": _location,
    "interactive": _interactive,
    "template": _template,
    "reaction": _reaction,
    "contacts": _contacts,
}

_INTERACTIVE: Mapping[str, Callable[[Body], Card]] = {"button": _buttons, "list": _list}
