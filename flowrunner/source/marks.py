"""White space and marks that nobody sees: they come by copying from a phone, a browser, a PDF or a spreadsheet."""

import re
import string
import unicodedata
from typing import Final

INVISIBLE: Final = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufffc"
)
"""What shows nothing, for a pattern's character class; white space is not among it."""

# An emoji ends with a variation selector, a Malayalam name with a joiner: at an end they are part of what is written.
_JOINING: Final = "[\u200c\u200d\ufe00-\ufe0f]+"
_LEADING: Final = rf"[\s{INVISIBLE}]+"
_TRAILING: Final = rf"[\s{INVISIBLE}]+\Z"
_DIRECTION: Final = "[\u202a-\u202e\u2066-\u2069]"
_MARK: Final = rf"[{INVISIBLE}]"


def trimmed(text: str) -> str:
    """The text without the white space and the invisible marks at its ends."""
    text = text.strip()
    return text if text.isascii() or not re.search(_MARK, text) else _bare(text)


def without_marks(text: str) -> str:
    """The text without any mark that nobody sees."""
    return text if text.isascii() else re.sub(_MARK, "", text)


def is_unseen(text: str) -> bool:
    """Whether a text shows nothing: white space and invisible marks alone, or the blank of Braille."""
    return re.fullmatch(rf"[\s{INVISIBLE}\u2800]*", text) is not None


def named(sign: str) -> str:
    """A sign for a sentence: as it is; by its code point, where it could not be seen or be taken for another one."""
    if sign.isascii() and sign in string.printable and not sign.isspace():
        return sign
    if not sign.isprintable() or re.match(_MARK, sign) or unicodedata.combining(sign):
        return f"U+{ord(sign):04X}"
    return f"{sign} (U+{ord(sign):04X})"


def visible(text: str) -> str:
    """The text with the code point of every mark that nobody sees in its place: ``+52<U+2066>55``."""
    return "".join(
        f"<U+{ord(sign):04X}>" if not sign.isprintable() or re.match(_MARK, sign) else sign for sign in text.strip()
    )


def first_mark(text: str) -> str:
    """The first mark in a text that nobody sees; empty where there is none."""
    found = re.search(_MARK, text)
    return found.group() if found is not None else ""


def _bare(text: str) -> str:
    start = re.match(_LEADING, text)
    rest = text[start.end() :] if start is not None else text
    end = re.search(_TRAILING, rest)
    if end is not None:
        kept = re.match(_JOINING, end.group())
        rest = rest[: end.start()] + (kept.group() if kept is not None else "")
    # Marks of direction come in pairs, which must not be parted.
    return rest if not re.search(_DIRECTION, rest) else text
