"""What a message's body says, read once for every drawing of it."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

Body = Mapping[str, Any]

_NAMES = ("prefix", "first_name", "middle_name", "last_name", "suffix")
_ORG = ("company", "department", "title")
_ADDRESS = ("street", "city", "state", "zip", "country")


def kind(body: Body) -> str:
    """The message's type; text where none is named."""
    return str(body.get("message_type") or "text")


_LISTS = frozenset(
    {"buttons", "sections", "rows", "contacts", "phones", "emails", "urls", "addresses", "cards", "button_params"}
)
_OBJECTS = frozenset({"name", "org", "header_location", "flow_data"})


def drawable(part: Any) -> bool:
    """Whether lists and objects are such in a message that was never rendered: an expression may stand for one."""
    if not isinstance(part, Mapping):
        return False
    lists = [each for name, each in part.items() if name in _LISTS]
    objects = [each for name, each in part.items() if name in _OBJECTS and not isinstance(each, list)]
    if not isinstance(part.get("products", []), list):
        return False
    return all(isinstance(each, list) and all(map(drawable, each)) for each in lists) and all(map(drawable, objects))


def file_name(body: Body) -> str:
    """What a media message's file is called."""
    address = str(body.get("media_url") or body.get("media_file") or "")
    return str(body.get("filename") or url_name(address) or body.get("header_type") or kind(body))


def url_name(url: str) -> str:
    """The last part of an address's path; empty where it has none."""
    return url.partition("?")[0].rstrip("/").rpartition("/")[2]


def media_source(body: Body) -> str:
    """Where a media message's file comes from."""
    known = body.get("media_id")
    return str(body.get("media_url") or body.get("media_file") or (f"media id {known}" if known else ""))


def header(body: Body) -> Body:
    """The file in the header of a message, as the fields of a message of its own."""
    return {
        "header_type": body.get("header_type"),
        **{name: body.get(f"header_{name}") for name in ("media_url", "media_id", "media_file", "filename")},
    }


def caption(body: Body) -> str:
    """The words under a media message; the content serves where there is no caption, but never under audio."""
    return "" if kind(body) == "audio" else str(body.get("caption") or body.get("content") or "")


def contact_name(contact: Body) -> str:
    """What a contact is called."""
    names = contact.get("name") or contact
    return str(names.get("formatted_name") or _join(names, _NAMES, " "))


def contact_details(contact: Body) -> Iterator[tuple[str, str, str]]:
    """All that a contact holds beside its name: what it is, its value, and its type as the author named it."""
    if org := contact.get("org"):
        yield "org", _join(org, _ORG, " · "), ""
    for many, one in (("phones", "phone"), ("emails", "email"), ("urls", "url")):
        for item in contact.get(many, ()):
            yield one, str(item[one]), str(item.get("type") or "")
    for address in contact.get("addresses", ()):
        yield "address", _join(address, _ADDRESS, ", "), str(address.get("type") or "")
    if birthday := contact.get("birthday"):
        yield "birthday", str(birthday), ""


class Value(NamedTuple):
    """One value of a template: its placeholder's number or name, and whether it stands in header or body."""

    placeholder: str
    value: str
    part: str = ""


def template_values(params: Any) -> Iterator[Value]:
    """The values of ``template_params``: by place, by name, or by name for header and body apart."""
    if isinstance(params, Mapping):
        for key, value in params.items():
            if isinstance(value, Mapping):
                yield from (Value(str(name), str(inner), str(key)) for name, inner in value.items())
            else:
                yield Value(str(key), str(value))
    elif isinstance(params, list):
        yield from (Value(str(number), str(value)) for number, value in enumerate(params, 1))


def _join(parts: Body, keys: tuple[str, ...], separator: str) -> str:
    return separator.join(str(parts[key]) for key in keys if parts.get(key))
