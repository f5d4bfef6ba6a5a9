"""What the customer says: a text, or one thing that they do."""

from collections.abc import Mapping
from typing import Any, Final, get_args

from flowrunner.diagnostics import Route
from flowrunner.flow.keys import kind
from flowrunner.model.plain import Json
from flowrunner.spec import is_nothing
from flowrunner.spec.words import listed
from flowrunner.testing.literal import as_said
from flowrunner.testing.reading.reader import Reader, keys_of
from flowrunner.testing.turns import Customer, Said, SaidKind

_KINDS: Final[tuple[SaidKind, ...]] = get_args(SaidKind)
_BESIDE: Final = {
    "quotes": ("text", "send", "location"),
    "of": ("tap", "choose", "react"),
    "caption": ("send",),
    "filename": ("send",),
    "name": ("location",),
    "address": ("location",),
}
"""What may stand beside a kind of thing that is said."""
_ABOUT: Final = ("quotes", "of")
_TOLD: Final = ("filename", "name", "address")
_LIKE: Final = "write the text, or {tap: ...}, {choose: ...}, {send: image}"


def read_customer(reader: Reader, data: Any, route: Route) -> Customer | None:
    """What stands under ``customer``; None where nothing of it can be read."""
    if isinstance(data, list):
        if not data:
            reader.wrong("too-few-items", "customer has 0 items, at least 1 is required", route, _LIKE)
        said = [_said(reader, each, (*route, index)) for index, each in enumerate(data)]
    else:
        said = [_said(reader, data, route)]
    several = tuple(each for each in said if each is not None)
    return Customer(reader.at(route), several) if several else None


def _said(reader: Reader, data: Any, route: Route) -> Said | None:
    at = reader.at(route)
    if isinstance(data, str) and not is_nothing(data):
        text = reader.text(data, route)
        return None if text is None else Said("text", text, at)
    if not isinstance(data, Mapping):
        reader.wrong("wrong-type", f"what a customer says must be text or an object, not {kind(data)}", route, _LIKE)
        return None
    its = reader.object(data, route, "customer", _LIKE)
    kinds = [each for each in _KINDS if its and each in its]
    if not its or len(kinds) != 1:
        if len(kinds) > 1:
            message = f"a customer does one thing at a time; here are {listed(kinds, 'and')}"
            hint = f"write {kinds[1]} as an item of its own: customer: [{{{kinds[0]}: ...}}, {{{kinds[1]}: ...}}]"
            reader.wrong("one-turn", message, (*route, kinds[1]), hint, at_key=True)
        elif all(key in keys_of("customer") for key in data):
            reader.wrong("one-turn", "it is not said what the customer does", route, f"add {listed(_KINDS)}")
        return None
    name = kinds[0]
    for key, beside in _BESIDE.items():
        if key in its and name not in beside:
            message = f"{key} does not belong to {name}"
            other = next((each for each in _ABOUT if name in _BESIDE[each]), "")
            hint = f"write {other}" if other and key in _ABOUT else f"remove it; it belongs to {listed(beside)}"
            reader.wrong("foreign-field", message, (*route, key), hint, at_key=True)
    value = _value(reader, name, its[name], (*route, name))
    if "filename" in its and name == "send" and value not in (None, "document"):
        message = f"filename does not belong to {value}: WhatsApp tells that of documents alone"
        reader.wrong("foreign-field", message, (*route, "filename"), "remove it, or write send: document", at_key=True)
    about = next((reader.text(its[key], (*route, key)) for key in _ABOUT if key in its), "")
    caption = reader.text(its["caption"], (*route, "caption")) if "caption" in its else ""
    more = {key: reader.text(its[key], (*route, key)) for key in _TOLD if key in its}
    if None in (value, about, caption, *more.values()):
        return None
    return Said(name, value, at, about or "", caption or "", more)


def _value(reader: Reader, name: SaidKind, data: Any, route: Route) -> Json:
    match name:
        case "send":
            return reader.word(data, route, keys_of("customer")["send"]["enum"])
        case "react":
            return reader.text(data, route, may_be_blank=True)
        case "location":
            return _location(reader, data, route)
        case "form":
            if not isinstance(data, Mapping):
                hint = "write name: value lines below it"
                reader.wrong("wrong-type", f"form must be an object, not {kind(data)}", route, hint)
                return None
            return plain_data(data)
    return reader.text(data, route)


def _location(reader: Reader, data: Any, route: Route) -> list[float] | None:
    items = list(reader.several(data, route, "[19.4, -99.1]"))
    found = [reader.number(each, at) for at, each in items]
    numbers = [each for each in found if each is not None]
    if len(numbers) < len(found) or not isinstance(data, list):
        return None
    if len(numbers) != 2 or abs(numbers[0]) > 90 or abs(numbers[1]) > 180:
        message = "a location is a latitude from -90 to 90 and a longitude from -180 to 180"
        reader.wrong("out-of-range", message, route, "write it like [19.4, -99.1]")
        return None
    return numbers


def plain_data(data: Any) -> Json:
    """Data of the file as plain data: what YAML reads as a number is one."""
    if isinstance(data, Mapping):
        return {str(key): plain_data(each) for key, each in data.items()}
    if isinstance(data, list):
        return [plain_data(each) for each in data]
    return getattr(data, "value", as_said(data))
