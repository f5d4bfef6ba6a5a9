"""The frame of every HTML page: one file that asks nothing of any network, whatever stands in it."""

import json
from base64 import b64encode
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path

from flowrunner.model import Json
from flowrunner.views.visible import UNSAFE, visible


def safe(text: str) -> str:
    """Any text as HTML text or attribute; what would turn the writing direction is shown as a sign."""
    return escape(visible(text))


def in_lines(text: str) -> str:
    """The same, its line breaks kept."""
    return escape(visible(text, keep="\n"))


def pretty(data: Json) -> str:
    """Plain data as indented JSON, made safe."""
    return in_lines(json.dumps(data, ensure_ascii=False, indent=2))


def exact(text: str) -> str:
    """An attribute that a script reads, and gets just this text."""
    return escape(text).replace("\r", "&#13;")


def as_sent(text: str) -> str:
    """Text of which not one character may be another: what would steer the page is shut in, a sign before it."""
    return UNSAFE.sub(lambda found: _STEERS.format(sign=safe(found[0]), char=found[0]), escape(text, quote=False))


_STEERS = '<span class="steers" data-sign="{sign}"><span>{char}</span></span>'


def asset(name: str) -> str:
    """The text of a style sheet or script, named from this room: ``html/chat.css``."""
    return Path(__file__).parents[1].joinpath(name).read_text(encoding="utf-8")


@cache
def icon(name: str) -> str:
    """A sign as SVG, from ``html/icons``: no font has them all, and none is fetched."""
    return asset(f"html/icons/{name}.svg").strip()


def opening(title: str, style: str, script: str, *, connects: bool = False) -> str:
    """The page up to the beginning of its body.

    Args:
        title: Any text.
        style: The page's style sheet.
        script: The page's script, as `closing` gets it.
        connects: The script may speak with the server the page came from.
    """
    # Even if a value got past the escaping, nothing but these two texts may run, and nothing may be fetched.
    connecting = "; connect-src 'self'" if connects else ""
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; img-src data:;"
        f" base-uri 'none'; form-action 'none'{connecting}"
    )
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
        f'<link rel="icon" href="data:,">\n<title>{safe(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n'
    )


def closing(script: str) -> str:
    """The page from the end of its body on."""
    return f"<script>{script}</script>\n</body>\n</html>"


def _digest(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
