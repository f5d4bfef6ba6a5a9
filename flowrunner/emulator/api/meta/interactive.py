"""Interactive messages, kind by kind, each as Meta's page of it says.

https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/interactive-reply-buttons-messages
and the pages beside it.
"""

import re
from collections.abc import Callable, Mapping

from flowrunner.emulator.api.meta.shapes import (
    Shape,
    any_object,
    chosen,
    file,
    link,
    listed,
    members,
    text,
    unique,
    whole,
    word,
    wrong,
)
from flowrunner.model import Json

MOST_ROWS = 10
MOST_PRODUCTS = 30
_SORT = {"type": text()}
_MARKED = re.compile(r"(?<!\w)([*_~])(?!\1|\s)[^\n]*[^\s*_~]\1(?!\w)")


def _unmarked(value: Json, where: str) -> None:
    """A header's text: it is bold by itself, and nothing in it may be made so."""
    text(1, 60)(value, where)
    if _MARKED.search(value):
        raise wrong(f"{where} cannot have markdown")


_HEADER_TEXT = members({**_SORT, "text": _unmarked}, {"sub_text": text(0, 60)})
_MEDIA_HEADERS: Mapping[str, Shape] = {
    "image": members({**_SORT, "image": file()}),
    "video": members({**_SORT, "video": file()}),
}
_ANY_HEADER = chosen(
    "type", {"text": _HEADER_TEXT, **_MEDIA_HEADERS, "document": members({**_SORT, "document": file(filename=text())})}
)
_TEXT_HEADER = chosen("type", {"text": _HEADER_TEXT})
_FOOTER = members({"text": text(1, 60)})
_CTA = members({"name": word("cta_url"), "parameters": members({"display_text": text(1, 20), "url": link})})


def _body(high: int) -> Shape:
    return members({"text": text(1, high)})


def _named(name: str, parameters: Shape | None = None, *, optional: bool = False) -> Shape:
    """An action that has a name, and perhaps parameters."""
    its = {"parameters": parameters} if parameters else {}
    return members({"name": word(name), **({} if optional else its)}, its if optional else {})


def _kind(
    action: Shape, body: Shape | None = None, *, header: Shape | None = None, footer: bool = True, silent: bool = False
) -> Shape:
    """One kind of interactive message; ``silent``: its body may be left out, ``footer``: it may have one."""
    said = {"body": body or _body(1024)}
    needed = {"type": text(), "action": action, **({} if silent else said)}
    allowed = said if silent else {}
    if header:
        allowed = {**allowed, "header": header}
    if footer:
        allowed = {**allowed, "footer": _FOOTER}
    return members(needed, allowed)


def _then(shape: Shape, more: Callable[[Json], None]) -> Shape:
    """A shape, and what goes over several of its members."""

    def check(value: Json, where: str) -> None:
        shape(value, where)
        more(value)

    return check


_BUTTON = members({"type": word("reply"), "reply": members({"id": text(1, 256), "title": text(1, 20)})})


def _buttons_differ(action: Json) -> None:
    for name in ("id", "title"):
        unique([each["reply"][name] for each in action["buttons"]], f"Button {name}s")


_ROW = members({"id": text(1, 200), "title": text(1, 24)}, {"description": text(0, 72)})
_SECTION = members({"rows": listed(_ROW, 1, MOST_ROWS)}, {"title": text(0, 24)})


def _rows_fit(action: Json) -> None:
    rows = [row for section in action["sections"] for row in section["rows"]]
    if len(rows) > MOST_ROWS:
        raise wrong(f"Total row count exceed max allowed count: {MOST_ROWS}")
    unique([row["id"] for row in rows], "Row ids")
    if len(action["sections"]) > 1 and not all(section.get("title") for section in action["sections"]):
        raise wrong("Section title is required when there is more than one section")


_PRODUCTS = members(
    {"title": text(1, 24), "product_items": listed(members({"product_retailer_id": text()}), 1, MOST_PRODUCTS)}
)


def _products_fit(action: Json) -> None:
    if sum(len(section["product_items"]) for section in action["sections"]) > MOST_PRODUCTS:
        raise wrong(f"Total product count exceed max allowed count: {MOST_PRODUCTS}")


_FLOW = members(
    {"flow_message_version": text(), "flow_cta": text(1, 30)},
    {
        "flow_id": text(),
        "flow_name": text(),
        "flow_token": text(),
        "mode": word("draft", "published"),
        "flow_action": word("navigate", "data_exchange"),
        "flow_action_payload": members({}, {"screen": text(), "data": any_object}),
    },
    one_of=("flow_id", "flow_name"),
)
_QUICK_REPLY = members(
    {"type": word("quick_reply"), "quick_reply": members({"id": text(1, 256), "title": text(1, 20)})}
)


def _card_action(value: Json, where: str) -> None:
    any_object(value, where)
    (members({"buttons": listed(_QUICK_REPLY, 1, 2)}) if "buttons" in value else _CTA)(value, where)


_CARD = members(
    {"card_index": whole(0, 9), "action": _card_action},
    {"type": word("cta_url", "button"), "header": chosen("type", _MEDIA_HEADERS), "body": _body(160)},
)
_PRODUCT_CARD = members(
    {"card_index": whole(0, 9), "type": word("product"),
     "action": members({"product_retailer_id": text(), "catalog_id": text()})},
)  # fmt: skip


def _cards(value: Json, where: str) -> None:
    any_object(value, where)
    card = _PRODUCT_CARD if value.get("type") == "product" else _CARD
    card(value, where)


def _cards_alike(action: Json) -> None:
    cards = action["cards"]
    if [int(card["card_index"]) for card in cards] != list(range(len(cards))):
        raise wrong("card_index must count the cards from 0")
    if len({len(card["action"].get("buttons", ())) for card in cards}) > 1:
        raise wrong("All cards must have the same buttons")
    if len({card.get("header", {}).get("type") for card in cards}) > 1:
        raise wrong("All cards must have a header of the same type")
    if any(card.get("body", {}).get("text", "").count("\n") > 2 for card in cards):
        raise wrong("The body of a card may have at most 2 line breaks")


_ADDRESS = members({"country": text(2, 2)}, {"values": any_object, "saved_addresses": listed(any_object, 0, 50),
                                             "validation_errors": any_object})  # fmt: skip
_THUMBNAIL = members({}, {"thumbnail_product_retailer_id": text()})
_BUTTONS = _then(members({"buttons": listed(_BUTTON, 1, 3)}), _buttons_differ)
_LIST = _then(members({"button": text(1, 20), "sections": listed(_SECTION, 1, 10)}), _rows_fit)
_PRODUCT_LIST = _then(members({"catalog_id": text(), "sections": listed(_PRODUCTS, 1, 10)}), _products_fit)

KINDS: Mapping[str, Shape] = {
    "button": _kind(_BUTTONS, header=_ANY_HEADER),
    "list": _kind(_LIST, _body(4096), header=_TEXT_HEADER),
    "cta_url": _kind(_CTA, header=_ANY_HEADER),
    "flow": _kind(_named("flow", _FLOW), header=_ANY_HEADER),
    "location_request_message": _kind(_named("send_location", any_object, optional=True)),
    "request_contact_info": _kind(_named("request_contact_info")),
    "address_message": _kind(_named("address_message", _ADDRESS), header=_ANY_HEADER),
    "call_permission_request": _kind(_named("call_permission_request", any_object, optional=True), silent=True),
    "carousel": _kind(_then(members({"cards": listed(_cards, 2, 10)}), _cards_alike), footer=False),
    "product": _kind(members({"catalog_id": text(), "product_retailer_id": text()}), silent=True),
    "product_list": _kind(_PRODUCT_LIST, header=_TEXT_HEADER),
    "catalog_message": _kind(_named("catalog_message", _THUMBNAIL, optional=True), silent=True),
    "order_details": _kind(_named("review_and_pay", any_object), header=_ANY_HEADER),
    "order_status": _kind(_named("review_order", any_object)),
    "voice_call": _kind(_named("voice_call", any_object, optional=True)),
}
"""Every kind that the API knows."""


def interactive(value: Json, where: str) -> None:
    """Check an interactive message; an address can be asked for only in India."""
    chosen("type", KINDS)(value, where)
    if value["type"] == "product_list" and "header" not in value:
        raise wrong("The header is required for type product_list")
