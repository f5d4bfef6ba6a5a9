"""Approved templates with their values, as Meta's object ``template``.

https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/components
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from flowrunner.dialects.meta.parts import given, media
from flowrunner.model import Json


def template(body: Mapping[str, Json]) -> Json:
    """The object: name, language, and the values of header, body and buttons, each where there are any."""
    params = body.get("template_params")
    apart: Mapping[str, Json] = params if isinstance(params, Mapping) and _is_apart(params) else {}
    components = [
        *_component("header", [*_header(body), *_texts(apart.get("header"))]),
        *_component("body", [*_texts(apart.get("body") if apart else params)]),
        *(_button(each) for each in body.get("button_params") or ()),
    ]
    found: dict[str, Json] = {"name": body["template_name"], "language": {"code": body["template_language"]}}
    return {**found, "components": components} if components else found


def _is_apart(params: Mapping[str, Json]) -> bool:
    """Whether values are given for header and body, each with its own: no value of a template is more than a text."""
    return any(isinstance(each, Mapping | list) for each in params.values())


def _component(kind: str, parameters: list[Json]) -> Iterator[Json]:
    if parameters:
        yield {"type": kind, "parameters": parameters}


def _texts(params: Json) -> Iterator[Json]:
    """Values in their order, or by their names."""
    if isinstance(params, Mapping):
        for name, each in params.items():
            yield {"type": "text", "parameter_name": name, "text": str(each)}
    elif isinstance(params, list):
        for each in params:
            yield {"type": "text", "text": str(each)}


def _header(body: Mapping[str, Json]) -> Iterator[Json]:
    kind, value = body.get("header_type", "text"), body.get("header_params")
    if kind == "location":
        place = body["header_location"]
        yield {"type": "location", "location": given(place, *_PLACE)}
    elif kind != "text":
        file = {**media(body, "header_"), **({"link": value} if value else {})}
        yield {"type": kind, kind: {**file, **given(body, filename="header_filename")}}
    elif value is not None:
        yield from _texts(value if isinstance(value, Mapping | list) else [value])


_PLACE: Final = ("latitude", "longitude", "name", "address")


def _button(button: Mapping[str, Json]) -> Json:
    parameter = _VALUES[button["type"]](button)
    return {"type": "button", "sub_type": button["type"], "index": str(button["index"]), "parameters": [parameter]}


def _flow(button: Mapping[str, Json]) -> Json:
    return {"type": "action", "action": given(button, "flow_token", flow_action_data="flow_data")}


_VALUES: Final[Mapping[str, Callable[[Mapping[str, Json]], Json]]] = {
    "url": lambda button: {"type": "text", "text": button["value"]},
    "quick_reply": lambda button: {"type": "payload", "payload": button["value"]},
    "copy_code": lambda button: {"type": "coupon_code", "coupon_code": button["value"]},
    "flow": _flow,
}
