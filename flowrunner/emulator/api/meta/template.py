"""The form of a template message, as Meta's pages say; whether the template is known is `templates`' affair.

https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/components
"""

import re
from collections.abc import Mapping

from flowrunner.emulator.api.errors import invalid, too_long
from flowrunner.emulator.api.meta.shapes import (
    LOCATION,
    Shape,
    any_object,
    anything,
    chosen,
    file,
    listed,
    members,
    number,
    text,
    whole,
    word,
)
from flowrunner.model import Json

NAME = "[a-z0-9_]+"
LONGEST = {"BODY": 1024, "HEADER": 60}
"""Characters that a template's texts may have with their values."""
_UNCLEAN = re.compile(r"[\n\t]| {5,}")
_CURRENCY = members({"fallback_value": text(), "code": text(3, 3), "amount_1000": number(0, 10**15)})


def _plain(most: int) -> Shape:
    """A text that stands in for a placeholder, in a text that may have so many characters."""

    def check(value: Json, where: str) -> None:
        text()(value, where)
        if len(value) > most:
            raise too_long(where, most)
        if _UNCLEAN.search(value):
            details = f"{where} cannot have new-line/tab characters or more than 4 consecutive spaces"
            raise invalid(132018, "There is an issue with the parameters in your template", details)

    return check


def _parameter(sort: str, shape: Shape) -> Shape:
    return members({"type": word(sort, sort.upper()), sort: shape}, {"parameter_name": text(pattern=NAME)})


_TEXT = _parameter("text", _plain(LONGEST["BODY"]))
_HEADER = chosen("type", {
    "text": _parameter("text", _plain(LONGEST["HEADER"])),
    "image": _parameter("image", file()),
    "video": _parameter("video", file()),
    "document": _parameter("document", file(filename=text())),
    "location": _parameter("location", LOCATION),
    "product": _parameter("product", members({"product_retailer_id": text(), "catalog_id": text()})),
})  # fmt: skip
_BODY = chosen("type", {
    "text": _TEXT,
    "currency": _parameter("currency", _CURRENCY),
    "date_time": _parameter("date_time", members({"fallback_value": text()})),
})  # fmt: skip
_BUTTON_PARAMETERS: Mapping[str, Shape] = {
    "url": chosen("type", {"text": _TEXT}),
    "quick_reply": chosen("type", {"payload": _parameter("payload", text(1, 256))}),
    "copy_code": chosen("type", {"coupon_code": _parameter("coupon_code", text(1, 15))}),
    "flow": chosen("type", {"action": _parameter("action", members({}, {"flow_token": text(),
                                                                        "flow_action_data": any_object}))}),
    "phone_number": chosen("type", {"text": _TEXT}),
    "catalog": chosen("type", {"action": _parameter("action", any_object)}),
    "mpm": chosen("type", {"action": _parameter("action", any_object)}),
    "spm": chosen("type", {"action": _parameter("action", any_object)}),
    "order_details": chosen("type", {"action": _parameter("action", any_object)}),
    "voice_call": chosen("type", {"payload": _parameter("payload", text(1, 512)),
                                  "ttl_minutes": _parameter("ttl_minutes", whole(1, 43_200))}),
}  # fmt: skip


def _button(value: Json, where: str) -> None:
    any_object(value, where)
    sort = str(value.get("sub_type", "")).lower()
    word(*_BUTTON_PARAMETERS)(sort, f"{where}['sub_type']")
    parameters = listed(_BUTTON_PARAMETERS[sort], 1, 10)
    members({"type": anything, "sub_type": anything, "index": whole(0, 9)}, {"parameters": parameters})(value, where)


def _component(more: Mapping[str, Shape]) -> Shape:
    return chosen("type", {
        "header": members({"type": anything, "parameters": listed(_HEADER, 1, 1)}),
        "body": members({"type": anything}, {"parameters": listed(_BODY, 0, 100)}),
        "footer": members({"type": anything}),
        "button": _button,
        **more,
    }, fold=True)  # fmt: skip


_CARD = members({"card_index": whole(0, 9), "components": listed(_component({}), 1, 5)})
_OFFER = _parameter("limited_time_offer", members({"expiration_time_ms": whole(0, 10**15)}))
_COMPONENT = _component({
    "carousel": members({"type": anything, "cards": listed(_CARD, 1, 10)}),
    "limited_time_offer": members({"type": anything, "parameters": listed(_OFFER, 1, 1)}),
})  # fmt: skip
_LANGUAGE = members({"code": text(pattern="[a-z]{2,3}(_[A-Z]{2,3})?")}, {"policy": word("deterministic")})
_TEMPLATE = members({"name": text(1, 512, NAME), "language": _LANGUAGE}, {"components": listed(_COMPONENT, 0, 20)})


def template(value: Json, where: str) -> None:
    """Check the form; names of parameters stand in all of a component or in none."""
    _TEMPLATE(value, where)
    for component in value.get("components", ()):
        named = ["parameter_name" in each for each in component.get("parameters", ())]
        if component["type"].lower() == "body" and any(named) and not all(named):
            raise invalid(100, "Invalid parameter", "Either all parameters have a parameter_name or none has")
