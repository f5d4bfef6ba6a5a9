"""What a webhook's payload tells is read in each of its forms; nothing that comes raises."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrunner.dialects.webhooks import read
from flowrunner.dialects.webhooks.signing import is_signed, signature
from flowrunner.dialects.webhooks.values import Part, Payload
from flowrunner.model import EventKind, Inbound, Recipient, Told
from support import told
from support.told import AT, NUMBER, OURS, THEIRS, body

HI = told.meta_message("text", {"body": "Hi"})
ANA = Recipient("", "+16505551234", "US.13491208655302741918")
HEARD = Inbound(THEIRS, AT, "text", "Hi")
ERROR = {"code": 131049, "title": "Not delivered", "message": "Not delivered",
         "error_data": {"details": "to keep the ecosystem healthy"}, "href": "/docs"}  # fmt: skip
PRICING = {"pricing": {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "marketing"},
           "conversation": {"id": "72b1", "expiration_timestamp": "1750116480"}}  # fmt: skip


def part(**its: Any) -> Part:
    return Part({"phone_number_id": NUMBER}, **its)


def said(*kinds: str, message: str = OURS, at: float = AT, **more: Any) -> tuple[Told, ...]:
    return tuple(Told((message,), EventKind(kind), at + place, **more) for place, kind in enumerate(kinds))


META: list[tuple[str, Any, tuple[Part, ...], Mapping[str, int]]] = [
    ("a message", told.meta(contacts=[told.ANA], messages=[HI]), (part(heard=((ANA, HEARD),)),), {}),
    ("without contacts", told.meta(messages=[HI]), (part(heard=((ANA._replace(user_id=""), HEARD),)),), {}),
    ("somebody without a number",
     told.meta(contacts=[{"user_id": "US.1", "profile": {"username": "ana"}}],
               messages=[{**HI, "from": None, "from_user_id": "US.1"}]),
     (part(heard=((Recipient("", "", "US.1"), HEARD),)),), {}),
    ("another contact than the writer", told.meta(contacts=[{"wa_id": "4915", "user_id": "DE.1"}], messages=[HI]),
     (part(heard=((ANA._replace(user_id=""), HEARD),)),), {}),
    ("somebody without a name", told.meta(messages=[{**HI, "from": None}]), (), {"message.text": 1, "messages": 1}),
    ("statuses", told.meta(statuses=[told.meta_status("sent", **PRICING), told.meta_status("delivered"),
                                     told.meta_status("read"), told.meta_status("played")]),
     (part(told=tuple(each._replace(at=AT) for each in (*said("sent", "delivered", "read"), *said("read")))),), {}),
    ("our reference", told.meta(statuses=[told.meta_status("sent", biz_opaque_callback_data="fr:r:1:1")]),
     (part(told=said("sent", reference="fr:r:1:1")),), {}),
    ("a failure", told.meta(statuses=[told.meta_status("failed", errors=[ERROR])]),
     (part(told=said("failed", reason="131049: Not delivered: to keep the ecosystem healthy")),), {}),
    ("a status of tomorrow", told.meta(statuses=[told.meta_status("pondered")]), (),
     {"status.pondered": 1, "messages": 1}),
    ("both at once", told.meta(messages=[HI], statuses=[told.meta_status("sent")]),
     (part(told=said("sent"), heard=((ANA._replace(user_id=""), HEARD),)),), {}),
    ("a message with an error beside it", told.meta(messages=[HI], errors=[{"code": 131000}]),
     (part(heard=((ANA._replace(user_id=""), HEARD),)),), {}),
    ("no more marketing",
     told.meta("user_preferences", user_preferences=[
         {"wa_id": "16505551234", "category": "marketing_messages", "value": "stop", "timestamp": 1731705721},
         {"wa_id": "16505551235", "category": "marketing_messages", "value": "resume", "timestamp": 1731705721}]),
     (part(refusing=(ANA._replace(user_id=""),), allowing=(Recipient("", "+16505551235"),)),), {}),
    ("no more marketing, after it was wanted again",
     told.meta("user_preferences", user_preferences=[
         {"wa_id": "16505551234", "category": "marketing_messages", "value": "stop", "timestamp": 1731705722},
         {"wa_id": "16505551234", "category": "marketing_messages", "value": "resume", "timestamp": 1731705721}]),
     (part(refusing=(ANA._replace(user_id=""),)),), {}),
    ("a status that says they stopped marketing",
     told.meta(statuses=[told.meta_status("failed", errors=[{"code": 131050, "title": "No"}])]),
     (part(told=(Told((OURS,), EventKind.FAILED, AT, "131050: No"),), refusing=(ANA._replace(user_id=""),)),), {}),
    ("the system's", told.meta(messages=[told.meta_message("system", {"type": "user_changed_number"})]), (),
     {"message.system": 1, "messages": 1}),
    ("what the business wrote on its own phone", told.meta("smb_message_echoes", message_echoes=[HI]), (),
     {"smb_message_echoes": 1}),
    ("another field", told.meta("account_update", event="VERIFIED_ACCOUNT"), (), {"account_update": 1}),
    ("a name that is none", told.meta("ñ" * 99), (), {"other": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("payload", "parts", "ignored"), [each[1:] for each in META], ids=[each[0] for each in META])
def test_metas_own_payload(payload: Any, parts: tuple[Part, ...], ignored: Mapping[str, int]) -> None:
    """As Kapso passes it on, or Meta sends it."""
    assert read({}, body(payload)) == Payload(parts, ignored)


def test_many_entries_of_many_numbers_stay_apart() -> None:
    """Meta tells one address of up to a thousand updates at once, of all numbers of the account."""
    one, other = told.meta(messages=[HI]), told.meta(statuses=[told.meta_status("read")])
    other["entry"][0]["changes"][0]["value"]["metadata"]["phone_number_id"] = "2"
    one["entry"][0]["changes"] += [*other["entry"][0]["changes"], {"field": "messages", "value": None}, None]
    found = read({}, body({**one, "entry": [*one["entry"], *other["entry"], "?"]}))
    assert [(each.numbers, len(each.told), len(each.heard)) for each in found.parts] == [
        ({"phone_number_id": NUMBER}, 0, 1), ({"phone_number_id": "2"}, 1, 0), ({"phone_number_id": "2"}, 1, 0)
    ]  # fmt: skip
    assert found.ignored == {"messages": 1}


BEA = Recipient("conv_123", "+15551234567")
RECEIVED = "whatsapp.message.received"
TEXT = told.kapso_message("text", {"body": "Hello"}, has_media=False, content="Hello")
HELLO = Inbound("wamid.123", 1730092800, "text", "Hello")
TAP = told.kapso_message("interactive", {"type": "button_reply", "button_reply": {"id": "b", "title": "B"}})
WINDOW = [{"code": 131047, "title": "Re-engagement message", "message": "More than 24 hours have passed"}]


def ours(*kinds: str, **more: Any) -> tuple[Told, ...]:
    return said(*kinds, message="wamid.456", at=1730092860, **more)


CONFIG = "1d6ca0a3-91c2-4f13-8a94-28ddb0d5f2f3"
BOTH = {"phone_number_id": NUMBER, "whatsapp_config_id": CONFIG}
V1_AT = 1752505200.0
OWN = "4a5b6c7d-8e9f-0a1b-2c3d-4e5f6a7b8c9d"
SENT_V1 = {"direction": "outbound", "status": "sent", "whatsapp_message_id": OURS}
KAPSO: list[tuple[str, str, Any, tuple[Part, ...], Mapping[str, int]]] = [
    ("a message", RECEIVED, told.kapso(TEXT), (part(heard=((BEA, HELLO),)),), {}),
    ("a message that does not say which way it went", RECEIVED, told.kapso({**TEXT, "kapso": {}}),
     (part(heard=((BEA, HELLO),)),), {}),
    ("a tap", RECEIVED, told.kapso(TAP),
     (part(heard=((BEA, Inbound("wamid.123", 1730092800, "button", "B", "b")),)),), {}),
    ("somebody without a number", RECEIVED,
     told.kapso({**TEXT, "from_user_id": "US.1"},
                conversation={"id": "c", "phone_number": None, "business_scoped_user_id": "US.1"}),
     (part(heard=((Recipient("c", "", "US.1"), HELLO),)),), {}),
    ("sent", "whatsapp.message.sent", told.kapso(told.kapso_status("sent")), (part(told=ours("sent")),), {}),
    ("delivered, with its history", "whatsapp.message.delivered", told.kapso(told.kapso_status("sent", "delivered")),
     (part(told=ours("sent", "delivered")),), {}),
    ("failed", "whatsapp.message.failed", told.kapso(told.kapso_status("sent", "failed", errors=WINDOW)),
     (part(told=(*ours("sent"), Told(("wamid.456",), EventKind.FAILED, 1730092861,
                 "131047: Re-engagement message: More than 24 hours have passed"))),), {}),
    ("failed, as they stopped marketing", "whatsapp.message.failed",
     told.kapso(told.kapso_status("failed", errors=[{"code": 131050, "title": "No"}])),
     (part(told=(Told(("wamid.456",), EventKind.FAILED, 1730092860, "131050: No"),), refusing=(BEA,)),), {}),
    ("our reference in Meta's status", "whatsapp.message.sent",
     told.kapso(told.kapso_status("sent", biz_opaque_callback_data="fr:r:1:1")),
     (part(told=ours("sent", reference="fr:r:1:1")),), {}),
    ("read, without its history", "whatsapp.message.read",
     told.kapso({"id": "wamid.456", "kapso": {"direction": "outbound", "status": "read"}}),
     (part(told=(Told(("wamid.456",), EventKind.READ),)),), {}),
    ("told by its name alone", "whatsapp.message.delivered", told.kapso({"id": "wamid.456"}),
     (part(told=(Told(("wamid.456",), EventKind.DELIVERED),)),), {}),
    ("a batch", RECEIVED, {"type": RECEIVED, "batch": True, "data": [told.kapso(TEXT), "?", told.kapso(TAP)]},
     (part(heard=((BEA, HELLO),)), part(heard=((BEA, Inbound("wamid.123", 1730092800, "button", "B", "b")),))), {}),
    ("in an envelope", "", {"event": RECEIVED, "data": told.kapso(TEXT)}, (part(heard=((BEA, HELLO),)),), {}),
    ("a conversation", "whatsapp.conversation.created", told.kapso(), (), {"whatsapp.conversation.created": 1}),
    ("a workflow", "", {"event": "workflow.execution.handoff", "status": "handoff", "handoff": {"reason": "x"}}, (),
     {"workflow.execution.handoff": 1}),
    ("version 1", RECEIVED, told.V1,
     (Part(BOTH, heard=((Recipient("conv-id", "+56912345678"), Inbound(OWN, V1_AT, "text", "Hola")),)),), {}),
    ("version 1, sent", "whatsapp.message.sent", told.v1(**SENT_V1),
     (Part(BOTH, told=(Told((OWN, OURS), EventKind.SENT),)),), {}),
    ("version 1, failed", "whatsapp.message.failed",
     told.v1(**SENT_V1 | {"status": "failed", "metadata": {"errors": WINDOW}}),
     (Part(BOTH, told=(Told((OWN, OURS), EventKind.FAILED, 0.0,
                                      "131047: Re-engagement message: More than 24 hours have passed"),)),), {}),
    ("version 1, failed, as they stopped marketing", "whatsapp.message.failed",
     told.v1(**SENT_V1 | {"status": "failed", "metadata": {"errors": [{"code": 131050, "title": "No"}]}}),
     (Part(BOTH, told=(Told((OWN, OURS), EventKind.FAILED, 0.0, "131050: No"),),
           refusing=(Recipient("conv-id", "+56912345678"),)),), {}),
    ("version 1, told by its name", "whatsapp.message.read", told.v1(**SENT_V1 | {"status": None}),
     (Part(BOTH, told=(Told((OWN, OURS), EventKind.READ),)),), {}),
    ("version 1, not sent yet", "whatsapp.message.queued", told.v1(**SENT_V1 | {"status": "pending"}), (),
     {"whatsapp.message.queued": 1}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("event", "payload", "parts", "ignored"), [each[1:] for each in KAPSO], ids=[each[0] for each in KAPSO]
)
def test_kapsos_payload(event: str, payload: Any, parts: tuple[Part, ...], ignored: Mapping[str, int]) -> None:
    """Of version 2 and of version 1, alone and in batches."""
    assert read({"x-webhook-event": event} if event else {}, body(payload)) == Payload(parts, ignored)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_what_is_encoded_otherwise_is_read(encoding: str) -> None:
    """By the mark at its beginning; none of it is thrown away as unreadable."""
    hi = told.meta(messages=[told.meta_message("text", {"body": "\u00a1Hola! \u2600"})])
    [part] = read({}, json.dumps(hi, ensure_ascii=False).encode(encoding)).parts
    assert [each.text for _, each in part.heard] == ["\u00a1Hola! \u2600"]


@pytest.mark.parametrize(
    "phone", ["16505551234", "+16505551234", "0016505551234", "+1 650 555-1234", "+1 (650) 555.1234", 16505551234]
)
def test_whoever_writes_is_known_however_the_phone_is_written(phone: object) -> None:
    """By their number in international form."""
    said = {**told.meta_message("text", {"body": "a"}), "from": phone}
    for payload in (told.meta(messages=[said]), told.kapso({**said, "kapso": {"direction": "inbound"}})):
        [part] = read({}, body(payload)).parts
        assert [whom.phone for whom, _ in part.heard] == ["+16505551234"]


@pytest.mark.parametrize("where", ["from", "from_user_id"])
def test_whoever_shows_no_number_is_known_by_their_id_and_by_what_stands_beside(where: str) -> None:
    """WhatsApp's id of a user may stand where a number would."""
    said = {**told.meta_message("text", {"body": "a"}), "from": None, where: told.ANA["user_id"]}
    [part] = read({}, body(told.meta(messages=[said]))).parts
    assert [whom for whom, _ in part.heard] == [Recipient(user_id=ANA.user_id)]
    [part] = read({}, body(told.meta(contacts=[told.ANA], messages=[said]))).parts
    assert [whom for whom, _ in part.heard] == [ANA]


def test_what_says_neither_event_nor_direction_is_a_person_s_if_it_says_from_whom() -> None:
    """And one of ours, if it says to whom."""
    said = told.meta_message("text", {"body": "a"})
    assert read({}, body(told.kapso(said))).parts[0].heard
    assert not read({}, body(told.kapso({**said, "to": "16505551234"}))).parts


HOSTILE = [b"", b"\xff\xfe", b"[]", b"null", b"1", b'"x"', b"{", b"[" * 99_999, b'{"a":' * 9_999, b'{"entry":[[[]]]}',
           b'{"entry":[{"changes":[{"value":{"messages":[{"type":"text","id":"x","from":1,"text":"?"}]}}]}]}',
           b'{"message":[],"data":1}', b'{"data":{"data":{}}}', b'{"message":{"id":"\\ud800","type":[]}}',
           b'{"message":{"id":1e999,"type":"text","timestamp":1e999,"kapso":{"statuses":{"status":{}}}}}']  # fmt: skip


@pytest.mark.parametrize("content", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_no_payload_is_counted(content: bytes) -> None:
    """It may be signed all the same."""
    assert sum(read({}, content).ignored.values()) <= 1


LEAF = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8),
    st.sampled_from(["sent", "failed", "inbound", "text", "edit", "interactive", "wamid.1", "US.1", "16505551234"]),
)  # fmt: skip
NAMES = sorted({
    "message", "messages", "statuses", "entry", "changes", "value", "contacts", "kapso", "conversation", "data", "id",
    "type", "text", "body", "from", "wa_id", "status", "errors", "direction", "timestamp", "message_type", "context",
    "message_type_data", "interactive", "button_reply", "edit", "phone_number", "metadata", "whatsapp_config",
})  # fmt: skip
ANYTHING = st.recursive(
    LEAF,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(NAMES), inner, max_size=6)),
    max_leaves=40,
)


def spoilt(payload: Any, at: int, value: Any) -> Any:
    """The payload with something else in its place number ``at``, counted through all that is in it."""
    count = -1

    def walk(each: Any) -> Any:
        nonlocal count
        count += 1
        if count == at:
            return value
        if isinstance(each, dict):
            return {name: walk(inner) for name, inner in each.items()}
        return [walk(inner) for inner in each] if isinstance(each, list) else each

    return walk(payload)


SAMPLES = [each[1] for each in META] + [each[2] for each in KAPSO]


@given(st.sampled_from(SAMPLES), st.integers(0, 60), ANYTHING)
def test_no_payload_raises(payload: Any, at: int, value: Any) -> None:
    """One that is right but for one place, and one that is nothing but strange."""
    for each in (spoilt(payload, at, value), value):
        found = read({"x-webhook-event": RECEIVED}, json.dumps(each).encode())
        for one in found.parts:
            assert all(status.ids for status in one.told)
            assert all(heard.id and any(whom) for whom, heard in one.heard)


SIGNED = b'{"a":"\xc3\xb1"}'
RIGHT = signature("s3cret", SIGNED)
SIGNATURES: list[tuple[str, str, dict[str, str], bool]] = [
    ("Kapso's", "s3cret", {"x-webhook-signature": RIGHT}, True),
    ("Meta's", "s3cret", {"x-hub-signature-256": f"sha256={RIGHT}"}, True),
    ("both", "s3cret", {"x-webhook-signature": "0", "x-hub-signature-256": f"sha256={RIGHT}"}, True),
    ("in capitals", "s3cret", {"x-webhook-signature": RIGHT.upper()}, True),
    ("all in capitals", "s3cret", {"x-hub-signature-256": f"SHA256={RIGHT.upper()}"}, True),
    ("after another of the same name", "s3cret", {"x-webhook-signature": f"0, sha256={RIGHT}"}, True),
    ("commas", "s3cret", {"x-webhook-signature": ",,"}, False),
    ("none", "s3cret", {}, False),
    ("empty", "s3cret", {"x-webhook-signature": ""}, False),
    ("cut", "s3cret", {"x-webhook-signature": RIGHT[:-1]}, False),
    ("with another secret", "other", {"x-webhook-signature": RIGHT}, False),
    ("with an older algorithm", "s3cret", {"x-hub-signature-256": f"sha1={RIGHT}"}, False),
    ("no text", "s3cret", {"x-webhook-signature": "ñ\udcff"}, False),
    ("without a secret", "", {"x-webhook-signature": signature("", SIGNED)}, False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("secret", "headers", "wanted"), [each[1:] for each in SIGNATURES], ids=[each[0] for each in SIGNATURES]
)
def test_a_signature_is_over_the_bytes(secret: str, headers: dict[str, str], wanted: bool) -> None:
    """JSON that says the same in other bytes is not signed by it."""
    assert is_signed(secret, headers, SIGNED) is wanted
    assert not is_signed(secret, headers, b'{"a": "\xc3\xb1"}')


def test_the_signature_is_what_metas_page_and_kapsos_own_library_compute() -> None:
    """RFC 4231, test case 2: HMAC-SHA256, in hexadecimal."""
    wanted = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert signature("Jefe", b"what do ya want for nothing?") == wanted
