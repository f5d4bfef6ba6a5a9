"""pywa, a client of Meta's Graph API, takes the emulator for it.

``.ci/run`` installs it. Elsewhere: install it from PyPI, and name its Python in PYWA.
"""

import json
from typing import Any

import httpx
import pytest

from flowrunner.dialects.webhooks import read
from flowrunner.dialects.webhooks.signing import signature
from flowrunner.emulator.api.messages import Delays
from flowrunner.emulator.api.numbers import ACCOUNT_ID, NUMBER_ID
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.serve import running
from support import told
from support.emulated import META, PHONE, SAID
from support.foreign import FOLDER, PNG, named, run, talking
from support.receiving import receiving

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


def test_it_believes_and_understands_webhooks() -> None:
    """What a person writes, presses and chooses, and statuses with their reference; not what somebody else signed."""
    python = named("PYWA", "", "pywa: install it from PyPI")
    state, inbound = talking()
    state.delays = Delays(sent=0, delivered=0, read=0)
    with receiving() as receiver, running(state) as url, httpx.Client(base_url=url, trust_env=False) as client:
        hook = {"url": receiver.url, "form": "meta", "secret": "secret"}
        assert client.put("/_emulator/webhooks", json={"webhooks": [hook]}).is_success
        body = {"messaging_product": "whatsapp", "to": PHONE, **SAID, "biz_opaque_callback_data": "fr:1"}
        assert client.post(f"{META}/messages", json=body, headers={"X-API-Key": "any"}).is_success
        (talk,) = state.conversations.all(PHONE)
        for said in (
            {"content": "Hola"},
            {"message_type": "interactive", "button_reply": {"id": "a", "title": "A"}, "context": {"id": inbound}},
            {"message_type": "interactive", "list_reply": {"id": "b", "title": "B"}, "context": {"id": inbound}},
        ):
            path = f"/_emulator/conversations/{talk.id}/inbound"
            assert client.post(path, json=said).is_success
        heard = receiver.wait_for(6)
    lines = [{"body": each.body.decode(), "signature": each.headers["X-Hub-Signature-256"]} for each in heard]
    lines.append({**lines[0], "signature": "sha256=" + "0" * 64})
    found = json.loads(run([python, str(FOLDER / "pywa_hears.py")], text="\n".join(map(json.dumps, lines))))
    assert found["answers"] == [200] * 6 + [["Forbidden", 403]]
    assert sorted(found["heard"]) == [
        ["button", "a", "A"],
        ["message", "text", PHONE, "Ana", "Hola"],
        ["row", "b", "B"],
        ["status", "delivered", "fr:1"],
        ["status", "read", "fr:1"],
        ["status", "sent", "fr:1"],
    ]


SAMPLES: dict[str, Any] = {
    "text": told.meta_message("text", {"body": "Hola"}),
    "image": told.meta_message("image", {"id": "7", "mime_type": "image/jpeg", "sha256": "a", "caption": "c"}),
    "document": told.meta_message(
        "document", {"id": "7", "mime_type": "text/plain", "sha256": "a", "filename": "a.txt"}
    ),
    "location": told.meta_message("location", {"latitude": 1.5, "longitude": 2}),
    "reaction": told.meta_message("reaction", {"message_id": told.OURS, "emoji": "👍"}),
    "contacts": told.meta_message("contacts", [{"name": {"formatted_name": "Bo", "first_name": "Bo"}}]),
}
TAPS: dict[str, Any] = {
    "button": {"type": "button_reply", "button_reply": {"id": "a", "title": "A"}},
    "row": {"type": "list_reply", "list_reply": {"id": "b", "title": "B", "description": "c"}},
}


def test_both_read_the_same_in_what_meta_documents() -> None:
    """Neither has seen the emulator: the payloads are those of Meta's pages, signed with the app's secret."""
    python = named("PYWA", "", "pywa: install it from PyPI")
    context = {"context": {"from": "15550783881", "id": told.OURS}}
    messages = {**SAMPLES, **{kind: told.meta_message("interactive", its, **context) for kind, its in TAPS.items()}}
    quick = told.meta_message("button", {"payload": "p", "text": "P"}, **context)
    payloads = [told.meta(contacts=[told.ANA], messages=[each]) for each in (*messages.values(), quick)]
    payloads.append(
        told.meta(contacts=[told.ANA], statuses=[told.meta_status("read", biz_opaque_callback_data="fr:1")])
    )
    bodies = [told.body(each).replace(told.NUMBER.encode(), NUMBER_ID.encode()) for each in payloads]
    lines = [{"body": each.decode(), "signature": f"sha256={signature('secret', each)}"} for each in bodies]
    theirs = json.loads(run([python, str(FOLDER / "pywa_hears.py")], text="\n".join(map(json.dumps, lines))))
    assert theirs["answers"] == [200] * len(lines)
    ours: list[list[Any]] = []
    for part in (part for each in bodies for part in read({}, each).parts):
        ours += [["status", each.kind, each.reference] for each in part.told]
        for whom, heard in part.heard:
            if heard.kind in ("button", "row"):
                ours.append([heard.kind, heard.choice, heard.text])
            else:
                ours.append(
                    ["message", heard.kind, whom.phone[1:], "Ana", heard.text if heard.kind == "text" else None]
                )
    assert sorted(ours, key=repr) == sorted(theirs["heard"], key=repr)
