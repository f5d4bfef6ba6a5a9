"""What v1's inbox shows of a message whose author wrote no ``content``; and that it helps to find it again."""

import json
import re
from typing import Any

import pytest

from flowrunner.dialects.kapso_v1 import encode, is_same
from flowrunner.dialects.kapso_v1.answers import message
from flowrunner.spec import MESSAGE_TYPES
from support.conformance_cases import PATHS, messages

TEMPLATE = {"message_type": "template", "template_name": "order_update", "template_language": "es_MX"}
IMAGE = {"message_type": "image", "media_url": "https://cdn.example.com/a.jpg"}
DOCUMENT = {"message_type": "document", "media_url": "https://cdn.example.com/1f3a"}
PLACE = {"message_type": "location", "latitude": 19.43, "longitude": -99.13}
BUTTONS = {"message_type": "interactive", "interactive_type": "button", "body_text": "Ready?", "header_text": "Hi",
           "buttons": [{"id": "y", "title": "Yes"}]}  # fmt: skip
REACTION = {"message_type": "reaction", "reacted_to_message_id": "wamid.x"}

TOLD: list[tuple[dict[str, Any], str]] = [
    ({**IMAGE, "caption": "A cat"}, "A cat"),
    (IMAGE, ""),
    ({**IMAGE, "message_type": "video", "caption": "A dog"}, "A dog"),
    ({**IMAGE, "message_type": "video"}, ""),
    ({"message_type": "video", "media_id": "17"}, ""),
    ({**DOCUMENT, "caption": "The guide", "filename": "guide.pdf"}, "The guide"),
    ({**DOCUMENT, "filename": "guide.pdf"}, "guide.pdf"),
    (DOCUMENT, ""),
    ({"message_type": "audio", "media_url": "https://cdn.example.com/v/hello.ogg?x=1"}, "hello.ogg"),
    ({"message_type": "audio", "media_id": "17"}, "audio"),
    (PLACE, "19.43, -99.13"),
    ({**PLACE, "location_name": "Office"}, "Office"),
    ({**PLACE, "location_name": "Office", "location_address": "Main St 1"}, "Office, Main St 1"),
    (BUTTONS, "Ready?"),
    (TEMPLATE, "order_update"),
    ({**TEMPLATE, "template_params": ["Ana", "12"]}, "order_update (Ana, 12)"),
    ({**TEMPLATE, "template_params": {"name": "Ana"}}, "order_update (Ana)"),
    ({**TEMPLATE, "template_params": {"header": {"x": "1"}, "body": {"name": "Ana"}}}, "order_update (1, Ana)"),
    ({**REACTION, "reaction_emoji": "👍"}, "👍"),
    ({**REACTION, "reaction_emoji": ""}, ""),
    ({"message_type": "contacts", "contacts": [{"formatted_name": "Ana Lu"}, {"first_name": "Bo"}]}, "Ana Lu, Bo"),
    ({"message_type": "contacts", "contacts": [{"name": {"first_name": "Ana", "last_name": "Lu"}}]}, "Ana Lu"),
]


def wire(body: dict[str, Any]) -> dict[str, Any]:
    sent: dict[str, Any] = json.loads(encode(body))
    return sent


@pytest.mark.parametrize(("body", "content"), TOLD, ids=lambda each: each if isinstance(each, str) else "")
def test_a_message_says_what_it_is(body: dict[str, Any], content: str) -> None:
    """Beside its own fields, which stay as they were."""
    assert wire(body) == {**body, "content": content}


def test_what_the_author_wrote_stays() -> None:
    """To the byte: a text, and whatever has a content of its own."""
    for body in ({"message_type": "text", "content": "Hi"}, {**TEMPLATE, "content": "Your order"}, {"content": "Hi"}):
        assert encode(body) == json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def test_every_valid_case_is_sent_with_a_content() -> None:
    """As the published description requires; and what is sent is a message by our own schema, too."""
    cases = [body for path in PATHS if path.parts[-2] == "valid" for _, body in messages(path)]
    cases = [body for body in cases if not re.search(r"\{[{%]", json.dumps(body))]  # with values, not expressions
    assert {body.get("message_type", "text") for body in cases} == set(MESSAGE_TYPES)
    for body in cases:
        sent = wire(body)
        assert isinstance(sent["content"], str)
        is_shown = sent.get("message_type") in {"image", "video", "document"}  # the customer would read it
        assert sent["content"] or is_shown or body.get("reaction_emoji") == ""


@pytest.mark.parametrize("kind", ["image", "video", "document"])
def test_a_customer_reads_no_caption_that_nobody_wrote(kind: str) -> None:
    """v1 shows `content` where there is no caption; the name of a document is shown beside it anyway."""
    body = {"message_type": kind, "media_url": "https://cdn.example.com/a?name=b.pdf"}
    assert wire(body) == {**body, "content": ""}


@pytest.mark.parametrize(("body", "content"), [each for each in TOLD if each[1]], ids=lambda each: str(each)[:20])
def test_an_api_that_lists_little_more_than_the_content_is_understood(body: dict[str, Any], content: str) -> None:
    """It keeps the very words; others are never taken for ours by them."""
    kept = {"id": "m1", "direction": "outbound", "message_type": body["message_type"], "content": content}
    lacks = {"location": "unclear"}  # where it is, which alone tells two places of one name apart
    assert is_same(body, message(kept)) == lacks.get(body["message_type"], "yes")
    assert is_same(body, message({**kept, "content": "quite different"})) != "yes"


def test_a_document_s_name_that_is_kept_as_its_caption_is_ours() -> None:
    """v1 takes a content for a caption; without that it would never be recognised."""
    body = {**DOCUMENT, "filename": "guide.pdf"}
    kept = {"id": "m1", "message_type": "document", "content": "guide.pdf"}
    data = {"filename": "guide.pdf", "caption": "guide.pdf"}
    assert is_same(body, message({**kept, "message_type_data": data})) == "yes"
