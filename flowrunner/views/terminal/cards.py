"""What stands in and under the bubble of each message type: one drawing function a type, found by its name."""

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from typing import Final, NamedTuple

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
    header,
    media_source,
    template_values,
)
from flowrunner.views.message.files import labels
from flowrunner.views.message.tappable import Button, button_values, buttons
from flowrunner.views.terminal.approved import approved_sections
from flowrunner.views.terminal.paragraphs import Paragraph, plain, written
from flowrunner.views.terminal.styles import BOLD, DIM
from flowrunner.views.visible import visible

Section = tuple[Paragraph, ...]
ICONS: Final = {"image": "📷", "video": "🎬", "audio": "🎵", "document": "📄", "sticker": "🎨"}


class Card(NamedTuple):
    """A drawn message, not yet folded.

    Attributes:
        inside: What stands in the bubble; a rule parts one section from the next.
        buttons: The buttons under it, each with what WhatsApp does not show of it.
        options: What opens when a list message's button is touched, or the cards of a carousel: a rule between them.
    """

    inside: tuple[Section, ...]
    buttons: tuple[Section, ...] = ()
    options: tuple[Section, ...] = ()


def card(
    body: Body, files: Mapping[str, MediaFile] = NOTHING, template: Template | None = None, quotes: str = ""
) -> Card:
    """The card of one message, the object posted as ``message``; a type that has no drawing is shown as JSON.

    Args:
        body: The message.
        files: What is known of the files that it is sent with, as a bundle has them.
        template: What WhatsApp makes it of, where that is known; without it only the values are shown.
        quotes: How the message begins that it quotes; by default the id of that.
    """
    if template is not None and template.components:
        sections, pressed = approved_sections(body, template)
        drawn = Card(sections, tuple((each,) for each in pressed))
    else:
        drawn = _DRAW.get(body.get("message_type", "text"), _unknown)(body)
    inside = drawn.inside
    if known := [plain(label, DIM) for label in labels(body, files)]:
        inside = ((*inside[0], *known), *inside[1:])
    if said := quotes or str(body.get("reply_to") or ""):
        inside = ((plain(said.split("\n")[0], DIM)._replace(first="▌ ", rest="▌ "),), *inside)
    return drawn._replace(inside=inside)


def _text(body: Body) -> Card:
    drawn = written(str(body.get("content", "")))
    return Card((drawn, (plain("with a preview of the link", DIM),)) if body.get("preview_url") else (drawn,))


def _media(icon: str) -> Callable[[Body], Card]:
    def draw(body: Body) -> Card:
        name = f"{icon} voice message {file_name(body)}" if body.get("voice") else f"{icon} {file_name(body)}"
        file = (plain(name, BOLD), plain(media_source(body), DIM))
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
    text: list[Paragraph] = []
    if (sort := str(body.get("header_type"))) in ICONS:
        file = header(body)
        text += [plain(f"{ICONS[sort]} {file_name(file)}", BOLD), plain(media_source(file), DIM)]
    if title := body.get("header_text"):
        text.append(plain(str(title), BOLD))
    text.extend(written(str(body.get("body_text", ""))))
    if footer := body.get("footer_text"):
        text.append(plain(str(footer), DIM))
    make = _OPTIONS.get(str(body.get("interactive_type")))
    options = make(body) if make else ()
    label = options[0] if "list_button_text" in body else ()
    return Card((tuple(text), label) if label else (tuple(text),), tuple(map(_button, buttons(body))), options)


_SIGNS = {"reply": "↩", "link": "↗", "place": "📍", "phone": "☎", "form": "▤", "shop": "▦"}


def _button(button: Button) -> Section:
    label = plain(f"{_SIGNS[button.sort]} {button.label}")._replace(align="centre")
    return (label, plain(button.told, DIM)._replace(align="centre")) if button.told else (label,)


def _list(body: Body) -> tuple[Section, ...]:
    label = plain(f"≡ {body.get('list_button_text', '')}", BOLD)._replace(align="centre")
    return ((label,), *(tuple(_rows(section)) for section in body["sections"]))


def _rows(section: Body) -> Iterator[Paragraph]:
    if title := section.get("title"):
        yield plain(str(title), BOLD)
    for row in section["rows"]:
        yield plain(str(row["title"]))._replace(first="○ ", rest="  ")
        if description := row.get("description"):
            yield plain(str(description), DIM, "  ")


def _products(body: Body) -> tuple[Section, ...]:
    return tuple(tuple(_shelf(section)) for section in body["sections"])


def _shelf(section: Body) -> Iterator[Paragraph]:
    yield plain(str(section["title"]), BOLD)
    yield from (plain(str(each))._replace(first="▦ ", rest="  ") for each in section["products"])


def _cards(body: Body) -> tuple[Section, ...]:
    return tuple(tuple(_one(number, each, len(body["cards"]))) for number, each in enumerate(body["cards"], 1))


def _one(number: int, its: Body, many: int) -> Iterator[Paragraph]:
    """One card of a carousel."""
    sort = str(its.get("header_type"))
    yield plain(f"{number}/{many} {ICONS.get(sort, '')} {file_name(its)}", BOLD)
    yield plain(media_source(its), DIM)
    yield from written(str(its["body_text"])) if its.get("body_text") else ()
    for button in buttons(its):
        yield from _button(button)


_OPTIONS: Mapping[str, Callable[[Body], tuple[Section, ...]]] = {
    "list": _list,
    "product_list": _products,
    "carousel": _cards,
}


def _template(body: Body) -> Card:
    name = plain(f"📋 template {body.get('template_name', '')} ({body.get('template_language', '')})", BOLD)
    kind = body.get("header_type")
    header: list[Paragraph] = []
    if (value := body.get("header_params")) is not None:
        header.append(plain(f"header ({kind}): {value}" if kind else f"header: {value}"))
    if media := body.get("header_media_id"):
        header.append(plain(f"header ({kind}): media id {media}"))
    if place := body.get("header_location"):
        said = " · ".join(str(place[name]) for name in ("name", "address", "latitude", "longitude") if name in place)
        header.append(plain(f"header ({kind}): {said}"))
    if filename := body.get("header_filename"):
        header.append(plain(f"file: {filename}"))
    given = tuple(
        plain(f"button {each.get('index')} ({each.get('type')}): {', '.join(button_values(each))}".rstrip(": "))
        for each in body.get("button_params") or ()
    )
    sections = ((name,), tuple(header), tuple(_values(template_values(body.get("template_params")))), given)
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


def _read(body: Body) -> Card:
    known = body.get("message_id")
    lines = [plain(f"✓✓ read: {f'message {known}' if known else 'what the customer wrote last'}", BOLD)]
    if body.get("typing"):
        lines.append(plain("typing …", DIM))
    return Card((tuple(lines),))


def _raw(body: Body) -> Card:
    its: Body = body.get("raw") or {}
    sort = its.get("type", "") if isinstance(its, Mapping) else ""
    return Card(((plain(f"Meta's own {sort}".strip(), BOLD),), *_unknown(its).inside))


def _unknown(body: Body) -> Card:
    lines = json.dumps(body, ensure_ascii=False, indent=2).split("\n")
    return Card(((*(plain(line) for line in lines),),))


_DRAW: Mapping[str, Callable[[Body], Card]] = {
    "text": _text,
    **{sort: _media(icon) for sort, icon in ICONS.items()},
    "location": _location,
    "interactive": _interactive,
    "template": _template,
    "reaction": _reaction,
    "contacts": _contacts,
    "read": _read,
    "raw": _raw,
}
