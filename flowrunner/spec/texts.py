"""What is sent as it was typed although another thing was meant: escapes, Markdown, HTML, quotes around a whole text.

Where a text has a `HOLE`, the rest of it is looked at.
"""

import re
from collections.abc import Iterator
from html import unescape
from typing import Final

from flowrunner.data import table
from flowrunner.diagnostics import Problem, warning
from flowrunner.spec.words import shown

_LONGEST: Final = 5_000  # none that WhatsApp takes is longer
_QUOTES: Final = frozenset("“„‟‘‚”’")
_CLOSING: Final = frozenset("”“‟’‘")

# An address, and a block of code, are shown as they stand.
_VERBATIM: Final = re.compile(r"(?i:https?)://[^\s)<>\"']*|```.+?```", re.DOTALL)
_DRIVE: Final = re.compile(r"(?<![^\W_])[A-Za-z]:\\")
_ESCAPE: Final = re.compile(r"(?:\\u[0-9a-fA-F]{4})+|\\(?:r\\n|[nrt]|x[0-9a-fA-F]{2}|U[0-9a-fA-F]{8}|[\"'])")
_TAG: Final = re.compile(
    r"</?(a|b|big|blockquote|br|center|code|del|div|em|font|h[1-6]|hr|i|img|ins|li|ol|p|pre|s|small|span|strike|strong"
    r"|sub|sup|table|td|th|tr|u|ul)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


def notation(text: str, name: str) -> Iterator[Problem]:
    """What a customer would see of the author's own notation; `name` is the field's."""
    if len(text) <= _LONGEST:
        plain = _VERBATIM.sub(lambda match: " " * len(match.group()), text)
        yield from (each for look in (_escapes, _markdown, _html) for each in look(text, plain, name))


def quotes(text: str, name: str) -> Iterator[Problem]:
    """Curly quotes around the whole text, of which the first was seen."""
    if len(text) > 2 and text[-1] in _CLOSING and _QUOTES.isdisjoint(text[1:-1]):
        message = f"{name} is between {text[0]} and {text[-1]}, which are sent with it"
        yield warning("curly-quotes", message, f'remove them, or write straight ones: "{"…"}"')


def _escapes(text: str, plain: str, name: str) -> Iterator[Problem]:
    found = _ESCAPE.search(plain)
    if found is None or _DRIVE.search(text):
        return
    typed = found.group()
    message = f"{name} holds {typed}, which is sent as these {len(typed)} characters"
    hint = "write the character itself" if typed[1] in "uUx" else "remove the \\"
    if typed[1] in "nr":
        hint = "write a real line break (in YAML: \\n in double quotes, or the lines below |-)"
    elif typed[1] == "t":
        hint = "write spaces instead"
    yield warning("literal-escape", message, hint, found.start(), len(typed))


def _markdown(text: str, plain: str, name: str) -> Iterator[Problem]:
    for known in table("spec/texts.toml")["markdown"]:
        if found := re.search(known["pattern"], text if known.get("verbatim") else plain):
            message = f"{name} has {known['what']}: Markdown, which WhatsApp shows as it was typed"
            yield warning("markdown", message, known["hint"], found.start(), len(found.group()))


def _html(_text: str, plain: str, name: str) -> Iterator[Problem]:
    if found := _TAG.search(plain):
        tag = found.group(1).lower()
        message = f"{name} has <{tag}>: HTML, which WhatsApp shows as it was typed"
        hint = next((hint for hint, tags in table("spec/texts.toml")["html"].items() if tag in tags), "remove it")
        yield warning("html", message, hint, found.start(), len(found.group()))
    for each in _ENTITY.finditer(plain):
        character = unescape(each.group())
        if character != each.group():
            message = f"{name} has {each.group()}: HTML, which WhatsApp shows as it was typed"
            hint = "write a space instead" if character.isspace() else f"write {shown(character)[1:-1]} instead"
            yield warning("html", message, hint, each.start(), len(each.group()))
            return
