"""Messages as Meta writes them: each limit of Meta's pages, at it and one beyond."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from support.emulated import APPROVED

FILE = {"link": "https://e.org/f"}
HEADERS = {kind: {"type": kind, kind: FILE} for kind in ("image", "video", "document")}
BUTTON = {"type": "reply", "reply": {"id": "a", "title": "A"}}
ROW = {"id": "a", "title": "A"}
ITEM = {"product_retailer_id": "p"}
NOTHING: Mapping[str, Any] = MappingProxyType({})
CTA = {"name": "cta_url", "parameters": {"display_text": "Go", "url": "https://e.org"}}
CARD = {"card_index": 0, "type": "cta_url", "header": HEADERS["image"], "action": CTA}
QUICK = {"type": "quick_reply", "quick_reply": {"id": "a", "title": "A"}}
FLOW = {"flow_message_version": "3", "flow_id": "1", "flow_cta": "Fill in"}


def ask(kind: str, action: Any = None, **more: Any) -> dict[str, Any]:
    """An interactive message."""
    said = {"type": kind, "body": {"text": "B"}, **({} if action is None else {"action": action}), **more}
    return {"type": "interactive", "interactive": {name: value for name, value in said.items() if value is not None}}


def buttons(count: int, **more: Any) -> dict[str, Any]:
    its = [{"type": "reply", "reply": {"id": f"{number}", "title": f"T{number}"}} for number in range(count)]
    return ask("button", {"buttons": its}, **more)


def rows(*counts: int) -> dict[str, Any]:
    sections = [
        {"title": f"S{at}", "rows": [{"id": f"{at}.{number}", "title": "T"} for number in range(count)]}
        for at, count in enumerate(counts)
    ]
    return ask("list", {"button": "Open", "sections": sections})


def listed(row: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return ask("list", {"button": "Open", "sections": [{"rows": [{**ROW, **(row or {})}]}]}, **more)


def products(*counts: int) -> dict[str, Any]:
    sections = [{"title": "S", "product_items": [ITEM] * count} for count in counts]
    return ask("product_list", {"catalog_id": "c", "sections": sections}, header={"type": "text", "text": "H"})


def cards(count: int, *, each: Mapping[str, Any] = CARD, last: Mapping[str, Any] = NOTHING) -> dict[str, Any]:
    its = [{**CARD, **each, "card_index": number} for number in range(count)]
    its[-1] |= last
    return ask("carousel", {"cards": its})


def flow(**parameters: Any) -> dict[str, Any]:
    said = {name: value for name, value in {**FLOW, **parameters}.items() if value is not None}
    return ask("flow", {"name": "flow", "parameters": said})


def template(*components: Any, **more: Any) -> dict[str, Any]:
    return {"type": "template", "template": {**APPROVED["template"], "components": list(components), **more}}


def body(*texts: str) -> dict[str, Any]:
    return {"type": "body", "parameters": [{"type": "text", "text": text} for text in texts]}


def button(sort: str, parameter: Any, index: Any = "0") -> dict[str, Any]:
    return {"type": "button", "sub_type": sort, "index": index, "parameters": [parameter]}


def said(kind: str, **inner: Any) -> dict[str, Any]:
    return {"type": kind, kind: inner}


CONTACT = {"name": {"formatted_name": "Ana"}, "phones": [{"phone": "+1", "type": "CELL", "wa_id": "1"}]}
PAIRS: Mapping[str, tuple[Any, Any, int]] = {
    "text body": (said("text", body="x" * 4096), said("text", body="x" * 4097), 131009),
    "text empty": (said("text", body="x"), said("text", body=""), 131009),
    "text preview": (said("text", body="x", preview_url=True), said("text", body="x", preview_url="yes"), 131009),
    "text unknown": (said("text", body="x"), said("text", body="x", caption="y"), 100),
    "text missing": (said("text", body="x"), said("text"), 131008),
    "caption": (said("image", caption="x" * 1024, **FILE), said("image", caption="x" * 1025, **FILE), 131009),
    "file once": (said("video", id="1"), said("video", id="1", **FILE), 131008),
    "file at all": (said("video", **FILE), said("video", caption="x"), 131008),
    "link": (said("image", **FILE), said("image", link="ftp://e.org/f"), 131009),
    "audio no caption": (said("audio", voice=True, **FILE), said("audio", caption="x", **FILE), 100),
    "sticker no caption": (said("sticker", id="1"), said("sticker", id="1", caption="x"), 100),
    "filename": (said("document", filename="a.pdf", **FILE), said("image", filename="a.png", **FILE), 100),
    "latitude": (said("location", latitude=90, longitude="-180"), said("location", latitude=90.1, longitude=0), 131009),
    "longitude": (said("location", latitude=0, longitude=180), said("location", latitude=0, longitude=True), 131009),
    "contacts": ({"type": "contacts", "contacts": [CONTACT] * 257},
                 {"type": "contacts", "contacts": [CONTACT] * 258}, 131009),
    "contact name": ({"type": "contacts", "contacts": [CONTACT]},
                     {"type": "contacts", "contacts": [{"name": {"first_name": "Ana"}}]}, 131008),
    "contact flat": ({"type": "contacts", "contacts": [CONTACT]},
                     {"type": "contacts", "contacts": [{"formatted_name": "Ana"}]}, 100),
    "reaction": (said("reaction", message_id="wamid.X", emoji=""), said("reaction", emoji="👍"), 131008),
    "buttons": (buttons(3), buttons(4), 131009),
    "button body": (ask("button", {"buttons": [BUTTON]}, body={"text": "x" * 1024}),
                    ask("button", {"buttons": [BUTTON]}, body={"text": "x" * 1025}), 131009),
    "button no body": (buttons(1), buttons(1, body=None), 131008),
    "button twice": (buttons(2), ask("button", {"buttons": [BUTTON, BUTTON]}), 131009),
    "footer": (buttons(1, footer={"text": "x" * 60}), buttons(1, footer={"text": "x" * 61}), 131009),
    "header": (buttons(1, header={"type": "text", "text": "x" * 60}),
               buttons(1, header={"type": "text", "text": "x" * 61}), 131009),
    "header marked": (buttons(1, header={"type": "text", "text": "2 * 3_4 * 5 ~ 6_"}),
                      buttons(1, header={"type": "text", "text": "Your *new* plan"}), 131009),
    "header file": (buttons(1, header=HEADERS["document"]),
                    buttons(1, header={"type": "audio", "audio": FILE}), 131009),
    "list header": (listed(header={"type": "text", "text": "H"}), listed(header=HEADERS["image"]), 131009),
    "list body": (listed(body={"text": "x" * 4096}), listed(body={"text": "x" * 4097}), 131009),
    "rows": (rows(4, 6), rows(5, 6), 131009),
    "row id": (listed({"id": "x" * 200}), listed({"id": "x" * 201}), 131009),
    "row title": (listed({"title": "x" * 24}), listed({"title": "x" * 25}), 131009),
    "row description": (listed({"description": "x" * 72}), listed({"description": "x" * 73}), 131009),
    "cta": (ask("cta_url", CTA, header=HEADERS["video"]),
            ask("cta_url", {**CTA, "parameters": {"display_text": "x" * 21, "url": "https://e.org"}}), 131009),
    "cta name": (ask("cta_url", CTA), ask("cta_url", {**CTA, "name": "url"}), 131009),
    "location request": (ask("location_request_message", {"name": "send_location"}),
                         ask("location_request_message"), 131008),
    "contact request": (ask("request_contact_info", {"name": "request_contact_info"}),
                        ask("request_contact_info", {"name": "contact"}), 131009),
    "flow": (flow(flow_cta="x" * 30, mode="draft", flow_action="navigate",
                  flow_action_payload={"screen": "S", "data": {"a": 1}}), flow(flow_cta="x" * 31), 131009),
    "flow once": (flow(), flow(flow_name="n"), 131008),
    "flow action": (flow(flow_action="data_exchange"), flow(flow_action="open"), 131009),
    "product": (ask("product", {"catalog_id": "c", **ITEM}, body=None),
                ask("product", {"catalog_id": "c", **ITEM}, header={"type": "text", "text": "H"}), 100),
    "products": (products(20, 10), products(20, 11), 131009),
    "products header": (products(1), {**(one := products(1)), "interactive": {
        name: value for name, value in one["interactive"].items() if name != "header"}}, 131009),
    "catalog": (ask("catalog_message", {"name": "catalog_message"}),
                ask("catalog_message", {"name": "catalog_message", "thumbnail": "p"}), 100),
    "cards": (cards(2), cards(1), 131009),
    "cards most": (cards(10), cards(11), 131009),
    "card body": (cards(2, each={"body": {"text": "x" * 160}}), cards(2, each={"body": {"text": "x" * 161}}), 131009),
    "cards alike": (cards(2, each={"action": {"buttons": [QUICK]}}),
                    cards(2, last={"action": {"buttons": [QUICK]}}), 131009),
    "card headers": (cards(2), cards(2, last={"header": HEADERS["video"]}), 131009),
    "kind": (buttons(1), ask("poll", {}), 131009),
    "template name": (template(name="x" * 512), template(name="Welcome"), 131009),
    "template language": (template(language={"code": "es_MX"}), template(language="es_MX"), 131009),
    "template text": (template(body("a    b")), template(body("a     b")), 132018),
    "template line": (template(body("a b")), template(body("a\nb")), 132018),
    "template long": (template(body("x" * 1024)), template(body("x" * 1025)), 132005),
    "template header long": (
        template({"type": "header", "parameters": [{"type": "text", "text": "x" * 60}]}),
        template({"type": "header", "parameters": [{"type": "text", "text": "x" * 61}]}), 132005),
    "template named": (
        template({"type": "body", "parameters": [{"type": "text", "text": "a", "parameter_name": "n"}]}),
        template({"type": "BODY", "parameters": [{"type": "text", "text": "a", "parameter_name": "n"},
                                                 {"type": "text", "text": "b"}]}), 100),
    "template header": (template({"type": "header", "parameters": [{"type": "document", "document": FILE}]}),
                        template({"type": "header", "parameters": [{"type": "audio", "audio": FILE}]}), 131009),
    "coupon": (template(button("copy_code", {"type": "coupon_code", "coupon_code": "x" * 15})),
               template(button("copy_code", {"type": "coupon_code", "coupon_code": "x" * 16})), 131009),
    "button index": (template(button("url", {"type": "text", "text": "a"}, 9)),
                     template(button("url", {"type": "text", "text": "a"}, "10")), 131009),
    "button sort": (template(button("quick_reply", {"type": "payload", "payload": "a"})),
                    template(button("quick_reply", {"type": "text", "text": "a"})), 131009),
}  # fmt: skip
"""A message that passes, one that does not, and Meta's number for why."""
