"""The forms in which an API may keep what it was sent: the fault `list-form` shows messages in one of them."""

import html
import unicodedata
from collections.abc import Callable, Collection, Mapping

from flowrunner.model import Json

_MOST = 20

FORMS: Mapping[str, tuple[type, Callable[..., Json]]] = {
    "rounded": (float, lambda value: round(value, 6)),
    "numbers-as-text": (float, str),
    "nfc": (str, lambda text: unicodedata.normalize("NFC", text)),
    "nfd": (str, lambda text: unicodedata.normalize("NFD", text)),
    "trimmed": (str, lambda text: " ".join(text.split())),
    "escaped": (str, html.escape),
    "cut": (str, lambda text: text if len(text) <= _MOST else f"{text[: _MOST - 3]}..."),
}
"""What each form changes in the fields that hold a message's own words and numbers, and to what."""

_OWN = ("content", "message_type_data")


def shown(form: str, data: Mapping[str, Json], own: Collection[str] = _OWN) -> dict[str, Json]:
    """A listed message in the form: its members ``own`` change, ids, dates and statuses stay as they are."""
    sort, change = FORMS[form]

    def changed(value: Json) -> Json:
        if isinstance(value, Mapping):
            return {key: changed(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [changed(inner) for inner in value]
        return change(value) if isinstance(value, sort) else value

    return {**data, **{name: changed(data[name]) for name in own if name in data}}
