"""Messages with something to tap, as Meta's object ``interactive``.

https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/interactive-reply-buttons-messages,
and its neighbours.
"""

from collections.abc import Callable, Mapping
from typing import Final

from flowrunner.dialects.meta.parts import given, media, text
from flowrunner.model import Json


def interactive(body: Mapping[str, Json]) -> Json:
    """The object: its type, what stands around the choices, and the choices."""
    kind = body["interactive_type"]
    found: dict[str, Json] = {"type": TYPES.get(kind, kind)}
    if header := _header(body):
        found["header"] = header
    if body.get("body_text"):
        found["body"] = text(body["body_text"])
    if body.get("footer_text"):
        found["footer"] = text(body["footer_text"])
    return {**found, "action": _ACTIONS[kind](body)}


TYPES: Final[Mapping[str, str]] = {
    "location_request": "location_request_message",
    "contact_request": "request_contact_info",
    "catalog": "catalog_message",
}
"""The flow's word -> Meta's, where they differ."""


def _header(body: Mapping[str, Json]) -> dict[str, Json]:
    kind = body.get("header_type", "text")
    if kind == "text":
        return {"type": "text", "text": body["header_text"]} if body.get("header_text") else {}
    return {"type": kind, kind: {**media(body, "header_"), **given(body, filename="header_filename")}}


def _buttons(body: Mapping[str, Json]) -> Json:
    return {"buttons": [{"type": "reply", "reply": given(each, "id", "title")} for each in body["buttons"]]}


def _list(body: Mapping[str, Json]) -> Json:
    return {"button": body["list_button_text"], "sections": body["sections"]}


def _link(body: Mapping[str, Json]) -> Json:
    return {"name": "cta_url", "parameters": given(body, "display_text", "url")}


def _flow(body: Mapping[str, Json]) -> Json:
    parameters = {
        "flow_message_version": "3",
        **given(body, "flow_id", "flow_name", "flow_cta"),
        **given(body, "flow_token", "flow_action", mode="flow_mode"),
    }
    if first := given(body, screen="flow_screen", data="flow_data"):
        parameters["flow_action_payload"] = first
    return {"name": "flow", "parameters": parameters}


def _product(body: Mapping[str, Json]) -> Json:
    return given(body, "catalog_id", "product_retailer_id")


def _products(body: Mapping[str, Json]) -> Json:
    sections = [
        {
            **given(section, "title"),
            "product_items": [{"product_retailer_id": each} for each in section["products"]],
        }
        for section in body["sections"]
    ]
    return {"catalog_id": body["catalog_id"], "sections": sections}


def _catalog(body: Mapping[str, Json]) -> Json:
    shown = given(body, "thumbnail_product_retailer_id")
    return {"name": "catalog_message", **({"parameters": shown} if shown else {})}


def _carousel(body: Mapping[str, Json]) -> Json:
    return {"cards": [_card(number, each) for number, each in enumerate(body["cards"])]}


def _card(number: int, card: Mapping[str, Json]) -> Json:
    kind = card["header_type"]
    found: dict[str, Json] = {"card_index": number, "type": "cta_url", "header": {"type": kind, kind: media(card)}}
    if card.get("body_text"):
        found["body"] = text(card["body_text"])
    if card.get("buttons"):
        replies = [given(each, "id", "title") for each in card["buttons"]]
        return {**found, "action": {"buttons": [{"type": "quick_reply", "quick_reply": each} for each in replies]}}
    return {**found, "action": _link(card)}


_ACTIONS: Final[Mapping[str, Callable[[Mapping[str, Json]], Json]]] = {
    "button": _buttons,
    "list": _list,
    "cta_url": _link,
    "location_request": lambda _: {"name": "send_location"},
    "contact_request": lambda _: {"name": "request_contact_info"},
    "flow": _flow,
    "product": _product,
    "product_list": _products,
    "catalog": _catalog,
    "carousel": _carousel,
}
