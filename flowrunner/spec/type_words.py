"""Words that people write for a type of message."""

from typing import Final

from flowrunner.diagnostics import nearest
from flowrunner.spec.files import MESSAGE_TYPES, message_schema

_SUBTYPES: Final = {
    **dict.fromkeys(("button", "buttons", "reply_button", "reply_buttons", "quick_reply", "quick_replies"), "button"),
    **dict.fromkeys(("list", "lists", "menu", "options"), "list"),
}
"""Words for what is an ``interactive_type``."""


def type_meant(word: str, *, by_spelling: bool = True) -> str:
    """The message type that a word was probably meant to be, or an empty string."""
    folded = word.strip().casefold()
    if folded in MESSAGE_TYPES:
        return folded
    if folded in _SUBTYPES:
        return "interactive"
    meant = (each for each in MESSAGE_TYPES if folded in message_schema(each).get("x-also", ()))
    return next(meant, "") or (nearest(folded, list(MESSAGE_TYPES)) if by_spelling else "")


def subtype_meant(word: str) -> str:
    """The ``interactive_type`` that a word stands for, or an empty string."""
    return _SUBTYPES.get(word.strip().casefold(), "")
