"""What the API said and what it means: the outcome table, body shapes, headers and listed messages."""

import json
import math
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowrunner.client import InDoubt, Rejected, Retryable, TransportError
from flowrunner.client.access import Key
from flowrunner.client.answers import http_date, rate_limit, read, retry_after, said
from flowrunner.client.outcomes import LATER, MOMENT, PAIR, STEADY, TABLE, WINDOW, of_failed, outcome, row_for
from flowrunner.dialects import meta
from flowrunner.dialects.kapso_v1 import answers, refusals
from flowrunner.dialects.kapso_v1.answers import message
from flowrunner.dialects.reading import epoch
from flowrunner.dialects.refusals import Row as Refusal
from flowrunner.dialects.values import Answer
from support.slices import some

KEY = "kp_live/0123456789+abc=="
WINDOW_TEXT = "Cannot send non-template messages outside the 24-hour window."


def graph(code: int, text: str = "Meta's words", details: str = "") -> dict[str, Any]:
    data = {"messaging_product": "whatsapp", "details": details} if details else None
    return {"error": {"message": text, "type": "OAuthException", "code": code, "error_data": data, "fbtrace_id": "A"}}


def refused(
    status: int, body: object, headers: dict[str, str] | None = None, *, sending: bool = True
) -> TransportError:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = headers or {"content-type": "text/html; charset=utf-8"}
    pairs = [(name.encode(), value.encode()) for name, value in named.items()]
    answer = read(status, pairs, raw, Key(KEY).scrub)
    words = said(answer)
    return outcome(answer, words, retry_after(answer.headers, words.words, 0.0), refusals(""), sending=sending)


# HTTP status, body, kind, code, a word of the hint: a row for each line of the reference's tables.
Row = tuple[int, object, type[TransportError], str | None, str]

KAPSO: list[Row] = [
    (400, {"error": "Invalid parameters", "message": "Parameter X is required"}, Rejected, "", "API's words"),
    (401, {"error": "Invalid or missing API key"}, Rejected, "", "KAPSO_API_KEY"),
    (404, {"error": "Conversation not found"}, Rejected, "", "--phone"),
    (404, {"error": "Template not found"}, Rejected, "", "template_name"),
    (404, {"error": "WhatsApp message not found"}, Rejected, "", "reacted_to_message_id"),
    (404, {"error": "Phone number not found"}, Rejected, "", "not connected"),
    (404, b"<html><title>Nginx</title></html>", Rejected, "", "--api-url"),
    (409, {"error": "Cannot send a manual message when an agent execution is active"}, Rejected, "", "agent"),
    (409, {"error": "Another message is already in-flight for this conversation."}, Retryable, "", "before it"),
    (409, {"error": "Conflict"}, Rejected, "", "conversation"),
    (422, {"error": "Execution cannot be resumed", "message": "..."}, Rejected, "", "API's words"),
    (422, {"error": "Template requires 2 parameters, but 1 were provided"}, Rejected, "", "template_params"),
    (429, {"error": "Rate limit exceeded", "message": "Please retry after 7 seconds"}, Retryable, "", "minute"),
    (500, {"error": "An unexpected error occurred", "message": "..."}, InDoubt, "", "may have"),
    (402, {"error": "Your balance", "code": "insufficient_credits"}, Rejected, "insufficient_credits", "balance"),
    (402, {"error": "Pay"}, Rejected, "", "balance"),
    (403, {"error": "Active sandbox session required to send messages"}, Rejected, "", "sandbox"),
    (403, {"error": "Forbidden"}, Rejected, "", "project"),
    (422, graph(131047, WINDOW_TEXT), Rejected, "131047", "template"),
    (422, {"error": WINDOW_TEXT}, Rejected, "131047", "template"),
    (422, {"error": "Contact stopped", "code": "marketing_preference_stopped"}, Rejected, None, "stopped"),
    (422, {"error": "Messaging account", "code": "messaging_account_mismatch"}, Rejected, None, "another number"),
    (504, {"error": "Kapso proxy timeout"}, InDoubt, "", "may have"),
    (502, b"<h1>Bad gateway</h1>", InDoubt, "", "may have"),
    (408, {"error": "Request timeout"}, InDoubt, "", "gateway"),
    (407, b"", InDoubt, "", "HTTPS_PROXY"),
    (302, b"", InDoubt, "", "redirects are not followed"),
    (418, {"error": "teapot"}, InDoubt, "", "not known"),
    (400, b"<title>400 The plain HTTP request was sent to HTTPS port</title>", Rejected, "", "https://"),
    (400, b"Client sent an HTTP request to an HTTPS server.\n", Rejected, "", ""),
    (201, b"{not json", InDoubt, "", "yes"),
    (201, {"data": {"status": "sent"}}, InDoubt, "", "yes"),
    (200, graph(131047), InDoubt, "", "yes"),
    (700, b"", InDoubt, "", "not known"),
]
# HTTP status, codes, kind, a word of the hint.
META = [
    (400, (1,), InDoubt, "metastatus"),
    (503, (2, 133004), InDoubt, "metastatus"),
    (400, (4, 80007), Retryable, "hourly"),
    (400, (130429,), Retryable, "faster"),
    (400, (131056,), Retryable, "6 seconds"),
    (400, (131048,), Rejected, "quality"),
    (500, (131000, 131016, 131057), InDoubt, "metastatus"),
    (400, (131000, 131016, 131057), Rejected, "API's words"),
    (401, (0, 190), Rejected, "connect the number again"),
    (500, (0, 190), InDoubt, "may have"),
    (403, (10, 200, 250, 299, 131005), Rejected, "permission"),
    (403, (368, 131031), Rejected, "restricted"),
    (403, (130497,), Rejected, "country"),
    (400, (33,), Rejected, "deleted"),
    (400, (100, 131008, 131009, 135000), Rejected, "field"),
    (400, (130472,), Rejected, "experiment"),
    (400, (131021,), Rejected, "recipient"),
    (400, (131026,), Rejected, "WhatsApp"),
    (422, (1026,), Rejected, "another kind"),
    (400, (131037,), Rejected, "display name"),
    (400, (131042,), Rejected, "bill"),
    (500, (131045,), Rejected, "registered"),
    (400, (131047,), Rejected, "template"),
    (400, (131049,), Rejected, "24 hours"),
    (400, (131050,), Rejected, "stopped"),
    (400, (131051,), Rejected, "message_type"),
    (400, (131052, 131053), Rejected, "media"),
    (400, (132000, 132012), Rejected, "template_params"),
    (404, (132001,), Rejected, "template_language"),
    (400, (132005,), Rejected, "too long"),
    (400, (132007,), Rejected, "policy"),
    (400, (132015, 132016), Rejected, "paused"),
    (400, (132018,), Rejected, "line break"),
    (400, (132068, 132069), Rejected, "Flow"),
    (400, (133010,), Rejected, "registered"),
]
ROWS = KAPSO + [(status, graph(code), kind, str(code), hint) for status, codes, kind, hint in META for code in codes]


CONCERNS = {
    "sender": [
        (401, {"error": "Invalid or missing API key"}),
        (402, {"error": "Your balance", "code": "insufficient_credits"}),
        (402, {"error": "Pay"}),
        (403, {"error": "Forbidden"}),
        (404, {"error": "Phone number not found"}),
        (404, b"<html><title>Nginx</title></html>"),
        (422, {"error": "Messaging account does not match", "code": "messaging_account_mismatch"}),
        *((400, graph(code)) for code in (0, 190, 10, 200, 299, 131005, 368, 131031, 33, 131037, 131042, 133010)),
        *((400, graph(code)) for code in (131048, 131045)),
    ],
    "recipient": [
        (403, {"error": "Active sandbox session required to send messages"}),
        (404, {"error": "Conversation not found"}),
        (409, {"error": "Cannot send a manual message when an agent execution is active"}),
        (422, {"error": "Contact stopped marketing", "code": "marketing_preference_stopped"}),
        (422, {"error": WINDOW_TEXT}),
        *((400, graph(code)) for code in (131026, 131047, 131049, 131050, 130472, 130497, 131021)),
    ],
    "message": [
        (400, {"error": "Invalid parameters"}),
        (422, graph(1026)),
        (500, {"error": "An unexpected error occurred"}),
        (429, {"error": "Rate limit exceeded"}),
        *((400, graph(code)) for code in (100, 131051, 131053, 132000, 132001, 132015)),
    ],
}


@pytest.mark.parametrize(
    ("whom", "status", "body"), [(whom, *each) for whom, answers in CONCERNS.items() for each in answers]
)
def test_each_refusal_says_whom_it_concerns(whom: str, status: int, body: object) -> None:
    """A campaign goes on with the next person only where that may be taken."""
    assert refused(status, body).concerns == whom


@pytest.mark.parametrize(("status", "body", "kind", "code", "hint"), ROWS)
def test_each_answer_has_its_outcome(
    status: int, body: object, kind: type[TransportError], code: str | None, hint: str
) -> None:
    """Each line of the reference's tables becomes the error that says what to do next."""
    error = refused(status, body)
    assert type(error) is kind
    assert error.status == status
    assert hint in error.hint
    assert error.reason
    assert code is None or error.code == code


OF_KAPSO_ALONE = {"insufficient_credits", "messaging_account_mismatch", "agent execution"}
"""Codes and words that nobody else gives."""
SENT_TO_KAPSO = [
    (400 if row.status == "no" else int(row.status), next(iter(sorted(row.codes)), ""), " ".join(row.words[:1]), row)
    for row in TABLE
    if "Kapso" in row.hint and not {*row.codes, *row.words} & OF_KAPSO_ALONE
]


@pytest.mark.parametrize(("status", "code", "words", "row"), SENT_TO_KAPSO)
def test_who_sends_by_graph_is_not_sent_to_kapso(status: int, code: str, words: str, row: Refusal) -> None:
    """They have no account there; what the answer means is the same."""
    at_graph = row_for(status, code, words, meta.refusals("https://graph.facebook.com/v24.0/1"))
    assert at_graph.hint
    assert "Kapso" not in at_graph.hint
    assert at_graph._replace(hint="", status="", codes=row.codes) == row._replace(hint="", status="")
    assert "Kapso" in row_for(status, code, words, meta.refusals("https://api.kapso.ai/meta/whatsapp/v24.0/1")).hint


LATE = [(code, hint) for _, codes, _, hint in META if hint not in {"API's words", "may have"} for code in codes]


def test_what_failed_on_its_way_is_told_as_what_is_refused() -> None:
    """Most of these codes come with a status, once the message was taken: what to do, and whom it concerns."""
    for code, hint in LATE:
        told, error = of_failed(f"{code}: Meta's words"), refused(400, graph(code))
        assert hint in told["hint"], code
        assert told.get("concerns", "message") == error.concerns, code


@pytest.mark.parametrize("reason", ["", "No", "999999: No", "x: 131026", "100"])
def test_what_no_code_tells_is_not_guessed(reason: str) -> None:
    """The words alone are shown; 100 alone is some field."""
    assert of_failed(reason).get("concerns") is None
    assert not of_failed(reason) or reason == "100"


def test_what_failed_is_known_by_its_words_in_any_case() -> None:
    """As what is refused."""
    assert of_failed("100: Object with ID '1' does not exist")["concerns"] == "sender"


@pytest.mark.parametrize(("status", "body"), [(row[0], row[1]) for row in ROWS])
def test_nothing_is_in_doubt_for_a_read(status: int, body: object) -> None:
    """A read can always be done again, and what is refused for a send is refused for a read; so is a redirect."""
    error = refused(status, body, sending=False)
    sending = refused(status, body)
    doubted = Rejected if status in (302, 407, 418) else Retryable
    assert type(error) is (doubted if isinstance(sending, InDoubt) else type(sending))


REFUSALS = {400, 401, 402, 403, 404, 409, 422}
"""What the API's description calls a refusal (section 3.2); 429 is one, too, and says to ask again."""
BODIES: list[object] = [b"", b"<p>", {"error": "No"}, {"message": "retry shortly"}, graph(4), graph(131026), graph(100)]


@pytest.mark.parametrize("hundred", range(100, 1000, 100))
def test_only_what_the_api_calls_a_refusal_is_one(hundred: int) -> None:
    """Every other answer to a message leaves it in doubt, whatever it says: it is looked up, and never sent blindly."""
    for status in range(hundred, hundred + 100):
        kinds = {type(refused(status, body)) for body in BODIES}
        if status == 429:
            assert InDoubt not in kinds
            assert type(refused(status, b"")) is Retryable
        elif status in REFUSALS:
            assert kinds == {Rejected, Retryable}, status
            assert type(refused(status, {"error": "No"})) is Rejected, status
        else:
            assert kinds == {InDoubt}, status


@pytest.mark.parametrize(
    ("status", "body", "headers", "backoff", "waits"),
    [
        (400, graph(131056), {}, PAIR, [1, 4, 16, 64, 256, 256]),
        (400, graph(4), {}, LATER, [30, 60]),
        (400, graph(130429), {}, STEADY, [1, 2, 4]),
        (409, {"error": "retry shortly"}, {}, MOMENT, [0.5, 1]),
        (429, {"error": "Rate limit exceeded"}, {}, WINDOW, [5, 10]),
        (429, {"error": "Rate limit exceeded"}, {"retry-after": "60"}, WINDOW, [60, 60]),
        (429, {"error": "Rate limit exceeded"}, {"retry-after": "0"}, WINDOW, [5, 10]),
    ],
)
def test_each_retryable_answer_has_its_wait(
    status: int, body: object, headers: dict[str, str], backoff: object, waits: list[float]
) -> None:
    """The API's own word goes first, then the back-off of that code."""
    error = refused(status, body, headers)
    assert isinstance(error, Retryable)
    assert error.backoff is backoff
    assert [error.delay(retry) for retry in range(len(waits))] == waits
    assert error.delay(5000) <= 900


@pytest.mark.parametrize(
    ("body", "reason", "code"),
    [
        ({"error": "A", "message": "B"}, "A: B (HTTP 422)", ""),
        ({"error": "A", "code": "x_y"}, "A (HTTP 422)", "x_y"),
        ({"error": {"message": "A", "code": "131047"}}, "A (HTTP 422)", "131047"),
        (graph(132000, "(#132000) Count", "body: 1 of 2"), "(#132000) Count: body: 1 of 2 (HTTP 422)", "132000"),
        (
            {"error": "(#131030) Recipient not in allowed list"},
            "(#131030) Recipient not in allowed list (HTTP 422)",
            "131030",
        ),
        ({"errors": [{"code": 131026, "title": "Undeliverable"}]}, "Undeliverable (HTTP 422)", "131026"),
        ({"errors": ["one", "two"]}, "one: two (HTTP 422)", ""),
        ({"errors": {"content": ["can't be blank"]}}, "content can't be blank (HTTP 422)", ""),
        ({"error": {"message": None, "code": True}}, "HTTP 422 without a reason", ""),
        ({"status": 422}, "HTTP 422 without a reason", ""),
        ([], "HTTP 422 without a reason", ""),
        ("a word", "a word (HTTP 422)", ""),
        ({"error": "line\r\n\x1b[31mred\x9b"}, "line [31mred (HTTP 422)", ""),
        ({"error": f"no such key: {KEY}", "code": KEY}, "no such key: *** (HTTP 422)", "***"),
        ({"error": "x" * 290 + KEY}, "x" * 290 + "*** (HTTP 422)", ""),
        (b"", "HTTP 422 with an empty answer", ""),
        (b"null", "HTTP 422 with an answer that is not JSON (text/html)", ""),
        (b"[" * 100_000, "HTTP 422 with an answer that is not JSON (text/html)", ""),
        (b'{"error":' * 500 + b"1" + b"}" * 500, "HTTP 422 without a reason", ""),
        (b"\xff\xfe\x00", "HTTP 422 with an answer that is not JSON (text/html)", ""),
        (
            b"<html><TITLE>\n 502 Bad &amp; gateway</TITLE><p>nginx",
            'HTTP 422 with an answer that is not JSON (text/html): "502 Bad & gateway"',
            "",
        ),
    ],
)
def test_every_body_shape_gives_a_readable_reason(body: object, reason: str, code: str) -> None:
    """The API's own words on one line, or a sentence about their absence; never the key."""
    error = refused(422, body)
    assert (error.reason, error.code) == (reason, code)


def test_a_long_reason_is_cut_and_a_billing_page_is_named() -> None:
    """A wall of text stays readable, and the page where credit is bought is in the hint."""
    error = refused(402, {"error": "y" * 5000, "billing_url": "https://app.kapso.ai/billing"})
    assert len(error.reason) == 300 + len(" (HTTP 402)")
    assert "https://app.kapso.ai/billing" in error.hint


@pytest.mark.parametrize(
    ("value", "words", "seconds"),
    [
        ("60", "", 60),
        (" 1.5 ", "", 1.5),
        ("999999999", "", 86_400),
        ("-3", "", None),
        ("inf", "", None),
        ("soon", "", None),
        ("", "Please retry after 30 seconds", 30),
        ("", "Please retry after X seconds", None),
        ("Thu, 01 Jan 1970 00:20:00 GMT", "", 200),
        ("Thu, 01 Jan 1970 00:00:01 -0000", "", 0),
        ("Thu, 32 Jan 1970 99:00:01 GMT", "", None),
        ("Thu, 01 Jan 1970 00:20:00 +99999999999999999999", "", None),
        ("Thu, 01 Jan 1970 00:20:00 -99999999999999999999", "", None),
        ("Fri, 31 Dec 99999 23:59:59 GMT", "", None),
        ("Fri, 31 Dec 9999 23:59:59 GMT", "", 86_400),
        ("9" * 400, "", None),
        ("9" * 20, "", 86_400),
        ("1e9", "", None),
        ("٣", "", None),
        ("soon", "Please retry after 30 seconds", 30),
        ("Thu, " * 10_000, "", None),
    ],
)
def test_retry_after_is_read_in_all_its_forms(value: str, words: str, seconds: float | None) -> None:
    """Seconds, a date or the API's words; anything else is as if it were not there."""
    assert retry_after({"retry-after": value}, words, 1000.0) == seconds


def hostile() -> st.SearchStrategy[str]:
    """Headers and dates with what a parser may stumble over."""
    digits = st.text("0123456789", max_size=30)
    date = st.builds(
        "{}, {} {} {} {}:{}:{} {}{}".format, st.sampled_from(["Thu", "", "Xyz"]), digits,
        st.sampled_from(["Jan", "Feb", "13", ""]), digits, digits, digits, digits, st.sampled_from("+-Z "), digits,
    )  # fmt: skip
    iso = st.builds("{}-{}-{}T{}:{}:{}.{}{}{}:{}".format, *[digits] * 7, st.sampled_from("+-Z"), digits, digits)
    return st.one_of(
        st.text(), date, iso, digits, st.sampled_from(["nan", "inf", "-0", "\x00", "\ud800", "1_0", "0x1"])
    )


@settings(max_examples=some(500), deadline=None)
@given(hostile(), st.text(), st.floats(0, 1e11))
def test_no_header_is_more_than_a_wait_or_nothing(value: str, words: str, now: float) -> None:
    """Whatever a server writes, nothing breaks, and nobody waits for longer than a day."""
    seconds = retry_after({"retry-after": value}, words, now)
    assert seconds is None or 0 <= seconds <= 86_400
    limit = rate_limit({"x-ratelimit-limit": value})
    assert limit is None or 0 <= limit < 10**9
    assert math.isfinite(epoch(value))


JSON_VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(),
        st.sampled_from(["\x00", "a\ud800", "\udfff", "\ufeff", "\u202e", "\x1b[31m", "9" * 400, 10**400]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from([*"abc", "data", "id", "error", "errors", "code", "message", "meta"]), inner),
    ),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=some(500), deadline=None)
@given(
    st.integers(100, 999), st.one_of(JSON_VALUES, st.builds(lambda data: {"data": data}, JSON_VALUES)), st.booleans()
)
def test_no_answer_breaks_the_door(status: int, body: object, sending: bool) -> None:
    """Whatever an answer holds: words that can be shown and written down, ids that can be kept, or nothing."""
    text = json.dumps(body)
    error = refused(status, text.encode(), sending=sending)
    assert error.reason
    for written in (error.reason, error.code, error.hint):
        assert not re.search(r"[\x00-\x1f\x7f-\x9f]", written)
        written.encode()
    got = answers.receipt(Answer(201, {}, text))
    assert got is None or re.fullmatch(r"[!-~]{1,512}", got.message_id)
    one = answers.one_conversation(Answer(200, {}, text))
    assert one is None or re.fullmatch(r"[!-~]{1,512}", one.conversation_id)
    page = answers.page(text)
    for item in page.items if page else ():
        found = message(item)
        assert math.isfinite(found.created_at)
        json.dumps(found.data, ensure_ascii=False).encode()
        "".join(str(field) for field in found[:7]).encode()


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ([(b"Retry-After", b" 30")], {"retry-after": " 30"}),
        ([(b"via", b"a"), (b"Via", b"b")], {"via": "a, b"}),
        ([(b"x", "é".encode()), (b"y", b"\xe9")], {"x": "é", "y": "é"}),
        ([(b"location", f"/?k={KEY}".encode())], {"location": "/?k=***"}),
    ],
)
def test_headers_are_read_by_their_names(headers: list[tuple[bytes, bytes]], found: dict[str, str]) -> None:
    """In any case and encoding, each once with all of its values, and without the key."""
    assert read(200, headers, b"", Key(KEY).scrub).headers == found


@settings(max_examples=some(200), deadline=None)
@given(st.binary(max_size=300), st.lists(st.tuples(st.binary(max_size=9), st.binary(max_size=30)), max_size=5))
def test_no_bytes_break_the_door(body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    """No encoding, no nesting, no header."""
    answer = read(422, headers, body, Key(KEY).scrub)
    assert said(answer).words
    assert answers.receipt(Answer(201, {}, answer.text)) is None
    assert answers.page(answer.text) is None


@pytest.mark.parametrize(
    "message_id",
    ["\ud800", "a\udc00", "a\x00b", "a b", "a\n", "é", "\u202ea", "", None, True, 1.5, [], {}, "x" * 513, f"m-{KEY}",
     KEY.encode().hex()],
)  # fmt: skip
def test_an_id_that_cannot_be_kept_is_none(message_id: object) -> None:
    """The API said yes, so the message is in doubt, and found or not found in the list."""
    body = json.dumps({"data": {"id": message_id, "status": "pending"}})
    answer = read(201, [], body.encode(), Key(KEY).scrub)
    assert answers.receipt(Answer(201, {}, answer.text)) is None
    assert type(refused(201, body.encode())) is InDoubt


@pytest.mark.parametrize("wamid", ["\ud800", f"wamid.{KEY}", "a b", None, 7])
def test_a_wamid_that_cannot_be_kept_is_left_out(wamid: object) -> None:
    """The message was taken all the same."""
    answer = read(201, [], json.dumps({"data": {"id": "m1", "whatsapp_message_id": wamid}}).encode(), Key(KEY).scrub)
    got = answers.receipt(Answer(201, {}, answer.text))
    assert got is not None
    assert (got.message_id, got.wamid) == ("m1", "7" if wamid == 7 else "")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_an_answer_in_another_encoding_holds_no_key_either(encoding: str) -> None:
    """JSON may come in UTF-16, and is read so."""
    body = json.dumps({"error": f"bad key {KEY}"}).encode(encoding)
    assert refused(401, body).reason == "bad key *** (HTTP 401)"


@pytest.mark.parametrize(
    ("value", "at"),
    [
        ("Sun, 06 Nov 1994 08:49:37 GMT", 784111777.0),  # the three forms of RFC 9110
        ("Sunday, 06-Nov-94 08:49:37 GMT", 784111777.0),
        ("Sun Nov  6 08:49:37 1994", 784111777.0),
        ("Sun, 06 Nov 1994 09:49:37 +0100", 784111777.0),
        ("sun, 6 nov 1994 08:49:37 GMT", 784111777.0),
        ("Sun, 06 Nov 1994 08:49:37 PST", 784140577.0),
        ("Sun, 06 Nov 0094 08:49:37 GMT", 784111777.0),
        ("Sun, 06 Nov 1994 08:49 GMT", 784111740.0),
        ("Sun, 31 Nov 1994 08:49:37 GMT", None),
        ("Sun, 06 Foo 1994 08:49:37 GMT", None),
        ("Sun, 06 Nov 1994 24:49:37 GMT", None),
        ("tomorrow", None),
        ("", None),
        ("Sun, 06 Nov 1994 08:49:37 GMT" + " " * 100, None),
    ],
)
def test_a_date_of_a_header_is_read_in_every_form(value: str, at: float | None) -> None:
    """One outside of the calendar is none."""
    assert http_date(value) == at


def test_the_rate_limit_is_read_where_it_is_a_number() -> None:
    """An unreadable one does not count."""
    assert rate_limit({"x-ratelimit-limit": " 100 "}) == 100
    assert rate_limit({"x-ratelimit-limit": "many"}) is None
    assert rate_limit({}) is None


@pytest.mark.parametrize(
    ("data", "created", "error"),
    [
        ({"created_at": "1970-01-01T00:01:00Z"}, 60, ""),
        ({"created_at": "1970-01-01T00:01:00"}, 60, ""),
        ({"created_at": 61}, 61, ""),
        ({"created_at": "1700000000"}, 1_700_000_000, ""),
        ({"created_at": "yesterday"}, 0, ""),
        ({"created_at": 10**400}, 0, ""),
        ({"created_at": float("nan")}, 0, ""),
        ({"created_at": float("inf")}, 0, ""),
        ({"created_at": True}, 0, ""),
        ({"created_at": "0001-01-01T00:00:00+23:59"}, -62_135_683_140, ""),
        ({"status": "failed", "errors": [{"code": 131026, "title": "No"}]}, 0, "131026: No"),
        ({"status": "failed", "metadata": {"error": {"message": "Why"}}}, 0, "Why"),
        ({"status": "failed", "message": "not a reason"}, 0, ""),
        ({"status": "sent", "error": "old"}, 0, ""),
    ],
)
def test_a_listed_message_is_read_with_its_time_and_reason(data: dict[str, Any], created: float, error: str) -> None:
    """Missing fields are empty, times are seconds since the epoch, failures carry their code."""
    found = message({"id": 7, "content": None, **data})
    assert (found.message_id, found.content, found.created_at, found.error) == ("7", "", created, error)
