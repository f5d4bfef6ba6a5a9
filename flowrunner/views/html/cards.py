"""What stands in the bubble of each message type, as HTML: one drawing function a type, found by its name."""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from typing import NamedTuple

from flowrunner.views.html.formatting import link, written
from flowrunner.views.html.page import exact, icon, pretty, safe
from flowrunner.views.message.body import (
    Body,
    Value,
    caption,
    contact_details,
    contact_name,
    file_name,
    kind,
    media_source,
    template_values,
    url_name,
)


class Inside(NamedTuple):
    """A drawn message.

    Attributes:
        content: What stands above the time.
        actions: What stands below it: reply buttons, or the list that opens.
        look: A class of the whole message.
        source: Where its file comes from, which WhatsApp does not show.
    """

    content: str
    actions: str = ""
    look: str = ""
    source: str = ""


def inside(body: Body, *, live: bool = False, opened: bool = False) -> Inside:
    """The inside of one message's bubble; a type that has no drawing is shown as JSON.

    Args:
        body: The object posted as ``message``.
        live: Reply buttons and list rows can be pressed.
        opened: A list stands open.
    """
    drawn = _DRAW.get(kind(body), _unknown)(body, live)
    return drawn._replace(actions=drawn.actions.replace(_CLOSED, f"{_CLOSED} open", 1)) if opened else drawn


_CLOSED = '<details class="sheet"'


# What Unicode calls an emoji, with what may follow it (https://www.unicode.org/reports/tr51/#EBNF_and_Regex), as far as
# it is drawn as a picture without being asked to.
_PICTURE = (
    "[\U0001f000-\U0001faff\u231a-\u23ff\u2600-\u27bf\u2b05-\u2b55\u3297\u3299](?:\ufe0f|[\U0001f3fb-\U0001f3ff])?"
)
_EMOJI = (
    rf"(?:[\U0001f1e6-\U0001f1ff]{{2}}|[0-9#*]\ufe0f?\u20e3|[\u00a9-\u3030]\ufe0f|"
    rf"{_PICTURE}[\U000e0020-\U000e007f]*(?:\u200d{_PICTURE})*)"
)
_FEW_EMOJI = re.compile(rf"\s*(?:{_EMOJI}\s*){{1,3}}")


def _text(body: Body, _live: bool) -> Inside:
    content = str(body.get("content", ""))
    return Inside(written(content), look="emoji" if _FEW_EMOJI.fullmatch(content) else "")


def _captioned(drawn: str, body: Body) -> Inside:
    said = caption(body)
    return Inside(drawn + (written(said) if said else ""), source=media_source(body))


def _frame(look: str, name: str) -> str:
    """A picture that is not fetched: its place, and what its file is called."""
    sign = icon("play" if look == "video" else "image")
    return f'<div class="frame {look}">{sign}<bdi>{safe(name)}</bdi></div>'


def _picture(body: Body, _live: bool) -> Inside:
    return _captioned(_frame(kind(body), file_name(body)), body)


def _audio(body: Body, _live: bool) -> Inside:
    return Inside(f'<div class="sound">{icon("play")}{icon("wave")}</div>', source=media_source(body))


def _document(body: Body, _live: bool) -> Inside:
    return _captioned(_paper(file_name(body)), body)


def _paper(name: str) -> str:
    ending = name.rpartition(".")[2]
    sort = ending.upper() if "." in name and ending.isalnum() and len(ending) <= 5 else "FILE"
    return f'<div class="paper">{icon("file")}<bdi>{safe(name)}</bdi><small>{safe(sort)}</small></div>'


def _location(body: Body, _live: bool) -> Inside:
    lines = [
        f'<strong dir="auto">{safe(str(body.get("location_name") or "Location"))}</strong>',
        *(f'<span dir="auto">{safe(str(address))}</span>' for address in [body.get("location_address")] if address),
        f"<small>{safe(str(body.get('latitude')))}, {safe(str(body.get('longitude')))}</small>",
    ]
    return Inside(f'<div class="place">{icon("map")}{"".join(lines)}</div>')


def _interactive(body: Body, live: bool) -> Inside:
    actions = _ACTIONS.get(str(body.get("interactive_type", "")))
    if actions is None:
        return _unknown(body, live)
    header = f'<p class="header" dir="auto">{safe(str(body["header_text"]))}</p>' if body.get("header_text") else ""
    footer = f'<p class="footer" dir="auto">{safe(str(body["footer_text"]))}</p>' if body.get("footer_text") else ""
    return Inside(f"{header}{written(str(body.get('body_text', '')))}{footer}", actions(body, live))


def _buttons(body: Body, live: bool) -> str:
    shown = (_press("button_reply", item, f"{icon('reply')}<bdi>{safe(str(item['title']))}</bdi>", live=live)
             for item in body.get("buttons", ()))  # fmt: skip
    return f'<ul class="replies">{"".join(f"<li>{each}</li>" for each in shown)}</ul>'


def _list(body: Body, live: bool) -> str:
    label = safe(str(body.get("list_button_text", "")))
    sections = "".join(_section(section, live) for section in body.get("sections", ()))
    return (
        f"{_CLOSED}><summary>{icon('list')}<bdi>{label}</bdi></summary>"
        f'<div class="rows"><p class="header" aria-hidden="true"><bdi>{label}</bdi></p>{sections}</div></details>'
    )


def _section(section: Body, live: bool) -> str:
    title = f'<p class="section" dir="auto">{safe(str(section["title"]))}</p>' if section.get("title") else ""
    rows = "".join(f"<li>{_row(row, live)}</li>" for row in section.get("rows", ()))
    return f"{title}<ul>{rows}</ul>"


def _row(row: Body, live: bool) -> str:
    said = row.get("description")
    description = f'<small dir="auto">{safe(str(said))}</small>' if said else ""
    return _press("list_reply", row, f'<span dir="auto">{safe(str(row["title"]))}</span>{description}', live=live)


def _press(what: str, item: Body, shown: str, *, live: bool) -> str:
    """A reply button or a list's row: a real button where it is live."""
    if not live:
        return f'<span class="press">{shown}</span>'
    data = " ".join(
        f'data-reply-{name}="{exact(str(item.get(name) or ""))}"' for name in ("id", "title", "description")
    )
    return f'<button type="button" class="press" data-reply-kind="{what}" {data}>{shown}</button>'


def _template(body: Body, _live: bool) -> Inside:
    name, language = safe(str(body.get("template_name", ""))), safe(str(body.get("template_language", "")))
    parts = [f'<p class="template">{icon("template")}<bdi>{name}</bdi> <small>template, {language}</small></p>']
    header, sort = body.get("header_params"), str(body.get("header_type") or "text")
    if header is not None:
        parts.append(_template_header(sort, str(header), body))
    for part, its in groupby(template_values(body.get("template_params")), lambda value: value.part):
        heading = f'<p class="section">{safe(part)}</p>' if part else ""
        rows = "".join(map(_value, its))
        parts.append(f'{heading}<dl class="values">{rows}</dl>')
    parts.append('<p class="footer">WhatsApp has the template’s own text; these are its values.</p>')
    return Inside("".join(parts), source="" if header is None or sort == "text" else str(header))


def _value(value: Value) -> str:
    placeholder = safe(f"{{{{{value.placeholder}}}}}")
    return f'<div><dt><bdi>{placeholder}</bdi></dt><dd dir="auto">{safe(value.value)}</dd></div>'


def _template_header(sort: str, value: str, body: Body) -> str:
    if sort == "text":
        return f'<p class="header" dir="auto">{safe(value)}</p>'
    name = str(body.get("header_filename") or url_name(value) or sort)
    return _paper(name) if sort == "document" else _frame(sort, name)


def _contacts(body: Body, _live: bool) -> Inside:
    return Inside("".join(map(_contact, body.get("contacts", ()))))


def _contact(contact: Body) -> str:
    return (
        f'<div class="contact"><p class="who">{icon("person")}<bdi>{safe(contact_name(contact))}</bdi></p>'
        f"{''.join(_details(contact))}</div>"
    )


def _details(contact: Body) -> Iterator[str]:
    for label, value, sort in contact_details(contact):
        shown = link(value) if label == "url" else safe(value)
        named = f"{label}, {safe(sort)}" if sort else label
        yield f'<p class="detail"><small>{named}</small> <bdi>{shown}</bdi></p>'


def _reaction(body: Body, _live: bool) -> Inside:
    """The message it is for, of which only the id is known; the emoji stands on the bubble's edge."""
    said = "Reaction to the message" if body.get("reaction_emoji") else "Reaction taken from the message"
    return Inside(f"<p>{said} <small><bdi>{safe(str(body.get('reacted_to_message_id', '')))}</bdi></small></p>")


def _unknown(body: Body, _live: bool) -> Inside:
    return Inside(f"<pre>{pretty(body)}</pre>")


_DRAW: Mapping[str, Callable[[Body, bool], Inside]] = {
    "text": _text,
    "image": _picture,
    "video": _picture,
    "audio": _audio,
    "document": _document,
    "location": _location,
    "interactive": _interactive,
    "template": _template,
    "reaction": _reaction,
    "contacts": _contacts,
}

_ACTIONS: Mapping[str, Callable[[Body, bool], str]] = {"button": _buttons, "list": _list}
