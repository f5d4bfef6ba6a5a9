"""Each fault misbehaves as it says."""

import asyncio
from datetime import datetime
from email.utils import parsedate_to_datetime

import httpx
import pytest

from flowrunner.emulator.api.wire import ConnectionCutError
from support.emulated import HELLO, IMAGE, MESSAGES, T0, TEMPLATE, Emulator, on_phone


@pytest.fixture
def emulator() -> Emulator:
    return Emulator()


ANSWERS = [
    # fault, HTTP status, part of the body, whether the message was taken
    ("latency:seconds=0.001", 201, '"status":"pending"', True),
    ("status", 500, '{"error":"An unexpected error occurred"}', False),
    ("status:accepted=yes", 500, '{"error":"An unexpected error occurred"}', True),
    ("status:code=503,message=Back soon", 503, '{"error":"Service unavailable","message":"Back soon"}', False),
    ("status:code=402,reason=insufficient_credits", 402, '"code":"insufficient_credits"', False),
    (
        "status:code=400,graph=131056,error=Pair rate",
        400,
        '{"error":{"message":"Pair rate","type":"MessageError"',
        False,
    ),
    ("status:code=599", 599, '{"error":"Error"}', False),
    ("html", 502, "<title>Bad Gateway</title>", False),
    ("html:code=504,accepted=yes", 504, "<title>Bad Gateway</title>", True),
    ("malformed", 201, '{"data":{"id":"', True),
    ("slow-body:seconds=0.001", 201, '"status":"pending"', True),
    ("store-late:seconds=0.001", 201, '"status":"pending"', True),
    ("in-flight-409", 409, "Another message is already in-flight for this conversation", False),
    ("agent-409", 409, "agent execution is active", False),
    ("window-422", 422, '{"error":"Cannot send non-template messages outside the 24-hour window."}', False),
    ("window-422:shape=object", 422, '"code":131047', False),
]


@pytest.mark.parametrize(("fault", "status", "part", "taken"), ANSWERS)
def test_a_fault_gives_its_answer_once(emulator: Emulator, fault: str, status: int, part: str, taken: bool) -> None:
    """The first post meets the fault, the second is taken; what the fault says it took is there."""
    emulator.spoil(fault + (",count=1" if ":" in fault else ":count=1"))
    answer = emulator.post()
    assert (answer.status_code, part in answer.text) == (status, True)
    assert len(emulator.state.received()) == taken
    assert emulator.post().status_code == 201
    assert emulator.ask("GET", "/_emulator/faults").json()["faults"][0]["struck"] == 1


@pytest.mark.parametrize(("fault", "taken"), [("cut-before", 0), ("cut-after", 1), ("timeout-after:seconds=0.001", 1)])
def test_a_cut_is_an_error_out_of_the_app(emulator: Emulator, fault: str, taken: int) -> None:
    """In process, a cut connection is a ConnectionResetError; the next post passes."""
    emulator.spoil(fault + (",count=1" if ":" in fault else ":count=1"))
    with pytest.raises(ConnectionCutError):
        emulator.post()
    assert len(emulator.state.received()) == taken
    assert emulator.post().status_code == 201


def test_a_malformed_answer_is_no_json(emulator: Emulator) -> None:
    """It ends in the middle."""
    emulator.spoil("malformed")
    with pytest.raises(ValueError, match="Expecting"):
        emulator.post().json()


def test_templates_pass_a_shut_window(emulator: Emulator) -> None:
    """The fault spares what a shut window spares."""
    emulator.spoil("window-422")
    assert [emulator.post(TEMPLATE).status_code, emulator.post(HELLO).status_code] == [201, 422]


def test_status_may_carry_retry_after(emulator: Emulator) -> None:
    """Seconds or a date, as given."""
    emulator.spoil("status:code=429,retry_after=7")
    answer = emulator.post()
    assert (answer.headers["Retry-After"], answer.json()) == ("7", {"error": "Rate limit exceeded"})


WAYS = [
    # fault, message, statuses at 0, 0.05, 0.2, 0.4, 0.5 and 0.7 seconds
    ("status-duplicate", HELLO, "pending sent delivered sent read delivered"),
    ("status-reorder", HELLO, "pending delivered sent sent read read"),
    ("status-skip", HELLO, "pending pending pending pending read read"),
    ("read-failed", HELLO, "pending sent failed failed failed failed"),
    ("media-late:seconds=0.2", IMAGE, "pending sent sent delivered delivered read"),
    ("media-late:seconds=0.2", HELLO, "pending sent delivered delivered read read"),
]


@pytest.mark.parametrize(("fault", "message", "statuses"), WAYS)
def test_a_fault_changes_how_statuses_come(
    emulator: Emulator, fault: str, message: dict[str, object], statuses: str
) -> None:
    """Each oddity as the list shows it over time."""
    emulator.spoil(fault)
    emulator.post(message)
    assert emulator.statuses(0, 0.05, 0.2, 0.4, 0.5, 0.7) == statuses.split()


def test_a_failed_message_says_why(emulator: Emulator) -> None:
    """The number and the words stand in its metadata, once it has failed and not before."""
    emulator.spoil("read-failed:code=131047,text=Re-engagement message")
    emulator.post()
    assert emulator.listed()[0]["metadata"] == {}
    emulator.clock.time = T0 + 1
    (error,) = emulator.listed()[0]["metadata"]["errors"]
    assert (error["code"], error["message"]) == (131047, "Re-engagement message")
    assert on_phone(emulator.state, "c1") == []


def test_late_media_is_overtaken_on_the_phone(emulator: Emulator) -> None:
    """The phone's order is that of arrival, the list's that of acceptance."""
    emulator.spoil("media-late:seconds=5")
    emulator.post(IMAGE)
    emulator.clock.time = T0 + 0.1
    emulator.post(HELLO)
    emulator.clock.time = T0 + 3
    assert [message.content for message in on_phone(emulator.state, "c1")] == ["Hello"]
    emulator.clock.time = T0 + 6
    assert [message.content for message in on_phone(emulator.state, "c1")] == ["Hello", "A"]
    assert [message.content for message in emulator.state.messages("c1", "oldest")] == ["A", "Hello"]


def test_what_is_stored_late_shows_late_and_holds_no_lock(emulator: Emulator) -> None:
    """While the first post waits for its answer, lists do not show it and a second post is taken."""
    emulator.spoil("store-late:seconds=0.05,count=1")

    async def two() -> tuple[int, int]:
        transport = httpx.ASGITransport(app=emulator.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://e", headers={"X-API-Key": "k"}) as client:
            taken = asyncio.Event()
            emulator.state.listeners.append(lambda _: taken.set())
            first = asyncio.create_task(client.post(MESSAGES, json={"message": HELLO}))
            await taken.wait()
            second = await client.post(MESSAGES, json={"message": HELLO})
            assert not first.done()
            listed = (await client.get(MESSAGES)).json()["meta"]["total_count"]
            assert (await first).status_code == 201
            return second.status_code, listed

    assert asyncio.run(two()) == (201, 1)
    emulator.clock.time = T0 + 0.05
    assert len(emulator.listed()) == 2


def test_latency_holds_the_conversation(emulator: Emulator) -> None:
    """A post that comes while another is slow meets the in-flight 409."""
    emulator.spoil("latency:seconds=0.05,count=1")

    async def two() -> list[int]:
        transport = httpx.ASGITransport(app=emulator.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://e", headers={"X-API-Key": "k"}) as client:
            posts = (client.post(MESSAGES, json={"message": HELLO}) for _ in range(2))
            return sorted(answer.status_code for answer in await asyncio.gather(*posts))

    assert asyncio.run(two()) == [201, 409]


ORDERS = [
    ("list-order", "4 3 2 1 0"),
    ("list-order:order=oldest", "0 1 2 3 4"),
    ("list-partial", "4 3 2 1"),
]


def fill(emulator: Emulator, count: int) -> None:
    for number in range(count):
        emulator.clock.time = T0 + number
        emulator.post({"message_type": "text", "content": str(number)})


@pytest.mark.parametrize(("fault", "contents"), ORDERS)
def test_a_fault_changes_the_list(emulator: Emulator, fault: str, contents: str) -> None:
    """The order, or what is left out; the count stays the whole one."""
    fill(emulator, 5)
    emulator.spoil(fault)
    answer = emulator.ask("GET", MESSAGES).json()
    assert [message["content"] for message in answer["data"]] == contents.split()
    assert answer["meta"]["total_count"] == 5


FORMS = [
    ("rounded", "19.432608", "Jose\u0301  & A <b>", None),
    ("numbers-as-text", "19.43260812345", "Jose\u0301  & A <b>", None),
    ("nfc", 19.43260812345, "José  & A <b>", None),
    ("nfd", 19.43260812345, "Jose\u0301  & A <b>", None),
    ("trimmed", 19.43260812345, "Jose\u0301 & A <b>", None),
    ("escaped", 19.43260812345, "Jose\u0301  &amp; A &lt;b&gt;", None),
    ("cut", 19.43260812345, "Jose\u0301  & A <b>", "A long text of ma..."),
]


@pytest.mark.parametrize(("form", "latitude", "content", "long"), FORMS)
def test_the_list_shows_messages_in_another_form(
    emulator: Emulator, form: str, latitude: object, content: str, long: str | None
) -> None:
    """Their own words and numbers, that is; what the API itself says of them stays."""
    place = {"message_type": "location", "latitude": 19.43260812345, "longitude": -99.1, "content": "here"}
    for message in (place, {"content": "Jose\u0301  & A <b>"}, {"content": "A long text of many words"}):
        emulator.post(message)
    plain = emulator.ask("GET", f"{MESSAGES}?per_page=100").json()["data"]
    emulator.spoil(f"list-form:form={form}")
    shown = emulator.ask("GET", f"{MESSAGES}?per_page=100").json()["data"]
    assert str(shown[2]["message_type_data"]["latitude"]) == str(latitude)
    assert shown[1]["content"] == shown[1]["message_type_data"]["text"] == content
    assert shown[0]["content"] == (long or "A long text of many words")
    for one, other in zip(plain, shown, strict=True):
        assert {**one, "content": "", "message_type_data": {}} == {**other, "content": "", "message_type_data": {}}


def test_the_clock_is_ahead_in_all_that_is_told_and_steps_while_messages_are_on_their_way(emulator: Emulator) -> None:
    """The date of answers and of what is taken; several of them add up, and what was told before stays told."""
    emulator.spoil("clock:seconds=90", "clock:seconds=-3600,after=1")
    dates = []
    for _ in range(2):
        answer = emulator.post(HELLO)
        at = datetime.fromisoformat(answer.json()["data"]["created_at"]).timestamp() - emulator.clock.time
        dates.append((at, parsedate_to_datetime(answer.headers["date"]).timestamp() - emulator.clock.time))
    assert dates == [(90, -3510), (-3510, -3510)]
    listed = emulator.ask("GET", MESSAGES).json()["data"]
    assert {datetime.fromisoformat(each["created_at"]).timestamp() - T0 for each in listed} == {90, -3510}


def test_shuffled_pages_fit_together(emulator: Emulator) -> None:
    """Every message is on one page, in an order that is neither of the others, and depends on the seed."""
    fill(emulator, 12)
    seen = []
    for seed in (1, 2):
        emulator.spoil(f"list-order:order=shuffled,seed={seed}")
        pages = [emulator.listed(f"?per_page=5&page={page}") for page in (1, 2, 3)]
        seen.append([int(str(message["content"])) for page in pages for message in page])
    assert [sorted(order) for order in seen] == [list(range(12))] * 2
    assert seen[0] != seen[1]


LIMITS = [
    ("rate-limit:limit=1", "20", "0"),
    ("rate-limit:limit=1,headers=date", "Sun, 15 Jun 2025 15:07:00 GMT", "0"),
    ("rate-limit:limit=1,headers=no", None, None),
    ("rate-limit:limit=1,window=0.5", "1", "0"),
]


@pytest.mark.parametrize(("fault", "retry_after", "remaining"), LIMITS)
def test_a_limit_can_be_set_as_a_fault(
    emulator: Emulator, fault: str, retry_after: str | None, remaining: str | None
) -> None:
    """With headers, with a date, without."""
    emulator.spoil(fault)
    answers = [emulator.post(), emulator.post()]
    assert [answer.status_code for answer in answers] == [201, 429]
    headers = answers[1].headers
    assert (headers.get("Retry-After"), headers.get("X-RateLimit-Remaining")) == (retry_after, remaining)


def test_a_limit_that_is_used_up_lets_through(emulator: Emulator) -> None:
    """With a count, so many requests are refused and no more."""
    emulator.spoil("rate-limit:limit=1,count=1")
    assert [emulator.post().status_code for _ in range(3)] == [201, 429, 201]
