"""Kapso's TypeScript SDK, ``@kapso/whatsapp-cloud-api``, takes the emulator for Kapso.

``.ci/run`` installs it. Elsewhere: ``npm install`` it, and name its folder in KAPSO_SDK.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from flowrunner.emulator.api.numbers import ACCOUNT_ID, NUMBER_ID
from flowrunner.emulator.serve import running
from support.foreign import FOLDER, PHONE, PNG, named, run, talking

EXPECTED = {
    "text": "text", "image": "image", "imageLink": "image", "video": "video", "audio": "audio", "document": "document",
    "sticker": "sticker", "location": "location", "contacts": "contacts", "reaction": "reaction", "buttons": "button",
    "list": "list", "ctaUrl": "cta_url", "flow": "flow", "locationRequest": "location_request_message",
    "callPermission": "call_permission_request", "address": "address_message", "product": "product",
    "productList": "product_list", "catalog": "catalog_message", "raw": "request_contact_info", "template": "template",
    "wholePayload": "template",
}  # fmt: skip
"""Every type it knows, with what Meta calls it."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    sdk, node = named("KAPSO_SDK", "", "@kapso/whatsapp-cloud-api"), named("NODE", "node", "node")
    file = tmp_path_factory.mktemp("kapso") / "a.png"
    file.write_bytes(PNG)
    state, inbound = talking()
    with running(state) as url:
        command = [node, str(FOLDER / "kapso.mjs"), str(Path(sdk).resolve()), url, NUMBER_ID, ACCOUNT_ID, str(file)]
        found: dict[str, Any] = json.loads(run(command, {"INBOUND": inbound}))
    return found


def test_it_sends_every_type_it_knows_and_reads_each_back(told: dict[str, Any]) -> None:
    """By its id, with what Kapso adds; people by user id, too."""
    assert {name: each.get("kind", each.get("type", each)) for name, each in told["done"].items()} == EXPECTED
    assert {each["direction"] for each in told["done"].values()} == {"outbound"}
    (contact,) = told["done"]["text"]["contacts"]
    assert (contact["input"], contact["waId"]) == (PHONE, PHONE)
    assert told["done"]["wholePayload"]["contacts"][0]["waId"] is None


def test_it_reads_lists_files_and_templates(told: dict[str, Any]) -> None:
    """Page after page: all that was sent, and what the person wrote."""
    assert told["listed"] == len(EXPECTED) + 1
    assert told["conversation"] == "active"
    assert told["templates"] == ["order", "plain"]
    assert (told["media"]["mimeType"], told["bytes"]) == ("image/png", len(PNG))
    assert told["read"] == told["deleted"] == {"success": True}


def test_it_understands_a_refusal(told: dict[str, Any]) -> None:
    """As an error of its own, in the category it has for the window."""
    category = {"name": "GraphApiError", "code": 131047, "category": "reengagementWindow", "status": 422}
    assert told["refused"] == category
