"""What the emulator lists has the shape that the published description gives it, type by type."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from flowrunner.emulator.api.messages import random_id
from flowrunner.spec.carried import not_carried
from support.described import strict
from support.emulated import Emulator
from support.message_cases import VALID


def problems(schema: dict[str, Any], value: object) -> list[str]:
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


@pytest.mark.parametrize("name", [name for name, body in VALID.items() if not [*not_carried(body, "kapso-v1")]])
def test_a_listed_message_is_as_described(name: str) -> None:
    """At once and once it was read; no field besides, nothing null, its own data in the shape of its type."""
    emulator, body = Emulator(), VALID[name]
    emulator.state.new_id = random_id
    answer = emulator.post(body)
    assert answer.status_code == 201, answer.text
    kind = body.get("message_type", "text")
    schema = strict("WhatsappMessage")
    schema["properties"] = {**schema["properties"], "message_type_data": strict(f"{kind.capitalize()}MessageData")}
    emulator.clock.time += 60
    for message in (answer.json()["data"], *emulator.listed()):
        found = problems(schema, message)
        if isinstance(body.get("template_params"), dict):  # so in the description's own samples; its schema says a list
            found = [each for each in found if "template_params" not in each]
        assert found == []
    assert message["processing_status"] == "processed"


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ({"message_type": "text", "content": "hi"}, {"text": "hi"}),
        (
            {"message_type": "interactive", "button_reply": {"id": "yes", "title": "Yes"}},
            {"reply_option_id": "yes", "reply_option_title": "Yes"},
        ),
        (
            {"message_type": "image", "media_url": "https://e.org/a.png", "caption": "Me"},
            {"caption": "Me", "mime_type": "image/png"},
        ),
    ],
)
def test_a_persons_message_has_the_described_fields(data: dict[str, Any], shown: dict[str, Any]) -> None:
    """The answer to a button is named by its option."""
    emulator = Emulator()
    assert emulator.ask("POST", "/_emulator/conversations/c1/inbound", json=data).status_code == 201
    (message,) = emulator.listed()
    assert shown.items() <= message["message_type_data"].items()  # type: ignore[attr-defined]


def test_a_conversation_is_as_described() -> None:
    """In the list and alone; when the person wrote last is told besides, for who asks for the window."""
    emulator = Emulator()
    alone = emulator.ask("GET", "/api/v1/whatsapp_conversations/c1").json()["data"]
    (listed,) = emulator.ask("GET", "/api/v1/whatsapp_conversations").json()["data"]
    assert listed == alone
    assert alone.pop("last_inbound_at") == alone["last_active_at"]
    assert problems(strict("WhatsappConversation"), alone) == []
