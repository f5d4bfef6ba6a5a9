"""Words that people write for a type of message."""

from flowrunner.diagnostics import nearest
from flowrunner.spec.files import MESSAGE_TYPES, message_schema


def type_meant(word: str, *, by_spelling: bool = True) -> str:
    """The message type that a word was probably meant to be, or an empty string."""
    folded = word.strip().casefold()
    if folded in MESSAGE_TYPES:
        return folded
    if subtype_meant(folded):
        return "interactive"
    meant = (each for each in MESSAGE_TYPES if folded in message_schema(each).get("x-also", ()))
    return next(meant, "") or (nearest(folded, list(MESSAGE_TYPES)) if by_spelling else "")


def subtype_meant(word: str) -> str:
    """The ``interactive_type`` that a word stands for, or an empty string."""
    known = message_schema("interactive")["properties"]["interactive_type"]["x-words"]
    return next((subtype for subtype, words in known.items() if word.strip().casefold() in words), "")
