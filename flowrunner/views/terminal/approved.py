"""A template message in a terminal, as the customer sees it."""

from typing import Final

from flowrunner.model.templates import Template
from flowrunner.views.message.approved import Button, approved
from flowrunner.views.message.body import Body
from flowrunner.views.terminal.paragraphs import Paragraph, plain, written
from flowrunner.views.terminal.styles import BOLD, DIM

_ICONS: Final = {"image": "📷", "video": "🎬", "document": "📄", "location": "📍"}
_SIGNS: Final = {"reply": "↩", "link": "↗", "phone": "☎", "copy": "⧉", "form": "▤", "shop": "▦"}

Section = tuple[Paragraph, ...]


def approved_sections(body: Body, template: Template) -> tuple[tuple[Section, ...], tuple[Paragraph, ...]]:
    """What stands in the bubble, and the buttons under it."""
    its = approved(body, template)
    name = plain(f"📋 template {template.name} ({template.language})", DIM)
    inside: list[Paragraph] = []
    if its.media == "location":
        place = body.get("header_location") or {}
        inside.append(plain(f"📍 {place.get('name') or 'location'}", BOLD))
        inside += [plain(str(place["address"]))] if place.get("address") else []
        inside.append(plain(f"{place.get('latitude')}, {place.get('longitude')}", DIM))
    elif its.media:
        inside += [plain(f"{_ICONS.get(its.media, '📄')} {its.file}", BOLD), plain(its.source, DIM)]
    if its.header:
        inside.append(plain(its.header, BOLD))
    inside += written(its.text)
    if its.footer:
        inside.append(plain(its.footer, DIM))
    return ((name,), tuple(inside)), tuple(map(_button, its.buttons))


def _button(button: Button) -> Paragraph:
    label = plain(f"{_SIGNS[button.sort]} {button.label}")
    told = plain(f"  {button.told}", DIM).spans if button.told else ()
    return label._replace(spans=(*label.spans, *told), align="centre")
