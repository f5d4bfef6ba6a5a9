"""What an unquoted scalar stands for, by YAML 1.2's core schema."""

import re

# The first character decides for nearly every scalar, so the patterns are seldom asked.
_MAYBE_NUMBER = frozenset("+-.0123456789")
_MAYBE_NOT_TEXT = _MAYBE_NUMBER | frozenset("~nNtTfF")
_INT = r"[-+]?[0-9]{1,300}\Z"
_OCTAL = r"0o[0-7]{1,300}\Z"
_HEX = r"0x[0-9a-fA-F]{1,300}\Z"
_FLOAT = r"[-+]?(\.[0-9]{1,300}|[0-9]{1,300}(\.[0-9]{0,300})?)([eE][-+]?[0-9]{1,3})?\Z"
_WORDS = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_INFINITE = (float("inf"), float("-inf"))


class Plain(str):
    """An unquoted scalar that YAML 1.2 does not read as text: the characters as typed, and what they stand for.

    Whoever knows which type is wanted chooses (`flowrunner.spec.as_typed`).

    Attributes:
        value: An int, a float, a bool or None.
    """

    __slots__ = ("value",)
    value: int | float | bool | None

    def __new__(cls, text: str, value: float | bool | None) -> "Plain":  # noqa: PYI034
        """Keep ``text`` as the string itself."""
        self = super().__new__(cls, text)
        self.value = value
        return self


def plain(text: str) -> str:
    """The scalar ``text`` as YAML 1.2 reads it when it stands unquoted: a `Plain`, or the text itself.

    Infinities, not-a-numbers and numbers of more than 300 digits stay text: JSON has none of them.
    """
    if text[:1] not in _MAYBE_NOT_TEXT:  # the empty text is in every string, not in a set
        return text or Plain(text, None)
    if text in _WORDS:
        return Plain(text, _WORDS[text])
    if text[0] not in _MAYBE_NUMBER:
        return text
    if re.match(_INT, text):
        return Plain(text, int(text))
    if re.match(_FLOAT, text):
        value = float(text)
        return text if value in _INFINITE else Plain(text, value)
    if re.match(_OCTAL, text):
        return Plain(text, int(text, 0))
    if re.match(_HEX, text):
        return Plain(text, int(text, 0))
    return text
