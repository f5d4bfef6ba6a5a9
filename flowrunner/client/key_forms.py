"""Every form in which a server may repeat a secret that it was sent."""

import re
from base64 import b64encode
from collections.abc import Iterator
from typing import Final

_BETWEEN: Final = r"(?:[\s:.,_-]|0x|\\{1,8}x|%(?:25){0,8}){0,3}"
"""What may stand between the bytes of a dump."""
_OTHER_ALPHABET: Final = {"+": "-", "/": "_"}
_ENTITIES: Final = {'"': "quot", "&": "amp", "'": "apos", "<": "lt", ">": "gt"}
_FIRST: Final = 4
"""So many characters of a form tell that hardly any text has it; patterns of them alone are made ten times as soon."""


class Forms:
    """Finds a secret (ASCII) in any text, in upper or lower case.

    - as it is, or with any of its characters in an escape of a URL, of JSON or of HTML, escaped once or more;
    - in base64 of either alphabet, also within a longer text, and ready for a URL;
    - as hexadecimal digits, with or without something between the bytes.
    """

    def __init__(self, secret: str) -> None:
        raw = secret.encode()
        self._secret: Final = secret
        self._unescaped: Final = tuple(map(_folded, (secret, *_base64(raw))))
        self._hexadecimal: Final = raw.hex()
        self._beginnings: re.Pattern[str] | None = None
        self._patterns: tuple[re.Pattern[str], ...] | None = None

    def replaced(self, text: str, by: str) -> str:
        """The text with ``by`` in place of the secret."""
        if len(text) < len(self._secret):  # no form is shorter
            return text
        if not self._may_be_in(text):
            return text
        if self._patterns is None:  # to make them takes as long as to send several messages
            self._patterns = tuple(map(re.compile, patterns(self._secret)))
        for each in self._patterns:
            text = each.sub(by, text)
        return text

    def _may_be_in(self, text: str) -> bool:
        """Whether a pattern may find something: a text without an escape in it is done with soonest."""
        if "%" in text or "&" in text or "\\" in text:
            if self._beginnings is None:
                self._beginnings = re.compile("|".join(patterns(self._secret, _FIRST)))
            return self._beginnings.search(text) is not None
        folded = _folded(text)
        dump = "".join(folded.split()).translate(_DELETED).replace("0x", "")
        return self._hexadecimal in dump or any(each in folded for each in self._unescaped)


_DELETED: Final = dict.fromkeys(map(ord, ":.,_-"))


def _folded(text: str) -> str:
    """A text as both alphabets of base64 and both cases have it in common."""
    return text.lower().replace("+", "-").replace("/", "_")


def patterns(secret: str, first: int | None = None) -> Iterator[str]:
    """The pattern of each form, or of only so many of its first characters, which every text with that form has."""
    raw = secret.encode()
    yield "".join(map(_sign, secret[:first]))
    for text in _base64(raw):
        yield "".join(_any_case(sign) if sign.isalnum() else _sign(sign) for sign in text[:first])
    yield _BETWEEN.join(_any_case(f"{byte:02x}") for byte in raw[:first])


def _sign(sign: str) -> str:
    """One character, plain or escaped.

    Each choice begins with a literal, and upper and lower case are spelt out: so `re` looks for where it may begin
    four times as fast as with its flag. Each repetition is bounded: a server may send a megabyte of backslashes.
    """
    code = _any_case(f"{ord(sign):02x}")
    named = f"|{_ENTITIES[sign]};?" if sign in _ENTITIES else ""
    same = {sign.lower(), sign.upper(), _OTHER_ALPHABET.get(sign, sign)}
    plain = "|".join(re.escape(each) for each in sorted(same))
    percent = rf"(?:25){{0,8}}{code}"
    entity = rf"(?:amp;){{0,8}}(?:#0{{0,8}}{ord(sign)};?|#[xX]0{{0,8}}{code};?{named})"
    # JSON may escape the sign that begins another escape, as Rails does with &.
    backslash = rf"\\\\{{0,7}}(?:[uU]00(?:{code}|25{percent}|26{entity})|[xX]{code}|{re.escape(sign)})"
    return f"(?:%{percent}|&{entity}|{backslash}|{plain})"


def _any_case(text: str) -> str:
    return "".join(f"[{each.lower()}{each.upper()}]" if each.isalpha() else each for each in text)


def _base64(raw: bytes) -> Iterator[str]:
    """The characters that stand in base64 whatever is before and after them, for each place in a group of three."""
    for shift in range(3):
        text = b64encode(bytes(shift) + raw).decode().rstrip("=")
        # The first ones hold bits of what stands before, the last one may hold bits of what follows.
        yield text[-(-shift * 8 // 6) : len(text) - bool((shift + len(raw)) % 3)]
