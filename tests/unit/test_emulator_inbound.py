"""What a person sends is kept and listed as the API would list it."""

import pytest

from flowrunner.emulator.page.html import turn
from support.emulated import HELLO, Emulator

INBOUND = "/_emulator/conversations/c1/inbound"


@pytest.fixture
def emulator() -> Emulator:
    return Emulator()


WAMID = "wamid.aWQtMQ"
"""The first message's."""
CARD = {"name": {"formatted_name": "Ana", "first_name": "Ana"}, "phones": [{"phone": "+5215512345678", "type": "CELL"}]}
ANSWERS = [
    ({"content": "Sí"}, ("text", "Sí"), {"text": "Sí"}),
    (
        {"message_type": "interactive", "button_reply": {"id": "a", "title": "A"}, "context": {"id": WAMID}},
        ("interactive", "A"),
        {"type": "button_reply", "button_reply": {"id": "a", "title": "A"}, "context": {"id": WAMID}},
    ),
    (
        {"message_type": "interactive", "list_reply": {"id": "r", "title": "R", "description": "d"}},
        ("interactive", "R"),
        {"type": "list_reply", "list_reply": {"id": "r", "title": "R", "description": "d"}},
    ),
    (
        {"message_type": "interactive", "list_reply": {"id": "r", "title": "R", "description": ""}},
        ("interactive", "R"),
        {"type": "list_reply", "list_reply": {"id": "r", "title": "R"}},
    ),
    (
        {"message_type": "interactive", "nfm_reply": {"name": "flow", "response_json": '{"a":1}', "body": "Sent"}},
        ("interactive", "Sent"),
        {"type": "nfm_reply", "nfm_reply": {"name": "flow", "response_json": '{"a":1}', "body": "Sent"}},
    ),
    (
        {"message_type": "button", "button": {"text": "No", "payload": "no"}, "context": {"id": WAMID}},
        ("button", "No"),
        {"button": {"text": "No", "payload": "no"}},
    ),
    (
        {"message_type": "location", "latitude": 19.4, "longitude": -99.1},
        ("location", "19.4, -99.1"),
        {"latitude": 19.4, "longitude": -99.1},
    ),
    (
        {"message_type": "reaction", "reaction_emoji": "❤️", "reacted_to_message_id": WAMID},
        ("reaction", "❤️"),
        {"reaction_emoji": "❤️", "reacted_to_message_id": WAMID},
    ),
    (
        {"message_type": "image", "media_url": "https://e.org/a.jpg", "caption": "Me"},
        ("image", "Me"),
        {"media_url": "https://e.org/a.jpg", "caption": "Me"},
    ),
    ({"message_type": "document", "filename": "bill.pdf"}, ("document", "bill.pdf"), {"filename": "bill.pdf"}),
    ({"message_type": "location", "content": "here", "latitude": 1}, ("location", "here"), {"latitude": 1}),
    ({"message_type": "interactive", "content": "A", "extra": [1]}, ("interactive", "A"), {"extra": [1]}),
    ({"message_type": "image", "content": "a picture"}, ("image", "a picture"), {}),
    ({"message_type": "contacts", "contacts": [CARD]}, ("contacts", "Ana"), {"contacts": [CARD]}),
]


@pytest.mark.parametrize(("body", "listed", "data"), ANSWERS)
def test_an_answer_is_listed_with_what_it_was(
    emulator: Emulator, body: dict[str, object], listed: tuple[str, str], data: dict[str, object]
) -> None:
    """Every kind a person can send; it is received, and opens the window."""
    emulator.post()
    emulator.state.conversations.set_window("c1", is_open=False)
    answer = emulator.ask("POST", INBOUND, json=body)
    assert answer.status_code == 201
    (message,) = (each for each in emulator.listed() if each["direction"] == "inbound")
    assert (message["message_type"], message["content"]) == listed
    shown = {name: value for name, value in message["message_type_data"].items() if name in data}
    assert shown == {name: value for name, value in data.items() if name != "media_url"}
    assert (message["status"], message.get("media_url")) == ("received", body.get("media_url"))
    assert emulator.state.conversations.get("c1").window_open(emulator.clock.now())


MISTAKES = [
    {},
    {"content": ""},
    {"content": 5},
    {"message_type": []},
    {"message_type": "interactive"},
    {"message_type": "interactive", "button_reply": "A"},
    {"message_type": "interactive", "button_reply": {"id": "a"}},
    {"message_type": "interactive", "button_reply": {"id": "", "title": "A"}},
    {"message_type": "interactive", "button_reply": {"id": "a", "title": 5}},
    {"message_type": "interactive", "button_reply": {"id": "a", "title": "A"}, "list_reply": {"id": "a", "title": "A"}},
    {"message_type": "interactive", "content": "A", "button_reply": "A"},
    {"message_type": "reaction", "content": "A", "reacted_to_message_id": "no wamid"},
    {"message_type": "reaction", "reaction_emoji": "❤️"},
    {"message_type": "reaction", "reaction_emoji": "❤️", "reacted_to_message_id": "wamid.\xff"},
    {"message_type": "reaction", "reaction_emoji": 5, "reacted_to_message_id": WAMID},
    {"message_type": "image"},
    {"message_type": "image", "media_url": ""},
    {"message_type": "image", "media_url": 5},
    {"message_type": "image", "media_url": "https://e.org/a.jpg", "caption": []},
    {"message_type": "image", "media_url": "https://e.org/a.jpg", "content": []},
    {"message_type": "location", "latitude": 1},
    {"message_type": "location", "latitude": 1, "longitude": "x"},
    {"message_type": "interactive", "nfm_reply": {"name": "flow"}},
    {"message_type": "button", "button": {"text": "No"}},
    {"message_type": "button", "button": "No"},
    {"message_type": "contacts"},
    {"message_type": "contacts", "contacts": "Ana"},
    {"message_type": "contacts", "contacts": []},
    {"message_type": "contacts", "contacts": [{"phones": [{"phone": "+5215512345678"}]}]},
]


@pytest.mark.parametrize("body", MISTAKES, ids=str)
def test_a_wrong_answer_is_refused(emulator: Emulator, body: dict[str, object]) -> None:
    """In the shape of the API's refusals, and nothing is kept."""
    answer = emulator.ask("POST", INBOUND, json=body)
    assert (answer.status_code, answer.json()["error"]) == (400, "Invalid parameters")
    assert emulator.state.history() == ()


STRANGE = [
    {"message_type": "image", "content": "a picture"},
    {"message_type": "audio", "content": "a sound", "extra": {"a": [1]}},
    {"message_type": "sticker", "content": "a cat"},
    {"message_type": "contacts", "content": "Bo", "contacts": "none"},
    {"message_type": "location", "content": "here", "latitude": []},
    {"message_type": "interactive", "content": "A", "interactive_type": "button", "buttons": 5},
    {"message_type": "template", "content": "t", "template_params": {"a": {"b": [None]}}},
    {"message_type": "reaction", "content": "👍"},
    {"message_type": "<b>", "content": "<i>"},
]


@pytest.mark.parametrize("body", STRANGE, ids=str)
def test_whatever_a_program_says_a_person_sent_can_be_drawn(emulator: Emulator, body: dict[str, object]) -> None:
    """At least as its text, and the API lists it."""
    assert emulator.ask("POST", INBOUND, json=body).status_code == 201
    (message,) = emulator.state.history()
    html = turn(emulator.state, message)
    assert 'class="message theirs' in html
    assert "<b>" not in html
    assert emulator.listed()[0]["content"] == body["content"]


def test_a_place_is_drawn_as_a_place(emulator: Emulator) -> None:
    """What the schemas know is drawn as they know it."""
    emulator.ask("POST", INBOUND, json={"message_type": "location", "content": "here", "latitude": 1, "longitude": 2})
    assert 'class="map"' in turn(emulator.state, emulator.state.history()[0])


def test_reactions_stand_on_their_message_one_of_each_side(emulator: Emulator) -> None:
    """The latest counts, an empty one takes it back, and one of another conversation is none."""
    emulator.post()
    target = emulator.state.history()[0]

    def react(emoji: str, where: str = "c1") -> tuple[str, ...]:
        body = {"message_type": "reaction", "reaction_emoji": emoji, "reacted_to_message_id": target.wamid}
        emulator.state.add_inbound(where, body)
        return emulator.state.marks.reactions(target.id)

    assert react("👍") == ("👍",)
    assert react("❤️") == ("❤️",)
    emulator.post({"message_type": "reaction", "reaction_emoji": "🙏", "reacted_to_message_id": target.wamid})
    assert emulator.state.marks.reactions(target.id) == ("❤️", "🙏")
    assert react("") == ("🙏",)
    other = emulator.state.conversations.create("+34600111222")
    assert react("😂", other.id) == ("🙏",)
    assert emulator.state.target(emulator.state.history()[-1]) is None


def test_messages_have_their_place(emulator: Emulator) -> None:
    """Both directions count; a stretch that does not lie within is cut to what is there."""
    for _ in range(3):
        emulator.post()
        emulator.state.add_inbound("c1", {"content": "hi"})
    state = emulator.state
    assert state.count("c1") == 6
    assert [each.position for each in state.stretch("c1", 2, 4)] == [2, 3, 4]
    assert [each.position for each in state.stretch("c1", -5, 99)] == [1, 2, 3, 4, 5, 6]
    assert (list(state.stretch("c1", 7, 9)), list(state.stretch("none", 1, 9)), state.count("none")) == ([], [], 0)
    first = state.stretch("c1", 1, 1)[0]
    assert state.message(first.id) is first
    assert state.message("none") is None


def test_a_conversation_is_ended_and_faults_come_and_go_one_by_one(emulator: Emulator) -> None:
    """What the page does, a program can do."""
    assert emulator.ask("POST", "/_emulator/conversations/c1/end").json()["data"]["status"] == "ended"
    assert emulator.post(HELLO).status_code == 422
    assert emulator.ask("POST", "/_emulator/conversations/c9/end").status_code == 404
    for fault in ("latency:seconds=0", {"kind": "html", "count": 2}):
        assert emulator.ask("POST", "/_emulator/faults", json={"fault": fault}).status_code == 200
    assert [each["kind"] for each in emulator.state.faults.data()] == ["latency", "html"]
    assert emulator.ask("DELETE", "/_emulator/faults/latency").status_code == 204
    assert [each["kind"] for each in emulator.state.faults.data()] == ["html"]
    for wrong in ({}, {"fault": 5}, {"fault": "nonsense"}):
        assert emulator.ask("POST", "/_emulator/faults", json=wrong).status_code == 400
    assert emulator.ask("DELETE", "/_emulator/faults").status_code == 204
    assert emulator.state.faults.data() == []


def test_whoever_listens_hears_of_faults(emulator: Emulator) -> None:
    """When one is set, strikes, and goes."""
    heard: list[str] = []
    emulator.state.listeners.append(lambda change: heard.append(change.kind))
    emulator.spoil("html:count=1")
    set_at = len(heard)
    assert heard == ["faults"] * set_at
    emulator.post()
    assert "faults" in heard[set_at:]
    heard.clear()
    emulator.ask("DELETE", "/_emulator/faults")
    assert heard == ["faults"]
