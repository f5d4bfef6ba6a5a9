"""The forms in which an API may keep what it was sent: the fault `list-form` shows messages in one of them."""

import html
import unicodedata
from collections.abc import Callable, Mapping

from flowrunner.model import Json


def _each(change: Callable[[Json], Json]) -> Callable[[Json], Json]:
    """The change, made to every text and number of plain data."""

    def changed(data: Json) -> Json:
        if isinstance(data, Mapping):
            return {key: changed(value) for key, value in data.items()}
        if isinstance(data, list):
            return [changed(value) for value in data]
        return change(data)

    return changed


def _text(change: Callable[[str], str]) -> Callable[[Json], Json]:
    return _each(lambda value: change(value) if isinstance(value, str) else value)


def _number(change: Callable[[float], Json]) -> Callable[[Json], Json]:
    return _each(lambda value: change(value) if isinstance(value, float) else value)


FORMS: Mapping[str, Callable[[Json], Json]] = {
    "rounded": _number(lambda value: round(value, 6)),
    "numbers-as-text": _number(str),
    "nfc": _text(lambda text: unicodedata.normalize("NFC", text)),
    "nfd": _text(lambda text: unicodedata.normalize("NFD", text)),
    "trimmed": _text(lambda text: " ".join(text.split())),
    "escaped": _text(html.escape),
    "cut": _text(lambda text: text if len(text) <= _MOST else f"{text[: _MOST - 3]}..."),
}
"""What each form does to the fields that hold a message's own words and numbers."""

_MOST = 20
_OWN = ("content", "message_type_data")


def shown(form: str, data: Mapping[str, Json]) -> dict[str, Json]:
    """A listed message in the form; ids, dates and statuses stay as they are."""
    return {**data, **{name: FORMS[form](data[name]) for name in _OWN if name in data}}
