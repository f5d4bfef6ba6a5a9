"""Whether a listed message is one of ours, in whatever form v1 may have stored it.

Shapes: https://docs.kapso.ai/api/legacy/whatsapp/whatsapp-messages/list-messages-in-a-whatsapp-conversation. What an
API may do to what it stores: round numbers or keep them as text, normalise Unicode, drop signs that its database cannot
hold, trim, collapse or escape text, cut it, keep a file under an address of its own, or leave out a part.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal

from flowrunner.client import RemoteMessage
from flowrunner.delivery.alike import Likeness, alike, canonical
from flowrunner.model import Json

_KINDS: Final = frozenset(
    ["text", "image", "video", "audio", "document", "template", "location", "interactive", "reaction", "contacts"]
)


def likeness(body: Mapping[str, Json], message: RemoteMessage) -> Literal["same", "perhaps", "other"]:
    """Whether the API's record is of the message that was posted as ``body``."""
    kind, shown = body.get("message_type", "text"), message.message_type.casefold()
    if shown != kind:
        return "other" if shown in _KINDS else "perhaps"
    signs = list(_SIGNS[kind](body, message))
    if "other" in signs:
        return "other"
    return "same" if "same" in signs and "perhaps" not in signs else "perhaps"


def _text(body: Mapping[str, Json], message: RemoteMessage) -> Iterator[Likeness]:
    shown = [message.content, *_values(message.data.get("message_type_data"), "text")]
    found = {alike(body["content"], each) for each in shown} - {""}
    # One of them may be a shorter form; where one says the same, the others need not.
    yield "same" if "same" in found else "perhaps" if "perhaps" in found or not found else "other"


def _media(body: Mapping[str, Json], message: RemoteMessage) -> Iterator[Likeness]:
    caption = body.get("caption") or body.get("content")
    if shown := _first(message.data, "caption"):
        yield _field(caption, shown[0])
    elif caption and message.content:  # the caption, or words that the API has found for it
        yield "same" if alike(caption, message.content) == "same" else "perhaps"
    yield from (_field(body.get("filename"), each) for each in _first(message.data, "filename"))
    for name in ("media_url", "media_id"):
        # An API may keep a file under an address and an id of its own.
        if any(str(each) == str(body.get(name)) for each in _values(message.data, name)):
            yield "same"


def _location(body: Mapping[str, Json], message: RemoteMessage) -> Iterator[Likeness]:
    both = [_number(body[name], each) for name in ("latitude", "longitude") for each in _first(message.data, name)]
    yield from both
    if len(both) < 2:
        yield "perhaps"
    yield from _fields(body, message.data, "location_name", "location_address")


def _template(body: Mapping[str, Json], message: RemoteMessage) -> Iterator[Likeness]:
    yield from (_exactly(body["template_name"], each) for each in _first(message.data, "template_name"))
    yield from (_language(body.get("template_language"), each) for each in _first(message.data, "template_language"))
    yield from (_kind(body.get("header_type"), each) for each in _first(message.data, "header_type"))
    yield from _fields(body, message.data, "header_filename")
    if body.get("header_type") in {None, "text"}:
        yield from _fields(body, message.data, "header_params")
    yield from _params(*(dict(_named(*_first(each, "template_params"))) for each in (body, message.data)))


def _params(ours: Mapping[str, str], theirs: Mapping[str, str]) -> list[Likeness]:
    """The values of a template; a database may put named ones in another order."""
    if ours.keys() == theirs.keys():
        return _all(list(ours.values()), [theirs[name] for name in ours])
    return [] if sorted(map(canonical, ours.values())) == sorted(map(canonical, theirs.values())) else ["perhaps"]


def _interactive(body: Mapping[str, Json], message: RemoteMessage) -> Iterator[Likeness]:
    data = message.data
    yield from (_kind(body.get("interactive_type"), each) for each in _first(data, "interactive_type"))
    if shown := _first(data, "body_text"):
        yield alike(body["body_text"], shown[0])
    elif message.content:  # the text, or words that the API has found for it
        yield "same" if alike(body["body_text"], message.content) == "same" else "perhaps"
    yield from _fields(body, data, "header_text", "footer_text", "list_button_text")
    ours, theirs = list(_choices(body)), list(_choices(data.get("message_type_data")))
    if len(theirs) == len(ours):
        yield from _all(ours, theirs)
    elif theirs:
        fits = all(any(alike(one, each) != "other" for one in ours) for each in theirs)
        yield "perhaps" if fits else "other"


def _reaction(body: Mapping[str, Json], message: RemoteMessage) -> Iterator[Likeness]:
    yield from (alike(body.get("reaction_emoji"), each) for each in _first(message.data, "reaction_emoji"))
    for each in _first(message.data, "reacted_to_message_id"):
        if each != body.get("reacted_to_message_id"):
            wamids = all(str(one).startswith("wamid.") for one in (each, body.get("reacted_to_message_id")))
            yield "other" if wamids else "perhaps"


def _contacts(body: Mapping[str, Json], message: RemoteMessage) -> Iterator[Likeness]:
    ours = body["contacts"]
    for theirs in _first(message.data, "contacts"):
        if not isinstance(theirs, list) or not all(isinstance(each, Mapping) for each in theirs):
            continue
        if len(theirs) != len(ours):
            fits = all(any("other" not in _card(one, each) for one in ours) for each in theirs)
            yield "perhaps" if fits else "other"
            continue
        for one, each in zip(ours, theirs, strict=True):
            yield from _card(one, each)


def _card(ours: Mapping[str, Json], theirs: Mapping[str, Json]) -> list[Likeness]:
    names = [_person(card) for card in (ours, theirs)]
    found: list[Likeness] = [alike(*names) if all(names) else "perhaps"]
    if found == ["other"] and not {*canonical(names[0]).split()}.isdisjoint(canonical(names[1]).split()):
        found = ["perhaps"]  # it may have been put together by the API
    phones = [{_digits(each) for each in _values(card.get("phones"), "phone")} - {""} for card in (ours, theirs)]
    if phones[0] != phones[1]:
        near = any(one.endswith(each[-8:]) or one.startswith(each) for one in phones[0] for each in phones[1])
        found.append("perhaps" if near or not all(phones) else "other")
    return found


def _person(card: Mapping[str, Json]) -> str:
    apart = card.get("name")
    names = apart if isinstance(apart, Mapping) else card
    parts = [names.get(name) for name in ("first_name", "middle_name", "last_name")]
    return str(names.get("formatted_name") or " ".join(str(each) for each in parts if each))


_SIGNS: Final = {
    "text": _text,
    "image": _media,
    "video": _media,
    "audio": _media,
    "document": _media,
    "location": _location,
    "template": _template,
    "interactive": _interactive,
    "reaction": _reaction,
    "contacts": _contacts,
}


def _number(ours: Json, theirs: Json) -> Likeness:
    """Whether ``theirs`` is our number, in fewer decimals, as text or in single precision."""
    mine, text = float(ours), str(theirs).strip().replace(",", ".")
    try:
        its = float(text)
    except ValueError:
        return "perhaps"
    if its == mine:
        return "same"
    decimals = len(text.partition(".")[2]) if "e" not in text.lower() else 0
    # Whether rounded or cut, and whether kept in double or single precision.
    if abs(mine - its) > max(10.0**-decimals, abs(mine) * 2.0**-22):
        return "other"
    return "same" if decimals >= _TELLING_DECIMALS else "perhaps"


_TELLING_DECIMALS: Final = 4
"""Of a coordinate: some ten metres. Another place that is as near would be another pin at the same door."""


def _exactly(ours: Json, theirs: Json) -> Likeness:
    return "same" if str(ours) == str(theirs) else "perhaps" if ours is None else "other"


def _kind(ours: Json, theirs: Json) -> Likeness:
    """As `_exactly`, of a word that many have in common: it only tells apart."""
    found = _exactly(ours, theirs)
    return "" if found == "same" else found


def _language(ours: Json, theirs: Json) -> Likeness:
    mine, its = (str(each or "").replace("-", "_").casefold() for each in (ours, theirs))
    if mine == its:
        return ""
    return "perhaps" if mine.partition("_")[0] == its.partition("_")[0] else "other"


def _field(ours: Json, theirs: Json) -> Likeness:
    """One text beside others; what was added to ours tells nothing for sure."""
    if not theirs:
        return ""
    return alike(ours, theirs) if ours else "perhaps"


def _fields(body: Mapping[str, Json], data: Json, *names: str) -> Iterator[Likeness]:
    """Texts that alone tell too little to be recognised by, but much to be told apart by."""
    for name in names:
        for each in _first(data, name)[:1]:
            found = _field(body.get(name), each)
            yield "" if found == "same" else found


def _all(ours: Sequence[str], theirs: Sequence[str]) -> list[Likeness]:
    found = [alike(one, each) for one, each in zip(ours, theirs, strict=True)]
    return ["perhaps" if each == "" else each for each in found if each != "same"]


def _named(params: Json = None, name: str = "") -> Iterator[tuple[str, str]]:
    """The values of a template, whether listed, named, or apart for header and body, each with its place."""
    if isinstance(params, Mapping):
        for key, value in params.items():
            yield from _named(value, f"{name}.{key}")
    elif isinstance(params, list):
        for number, value in enumerate(params):
            yield from _named(value, f"{name}.{number}")
    elif params is not None:
        yield name, str(params)


def _choices(data: Json) -> Iterator[str]:
    """The id and the title of each button and row."""
    for name in ("buttons", "rows"):
        for group in _values(data, name):
            for each in group if isinstance(group, list) else ():
                item = each.get("reply", each) if isinstance(each, Mapping) else {}
                yield from (str(item.get(key) or "") for key in ("id", "title"))


def _first(data: Json, name: str) -> list[Json]:
    """The first value under that name, if there is any."""
    return [each for each in _values(data, name) if each != ""][:1]


def _values(data: Json, name: str, deep: int = 8) -> Iterator[Json]:
    """Every value that stands under a key of that name."""
    if isinstance(data, Mapping) and deep:
        for key, value in data.items():
            if key == name and value is not None:
                yield value
            yield from _values(value, name, deep - 1)
    elif isinstance(data, list) and deep:
        for item in data:
            yield from _values(item, name, deep - 1)


def _digits(text: Json) -> str:
    return "".join(sign for sign in str(text) if sign.isdecimal())
