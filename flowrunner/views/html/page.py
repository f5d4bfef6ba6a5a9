"""Pages of HTML from Jinja templates in which every value becomes text; a page asks nothing of any network."""

import json
import re
from base64 import b64encode
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from html import escape
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from flowrunner.model import Json
from flowrunner.views.message import body, formatting, tappable
from flowrunner.views.visible import UNSAFE, visible

_ROOM = Path(__file__).parents[1]


def safe(text: str) -> str:
    """Any text as HTML text or attribute; what would turn the writing direction is shown as a sign."""
    return escape(visible(text))


def trusted(text: str) -> Markup:
    """HTML that was made here: every value in it is text already."""
    return Markup(text)  # noqa: S704  # the one place where text becomes HTML


def in_lines(text: str) -> Markup:
    """Any text as HTML, its line breaks kept."""
    return trusted(escape(visible(text, keep="\n")))


def pretty(data: Json) -> Markup:
    """Plain data as indented JSON, made safe."""
    return in_lines(json.dumps(data, ensure_ascii=False, indent=2))


def exact(text: object) -> Markup:
    """An attribute that a script reads, and gets just this text."""
    return trusted(escape(str(text)).replace("\r", "&#13;"))


def as_sent(text: str) -> Markup:
    """Text of which not one character may be another: what would steer the page is shut in, a sign before it."""
    shut_in = re.sub(
        UNSAFE, lambda found: _STEERS.format(sign=safe(found[0]), char=found[0]), escape(text, quote=False)
    )
    return trusted(shut_in)


_STEERS = '<span class="steers" data-sign="{sign}"><span>{char}</span></span>'


def asset(name: str) -> str:
    """The text of a style sheet or script, named from this room: ``html/chat.css``."""
    return _ROOM.joinpath(name).read_text(encoding="utf-8")


@cache
def icon(name: str) -> Markup:
    """A sign as SVG, from ``html/icons``: no font has them all, and none is fetched."""
    return trusted(asset(f"html/icons/{name}.svg").strip())


def draw(template: str, **values: Any) -> str:
    """What a template of this room comes to, ``html/bubble.html``.

    A page extends ``html/page.html``, with a ``title``, a ``style`` and a ``script``; the script may speak with the
    server the page came from where ``connects`` is set.
    """
    return _templates().get_template(template).render(values)


def templates_of(folder: Path) -> Environment:
    """The templates of a folder; in all of them every value becomes text."""
    files = FileSystemLoader(folder)
    return Environment(loader=files, autoescape=True, auto_reload=False, finalize=_as_text, undefined=StrictUndefined)


@cache
def _templates() -> Environment:
    templates = templates_of(_ROOM)
    names = ("caption", "contact_details", "contact_name", "file_name", "header", "media_source", "template_values")
    templates.globals["url_name"] = body.url_name
    templates.globals |= {name: getattr(body, name) for name in names}
    templates.globals |= {"buttons": tappable.buttons, "button_values": tappable.button_values}
    templates.globals |= {"icon": icon, "lines": formatting.lines}
    templates.filters |= {each.__name__: each for each in (as_sent, exact, in_lines, pretty, trusted)}
    templates.filters |= {"digest": _digest, "neighbours": _neighbours, "number": "{:,}".format}
    return templates


def _as_text(value: object) -> Markup:
    """What comes from no template of ours is text, whatever it looks like."""
    return value if isinstance(value, Markup) else trusted(safe(str(value)))


def _neighbours(values: Iterable[object], attribute: str) -> list[tuple[object, list[object]]]:
    """What stands side by side and has the same attribute, with that."""
    return [(key, list(group)) for key, group in groupby(values, attrgetter(attribute))]


def _digest(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
