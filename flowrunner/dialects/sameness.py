"""Whether a listed message is one of ours, in whatever form v1 may have stored it.

Shapes: https://docs.kapso.ai/api/legacy/whatsapp/whatsapp-messages/list-messages-in-a-whatsapp-conversation. What an
API may do to what it stores: round numbers or keep them as text, normalise Unicode, drop signs that its database cannot
hold, trim, collapse or escape text, cut it, keep a file under an address of its own, or leave out a part.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from flowrunner.dialects import Same
from flowrunner.dialects.content import contact_name, readable
from flowrunner.dialects.texts import Sign, alike, canonical
from flowrunner.dialects.values import RemoteMessage
from flowrunner.model import Json
from flowrunner.spec import MESSAGE_TYPES


def is_same(body: Mapping[str, Json], message: RemoteMessage) -> Same:
    """Whether the API's record is of the message that was posted as ``body``; see `Dialect.is_same`."""
    kind, shown = body.get("message_type", "text"), message.message_type.casefold()
    if shown != kind:
        return "no" if shown in MESSAGE_TYPES else "unclear"
    signs = list(_SIGNS[kind](body, message))
    signs += ["yes"] if _says_our_words(body, message) else []
    if "no" in signs:
        return "no"
    return "yes" if "yes" in signs and "unclear" not in signs else "unclear"


def _says_our_words(body: Mapping[str, Json], message: RemoteMessage) -> bool:
    """Whether its content is the one that ours was sent with, where its author wrote none."""
    return "content" not in body and bool(message.content) and alike(readable(body), message.content) == "yes"


def _text(body: Mapping[str, Json], message: RemoteMessage) -> Iterator[Sign]:
    shown = [message.content, *_values(message.data.get("message_type_data"), "text")]
    found = {alike(body["content"], each) for each in shown} - {""}
    # One of them may be a shorter form; where one says the same, the others need not.
    yield "yes" if "yes" in found else "unclear" if "unclear" in found or not found else "no"


def _media(body: Mapping[str, Json], message: RemoteMessage) -> Iterator[Sign]:
    caption = body.get("caption") or body.get("content")
    if shown := _first(message.data, "caption"):
        yield _field(caption or readable(body), shown[0])
    elif caption and message.content:  # the caption, or words that the API has found for it
        yield "yes" if alike(caption, message.content) == "yes" else "unclear"
    yield from (_field(body.get("filename"), each) for each in _first(message.data, "filename"))
    for name in ("media_url", "media_id"):
        # An API may keep a file under an address and an id of its own.
        if any(str(each) == str(body.get(name)) for each in _values(message.data, name)):
            yield "yes"


def _location(body: Mapping[str, Json], message: RemoteMessage) -> Iterator[Sign]:
    both = [_number(body[name], each) for name in ("latitude", "longitude") for each in _first(message.data, name)]
    yield from both
    if len(both) < 2:
        yield "unclear"
    yield from _fields(body, message.data, "location_name", "location_address")


def _template(body: Mapping[str, Json], message: RemoteMessage) -> Iterator[Sign]:
    yield from (_exactly(body["template_name"], each) for each in _first(message.data, "template_name"))
    yield from (_language(body.get("template_language"), each) for each in _first(message.data, "template_language"))
    yield from (_kind(body.get("header_type"), each) for each in _first(message.data, "header_type"))
    yield from _fields(body, message.data, "header_filename")
    if body.get("header_type") in {None, "text"}:
        yield from _fields(body, message.data, "header_params")
    ours, theirs = (dict(_named(*_first(each, "template_params"))) for each in (body, message.data))
    if theirs or not _says_our_words(body, message):  # they are among those words
        yield from _params(ours, theirs)


def _params(ours: Mapping[str, str], theirs: Mapping[str, str]) -> list[Sign]:
    """The values of a template; a database may put named ones in another order."""
    if ours.keys() == theirs.keys():
        return _all(list(ours.values()), [theirs[name] for name in ours])
    return [] if sorted(map(canonical, ours.values())) == sorted(map(canonical, theirs.values())) else ["unclear"]


def _interactive(body: Mapping[str, Json], message: RemoteMessage) -> Iterator[Sign]:
    data = message.data
    yield from (_kind(body.get("interactive_type"), each) for each in _first(data, "interactive_type"))
    if shown := _first(data, "body_text"):
        yield _field(body.get("body_text"), shown[0])
    elif message.content:  # the text, or words that the API has found for it
        yield "yes" if alike(body.get("body_text"), message.content) == "yes" else "unclear"
    yield from _fields(body, data, "header_text", "footer_text", "list_button_text")
    ours, theirs = list(_choices(body)), list(_choices(data.get("message_type_data")))
    if len(theirs) == len(ours):
        yield from _all(ours, theirs)
    elif theirs:
        fits = all(any(alike(one, each) != "no" for one in ours) for each in theirs)
        yield "unclear" if fits else "no"


def _reaction(body: Mapping[str, Json], message: RemoteMessage) -> Iterator[Sign]:
    yield from (alike(body.get("reaction_emoji"), each) for each in _first(message.data, "reaction_emoji"))
    for each in _first(message.data, "reacted_to_message_id"):
        if each != body.get("reacted_to_message_id"):
            wamids = all(str(one).startswith("wamid.") for one in (each, body.get("reacted_to_message_id")))
            yield "no" if wamids else "unclear"


def _contacts(body: Mapping[str, Json], message: RemoteMessage) -> Iterator[Sign]:
    ours = body["contacts"]
    for theirs in _first(message.data, "contacts"):
        if not isinstance(theirs, list) or not all(isinstance(each, Mapping) for each in theirs):
            continue
        if len(theirs) != len(ours):
            fits = all(any("no" not in _card(one, each) for one in ours) for each in theirs)
            yield "unclear" if fits else "no"
            continue
        for one, each in zip(ours, theirs, strict=True):
            yield from _card(one, each)


def _card(ours: Mapping[str, Json], theirs: Mapping[str, Json]) -> list[Sign]:
    names = [contact_name(card) for card in (ours, theirs)]
    found: list[Sign] = [alike(*names) if all(names) else "unclear"]
    if found == ["no"] and not {*canonical(names[0]).split()}.isdisjoint(canonical(names[1]).split()):
        found = ["unclear"]  # it may have been put together by the API
    phones = [{_digits(each) for each in _values(card.get("phones"), "phone")} - {""} for card in (ours, theirs)]
    if phones[0] != phones[1]:
        near = any(one.endswith(each[-8:]) or one.startswith(each) for one in phones[0] for each in phones[1])
        found.append("unclear" if near or not all(phones) else "no")
    return found


_SIGNS: Final = {
    "text": _text,
    "image": _media,
    "video": _media,
    "audio": _media,
    "sticker": _media,
    "document": _media,
    "location": _location,
    "template": _template,
    "interactive": _interactive,
    "reaction": _reaction,
    "contacts": _contacts,
}


def _number(ours: Json, theirs: Json) -> Sign:
    """Whether ``theirs`` is our number, in fewer decimals, as text or in single precision."""
    mine, text = float(ours), str(theirs).strip().replace(",", ".")
    try:
        its = float(text)
    except ValueError:
        return "unclear"
    if its == mine:
        return "yes"
    decimals = len(text.partition(".")[2]) if "e" not in text.lower() else 0
    # Whether rounded or cut, and whether kept in double or single precision.
    if abs(mine - its) > max(10.0**-decimals, abs(mine) * 2.0**-22):
        return "no"
    return "yes" if decimals >= _TELLING_DECIMALS else "unclear"


_TELLING_DECIMALS: Final = 4
"""Of a coordinate: some ten metres. Another place that is as near would be another pin at the same door."""


def _exactly(ours: Json, theirs: Json) -> Sign:
    return "yes" if str(ours) == str(theirs) else "unclear" if ours is None else "no"


def _kind(ours: Json, theirs: Json) -> Sign:
    """As `_exactly`, of a word that many have in common: it only tells apart."""
    found = _exactly(ours, theirs)
    return "" if found == "yes" else found


def _language(ours: Json, theirs: Json) -> Sign:
    mine, its = (str(each or "").replace("-", "_").casefold() for each in (ours, theirs))
    if mine == its:
        return ""
    return "unclear" if mine.partition("_")[0] == its.partition("_")[0] else "no"


def _field(ours: Json, theirs: Json) -> Sign:
    """One text beside others; what was added to ours tells nothing for sure."""
    if not theirs:
        return ""
    return alike(ours, theirs) if ours else "unclear"


def _fields(body: Mapping[str, Json], data: Json, *names: str) -> Iterator[Sign]:
    """Texts that alone tell too little to be recognised by, but much to be told apart by."""
    for name in names:
        for each in _first(data, name)[:1]:
            found = _field(body.get(name), each)
            yield "" if found == "yes" else found


def _all(ours: Sequence[str], theirs: Sequence[str]) -> list[Sign]:
    found = [alike(one, each) for one, each in zip(ours, theirs, strict=True)]
    return ["unclear" if each == "" else each for each in found if each != "yes"]


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
