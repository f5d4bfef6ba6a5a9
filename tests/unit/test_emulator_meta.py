"""Meta's shape of the emulator: who is written to, what the answer says, and how messages are read back."""

import pytest

from flowrunner.emulator.api.numbers import ACCOUNT_ID, NUMBER_ID, Numbers
from support.emulated import APPROVED, HELLO, META, PHONE, SAID, T0, TALK, Emulator

USER = "US.13491208655302741918"
GRAPH = f"/v24.0/{NUMBER_ID}"
PLATFORM = "/platform/v1/whatsapp"


@pytest.fixture
def emulator() -> Emulator:
    return Emulator()


def code(answer: object) -> object:
    return answer.json()["error"]["code"]


def test_a_message_is_answered_with_its_wamid_at_once(emulator: Emulator) -> None:
    """200, not 201; the person as called and as WhatsApp has them."""
    answer = emulator.say({**SAID, "to": "+52 1 555 123 4567"})
    assert answer.status_code == 200
    said = answer.json()
    assert said["messaging_product"] == "whatsapp"
    (contact,) = said["contacts"]
    assert (contact["input"], contact["wa_id"]) == ("+52 1 555 123 4567", PHONE)
    assert emulator.say({**APPROVED, "recipient": contact["user_id"]}).json()["contacts"][0]["wa_id"] == PHONE
    ((message,),) = (said["messages"],)
    assert message == {"id": emulator.told(status="pending")[-1]["id"]}
    assert message["id"].startswith("wamid.")


def test_what_one_dialect_sends_the_other_lists(emulator: Emulator) -> None:
    """One state: the same conversation, the same ids."""
    emulator.say()
    emulator.clock.time += 1
    emulator.post({**HELLO, "content": "by v1"})
    emulator.clock.time += 1
    assert [each["content"] for each in emulator.listed()] == ["by v1", "Hello"]
    assert [each["text"]["body"] for each in emulator.told()] == ["by v1", "Hello"]
    assert [each["id"] for each in emulator.told()] == [each["whatsapp_message_id"] for each in emulator.listed()]


def test_a_listed_message_has_metas_members_and_what_kapso_adds(emulator: Emulator) -> None:
    """``fields`` says which of Kapso's."""
    wamid = emulator.say({**SAID, "context": {"message_id": "wamid.X"}}).json()["messages"][0]["id"]
    emulator.clock.time = T0 + 0.3
    (told,) = emulator.told()
    kapso, user_id = told.pop("kapso"), told["to_user_id"]
    number = {"from": "15550100001", "to": PHONE}
    context = {"context": {"id": "wamid.X"}}
    assert told == {
        "id": wamid,
        "timestamp": "1750000000",
        "type": "text",
        "text": {"body": "Hello"},
        "to_user_id": user_id,
        **number,
        **context,
    }
    assert (kapso["direction"], kapso["status"], kapso["content"]) == ("outbound", "delivered", "Hello")
    assert (kapso["phone_number"], kapso["whatsapp_conversation_id"]) == (PHONE, "c1")
    assert set(emulator.told(fields="kapso(status,direction)")[0]["kapso"]) == {"status", "direction"}
    assert emulator.told(fields="kapso()")[0]["kapso"] == {}
    one = emulator.ask("GET", f"{META}/messages/{wamid}", params={"fields": "kapso(status)"}).json()
    assert one == {**told, "kapso": {"status": "delivered"}}


def test_who_is_written_to_first_gets_a_conversation_of_their_own(emulator: Emulator) -> None:
    """A template opens it; a text is refused in Meta's form, and leaves none behind."""
    stranger = {"to": "34600111222"}
    refused = emulator.say({**SAID, **stranger})
    assert (refused.status_code, code(refused)) == (422, 131047)
    assert emulator.told("conversations", phone_number="34600111222") == []
    assert emulator.say({**APPROVED, **stranger}).json()["messages"][0]["message_status"] == "accepted"
    (talk,) = emulator.told("conversations", phone_number="34600111222")
    assert (talk["status"], talk["kapso"]["last_inbound_at"]) == ("active", None)
    assert emulator.say({**SAID, **stranger}).status_code == 422
    emulator.ask("POST", f"/_emulator/conversations/{talk['id']}/inbound", json={"content": "hola"})
    assert emulator.say({**SAID, **stranger}).status_code == 200


def test_the_window_shuts_a_day_after_the_last_words_and_belongs_to_the_person(emulator: Emulator) -> None:
    """A conversation that somebody ended does not take it along; its last second still counts."""
    (talk,) = emulator.told("conversations")
    assert talk["kapso"]["last_inbound_at"] == "2025-06-15T15:06:40.000Z"
    emulator.ask("POST", "/_emulator/conversations/c1/end")
    emulator.clock.time = T0 + 24 * 3600 - 1
    assert emulator.say().status_code == 200
    assert [each["status"] for each in emulator.told("conversations")] == ["active", "ended"]
    emulator.clock.time += 1
    assert code(emulator.say()) == 131047


def test_somebody_without_a_phone_is_written_to_by_their_user_id(emulator: Emulator) -> None:
    """Every read has null for the phone; a name that is learnt leads to the same person."""
    by_id = {"recipient": USER}
    emulator.clock.time += 1
    assert code(emulator.say({**SAID, **by_id})) == 131047
    assert emulator.say({**APPROVED, **by_id}).json()["contacts"] == [{"input": USER, "wa_id": None, "user_id": USER}]
    message, (talk, _) = emulator.told()[0], emulator.told("conversations")
    assert (message["to"], message["to_user_id"], message["kapso"]["phone_number"]) == (None, USER, None)
    assert (talk["phone_number"], talk["business_scoped_user_id"]) == (None, USER)
    v1 = emulator.ask("GET", f"/api/v1/whatsapp_conversations/{talk['id']}").json()["data"]
    assert v1["phone_number"] is None
    emulator.ask("POST", f"/_emulator/conversations/{talk['id']}/inbound", json={"content": "hi"})
    inbound = emulator.told(direction="inbound")[0]
    assert (inbound["from"], inbound["from_user_id"]) == (None, USER)
    assert emulator.ask(
        "POST", f"/_emulator/conversations/{talk['id']}/names", json={"phone_number": "+1 999 555 0100"}
    ).is_success
    assert emulator.say({**SAID, "to": "19995550100"}).json()["contacts"][0]["user_id"] == USER


def test_where_both_are_given_the_phone_counts(emulator: Emulator) -> None:
    """As Kapso's description says."""
    assert emulator.say({**SAID, "to": PHONE, "recipient": USER}).json()["contacts"][0]["wa_id"] == PHONE


@pytest.mark.parametrize(
    ("wrong", "number"),
    [
        ({"to": "Ana"}, 131009),
        ({"to": 5215551234567}, 131009),
        ({"recipient": "13491208655302741918"}, 131009),
        ({"to": None}, 100),
        ({"messaging_product": "telegram"}, 100),
        ({"type": None}, 100),
        ({"type": "poll", "poll": {}}, 100),
        ({"text": None}, 131008),
        ({"image": {"id": "1"}}, 100),
        ({"preview_url": True}, 100),
        ({"recipient_type": "everybody"}, 131009),
        ({"biz_opaque_callback_data": "x" * 513}, 131009),
        ({"context": {"id": "wamid.X"}}, 100),
    ],
)
def test_what_is_not_as_metas_pages_say_is_refused(emulator: Emulator, wrong: dict[str, object], number: int) -> None:
    """400 with Meta's number, and nothing is kept."""
    answer = emulator.say({**SAID, **wrong})
    assert (answer.status_code, code(answer)) == (400, number), answer.text
    assert emulator.told() == []


def test_a_member_that_is_null_is_not_there(emulator: Emulator) -> None:
    """As Graph has it; what a form is given keeps its nulls."""
    assert emulator.say({**SAID, "context": None, "text": {"body": "Hello", "preview_url": None}}).status_code == 200
    assert emulator.told()[0]["text"] == {"body": "Hello"}
    data = {"screen": "S", "data": {"name": None}}
    parameters = {"flow_message_version": "3", "flow_id": "1", "flow_cta": "Go", "flow_action_payload": data}
    ask = {"type": "flow", "body": {"text": "B"}, "action": {"name": "flow", "parameters": parameters}}
    emulator.clock.time += 1
    assert emulator.say({"type": "interactive", "interactive": ask}).status_code == 200
    assert emulator.told()[0]["interactive"] == ask


def test_another_account_is_refused_in_kapsos_form(emulator: Emulator) -> None:
    """A text, and a code that is a word."""
    assert emulator.say({**SAID, "messaging_account_id": ACCOUNT_ID}).status_code == 200
    answer = emulator.say({**SAID, "messaging_account_id": "1"})
    assert (answer.status_code, answer.json()["code"]) == (422, "messaging_account_mismatch")


@pytest.mark.parametrize(
    ("base", "headers", "status"),
    [
        (META, {"X-API-Key": "right"}, 200),
        (META, {"Authorization": "Bearer right"}, 200),
        (META, {"X-API-Key": "other"}, 401),
        (META, {}, 401),
        (GRAPH, {"Authorization": "bearer right"}, 200),
        (GRAPH, {"X-API-Key": "right"}, 401),
    ],
)
def test_a_key_is_given_as_each_of_them_takes_it(base: str, headers: dict[str, str], status: int) -> None:
    """Kapso's proxy in either header, Graph as a bearer."""
    answer = Emulator(api_key="right").say(base=base, headers=headers, key="")
    assert answer.status_code == status
    assert status == 200 or code(answer) == 190


def test_graph_itself_sends_and_lists_nothing(emulator: Emulator) -> None:
    """No list, no status: as at Meta."""
    bearer = {"Authorization": "Bearer k"}
    wamid = emulator.say(base=GRAPH, headers=bearer).json()["messages"][0]["id"]
    for path in ("messages", f"messages/{wamid}", "conversations"):
        assert emulator.ask("GET", f"{GRAPH}/{path}", headers=bearer).status_code in {404, 405}
    assert [each["id"] for each in emulator.told()] == [wamid]


def test_statuses_show_the_reference_where_they_are_told(emulator: Emulator) -> None:
    """On the platform: the history so far, each with what the request gave; the fault keeps it back."""
    wamid = emulator.say({**SAID, "biz_opaque_callback_data": "fr:r:s:1"}).json()["messages"][0]["id"]
    path = f"{PLATFORM}/messages/{wamid}"
    assert emulator.ask("GET", path).json()["data"]["kapso"]["statuses"] == []
    emulator.clock.time = T0 + 0.3
    kapso = emulator.ask("GET", path).json()["data"]["kapso"]
    assert [each["status"] for each in kapso["statuses"]] == ["sent", "delivered"]
    assert {each["biz_opaque_callback_data"] for each in kapso["statuses"]} == {"fr:r:s:1"}
    assert (kapso["origin"], kapso["phone_number_id"]) == ("cloud_api", NUMBER_ID)
    assert "statuses" not in emulator.told()[0]["kapso"]
    emulator.spoil("no-echo:count=1")
    wamid = emulator.say({**SAID, "biz_opaque_callback_data": "fr:r:s:2"}).json()["messages"][0]["id"]
    emulator.clock.time += 1
    statuses = emulator.ask("GET", f"{PLATFORM}/messages/{wamid}").json()["data"]["kapso"]["statuses"]
    assert not [each for each in statuses if "biz_opaque_callback_data" in each]


def test_a_template_can_be_held(emulator: Emulator) -> None:
    """The answer says so; it goes out later."""
    emulator.spoil("held:seconds=5,count=1")
    assert emulator.say().json()["messages"] == [{"id": emulator.told()[0]["id"]}]
    answer = emulator.say(APPROVED).json()["messages"][0]
    assert answer["message_status"] == "held_for_quality_assessment"
    for seconds, status in ((4.9, "pending"), (5.3, "delivered")):
        emulator.clock.time = T0 + seconds
        assert emulator.ask("GET", f"{META}/messages/{answer['id']}").json()["kapso"]["status"] == status


def test_a_list_has_pages_whose_cursors_name_where_they_stand(emulator: Emulator) -> None:
    """Newest first, each message once, forth and back; a cursor that is none is refused."""
    sent = []
    for number in range(7):
        emulator.clock.time += 1
        sent.append(emulator.say({**SAID, "text": {"body": str(number)}}).json()["messages"][0]["id"])
    first = emulator.ask("GET", f"{META}/messages?limit=3").json()
    assert [each["id"] for each in first["data"]] == sent[:3:-1]
    assert first["paging"]["previous"] is None
    second = emulator.ask("GET", first["paging"]["next"]).json()
    third = emulator.told(limit=3, after=second["paging"]["cursors"]["after"])
    assert [each["id"] for each in second["data"] + third] == sent[3::-1]
    back = emulator.ask("GET", second["paging"]["previous"]).json()
    assert back["data"] == first["data"]
    assert emulator.ask("GET", f"{META}/messages?after=nonsense").status_code == 400


def test_a_list_is_of_one_number_and_as_the_query_says(emulator: Emulator) -> None:
    """Another number has its own conversations, with its own window."""
    other = META.replace(NUMBER_ID, "42")
    assert code(emulator.say(base=other)) == 131047
    assert emulator.say(APPROVED, base=other).status_code == 200
    emulator.say()
    emulator.ask("POST", "/_emulator/conversations/c1/inbound", json={"content": "hi"})
    assert [each["type"] for each in emulator.ask("GET", f"{other}/messages").json()["data"]] == ["template"]
    assert [each["kapso"]["direction"] for each in emulator.told()] == ["inbound", "outbound"]
    assert [each["from"] for each in emulator.told(direction="inbound")] == [PHONE]
    assert emulator.told(conversation_id="c2") == []
    assert len(emulator.told(status="received")) == 1
    assert emulator.told(since="2026-01-01T00:00:00Z") == []
    numbers = emulator.ask("GET", f"{PLATFORM}/phone_numbers").json()["data"]
    assert [each["phone_number_id"] for each in numbers] == [NUMBER_ID, "42"]


def test_a_received_message_is_marked_as_read(emulator: Emulator) -> None:
    """With typing or without; one of ours cannot be."""
    emulator.ask("POST", "/_emulator/conversations/c1/inbound", json={"content": "hi"})
    inbound = emulator.told()[0]["id"]
    mark = {"messaging_product": "whatsapp", "status": "read", "message_id": inbound}
    typing = {**mark, "typing_indicator": {"type": "text"}}
    for body in (mark, typing):
        assert emulator.ask("POST", f"{META}/messages", json=body).json() == {"success": True}
    assert emulator.told()[0]["kapso"]["status"] == "read"
    ours = emulator.say().json()["messages"][0]["id"]
    for wrong in ({**mark, "message_id": ours}, {**mark, "status": "seen"}, {**mark, "to": PHONE}):
        assert emulator.ask("POST", f"{META}/messages", json=wrong).status_code == 400
    assert len(emulator.told()) == 2


def test_one_message_to_a_person_at_a_time(emulator: Emulator) -> None:
    """Kapso's text, on both dialects."""
    with emulator.state.in_flight(emulator.state.conversations.get("c1")):
        assert "in-flight" in emulator.say().json()["error"]
        assert emulator.say({**APPROVED, "to": "34600111222"}).status_code == 200


@pytest.mark.parametrize(
    ("fault", "status", "says"),
    [
        ("in-flight-409", 409, "in-flight"),
        ("window-422:shape=object", 422, "131047"),
        ("status:code=402,reason=insufficient_credits", 402, "insufficient_credits"),
        ("status:code=400,graph=131056", 400, "131056"),
        ("status:code=422,reason=marketing_preference_stopped", 422, "marketing_preference_stopped"),
        ("status:code=504", 504, "Kapso proxy timeout"),
        ("html", 502, "<h1>"),
        ("rate-limit:limit=1", 429, "Rate limit"),
        ("malformed", 200, "wamid"),
        ("slow-body:seconds=0", 200, "wamid"),
    ],
)
def test_faults_strike_on_this_dialect_too(emulator: Emulator, fault: str, status: int, says: str) -> None:
    """In the form of its answers."""
    emulator.spoil(fault)
    if fault.startswith("rate-limit"):
        emulator.told()
    answer = emulator.say()
    assert answer.status_code == status
    assert says in answer.text


def test_faults_of_lists_strike_on_this_dialect_too(emulator: Emulator) -> None:
    """Another order, a form, a message too few."""
    for text in ("a", "b"):
        emulator.clock.time += 1
        emulator.say({**SAID, "text": {"body": text + " " * 3 + "x" * 30}})
    emulator.spoil("list-order:order=oldest,count=1")
    assert [each["text"]["body"][0] for each in emulator.told()] == ["a", "b"]
    emulator.spoil("list-form:form=cut,count=1")
    assert [len(each["text"]["body"]) for each in emulator.told()] == [20, 20]
    emulator.spoil("list-partial:count=1")
    assert len(emulator.told()) == 1


def test_conversations_are_read_and_ended(emulator: Emulator) -> None:
    """By id at the proxy and the platform; by part of a number on the platform."""
    base = "/meta/whatsapp/v24.0/conversations"
    assert emulator.ask("GET", f"{base}/c1").json()["data"]["id"] == "c1"
    assert [
        each["id"] for each in emulator.ask("GET", f"{PLATFORM}/conversations?phone_number=1555").json()["data"]
    ] == ["c1"]
    assert emulator.ask("PATCH", f"{base}/c1", json={"status": "ended"}).json() == {"success": True}
    assert emulator.ask("GET", f"{PLATFORM}/conversations/c1").json()["data"]["status"] == "ended"
    assert emulator.told("conversations", status="active") == []
    assert emulator.ask("GET", TALK).json()["data"]["status"] == "ended"
    for path in (f"{base}/c9", f"{PLATFORM}/conversations/c9", f"{PLATFORM}/messages/wamid.x", f"{META}/messages/x"):
        assert emulator.ask("GET", path).status_code == 404


ANSWERS = [
    ({"content": "Hola"}, "text", {"body": "Hola"}),
    (
        {"message_type": "interactive", "button_reply": {"id": "a", "title": "A"}},
        "interactive",
        {"type": "button_reply", "button_reply": {"id": "a", "title": "A"}},
    ),
    (
        {"message_type": "interactive", "list_reply": {"id": "b", "title": "B", "description": "b"}},
        "interactive",
        {"type": "list_reply", "list_reply": {"id": "b", "title": "B", "description": "b"}},
    ),
    (
        {"message_type": "interactive", "nfm_reply": {"name": "flow", "response_json": "{}"}},
        "interactive",
        {"type": "nfm_reply", "nfm_reply": {"name": "flow", "response_json": "{}"}},
    ),
    ({"message_type": "button", "button": {"text": "No", "payload": "n"}}, "button", {"text": "No", "payload": "n"}),
    ({"message_type": "image", "media_id": "7", "caption": "Me"}, "image", {"id": "7", "caption": "Me"}),
    ({"message_type": "location", "latitude": 1.5, "longitude": 2}, "location", {"latitude": 1.5, "longitude": 2}),
    (
        {"message_type": "reaction", "reacted_to_message_id": "wamid.aWQtMQ", "reaction_emoji": "👍"},
        "reaction",
        {"message_id": "wamid.aWQtMQ", "emoji": "👍"},
    ),
]


@pytest.mark.parametrize(("said", "kind", "inner"), ANSWERS)
def test_what_a_person_sends_is_listed_as_meta_writes_it(
    emulator: Emulator, said: dict[str, object], kind: str, inner: dict[str, object]
) -> None:
    """With the message it answers, where that is known."""
    wamid = emulator.say().json()["messages"][0]["id"]
    body = {**said, "context": {"id": wamid}}
    assert emulator.ask("POST", "/_emulator/conversations/c1/inbound", json=body).status_code == 201
    (told,) = emulator.told(direction="inbound")
    assert (told["type"], told["context"]) == (kind, {"from": Numbers().get(NUMBER_ID).digits, "id": wamid})
    assert {name: told[kind][name] for name in inner} == inner
