"""Meta's object in v1's flat fields, which the chat is drawn from and v1 lists.

What has no flat field stands under ``raw``. The flat names beyond v1's own are the project's, see ``docs/messages.md``.
"""

from collections.abc import Callable, Mapping

from flowrunner.model import Json

Object = Mapping[str, Json]
_FILES = ("image", "video", "document")
_SIMPLE: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "text": ("text", {"body": "content", "preview_url": "preview_url"}),
    "audio": ("audio", {"link": "media_url", "id": "media_id", "voice": "voice"}),
    "sticker": ("sticker", {"link": "media_url", "id": "media_id"}),
    "location": (
        "location",
        {
            "latitude": "latitude",
            "longitude": "longitude",
            "name": "location_name",
            "address": "location_address",
        },
    ),
    "reaction": ("reaction", {"message_id": "reacted_to_message_id", "emoji": "reaction_emoji"}),
    **{
        kind: (kind, {"link": "media_url", "id": "media_id", "caption": "caption", "filename": "filename"})
        for kind in _FILES
    },
}


def flat(graph: Object) -> dict[str, Json]:
    """The message in flat fields.

    Args:
        graph: The message as Meta writes it, checked.
    """
    kind = graph["type"]
    inner = graph[kind]
    if kind == "contacts":
        body: dict[str, Json] = {"message_type": "contacts", "contacts": inner}
    elif kind in _SIMPLE:
        name, fields = _SIMPLE[kind]
        body = {"message_type": name, **_renamed(inner, fields)}
    else:
        body = (_template if kind == "template" else _interactive)(inner) or _raw(graph)
    context = graph.get("context")
    return {**body, "reply_to": context["message_id"]} if context and "message_id" in context else body


def _renamed(inner: Object, names: Mapping[str, str]) -> dict[str, Json]:
    return {flat_name: inner[name] for name, flat_name in names.items() if name in inner}


def _raw(graph: Object) -> dict[str, Json]:
    return {"message_type": "raw", "raw": {name: graph[name] for name in graph if name != "context"}}


def _texts(inner: Object) -> dict[str, Json]:
    """Header, body and footer."""
    found: dict[str, Json] = {}
    header = inner.get("header")
    if header and header["type"] == "text":
        found["header_text"] = header["text"]
    elif header:
        file = header[header["type"]]
        names = {"link": "header_media_url", "id": "header_media_id", "filename": "header_filename"}
        found |= {"header_type": header["type"], **_renamed(file, names)}
    for part, name in (("body", "body_text"), ("footer", "footer_text")):
        if part in inner:
            found[name] = inner[part]["text"]
    return found


def _interactive(inner: Object) -> dict[str, Json] | None:
    action = inner.get("action", {})
    reader = _ACTIONS.get(inner["type"])
    if reader is None:
        return None
    kind, read = reader
    return {"message_type": "interactive", "interactive_type": kind, **_texts(inner), **read(action)}


def _buttons(action: Object) -> dict[str, Json]:
    return {"buttons": [dict(each["reply"]) for each in action["buttons"]]}


def _list(action: Object) -> dict[str, Json]:
    return {"list_button_text": action["button"], "sections": action["sections"]}


def _cta(action: Object) -> dict[str, Json]:
    return dict(action["parameters"])


def _flow(action: Object) -> dict[str, Json]:
    said = action["parameters"]
    payload = said.get("flow_action_payload", {})
    names = ("flow_id", "flow_name", "flow_cta", "flow_token", "flow_action")
    found = _renamed(said, {name: name for name in names})
    return {
        **found,
        **_renamed(said, {"mode": "flow_mode"}),
        **_renamed(payload, {"screen": "flow_screen", "data": "flow_data"}),
    }


def _products(action: Object) -> dict[str, Json]:
    sections = [
        {"title": section["title"], "products": [each["product_retailer_id"] for each in section["product_items"]]}
        for section in action["sections"]
    ]
    return {"catalog_id": action["catalog_id"], "sections": sections}


def _carousel(action: Object) -> dict[str, Json]:
    return {"cards": [_card(each) for each in action["cards"]]}


def _card(card: Object) -> dict[str, Json]:
    action = card["action"]
    if "buttons" in action:
        said: dict[str, Json] = {"buttons": [dict(each["quick_reply"]) for each in action["buttons"]]}
    elif "parameters" in action:
        said = dict(action["parameters"])
    else:
        said = dict(action)
    texts = _texts(card)
    names = {"header_media_url": "media_url", "header_media_id": "media_id"}
    return {names.get(name, name): value for name, value in texts.items()} | said


def _thumbnail(action: Object) -> dict[str, Json]:
    return dict(action.get("parameters", {}))


_ACTIONS: Mapping[str, tuple[str, Callable[[Object], dict[str, Json]]]] = {
    "button": ("button", _buttons),
    "list": ("list", _list),
    "cta_url": ("cta_url", _cta),
    "flow": ("flow", _flow),
    "location_request_message": ("location_request", lambda _: {}),
    "request_contact_info": ("contact_request", lambda _: {}),
    "product": ("product", dict),
    "product_list": ("product_list", _products),
    "catalog_message": ("catalog", _thumbnail),
    "carousel": ("carousel", _carousel),
}
"""Each of Meta's kinds that has flat fields: what it is called there, and what its action says."""


def _template(inner: Object) -> dict[str, Json] | None:
    body: dict[str, Json] = {
        "message_type": "template",
        "template_name": inner["name"],
        "template_language": inner["language"]["code"],
    }
    buttons = []
    for component in inner.get("components", ()):
        kind, parameters = component["type"].lower(), component.get("parameters", [])
        if kind == "header":
            body |= _header(parameters[0])
        elif kind == "body":
            body |= _parameters(parameters)
        elif kind == "button":
            buttons.append(_button(component))
        else:
            return None
    return {**body, "button_params": buttons} if buttons else body


def _header(parameter: Object) -> dict[str, Json]:
    kind = parameter["type"].lower()
    said = parameter[kind]
    if kind == "text":
        name = parameter.get("parameter_name")
        return {"header_type": "text", "header_params": {name: said} if name else said}
    if kind == "location":
        return {"header_type": "location", "header_location": said}
    names = {"link": "header_params", "id": "header_media_id", "filename": "header_filename"}
    return {"header_type": kind, **_renamed(said, names)}


def _parameters(parameters: list[Object]) -> dict[str, Json]:
    def said(parameter: Object) -> Json:
        inner = parameter[parameter["type"].lower()]
        return inner["fallback_value"] if isinstance(inner, Mapping) else inner

    if not parameters:
        return {}
    if "parameter_name" in parameters[0]:
        return {"template_params": {each["parameter_name"]: said(each) for each in parameters}}
    return {"template_params": [said(each) for each in parameters]}


def _button(component: Object) -> dict[str, Json]:
    found: dict[str, Json] = {"index": int(component["index"]), "type": component["sub_type"].lower()}
    for parameter in component.get("parameters", ()):
        said = parameter[parameter["type"].lower()]
        if isinstance(said, Mapping):
            found |= _renamed(said, {"flow_token": "flow_token", "flow_action_data": "flow_data"})
        else:
            found["value"] = said
    return found
