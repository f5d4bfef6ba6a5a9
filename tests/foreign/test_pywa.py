"""pywa, a client of Meta's Graph API, takes the emulator for it.

``.ci/run`` installs it. Elsewhere: install it from PyPI, and name its Python in PYWA.
"""

import json
from typing import Any

import pytest

from flowrunner.emulator.api.numbers import ACCOUNT_ID, NUMBER_ID
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.serve import running
from support.foreign import FOLDER, PNG, named, run, talking

EXPECTED = {
    "text": "text", "image": "image", "image bytes": "image", "video": "video", "document": "document",
    "audio": "audio", "voice": "audio", "sticker": "sticker", "reaction": "reaction", "no reaction": "reaction",
    "location": "location", "contact": "contacts", "location request": "location_request_message",
    "contact request": "request_contact_info", "buttons": "button", "image with buttons": "button",
    "document with link": "cta_url", "list": "list", "link": "cta_url", "flow": "flow", "call": "voice_call",
    "may call": "call_permission_request", "catalog": "catalog_message", "product": "product",
    "products": "product_list", "carousel": "carousel", "quick carousel": "carousel", "template": "template",
    "marketing": "template", "user id": "template",
}  # fmt: skip
"""Every type it knows, with what Meta calls it."""


@pytest.fixture(scope="module")
def sent() -> tuple[EmulatorState, dict[str, Any]]:
    python = named("PYWA", "", "pywa: install it from PyPI")
    state, inbound = talking()
    with running(state) as url:
        told = run([python, str(FOLDER / "pywa_client.py"), url, NUMBER_ID, ACCOUNT_ID, inbound])
    return state, json.loads(told)


def test_it_sends_every_type_it_knows(sent: tuple[EmulatorState, dict[str, Any]]) -> None:
    """Each is there as what it is."""
    state, told = sent
    kinds = {}
    for message in state.history():
        graph = message.graph or {}
        kinds[message.wamid] = graph["interactive"]["type"] if "interactive" in graph else graph.get("type")
    assert {name: each if "failed" in each else kinds[each["id"]] for name, each in told["done"].items()} == EXPECTED


def test_it_reads_the_answers(sent: tuple[EmulatorState, dict[str, Any]]) -> None:
    """Files, templates, the number, and what a refusal means."""
    _, told = sent
    assert told["media"] == ["image/png", len(PNG), True]
    assert [told["read"], told["typing"], told["deleted"]] == [True, True, True]
    assert (told["templates"], told["number"]) == (["order", "plain"], "+1 555-010-0001")
    assert told["refused"] == {"type": "ReEngagementMessage", "code": 131047}
