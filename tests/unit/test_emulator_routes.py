"""Every route of the emulator answers as the API's pages say, and refuses in their words."""

import pytest

from flowrunner.emulator.api.conversations import CONFIG
from flowrunner.emulator.api.rates import RateLimit
from support.emulated import HELLO, MESSAGES, T0, TALK, TEMPLATE, Emulator

SECOND = "e0000000-0000-4000-8000-000000000002"
"""Another sender's configuration."""


@pytest.fixture
def emulator() -> Emulator:
    return Emulator()


REFUSED = [
    ("no key", {"key": ""}, 401, "Invalid or missing API key"),
    ("blank key", {"key": "  "}, 401, "Invalid or missing API key"),
    ("broken JSON", {"content": b'{"message": '}, 422, "Invalid parameters"),
    ("no JSON number", {"content": b'{"message": {"content": NaN}}'}, 422, "Invalid parameters"),
    ("not UTF-8", {"content": b'{"message": "\xff"}'}, 422, "Invalid parameters"),
    ("half a surrogate pair", {"content": b'{"message": {"content": "\\ud800"}}'}, 422, "Invalid parameters"),
    ("too deep", {"content": b"[" * 100_000}, 422, "Invalid parameters"),
    ("not an object", {"content": b"[1]"}, 422, "Invalid parameters"),
    ("no message", {"content": b"{}"}, 422, "Invalid parameters"),
    ("message no object", {"content": b'{"message": "hi"}'}, 422, "Invalid parameters"),
    ("too large", {"content": b" " * (1024 * 1024 + 1)}, 413, "Request body too large"),
    ("no content", {"json": {"message": {"message_type": "text"}}}, 422, "Message is invalid"),
    ("a type that is an object", {"json": {"message": {**HELLO, "message_type": {}}}}, 422, "Message is invalid"),
    ("a type that is a list", {"json": {"message": {**HELLO, "message_type": ["text"]}}}, 422, "Message is invalid"),
    ("unknown field", {"json": {"message": {**HELLO, "colour": "red"}}}, 422, "Message is invalid"),
    (
        "no conversation",
        {"path": MESSAGES.replace("c1", "c2"), "json": {"message": HELLO}},
        404,
        "Conversation not found",
    ),
    ("no such route", {"path": "/api/v1/nothing", "json": {}}, 404, 'No route matches [POST] "/api/v1/nothing"'),
    ("not this method", {"path": TALK, "json": {}}, 405, "Method Not Allowed"),
]


@pytest.mark.parametrize(("request_", "status", "error"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_wrong_post_is_refused_and_nothing_taken(
    emulator: Emulator, request_: dict[str, object], status: int, error: str
) -> None:
    """Every refusal is JSON with the documented error text, and leaves no message."""
    answer = emulator.ask("POST", **{"path": MESSAGES, **request_})
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert emulator.state.history() == ()


def test_only_the_named_key_passes_when_one_is_named() -> None:
    """Another key is refused with the documented body, the right one taken."""
    emulator = Emulator(api_key="right")
    answer = emulator.post(key="wrong")
    assert (answer.status_code, answer.json()) == (401, {"error": "Invalid or missing API key"})
    assert emulator.post(key="right").status_code == 201


PAGES = [
    ("", 7, {"page": 1, "per_page": 20, "total_pages": 1, "total_count": 7}),
    ("?page=2&per_page=3", 3, {"page": 2, "per_page": 3, "total_pages": 3, "total_count": 7}),
    ("?page=3&per_page=3", 1, {"page": 3, "per_page": 3, "total_pages": 3, "total_count": 7}),
    ("?page=4&per_page=3", 0, {"page": 4, "per_page": 3, "total_pages": 3, "total_count": 7}),
    ("?per_page=100", 7, {"page": 1, "per_page": 100, "total_pages": 1, "total_count": 7}),
]


@pytest.mark.parametrize(("query", "count", "meta"), PAGES)
@pytest.mark.parametrize("what", ["messages", "conversations"])
def test_lists_come_in_pages(emulator: Emulator, what: str, query: str, count: int, meta: dict[str, int]) -> None:
    """Messages and conversations are paged alike."""
    for number in range(7 if what == "messages" else 6):
        emulator.post() if what == "messages" else emulator.state.conversations.create(f"+1000{number}")
    answer = emulator.ask("GET", (MESSAGES if what == "messages" else "/api/v1/whatsapp_conversations") + query).json()
    assert (len(answer["data"]), answer["meta"]) == (count, meta)


@pytest.mark.parametrize(
    ("query", "page", "per_page"),
    [
        ("page=0", 1, 20),
        ("page=x", 1, 20),
        ("page=-1", 1, 20),
        ("per_page=0", 1, 20),
        ("per_page=101", 1, 100),
        ("page=" + "9" * 5000, 10**9, 20),
    ],
)
def test_a_page_that_cannot_be_is_the_nearest_that_can(
    emulator: Emulator, query: str, page: int, per_page: int
) -> None:
    """The description has no refusal here; what was given is told."""
    answer = emulator.ask("GET", f"{MESSAGES}?{query}")
    assert answer.status_code == 200
    assert (answer.json()["meta"]["page"], answer.json()["meta"]["per_page"]) == (page, per_page)


FILTERS = [
    ({}, {"c1", "c2", "c3"}),
    ({"q[status_eq]": "active"}, {"c1", "c3"}),
    ({"q[status_eq]": "ended"}, {"c2"}),
    ({"q[phone_number_eq]": "+5215551234567"}, {"c1", "c2"}),
    ({"q[phone_number_eq]": "52 1 (555) 123-4567", "q[status_eq]": "active"}, {"c1"}),
    ({"q[phone_number_eq]": "+521555123456"}, set()),
    ({"q[phone_number_eq]": "nobody"}, set()),
    ({"q[whatsapp_config_id_eq]": SECOND}, {"c3"}),
    ({"q[last_active_at_gteq]": "2025-06-15T15:07:00Z"}, {"c3"}),
    ({"q[last_active_at_lteq]": "2025-06-15T15:07:00"}, {"c1", "c2"}),
    ({"q[last_active_at_lteq]": "yesterday"}, {"c1", "c2", "c3"}),
]


@pytest.mark.parametrize(("query", "ids"), FILTERS)
def test_conversations_are_filtered(emulator: Emulator, query: dict[str, str], ids: set[str]) -> None:
    """Each documented filter, and two together."""
    emulator.state.conversations.create("+5215551234567", conversation_id="c2")
    emulator.ask("PATCH", TALK.replace("c1", "c2"), json={"whatsapp_conversation": {"status": "ended"}})
    emulator.clock.time = T0 + 60
    emulator.state.conversations.create("+1999", conversation_id="c3", config_id=SECOND)
    answer = emulator.ask("GET", "/api/v1/whatsapp_conversations", params=query)
    assert {talk["id"] for talk in answer.json()["data"]} == ids


def test_one_conversation_is_read_and_ended(emulator: Emulator) -> None:
    """It has the documented fields; once ended it takes no message; other changes are refused."""
    assert emulator.ask("GET", TALK).json()["data"] == {
        "id": "c1",
        "phone_number": "+5215551234567",
        "status": "active",
        "last_active_at": "2025-06-15T15:06:40.000Z",
        "last_inbound_at": "2025-06-15T15:06:40.000Z",
        "contact_name": "Ana",
        "whatsapp_config_id": CONFIG,
    }
    refused = emulator.ask("PATCH", TALK, json={"whatsapp_conversation": {"status": "paused"}})
    ended = emulator.ask("PATCH", TALK, json={"whatsapp_conversation": {"status": "ended"}})
    assert (refused.status_code, ended.status_code, ended.json()["data"]["status"]) == (422, 200, "ended")
    assert emulator.post().status_code == 422
    again = emulator.ask("PATCH", TALK, json={"whatsapp_conversation": {"status": "active"}})
    assert (again.json()["data"]["status"], emulator.post().status_code) == ("active", 201)
    assert emulator.ask("GET", TALK.replace("c1", "c9")).status_code == 404


def test_a_persons_message_is_marked_as_read(emulator: Emulator) -> None:
    """Ours cannot be, nor can one that is not there."""
    theirs = emulator.state.add_inbound("c1", {"content": "hi"})
    ours = emulator.post().json()["data"]["id"]
    marked = emulator.ask("PATCH", f"/api/v1/whatsapp_messages/{theirs.id}/mark_as_read")
    assert (marked.status_code, marked.json()["data"]["status"]) == (200, "read")
    assert {each["id"]: each["status"] for each in emulator.listed()}[theirs.id] == "read"
    for message, status, words in [
        (ours, 400, "Can only mark inbound messages as read"),
        (SECOND, 404, "WhatsApp message not found"),
    ]:
        refused = emulator.ask("PATCH", f"/api/v1/whatsapp_messages/{message}/mark_as_read")
        assert (refused.status_code, refused.json()["error"]) == (status, words)


def test_what_is_not_there_and_what_nobody_knows_look_different(emulator: Emulator) -> None:
    """A client with a wrong base address reads so."""
    missing = emulator.ask("GET", TALK.replace("c1", "c9"))
    unknown = emulator.ask("GET", "/api/v1/whatsapp_conversation/c1")
    assert (missing.status_code, unknown.status_code) == (404, 404)
    assert missing.json()["error"] == "Conversation not found"
    assert unknown.json()["error"] == 'No route matches [GET] "/api/v1/whatsapp_conversation/c1"'


def test_a_standalone_message_finds_or_makes_its_conversation(emulator: Emulator) -> None:
    """By phone number: the active conversation, else a new one, whose window is shut; without one it is refused."""
    alone = "/api/v1/whatsapp_messages"
    assert emulator.post({**HELLO, "phone_number": "5215551234567"}, alone).status_code == 201
    assert len(emulator.listed()) == 1
    assert emulator.post(HELLO, alone + f"?phone_number=1999&whatsapp_config_id={SECOND}").status_code == 422
    assert emulator.state.conversations.all("+1999") == ()
    assert emulator.post(TEMPLATE, alone + f"?phone_number=1999&whatsapp_config_id={SECOND}").status_code == 201
    assert emulator.state.conversations.all("+1999")[0].config_id == SECOND
    assert emulator.post(HELLO, alone).status_code == 400
    assert emulator.post(HELLO, alone + "?phone_number=1999&whatsapp_config_id=other").status_code == 422
    assert emulator.post({**HELLO, "phone_number": "x"}, alone).status_code == 422


def test_the_limit_counts_down_and_renews() -> None:
    """Every answer carries the limit; the one over it says when to retry; keys differ."""
    emulator = Emulator(rate_limit=RateLimit(2))
    left = [emulator.ask("GET", TALK).headers["X-RateLimit-Remaining"] for _ in range(2)]
    over = emulator.post()
    assert (left, over.status_code, over.headers["X-RateLimit-Limit"]) == (["1", "0"], 429, "2")
    # T0 is 40 seconds into its minute.
    assert (over.headers["Retry-After"], over.json()["error"]) == ("20", "Rate limit exceeded")
    assert emulator.post(key="other").status_code == 201
    emulator.clock.time = T0 + 20
    assert emulator.post().status_code == 201


def test_without_a_limit_or_its_headers_there_are_none(emulator: Emulator) -> None:
    """No limit is the default, and a limit can be silent."""
    silent = Emulator(rate_limit=RateLimit(1, headers="no"))
    answers = [emulator.post(), silent.post(), silent.post()]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert not [name for answer in answers for name in answer.headers if name.startswith(("x-rate", "retry"))]


def test_a_conversation_is_made_once_where_everybody_has_one(emulator: Emulator) -> None:
    """To make one does not ask for it first, which would make another."""
    emulator.state.conversations.on_demand = True
    made = emulator.ask("POST", "/_emulator/conversations", json={"phone_number": "+1999"}).json()["data"]
    reused = emulator.ask("POST", "/_emulator/conversations", json={"phone_number": "+1999", "reuse": True}).json()
    assert reused["data"]["id"] == made["id"]
    assert [each.id for each in emulator.state.conversations if each.phone == "+1999"] == [made["id"]]


def test_the_state_is_read_made_and_forgotten(emulator: Emulator) -> None:
    """Control routes need no key; a reset leaves nothing."""
    made = {"phone_number": "+1999", "contact_name": "Bo", "id": "c2", "window_open": False}
    assert emulator.ask("POST", "/_emulator/conversations", key="", json=made).status_code == 201
    assert emulator.ask("POST", "/_emulator/conversations", json=made).status_code == 400
    emulator.post()
    emulator.ask("POST", "/_emulator/conversations/c1/inbound", json={"content": "Sí"})
    state = emulator.ask("GET", "/_emulator/state").json()
    assert {talk["id"]: talk["window_open"] for talk in state["conversations"]} == {"c1": True, "c2": False}
    assert [(each["conversation_id"], each["direction"], each["status"]) for each in state["messages"]] == [
        ("c1", "outbound", "pending"),
        ("c1", "inbound", "received"),
    ]
    assert emulator.ask("POST", "/_emulator/reset").status_code == 204
    assert emulator.ask("GET", "/_emulator/state").json() == {"conversations": [], "messages": []}


CONTROL_MISTAKES = [
    ("conversations", {}),
    ("conversations", {"phone_number": 5}),
    ("conversations", {"phone_number": "none"}),
    ("conversations", {"phone_number": "+1", "window_open": "yes"}),
    ("conversations/c1/inbound", {}),
    ("conversations/c1/inbound", {"content": "hi", "message_type": []}),
    ("conversations/c1/window", {}),
]


@pytest.mark.parametrize(("path", "body"), CONTROL_MISTAKES)
def test_a_mistake_in_a_control_request_is_said(emulator: Emulator, path: str, body: dict[str, object]) -> None:
    """The answer is a 400 in the shape of the API's."""
    answer = emulator.ask("POST", f"/_emulator/{path}", json=body)
    assert (answer.status_code, answer.json()["error"]) == (400, "Invalid parameters")
    assert answer.json()["message"]
