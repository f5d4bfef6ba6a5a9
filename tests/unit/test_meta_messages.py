"""Every kind of message as Meta's object: written by hand from Meta's pages and Kapso's examples, one of each."""

import json
from typing import Any

import pytest

from flowrunner.client import Rejected
from flowrunner.dialects import meta
from flowrunner.dialects.meta.answers import message
from flowrunner.dialects.values import RemoteMessage
from flowrunner.model import Json, Recipient
from support.conformance_cases import PATHS, messages

LINK, HERE = "https://example.com/a.png", {"link": "https://example.com/a.png"}
PRODUCTS = {"message_type": "interactive", "interactive_type": "product_list", "catalog_id": "194836"}
ONCE = {"message_type": "template", "template_name": "welcome", "template_language": "en_US"}
SENT = {"name": "welcome", "language": {"code": "en_US"}}


def tap(kind: str, **fields: Json) -> dict[str, Json]:
    return {"message_type": "interactive", "interactive_type": kind, **fields}


def component(kind: str, *parameters: Json, **more: Json) -> dict[str, Json]:
    return {**SENT, "components": [{"type": kind, **more, "parameters": list(parameters)}]}


CASES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("text", {"content": "Hola"}, {"type": "text", "text": {"body": "Hola"}}),
    ("text with a preview", {"message_type": "text", "content": "a.b", "preview_url": True},
     {"type": "text", "text": {"body": "a.b", "preview_url": True}}),
    ("image by URL", {"message_type": "image", "media_url": LINK, "caption": "c"},
     {"type": "image", "image": {**HERE, "caption": "c"}}),
    ("image by id", {"message_type": "image", "media_id": "123"}, {"type": "image", "image": {"id": "123"}}),
    ("what an image says is its caption", {"message_type": "image", "media_url": LINK, "content": "words"},
     {"type": "image", "image": {**HERE, "caption": "words"}}),
    ("video", {"message_type": "video", "media_url": LINK, "caption": "c", "content": "for people"},
     {"type": "video", "video": {**HERE, "caption": "c"}}),
    ("document", {"message_type": "document", "media_id": "9", "caption": "c", "filename": "a.pdf"},
     {"type": "document", "document": {"id": "9", "caption": "c", "filename": "a.pdf"}}),
    ("audio", {"message_type": "audio", "media_url": LINK, "content": "for people"}, {"type": "audio", "audio": HERE}),
    ("voice", {"message_type": "audio", "media_id": "9", "voice": True},
     {"type": "audio", "audio": {"id": "9", "voice": True}}),
    ("sticker", {"message_type": "sticker", "media_id": "798"}, {"type": "sticker", "sticker": {"id": "798"}}),
    ("location", {"message_type": "location", "latitude": 37.5, "longitude": -122, "location_name": "N",
                  "location_address": "A"},
     {"type": "location", "location": {"latitude": 37.5, "longitude": -122, "name": "N", "address": "A"}}),
    ("place without a name", {"message_type": "location", "latitude": 0, "longitude": 0.0},
     {"type": "location", "location": {"latitude": 0, "longitude": 0.0}}),
    ("reaction", {"message_type": "reaction", "reacted_to_message_id": "wamid.A", "reaction_emoji": "👍"},
     {"type": "reaction", "reaction": {"message_id": "wamid.A", "emoji": "👍"}}),
    ("a reaction taken back", {"message_type": "reaction", "reacted_to_message_id": "wamid.A", "reaction_emoji": ""},
     {"type": "reaction", "reaction": {"message_id": "wamid.A", "emoji": ""}}),
    ("contacts, flat", {"message_type": "contacts", "contacts": [
        {"first_name": "Bea", "last_name": "Ruiz", "phones": [{"phone": "+1", "type": "CELL", "wa_id": "1"}]}]},
     {"type": "contacts", "contacts": [
         {"name": {"first_name": "Bea", "last_name": "Ruiz", "formatted_name": "Bea Ruiz"},
          "phones": [{"phone": "+1", "type": "CELL", "wa_id": "1"}]}]}),
    ("contacts, nested", {"message_type": "contacts", "contacts": [
        {"name": {"formatted_name": "B. R.", "prefix": "Dr."}, "org": {"company": "K"}, "birthday": "1999-01-23"}]},
     {"type": "contacts", "contacts": [
         {"name": {"formatted_name": "B. R.", "prefix": "Dr."}, "org": {"company": "K"}, "birthday": "1999-01-23"}]}),
    ("buttons", tap("button", body_text="b", header_text="h", footer_text="f", buttons=[{"id": "y", "title": "Yes"}]),
     {"type": "interactive", "interactive": {
         "type": "button", "header": {"type": "text", "text": "h"}, "body": {"text": "b"}, "footer": {"text": "f"},
         "action": {"buttons": [{"type": "reply", "reply": {"id": "y", "title": "Yes"}}]}}}),
    ("buttons under a document", tap("button", body_text="b", header_type="document", header_media_url=LINK,
                                     header_filename="a.pdf", buttons=[{"id": "y", "title": "Yes"}]),
     {"type": "interactive", "interactive": {
         "type": "button", "header": {"type": "document", "document": {**HERE, "filename": "a.pdf"}},
         "body": {"text": "b"}, "action": {"buttons": [{"type": "reply", "reply": {"id": "y", "title": "Yes"}}]}}}),
    ("list", tap("list", body_text="b", list_button_text="Open",
                 sections=[{"title": "S", "rows": [{"id": "r", "title": "R", "description": "d"}]}]),
     {"type": "interactive", "interactive": {
         "type": "list", "body": {"text": "b"},
         "action": {"button": "Open",
                    "sections": [{"title": "S", "rows": [{"id": "r", "title": "R", "description": "d"}]}]}}}),
    ("link", tap("cta_url", body_text="b", display_text="See", url="https://a.b", header_type="image",
                 header_media_id="7"),
     {"type": "interactive", "interactive": {
         "type": "cta_url", "header": {"type": "image", "image": {"id": "7"}}, "body": {"text": "b"},
         "action": {"name": "cta_url", "parameters": {"display_text": "See", "url": "https://a.b"}}}}),
    ("location request", tap("location_request", body_text="b"),
     {"type": "interactive", "interactive": {
         "type": "location_request_message", "body": {"text": "b"}, "action": {"name": "send_location"}}}),
    ("contact request", tap("contact_request", body_text="b"),
     {"type": "interactive", "interactive": {
         "type": "request_contact_info", "body": {"text": "b"}, "action": {"name": "request_contact_info"}}}),
    ("flow", tap("flow", body_text="b", flow_id="1", flow_cta="Book", flow_token="t", flow_mode="draft",
                 flow_action="navigate", flow_screen="FIRST", flow_data={"a": 1}),
     {"type": "interactive", "interactive": {
         "type": "flow", "body": {"text": "b"},
         "action": {"name": "flow", "parameters": {
             "flow_message_version": "3", "flow_id": "1", "flow_cta": "Book", "flow_token": "t", "mode": "draft",
             "flow_action": "navigate", "flow_action_payload": {"screen": "FIRST", "data": {"a": 1}}}}}}),
    ("flow by name", tap("flow", body_text="b", flow_name="booking", flow_cta="Book"),
     {"type": "interactive", "interactive": {
         "type": "flow", "body": {"text": "b"},
         "action": {"name": "flow", "parameters": {
             "flow_message_version": "3", "flow_name": "booking", "flow_cta": "Book"}}}}),
    ("product", tap("product", catalog_id="C", product_retailer_id="P"),
     {"type": "interactive", "interactive": {
         "type": "product", "action": {"catalog_id": "C", "product_retailer_id": "P"}}}),
    ("products", {**PRODUCTS, "header_text": "h", "body_text": "b",
                  "sections": [{"title": "S", "products": ["P", "Q"]}]},
     {"type": "interactive", "interactive": {
         "type": "product_list", "header": {"type": "text", "text": "h"}, "body": {"text": "b"},
         "action": {"catalog_id": "194836", "sections": [
             {"title": "S", "product_items": [{"product_retailer_id": "P"}, {"product_retailer_id": "Q"}]}]}}}),
    ("catalog", tap("catalog", body_text="b", thumbnail_product_retailer_id="P"),
     {"type": "interactive", "interactive": {
         "type": "catalog_message", "body": {"text": "b"},
         "action": {"name": "catalog_message", "parameters": {"thumbnail_product_retailer_id": "P"}}}}),
    ("catalog without a picture", tap("catalog", body_text="b"),
     {"type": "interactive", "interactive": {
         "type": "catalog_message", "body": {"text": "b"}, "action": {"name": "catalog_message"}}}),
    ("carousel of links", tap("carousel", body_text="b", cards=[
        {"header_type": "image", "media_url": LINK, "body_text": "one", "display_text": "Go", "url": "https://a.b"},
        {"header_type": "image", "media_id": "7", "display_text": "Go", "url": "https://a.c"}]),
     {"type": "interactive", "interactive": {"type": "carousel", "body": {"text": "b"}, "action": {"cards": [
         {"card_index": 0, "type": "cta_url", "header": {"type": "image", "image": HERE}, "body": {"text": "one"},
          "action": {"name": "cta_url", "parameters": {"display_text": "Go", "url": "https://a.b"}}},
         {"card_index": 1, "type": "cta_url", "header": {"type": "image", "image": {"id": "7"}},
          "action": {"name": "cta_url", "parameters": {"display_text": "Go", "url": "https://a.c"}}}]}}}),
    ("carousel of replies", tap("carousel", body_text="b", cards=[
        {"header_type": "video", "media_url": LINK, "buttons": [{"id": "a", "title": "A"}]},
        {"header_type": "video", "media_url": LINK, "buttons": [{"id": "b", "title": "B"}]}]),
     {"type": "interactive", "interactive": {"type": "carousel", "body": {"text": "b"}, "action": {"cards": [
         {"card_index": number, "type": "cta_url", "header": {"type": "video", "video": HERE},
          "action": {"buttons": [{"type": "quick_reply", "quick_reply": {"id": each, "title": each.upper()}}]}}
         for number, each in enumerate("ab")]}}}),
    ("template", ONCE, {"type": "template", "template": SENT}),
    ("template with values", {**ONCE, "template_params": ["Ana", "5"], "content": "for people"},
     {"type": "template", "template": component(
         "body", {"type": "text", "text": "Ana"}, {"type": "text", "text": "5"})}),
    ("template with names", {**ONCE, "template_params": {"first_name": "Ana"}},
     {"type": "template", "template": component(
         "body", {"type": "text", "parameter_name": "first_name", "text": "Ana"})}),
    ("template with names apart", {**ONCE, "template_params": {"header": {"sale": "X"}, "body": {"end": "Y"}}},
     {"type": "template", "template": {**SENT, "components": [
         {"type": "header", "parameters": [{"type": "text", "parameter_name": "sale", "text": "X"}]},
         {"type": "body", "parameters": [{"type": "text", "parameter_name": "end", "text": "Y"}]}]}}),
    ("template under a text", {**ONCE, "header_type": "text", "header_params": "May"},
     {"type": "template", "template": component("header", {"type": "text", "text": "May"})}),
    ("template under a named text", {**ONCE, "header_type": "text", "header_params": {"month": "May"}},
     {"type": "template", "template": component(
         "header", {"type": "text", "parameter_name": "month", "text": "May"})}),
    ("template under a document",
     {**ONCE, "header_type": "document", "header_params": LINK, "header_filename": "a.pdf"},
     {"type": "template", "template": component(
         "header", {"type": "document", "document": {**HERE, "filename": "a.pdf"}})}),
    ("template under an upload", {**ONCE, "header_type": "image", "header_media_id": "7"},
     {"type": "template", "template": component("header", {"type": "image", "image": {"id": "7"}})}),
    ("template under a place", {**ONCE, "header_type": "location", "header_location": {
        "latitude": 1.5, "longitude": 2, "name": "N", "address": "A"}},
     {"type": "template", "template": component("header", {"type": "location", "location": {
         "latitude": 1.5, "longitude": 2, "name": "N", "address": "A"}})}),
    ("template's link", {**ONCE, "button_params": [{"index": 0, "type": "url", "value": "summer"}]},
     {"type": "template", "template": component(
         "button", {"type": "text", "text": "summer"}, sub_type="url", index="0")}),
    ("template's quick reply", {**ONCE, "button_params": [{"index": 1, "type": "quick_reply", "value": "yes"}]},
     {"type": "template", "template": component(
         "button", {"type": "payload", "payload": "yes"}, sub_type="quick_reply", index="1")}),
    ("template's coupon", {**ONCE, "button_params": [{"index": 0, "type": "copy_code", "value": "BF24"}]},
     {"type": "template", "template": component(
         "button", {"type": "coupon_code", "coupon_code": "BF24"}, sub_type="copy_code", index="0")}),
    ("template's form", {**ONCE, "button_params": [
        {"index": 0, "type": "flow", "flow_token": "t", "flow_data": {"a": 1}}]},
     {"type": "template", "template": component(
         "button", {"type": "action", "action": {"flow_token": "t", "flow_action_data": {"a": 1}}},
         sub_type="flow", index="0")}),
    ("Meta's own object", {"message_type": "raw", "raw": {
        "type": "interactive", "interactive": {"type": "call_permission_request"}, "to": "1", "recipient": "US.1"}},
     {"type": "interactive", "interactive": {"type": "call_permission_request"}}),
    ("read", {"message_type": "read", "message_id": "wamid.A"}, {"status": "read", "message_id": "wamid.A"}),
    ("typing", {"message_type": "read", "message_id": "wamid.A", "typing": True},
     {"status": "read", "message_id": "wamid.A", "typing_indicator": {"type": "text"}}),
]  # fmt: skip


@pytest.mark.parametrize(("body", "wanted"), [each[1:] for each in CASES], ids=[each[0] for each in CASES])
def test_each_kind_is_written_as_meta_has_it(body: dict[str, Any], wanted: dict[str, Any]) -> None:
    """The message's own part of the request; with an address before it nothing else is in the request."""
    wire = meta.encode(body)
    assert json.loads(wire) == wanted
    posted = json.loads(meta.post(Recipient(phone="+15551234567"), wire).text)
    address = {} if body.get("message_type") == "read" else {"recipient_type": "individual", "to": "15551234567"}
    assert posted == {"messaging_product": "whatsapp", **address, **wanted}


def test_every_message_that_v1_carries_is_carried() -> None:
    """None of the conformance cases is without a form, of those without expressions."""
    valid = [each for path in PATHS if path.parent.name == "valid" for each in messages(path)]
    kinds = {kind for kind, body in valid if "{{" not in json.dumps(body) and json.loads(meta.encode(body)).get(kind)}
    assert {"text", "interactive", "template", "contacts", "location", "reaction", "audio"} <= kinds


@pytest.mark.parametrize(
    ("recipient", "address"),
    [
        (Recipient(phone="+52 1 (55) 1234-5678"), {"to": "5215512345678"}),
        (Recipient(user_id="US.13491208655302741918"), {"recipient": "US.13491208655302741918"}),
        (Recipient("c1", "+15551234567", "US.1"), {"to": "15551234567"}),
    ],
)
def test_a_person_is_a_phone_or_else_a_user_id(recipient: Recipient, address: dict[str, str]) -> None:
    """Where both are there the phone would win, so the other is left out."""
    request = meta.post(recipient, meta.encode({"content": "Hola"}), "fr:r:1:1")
    assert (request.method, request.path, request.is_beside) == ("POST", "/messages", False)
    assert request.text == json.dumps(
        {
            "messaging_product": "whatsapp", "recipient_type": "individual", **address,
            "biz_opaque_callback_data": "fr:r:1:1", "type": "text", "text": {"body": "Hola"},
        },
        separators=(",", ":"),
    )  # fmt: skip


def test_a_conversation_alone_is_nobody() -> None:
    """Its person is found before."""
    with pytest.raises(Rejected) as refused:
        meta.post(Recipient("c1"), meta.encode({"content": "Hola"}))
    assert "by phone or by user id" in refused.value.hint


@pytest.mark.parametrize(
    ("reply_to", "quoted", "context"),
    [
        ("hello", "wamid.B", {"context": {"message_id": "wamid.B"}}),
        ("hello", "", {}),
        ("wamid.A", "", {"context": {"message_id": "wamid.A"}}),
    ],
)
def test_what_is_quoted_is_whatsapps_id_or_nothing(reply_to: str, quoted: str, context: dict[str, Json]) -> None:
    """A step's id stands for its message until the request is made; a message that was not sent cannot be quoted."""
    wire = meta.encode({"content": "Hola", "reply_to": reply_to})
    assert json.loads(wire)["context"] == {"message_id": reply_to}
    posted = json.loads(meta.post(Recipient(phone="+1555"), wire, quoted=quoted).text)
    assert {name: each for name, each in posted.items() if name == "context"} == context


def shown(wire: str, **kapso: Json) -> RemoteMessage:
    """What was posted, as the API's list has it."""
    posted = json.loads(wire)
    return message({"id": "wamid.A", "timestamp": "1705328150", "to": "15551234567", **posted, "kapso": kapso})


WEAK = {"a reaction taken back", "Meta's own object"}
"""They have no word by which they could be known."""
LISTED = [each for each in CASES if each[1].get("message_type") != "read"]


@pytest.mark.parametrize(("name", "body"), [each[:2] for each in LISTED], ids=[each[0] for each in LISTED])
def test_each_message_is_recognised_in_the_list_and_taken_for_no_other(name: str, body: dict[str, Any]) -> None:
    """As it was posted; what another says for sure is not ours."""
    mine = meta.is_same(body, shown(meta.encode(body)))
    assert mine in {"yes", "unclear"}
    assert (mine == "unclear") is (name in WEAK)
    alike = {other for other, its, _ in LISTED if meta.is_same(body, shown(meta.encode(its))) == "yes"}
    assert alike <= {name}


@pytest.mark.parametrize("kind", ["button", "list"])
def test_of_what_is_tapped_the_api_may_show_no_more_than_its_text(kind: str) -> None:
    """Then those with one text are one: only what they were posted with tells them apart."""
    (body,) = [each[1] for each in CASES if each[0] == {"button": "buttons", "list": "list"}[kind]]
    bare = {"type": "interactive", "interactive": {"type": kind, "body": {"text": "b"}}}
    assert meta.is_same(body, shown(json.dumps(bare))) == "yes"
    other = {"type": "interactive", "interactive": {"type": kind, "body": {"text": "another"}}}
    assert meta.is_same(body, shown(json.dumps(other))) == "no"


@pytest.mark.parametrize("odd", [None, "?", [], 7, {"type": None}, {"header": [], "action": "?", "components": {}}])
def test_whatever_stands_in_a_record_is_no_error(odd: Json) -> None:
    """An API's record may be anything."""
    for name, body, wanted in LISTED:
        kind = wanted["type"]
        found = meta.is_same(body, message({"id": "x", "type": kind, kind: odd, "kapso": odd}))
        assert found in {"yes", "no", "unclear"}, name
