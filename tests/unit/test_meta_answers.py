"""What Meta's API answers, in whatever shape: receipts, messages with their statuses, conversations, addresses."""

import json
from typing import Any

import pytest

from flowrunner.client.access import address
from flowrunner.client.targets import Target, read_target
from flowrunner.dialects import meta
from flowrunner.dialects.meta.answers import conversation, message, receipt
from flowrunner.dialects.values import Answer, Named, Receipt
from flowrunner.model import Json, Recipient

ANA = {"input": "5215512345678", "wa_id": "5215512345678"}


def answer(data: Json, status: int = 200) -> Answer:
    return Answer(status, {}, data if isinstance(data, str) else json.dumps(data))


RECEIPTS: list[tuple[str, Answer, Receipt | None]] = [
    ("plain", answer({"messaging_product": "whatsapp", "contacts": [ANA], "messages": [{"id": "wamid.A"}]}),
     Receipt("wamid.A", "wamid.A", named=Named((), ("5215512345678",)))),
    ("held", answer({"messages": [{"id": "wamid.A", "message_status": "held_for_quality_assessment"}]}),
     Receipt("wamid.A", "wamid.A", held=True)),
    ("accepted", answer({"messages": [{"id": "wamid.A", "message_status": "accepted"}]}),
     Receipt("wamid.A", "wamid.A")),
    ("no phone", answer({"contacts": [{"input": "US.1", "wa_id": None, "user_id": "US.1"}],
                         "messages": [{"id": "wamid.A"}]}),
     Receipt("wamid.A", "wamid.A", named=Named((), (), ("US.1",)))),
    ("a parent's id", answer({"contacts": [{"user_id": "US.ENT.506"}], "messages": [{"id": "wamid.A"}]}),
     Receipt("wamid.A", "wamid.A")),
    ("a number for an id", answer({"messages": [{"id": 17}]}), Receipt("17", "17")),
    ("contacts that are none", answer({"contacts": "?", "messages": [{"id": "wamid.A"}]}),
     Receipt("wamid.A", "wamid.A")),
    ("no message", answer({"messages": []}), None),
    ("null", answer({"messages": None}), None),
    ("no id", answer({"messages": [{"id": None}]}), None),
    ("an id with a space", answer({"messages": [{"id": "wamid. A"}]}), None),
    ("v1's yes", answer({"data": {"id": "x"}}), None),
    ("a success of something else", answer({"success": True}), None),
    ("a refusal", answer({"messages": [{"id": "wamid.A"}]}, 400), None),
    ("no JSON", answer("<html>"), None),
    ("a list", answer([]), None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), [each[1:] for each in RECEIPTS], ids=[each[0] for each in RECEIPTS])
def test_a_receipt_is_a_message_with_an_id(text: Answer, wanted: Receipt | None) -> None:
    """And says whom it went to, where it does; what we asked with is no news."""
    assert receipt(text) == wanted


def status(kind: str, **more: Json) -> dict[str, Json]:
    return {"id": "wamid.A", "status": kind, "timestamp": "1705328150", "recipient_id": "5215", **more}


ERROR = {"code": 131047, "title": "Re-engagement message", "error_data": {"details": "more than 24 hours"}}
STATUSES: list[tuple[str, dict[str, Any], tuple[int, bool, str, str | None]]] = [
    ("none", {"status": "pending"}, (0, False, "", None)),
    ("the API's word", {"status": "delivered"}, (2, False, "", None)),
    ("out of order", {"status": "sent", "statuses": [status("read"), status("sent"), status("delivered")]},
     (3, False, "", "")),
    ("played", {"statuses": [status("played")]}, (3, False, "", "")),
    ("an echo", {"status": "sent", "statuses": [status("sent", biz_opaque_callback_data="fr:r:1:1")]},
     (1, False, "", "fr:r:1:1")),
    ("an echo in one of two", {"statuses": [status("read"), status("sent", biz_opaque_callback_data="x")]},
     (3, False, "", "x")),
    ("an echo in Meta's wrapping",
     {"statuses": [{"entry": [{"changes": [{"value": {
         "statuses": [status("sent", biz_opaque_callback_data="x")]}}]}]}]},
     (1, False, "", "x")),
    ("failed", {"status": "failed", "statuses": [status("sent"), status("failed", errors=[ERROR])]},
     (1, True, "131047: Re-engagement message: more than 24 hours", "")),
    ("failed, and arrived", {"status": "delivered", "statuses": [status("failed", errors=[ERROR])]},
     (2, False, "", "")),
    ("failed without a reason", {"status": "failed"}, (0, True, "", None)),
    ("a text for statuses", {"status": "sent", "statuses": "sent"}, (1, False, "", None)),
    ("null everywhere", {"status": None, "statuses": [None, {"status": None}]}, (0, False, "", None)),
]  # fmt: skip


@pytest.mark.parametrize(("kapso", "wanted"), [each[1:] for each in STATUSES], ids=[each[0] for each in STATUSES])
def test_a_message_is_as_far_as_its_furthest_status(
    kapso: dict[str, Json], wanted: tuple[int, bool, str, str | None]
) -> None:
    """Whichever came last, and wherever they stand; with what it was posted with, if it is told."""
    found = message({"id": "wamid.A", "type": "text", "text": {"body": "Hola"}, "to": "5215", "kapso": kapso})
    assert (found.rank, found.failed, found.error, found.reference) == wanted


WHO: list[tuple[dict[str, Json], str, Named]] = [
    ({"to": "5215", "kapso": {"direction": "outbound", "whatsapp_conversation_id": "c1", "phone_number": "+5215"}},
     "outbound", Named(("c1",), ("5215", "+5215"))),
    ({"to": None, "to_user_id": "US.1", "kapso": {"phone_number": None}}, "outbound", Named((), (), ("US.1",))),
    ({"from": "5215", "to": "110987654321", "kapso": {"direction": "inbound"}}, "inbound", Named((), ("5215",))),
    ({"from": "5215"}, "inbound", Named((), ("5215",))),
    ({"from": None, "from_user_id": "US.1", "kapso": {"direction": "inbound"}}, "inbound", Named((), (), ("US.1",))),
    ({}, "outbound", Named()),
]  # fmt: skip


@pytest.mark.parametrize(("data", "direction", "named"), WHO)
def test_a_message_is_with_its_person_not_with_our_number(data: dict[str, Json], direction: str, named: Named) -> None:
    """Who has no number is null in every field of it."""
    found = message({"id": "wamid.A", "type": "text", **data})
    assert (found.direction, found.named) == (direction, named)


def test_a_conversation_tells_its_person_and_when_they_wrote() -> None:
    """A person without a number has none there."""
    kapso = {"last_inbound_at": "2024-01-15T14:30:00.000000Z"}
    its = {"id": "c1", "phone_number": "5215512345678", "business_scoped_user_id": "MX.7", "status": "active"}
    found = conversation({**its, "kapso": kapso})
    assert found.named == Named(("c1",), ("5215512345678",), ("MX.7",))
    assert (found.phone, found.status, found.inbound_at) == ("5215512345678", "active", 1705329000.0)
    assert not found.named.stranger(Recipient("c1", "+5215512345678", "MX.7"))
    assert found.named.stranger(Recipient(user_id="MX.8")) == "MX.7"
    nobody = conversation({"id": "c2", "phone_number": None, "kapso": None})
    assert (nobody.named, nobody.inbound_at) == (Named(("c2",)), 0.0)


KAPSO, GRAPH = "https://api.kapso.ai/meta/whatsapp/v24.0", "https://graph.facebook.com/v24.0"
PLACES = [
    # typed, number, what all paths begin with, whether messages are listed, how the key is shown
    ("https://api.kapso.ai", KAPSO, True, "x-api-key"),
    ("https://api.kapso.ai/meta/whatsapp/", KAPSO, True, "x-api-key"),
    ("https://api.kapso.ai/meta/whatsapp/v24.0/17", KAPSO, True, "x-api-key"),
    ("https://app.kapso.ai/api/meta/v21.0", "https://app.kapso.ai/api/meta/v21.0", True, "x-api-key"),
    ("https://h.example/gate/meta/whatsapp/v25.0", "https://h.example/gate/meta/whatsapp/v25.0", True, "x-api-key"),
    ("https://graph.facebook.com", GRAPH, False, "bearer"),
    ("https://Graph.Facebook.com/v23.0/", "https://graph.facebook.com/v23.0", False, "bearer"),
    ("http://127.0.0.1:8600", "http://127.0.0.1:8600/meta/whatsapp/v24.0", True, "x-api-key"),
    ("http://127.0.0.1:8600/v24.0", "http://127.0.0.1:8600/v24.0", False, "x-api-key"),
]


@pytest.mark.parametrize(("url", "root", "lists", "shown"), PLACES)
def test_an_address_says_which_of_the_two_apis_it_is(url: str, root: str, lists: bool, shown: str) -> None:
    """Kapso's proxy keeps what was sent; Graph does not."""
    its = address(url, meta, "17")
    assert (its.root, meta.lists(its.root), meta.says_status(its.root)) == (f"{root}/17", lists, lists)
    assert meta.auth(its.host) == shown
    assert its.base + its.root.removeprefix(its.base) == its.root


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("https://app.kapso.ai/api/v1", Target("kapso-v1", "https://app.kapso.ai/api/v1")),
        ("https://app.kapso.ai/api/v1?whatsapp_config_id=7b", Target("kapso-v1", "https://app.kapso.ai/api/v1", "7b")),
        (f"meta {KAPSO}/1234", Target("meta", KAPSO, "1234")),
        ("emulator", Target("kapso-v1", "emulator")),
        ("emulator meta", Target("meta", "emulator")),
    ],
)
def test_a_target_names_dialect_address_and_number(text: str, target: Target) -> None:
    """As text, and back."""
    assert (read_target(text), target.text) == (target, text)
