"""Fields as Meta's API nests them: said with the flat ones to write, which are right."""

# ruff: noqa: E501  # a table's row is read as one line

from typing import Any

import pytest
import yaml

from flowrunner.spec import check_message

HEAD = {"message_type": "interactive"}
LINK = {"name": "cta_url", "parameters": {"display_text": "See", "url": "https://example.com"}}
FORM = {"name": "flow", "parameters": {"flow_id": "7", "flow_cta": "Book", "flow_action_payload": {"screen": "A"}}}
NESTED: list[tuple[dict[str, Any], str]] = [
    ({**HEAD, "interactive": {"type": "cta_url", "body": {"text": "b"}, "action": LINK}}, "interactive"),
    ({"interactive": {"type": "flow", "body": {"text": "b"}, "footer": {"text": "f"}, "action": FORM}}, "interactive"),
    ({**HEAD, "interactive": {"type": "button", "body": {"text": "b"}, "action": {"buttons": [{"type": "reply", "reply": {"id": "a", "title": "A"}}]}}}, "interactive"),
    ({**HEAD, "interactive": {"type": "location_request_message", "body": {"text": "b"}, "action": {"name": "send_location"}}}, "interactive"),
    ({**HEAD, "interactive_type": "cta_url", "body_text": "b", "action": LINK}, "action"),
    ({**HEAD, "interactive_type": "cta_url", "body_text": "b", "parameters": LINK["parameters"]}, "parameters"),
    ({"message_type": "text", "text": {"body": "b", "preview_url": "true"}}, "text"),
    ({"text": {"body": "b"}}, "text"),
    ({"message_type": "template", "template": {"name": "n", "language": {"code": "es"}}}, "template"),
    ({"message_type": "template", "template": {"name": "n", "language": {"code": "es"}, "components": [{"type": "header", "parameters": [{"type": "image", "image": {"id": "7"}}]}, {"type": "body", "parameters": [{"type": "text", "text": "Ana"}]}, {"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": "1"}]}]}}, "template"),
    ({"template": {"name": "n", "language": {"code": "es"}}}, "template"),
    ({"message_type": "image", "image": {"link": "https://example.com/a.jpg", "caption": "c"}}, "image"),
    ({"message_type": "document", "document": {"id": "7", "filename": "a.pdf"}}, "document"),
    ({"message_type": "location", "location": {"latitude": "1", "longitude": "2.5", "name": "n"}}, "location"),
    ({"message_type": "reaction", "reaction": {"message_id": "wamid.A", "emoji": "👍"}}, "reaction"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "key"), NESTED, ids=str)
def test_the_flat_fields_are_named_and_mend_it(body: dict[str, Any], key: str) -> None:
    """One problem, at the key; what its hint says, followed to the letter, is a right message."""
    [problem] = check_message(body)
    assert (problem.code, problem.route, problem.at_key) == ("unknown-field", (key,), True)
    flat = yaml.safe_load("{" + problem.hint.partition("write ")[2].partition(" instead")[0] + "}")
    head = HEAD if key in {"interactive", "action", "parameters"} else {}
    mended = {**head, **{name: each for name, each in body.items() if name != key}, **flat}
    assert check_message(mended) == []
