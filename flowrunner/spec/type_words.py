"""Words that people write for a type of message."""

from typing import Final

from flowrunner.diagnostics import nearest
from flowrunner.spec.files import MESSAGE_TYPES

_MEANT: Final = {
    **dict.fromkeys(("photo", "picture", "pic", "foto", "img", "imagen", "jpg", "jpeg", "png"), "image"),
    **dict.fromkeys(("pdf", "file", "attachment", "documento", "doc", "docx", "xls", "xlsx", "ppt"), "document"),
    **dict.fromkeys(("voice", "voice_note", "voicenote", "sound", "music", "mp3", "ogg", "ptt"), "audio"),
    **dict.fromkeys(("movie", "film", "clip", "mp4", "gif"), "video"),
    **dict.fromkeys(("map", "place", "pin", "venue", "ubicacion", "ubicación"), "location"),
    **dict.fromkeys(("card", "vcard", "contacto"), "contacts"),
    **dict.fromkeys(("emoji", "like", "thumbs_up"), "reaction"),
    **dict.fromkeys(("hsm", "plantilla"), "template"),
    **dict.fromkeys(("string", "plain", "msg", "message", "chat", "texto"), "text"),
    "sticker": "image",
}
"""Other words for a message's type."""
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
    return _MEANT.get(folded, "") or (nearest(folded, list(MESSAGE_TYPES)) if by_spelling else "")


def subtype_meant(word: str) -> str:
    """The ``interactive_type`` that a word stands for, or an empty string."""
    return _SUBTYPES.get(word.strip().casefold(), "")
