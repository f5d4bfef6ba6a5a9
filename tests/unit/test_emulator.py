"""What the emulator keeps and how it moves: messages, statuses, the window, what came in."""

import json

import pytest

from flowrunner.emulator.api.messages import Delays
from flowrunner.emulator.api.state import Change
from support.emulated import HELLO, IMAGE, MESSAGES, REACTION, T0, TEMPLATE, Emulator


@pytest.fixture
def emulator() -> Emulator:
    return Emulator()


def test_an_accepted_message_is_answered_with_the_documented_object(emulator: Emulator) -> None:
    """The 201 has every field of the reference's section 1.4 and no other."""
    answer = emulator.post()
    assert answer.status_code == 201
    assert answer.json() == {
        "data": {
            "id": "id-1",
            "phone_number": "+5215551234567",
            "message_type": "text",
            "content": "Hello",
            "direction": "outbound",
            "status": "pending",
            "processing_status": "pending",
            "metadata": {},
            "message_type_data": {"text": "Hello"},
            "created_at": "2025-06-15T15:06:40.000Z",
            "updated_at": "2025-06-15T15:06:40.000Z",
        }
    }


RECORDS = [
    (IMAGE, "A"),
    ({**IMAGE, "content": "the author's words"}, "the author's words"),
    (TEMPLATE, "welcome"),
    (REACTION, "👍"),
    ({"message_type": "location", "latitude": 19.4, "longitude": -99.1}, "19.4, -99.1"),
    ({"message_type": "audio", "media_id": "123"}, "123"),
    ({"message_type": "contacts", "contacts": [{"name": {"formatted_name": "Ana"}}, {"first_name": "Bo"}]}, "Ana, Bo"),
]


@pytest.mark.parametrize(("message", "content"), RECORDS)
def test_every_type_has_a_readable_record(emulator: Emulator, message: dict[str, object], content: str) -> None:
    """What the list shows as content is what a person would call the message."""
    assert emulator.post(message).json()["data"]["content"] == content


WITH_PICTURE = {**TEMPLATE, "header_type": "image", "header_params": "https://cdn.example.com/a.jpg"}
PATHS = [
    (HELLO, {}, ["pending", "sent", "delivered", "read"]),
    (REACTION, {}, ["pending", "sent", "sent", "sent"]),
    (IMAGE, {}, ["pending", "sent", "delivered", "read"]),
    (IMAGE, {"delays": Delays(media=9)}, ["pending", "sent", "sent", "sent"]),
    (WITH_PICTURE, {"delays": Delays(media=9)}, ["pending", "sent", "sent", "sent"]),
    (HELLO, {"delays": Delays(media=9)}, ["pending", "sent", "delivered", "read"]),
]


@pytest.mark.parametrize(("message", "settings", "statuses"), PATHS)
def test_statuses_follow_the_clock(
    message: dict[str, object], settings: dict[str, object], statuses: list[str]
) -> None:
    """Each status comes at its delay; media may be slow; reactions are only ever sent."""
    emulator = Emulator(**settings)
    emulator.post(message)
    assert emulator.statuses(0, 0.05, 0.2, 0.5) == statuses


def test_whatsapps_id_is_known_once_the_message_is_sent(emulator: Emulator) -> None:
    """The id stays the same, and the object says when it last moved."""
    emulator.post()
    emulator.clock.time = T0 + 0.3
    (message,) = emulator.listed()
    assert message["whatsapp_message_id"].startswith("wamid.")
    assert (message["processing_status"], message["updated_at"]) == ("processed", "2025-06-15T15:06:40.200Z")


def test_outside_the_window_only_templates_pass(emulator: Emulator) -> None:
    """The window shuts 24 hours after the person's last message, and their answer opens it."""
    emulator.clock.time = T0 + 24 * 3600 - 1
    assert emulator.post().status_code == 201
    emulator.clock.time = T0 + 24 * 3600
    refused = emulator.post()
    assert (refused.status_code, refused.json()) == (
        422,
        {"error": "Cannot send non-template messages outside the 24-hour window."},
    )
    assert emulator.post(TEMPLATE).status_code == 201
    emulator.ask("POST", "/_emulator/conversations/c1/inbound", json={"content": "hi"})
    assert emulator.post().status_code == 201


def test_the_window_can_be_shut_and_opened(emulator: Emulator) -> None:
    """The control route does what the clock would."""
    for is_open, status in [(False, 422), (True, 201)]:
        set_ = emulator.ask("POST", "/_emulator/conversations/c1/window", json={"open": is_open})
        assert set_.json()["data"]["window_open"] is is_open
        assert emulator.post().status_code == status


def test_one_message_of_a_conversation_at_a_time(emulator: Emulator) -> None:
    """A second message meets the documented 409; another conversation does not; afterwards all is free."""
    emulator.state.conversations.create("+1999", conversation_id="c2")
    with emulator.state.in_flight(emulator.state.conversations.get("c1")):
        refused = emulator.post()
        assert emulator.post(path=MESSAGES.replace("c1", "c2")).status_code == 201
    assert (refused.status_code, refused.json()) == (
        409,
        {"error": "Another message is already in-flight for this conversation. Please retry shortly."},
    )
    assert emulator.post().status_code == 201


def test_the_bytes_received_are_kept_as_they_came(emulator: Emulator) -> None:
    """Spaces, escapes and order of keys survive; numbers count per conversation."""
    emulator.state.conversations.create("+1999", conversation_id="c2")
    texts = ['{ "message" : {"content":"¡Hola! \\u00e1","message_type":"text"} }', '{"message":{"content":"2"}}']
    for path, text in [(MESSAGES, texts[0]), (MESSAGES.replace("c1", "c2"), texts[1]), (MESSAGES, texts[1])]:
        assert emulator.ask("POST", path, content=text.encode()).status_code == 201
    assert emulator.ask("GET", "/_emulator/received").json()["data"] == [
        {"conversation": "c1", "number": 1, "body": texts[0]},
        {"conversation": "c2", "number": 1, "body": texts[1]},
        {"conversation": "c1", "number": 2, "body": texts[1]},
    ]


def test_who_answers_an_ended_conversation_gets_a_new_one(emulator: Emulator) -> None:
    """The person's message stands in an active conversation with the same number."""
    emulator.state.conversations.set_status("c1", "ended")
    answer = emulator.ask("POST", "/_emulator/conversations/c1/inbound", json={"content": "hi"}).json()["data"]
    talk = emulator.state.conversations.get(answer["conversation_id"])
    assert (talk.id != "c1", talk.status, talk.phone) == (True, "active", "+5215551234567")


def test_listeners_hear_of_changes_until_they_leave(emulator: Emulator) -> None:
    """One call for each change, with the ids."""
    heard: list[Change] = []
    listener = heard.append
    emulator.state.listeners.append(listener)
    message_id = emulator.post().json()["data"]["id"]
    emulator.state.reset()
    emulator.state.listeners.remove(listener)
    emulator.state.conversations.create("+1")
    assert Change("message", "c1", message_id) in heard
    assert heard[-1] == Change("reset")


@pytest.mark.parametrize("delays", [(0.2, 0.1, 0.5, 0), (-1, 0, 0, 0), (0, 0, 0, -1)])
def test_delays_out_of_order_are_refused(delays: tuple[float, float, float, float]) -> None:
    """A status cannot come before the one it follows."""
    with pytest.raises(ValueError, match="in this order"):
        Delays(*delays)


def test_an_answer_is_compact_utf_8(emulator: Emulator) -> None:
    """Text is sent as itself, not as escapes."""
    answer = emulator.post({"message_type": "text", "content": "¡Sí! 👋 שלום"})
    assert "¡Sí! 👋 שלום".encode() in answer.content
    assert json.dumps(answer.json(), ensure_ascii=False, separators=(",", ":")).encode() == answer.content
