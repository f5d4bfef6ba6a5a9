"""Meta's object as a message in the flow's words: what `encode` does, the other way, of as much as is there."""

from collections.abc import Callable, Mapping
from typing import Final

from flowrunner.dialects.meta.interactive import TYPES
from flowrunner.model import Json


def decode(data: Mapping[str, Json]) -> dict[str, Json]:
    """The message's fields; where its type is not known, what stands in Meta's object under that type."""
    kind = data.get("type")
    if not isinstance(kind, str):
        return {}
    its = data.get(kind)
    if kind == "contacts":
        return {"message_type": kind, "contacts": its}
    found = _FIELDS.get(kind, dict)(its) if isinstance(its, Mapping) else {}
    return {"message_type": kind, **{name: each for name, each in found.items() if each is not None}}


def _named(**names: str) -> Callable[[Mapping[str, Json]], dict[str, Json]]:
    """Reads fields that only have another name: the flow's -> Meta's."""
    return lambda data: {ours: data.get(theirs) for ours, theirs in names.items()}


def _interactive(data: Mapping[str, Json]) -> dict[str, Json]:
    header, action = _within(data, "header"), _within(data, "action")
    parameters = _within(action, "parameters")
    first = _within(parameters, "flow_action_payload")
    kind = data.get("type")
    return {
        "interactive_type": next((ours for ours, theirs in TYPES.items() if theirs == kind), kind),
        "header_type": None if header.get("type") == "text" else header.get("type"),
        "header_text": header.get("text"),
        **_file(_within(header, str(header.get("type"))), "header_"),
        "body_text": _within(data, "body").get("text"),
        "footer_text": _within(data, "footer").get("text"),
        "buttons": action.get("buttons"),
        "list_button_text": action.get("button"),
        "sections": action.get("sections"),
        "cards": action.get("cards"),
        **{name: parameters.get(name) for name in _PARAMETERS},
        "flow_screen": first.get("screen"),
        "flow_data": first.get("data"),
        **{name: action.get(name) for name in ("catalog_id", "product_retailer_id")},
        "shows_choices": True if action else None,
    }


_PARAMETERS: Final = ("display_text", "url", "flow_id", "flow_name", "flow_cta", "thumbnail_product_retailer_id")


def _template(data: Mapping[str, Json]) -> dict[str, Json]:
    components = data.get("components")
    parameters: dict[str, list[Mapping[str, Json]]] = {"header": [], "body": []}
    buttons = []
    for each in components if isinstance(components, list) else ():
        if isinstance(each, Mapping) and each.get("type") == "button":
            buttons.append([each.get("sub_type"), str(each.get("index")), each.get("parameters")])
        elif isinstance(each, Mapping) and each.get("type") in parameters:
            its = each.get("parameters")
            parameters[each["type"]] += [one for one in its or () if isinstance(one, Mapping)]
    header = parameters["header"][0] if parameters["header"] else {}
    kind = header.get("type")
    values = [[each.get("parameter_name"), each.get("text")] for each in parameters["body"]]
    is_named = any(name for name, _ in values)
    return {
        "template_name": data.get("name"),
        "template_language": _within(data, "language").get("code"),
        "header_type": None if kind == "text" else kind,
        "header_params": {name: header.get("text")} if (name := header.get("parameter_name")) else header.get("text"),
        **_file(_within(header, str(kind)), "header_"),
        "header_location": header.get("location"),
        "template_params": {str(name): each for name, each in values} if is_named else [each for _, each in values],
        "button_params": buttons or None,
    }


def _file(data: Mapping[str, Json], prefix: str) -> dict[str, Json]:
    return {f"{prefix}{ours}": data.get(theirs) for ours, theirs in _FILE.items()}


def _within(data: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    found = data.get(name)
    return found if isinstance(found, Mapping) else {}


_FILE: Final = {"media_id": "id", "media_url": "link", "filename": "filename"}
_MEDIA: Final = _named(media_id="id", media_url="link", caption="caption", filename="filename")
_FIELDS: Final[Mapping[str, Callable[[Mapping[str, Json]], dict[str, Json]]]] = {
    "text": _named(content="body"),
    "image": _MEDIA,
    "video": _MEDIA,
    "audio": _MEDIA,
    "document": _MEDIA,
    "sticker": _MEDIA,
    "location": _named(latitude="latitude", longitude="longitude", location_name="name", location_address="address"),
    "reaction": _named(reacted_to_message_id="message_id", reaction_emoji="emoji"),
    "interactive": _interactive,
    "template": _template,
}
"""How each type is read."""
