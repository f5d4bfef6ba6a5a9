"""Text of which no character steers a terminal, turns the writing direction, or cannot be encoded."""

import re

UNSAFE = "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
"""What steers a terminal (controls, line separators, reversals of the writing direction) or cannot be encoded at all.
The joiners that emoji, Persian and Thai are made of are ordinary text and not among them."""

_TAB = "    "


def visible(text: str, keep: str = "") -> str:
    """`text` with every character that would steer a terminal, or cannot be encoded, drawn as a sign.

    A C0 control becomes its picture (``␛``), any other ``<U+202E>``, a tab four spaces. The characters of
    ``keep`` stay.
    """
    if text.isprintable():  # as nearly every text is
        return text
    return re.sub(UNSAFE, lambda found: found[0] if found[0] in keep else _sign(found[0]), text)


def escaped(text: str) -> str:
    """JSON `text` with what would steer a terminal written as JSON's own escapes: the same value."""
    return re.sub(UNSAFE, lambda found: "\n" if found[0] == "\n" else f"\\u{ord(found[0]):04x}", text)


def in_xml(text: str) -> str:
    """`text` with signs for what XML 1.0 has no way to write: controls, and the two characters that are none."""
    return visible(text, keep="\n").replace("\ufffe", "<U+FFFE>").replace("\uffff", "<U+FFFF>")


def _sign(char: str) -> str:
    code = ord(char)
    if char == "\t":
        return _TAB
    if code == 0x7F:
        return "␡"
    return chr(0x2400 + code) if code < 0x20 else f"<U+{code:04X}>"
