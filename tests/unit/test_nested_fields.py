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
]  # fmt: skip


@pytest.mark.parametrize(("body", "key"), NESTED, ids=str)
def test_the_flat_fields_are_named_and_mend_it(body: dict[str, Any], key: str) -> None:
    """One problem, at the key; what its hint says, followed to the letter, is a right message."""
    [problem] = check_message(body)
    assert (problem.code, problem.route, problem.at_key) == ("unknown-field", (key,), True)
    flat = yaml.safe_load("{" + problem.hint.partition("write ")[2].partition(" instead")[0] + "}")
    mended = {**HEAD, **{name: each for name, each in body.items() if name != key}, **flat}
    assert check_message(mended) == []
