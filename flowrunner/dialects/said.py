"""What a person wrote, as all dialects read it: who they are, what they tapped, where they are."""

import math
import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from flowrunner.dialects.reading import parsed, text_of
from flowrunner.dialects.values import Named
from flowrunner.model import USER_ID, Json, Recipient
from flowrunner.model.plain import NOTHING

FILES: Final = frozenset(["image", "video", "audio", "sticker", "document"])
"""The types that are a file."""
_TAPS: Final = {"button_reply": "button", "list_reply": "row", "nfm_reply": "form"}
"""Each answer to an interactive message, and its kind."""


class Said(NamedTuple):
    """What is particular to the type of a message; the attributes are those of `flowrunner.model.Inbound`."""

    kind: str = "unknown"
    text: str = ""
    choice: str = ""
    context: str = ""
    data: Mapping[str, Json] = NOTHING


def person(named: Named) -> Recipient:
    """Whom an object is about, by the first name of each sort; a phone in international form, however it is written."""
    conversation, phone, user_id = (next(iter(each), "") for each in named)
    if re.fullmatch(USER_ID, phone):  # in the place of a number that is not shown
        phone, user_id = "", user_id or phone
    digits = re.fullmatch(r"(?:\+|00)?([1-9][0-9]{5,14})", re.sub(r"[\s().\-]", "", phone))
    return Recipient(conversation, f"+{digits[1]}" if digits else phone, user_id)


def tapped(reply: Mapping[str, Json]) -> Said | None:
    """An answer to an interactive message: an object of the name under ``type``, else of any name that is known."""
    named = text_of(reply, "type")
    name = next((each for each in (named, *_TAPS) if each in _TAPS and object_of(reply, each)), "")
    if not name:
        return None
    its = object_of(reply, name)
    if name != "nfm_reply":
        return Said(_TAPS[name], text_of(its, "title"), text_of(its, "id"))
    answer = its.get("response_json")
    response = kept(parsed(answer) if isinstance(answer, str) else answer)
    return Said("form", text_of(its, "body"), data={"response": response} if isinstance(response, Mapping) else NOTHING)


def cards(found: Json) -> Said:
    """Contacts that somebody sent; what is no card is left out."""
    listed = kept(found) if isinstance(found, list) else []
    return Said("contacts", data={"contacts": [each for each in listed if isinstance(each, Mapping)]})


_DEEPEST: Final = 16


def kept(value: Json, deep: int = _DEEPEST) -> Json:
    """Data as it can be kept and read again by anybody: what is nested too deeply, or infinite, becomes null."""
    if isinstance(value, list | Mapping):
        if not deep:
            return None
        if isinstance(value, list):
            return [kept(each, deep - 1) for each in value]
        return {name: kept(each, deep - 1) for name, each in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value


def degrees(value: Json) -> float | None:
    """A number that may be written as text; None where it is none."""
    try:
        number = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def object_of(data: Json, name: str) -> Mapping[str, Json]:
    """The object under a name; an empty one where there is none."""
    found = data.get(name) if isinstance(data, Mapping) else None
    return found if isinstance(found, Mapping) else NOTHING
