"""What nobody should find in a test, whatever it is called: addresses, numbers, links that may let somebody in."""

import re
from collections.abc import Collection, Sequence
from typing import Final

_URL: Final = r"https?://[^\s<>\"']*\?[^\s<>\"']*"
_EMAIL: Final = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
_PHONE: Final = r"(?<!\w)\+?\d(?:[ ().-]{0,2}\d){6,}"
_DIGITS: Final = r"\d{5,}"
_FOUND: Final = re.compile(f"{_URL}|{_EMAIL}|{_PHONE}|{_DIGITS}")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}")


def found_in(text: str, known: Collection[str] = ()) -> list[str]:
    """What is found in a text, but for what is ``known`` to be nobody's."""
    found = [each[0] for each in _FOUND.finditer(text)]
    return [each for each in found if not any(each in one for one in known) and not _DATE.fullmatch(each)]


def between(text: str, known: Collection[str]) -> list[str]:
    """The parts of a text that stand around what is found in it; all of it where nothing is."""
    parts, rest = [], text
    for each in found_in(text, known):
        before, _, rest = rest.partition(each)
        parts.append(before)
    return [*parts, rest]


def having(parts: Sequence[str]) -> str:
    """The pattern of a text that has these parts, with something between each two."""
    return f"^{'.+'.join(map(_literally, parts))}$"


def _literally(text: str) -> str:
    """As a pattern; a blank needs no sign before it."""
    return re.escape(text).replace("\\ ", " ")


def alike(text: str) -> str:
    """A text of the same shape: each letter and each digit is another one, all else as it is."""
    return "".join(map(_other, text))


def _other(sign: str) -> str:
    if sign.isdecimal():
        return str((int(sign) + 5) % 10)
    if not sign.isalpha():
        return sign
    return ("X" if sign.upper() != "X" else "Y") if sign.isupper() else ("x" if sign != "x" else "y")
