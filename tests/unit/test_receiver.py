"""A webhook is answered 200 when what it tells is in the journal, and by nothing else than its signature let in."""

import asyncio
import re
from typing import Any

import pytest

from flowrunner.dialects.webhooks.signing import signature
from flowrunner.model import EventKind, Recipient, Told
from flowrunner.receiver.duplicates import Once
from flowrunner.receiver.endpoints import Hook
from flowrunner.receiver.request_bodies import LARGEST
from support import told
from support.told import AT, NUMBER, OURS, body
from support.webhooks import HOOK, PATH, SECRET, Site, raw

HI = body(told.meta(contacts=[told.ANA], messages=[told.meta_message("text", {"body": "my secret word"})]))
SENT = body(told.meta(statuses=[told.meta_status("sent")]))
ANA = Recipient("", "+16505551234", "US.13491208655302741918")


def test_what_is_told_is_in_the_journal_before_it_is_answered() -> None:
    """Messages and statuses, at the API of the sender whose address it is; then runs are woken."""
    site = Site()
    assert site.post(HI) == site.post(SENT) == 200
    (heard, target, [(whom, inbound)]), (tell, _, statuses) = site.journal.kept
    assert (heard, tell, target) == ("hear", "tell", HOOK.target)
    assert (whom, inbound.text, statuses) == (ANA, "my secret word", [Told((OURS,), EventKind.SENT, AT)])
    assert site.stirred == 2
    assert site.receiver.proven == {HOOK.target}


def test_what_is_news_to_nobody_proves_nothing() -> None:
    """A payload may name messages as no run knows them; who waits for their statuses would wait in vain."""
    site = Site()
    site.journal.knows = []
    assert site.post(SENT) == site.post(HI) == 200
    assert (site.receiver.proven, site.stirred) == (set(), 0)
    assert 'flowrunner_statuses_total{sender="sales",news="no"} 1' in site.metrics.text()


WRONG: dict[str, dict[str, str]] = {
    "another secret": {"X-Webhook-Signature": signature("another", HI)},
    "another body's": {"X-Webhook-Signature": signature(SECRET, SENT)},
    "none": {},
    "of another algorithm": {"X-Hub-Signature-256": f"sha1={signature(SECRET, HI)}"},
}


@pytest.mark.parametrize("headers", WRONG.values(), ids=WRONG)
def test_what_is_not_signed_writes_nothing(headers: dict[str, str]) -> None:
    """Nor is it remembered as received: the same with the right signature still counts."""
    site = Site()
    assert site.ask("POST", PATH, content=HI, headers=headers).status_code == 401
    assert (site.journal.kept, site.stirred) == ([], 0)
    assert [(each["event"], each["sender"]) for each in site.lines] == [("unsigned", "sales")]
    assert site.post(HI) == 200
    assert len(site.journal.kept) == 1


def test_strangers_do_not_fill_the_log() -> None:
    """A line a minute for what is wrong in the same way, with how often it was; every one is counted."""
    site = Site()

    def wrong(times: int) -> None:
        for _ in range(times):
            assert site.ask("POST", PATH, content=HI).status_code == 401

    wrong(20)
    assert site.ask("POST", PATH, content=b"", headers={"Content-Length": str(10 << 20)}).status_code == 413
    said = [(each["event"], each.get("times")) for each in site.lines]
    assert said == [("unsigned", None), ("unread", None)]
    site.clock.time += 61
    wrong(2)
    site.clock.time += 61
    wrong(1)
    assert [(each["event"], each.get("times")) for each in site.lines[2:]] == [("unsigned", 20), ("unsigned", 2)]
    assert 'flowrunner_webhooks_total{sender="sales",answer="401"} 23' in site.metrics.text()


def test_what_is_told_again_is_answered_and_written_once() -> None:
    """An API tells again what it does not know to have arrived; somebody else may, too: the key is in no signature."""
    site = Site()
    assert [site.post(HI, key="k-1"), site.post(HI, key="k-1")] == [200, 200]
    assert len(site.journal.kept) == 1
    assert site.post(SENT, key="k-1") == 200, "another body under the same key"
    assert len(site.journal.kept) == 2


def test_what_could_not_be_written_is_told_again() -> None:
    """It is answered 503, and is no duplicate when it comes again."""
    site = Site()
    site.journal.broken = "the disk is full"
    assert site.post(HI, key="k-1") == 503
    assert [(each["level"], each["event"], each["reason"]) for each in site.lines] == [
        ("error", "not kept", "the disk is full")
    ]
    assert site.ask("GET", "/healthz").status_code == 503
    site.journal.broken = ""
    assert site.post(HI, key="k-1") == 200
    assert len(site.journal.kept) == 1


def test_few_keys_are_remembered() -> None:
    """However many webhooks come."""
    once = Once(3)
    keys = [once.key("sales", str(number), b"") for number in range(9)]
    for key in keys:
        once.add(key)
    assert [key in once for key in keys] == [False] * 6 + [True] * 3


def endless(size: int, chunk: int = 1 << 16) -> tuple[list[int], Any]:
    """A body of so many bytes that notes how much of it was asked for."""
    given = [0]

    async def receive() -> dict[str, Any]:
        given[0] += chunk
        return {"type": "http.request", "body": b"x" * chunk, "more_body": given[0] < size}

    return given, receive


def test_a_large_body_is_refused_before_it_is_read() -> None:
    """Ten megabytes that say so cost nothing; those that do not are cut off where too much has come."""
    site = Site()
    given, receive = endless(10 << 20)
    assert asyncio.run(raw(site.app, {"Content-Length": str(10 << 20)}, receive)) == 413
    assert given == [0]
    assert asyncio.run(raw(site.app, {"Transfer-Encoding": "chunked"}, receive)) == 413
    assert LARGEST < given[0] <= LARGEST + (1 << 17)
    assert asyncio.run(raw(site.app, {"Content-Length": "9" * 5000}, receive)) == 413
    assert asyncio.run(raw(site.app, {"Content-Length": "-1"}, receive)) == 413
    assert site.journal.kept == []


def test_many_large_bodies_at_a_time_are_bounded() -> None:
    """Whoever comes when too much is being read is told to come again; afterwards there is room again."""
    site = Site()

    async def flood() -> list[int]:
        gate = asyncio.Event()

        async def one() -> int:
            given = 0

            async def receive() -> dict[str, Any]:
                nonlocal given
                if given:
                    await gate.wait()
                given += 1
                return {"type": "http.request", "body": b"x" * (3 << 20), "more_body": given == 1}

            return await raw(site.app, {}, receive)

        tasks = [asyncio.create_task(one()) for _ in range(14)]
        for _ in range(99):
            await asyncio.sleep(0)
        gate.set()
        return await asyncio.gather(*tasks)

    assert sorted(asyncio.run(flood())) == [413] * 10 + [503] * 4
    assert site.post(HI) == 200


def test_whoever_hangs_up_is_forgotten() -> None:
    """Half a body is none."""
    site = Site()

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    assert asyncio.run(raw(site.app, {}, receive)) == 408
    assert site.journal.kept == []


CHALLENGES = [
    ("right", {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": "let me in"}, 200),
    ("wrong", {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": "let me"}, 403),
    ("none", {"hub.challenge": "1158201444"}, 403),
    ("no text", {"hub.challenge": "1", "hub.verify_token": "ñ"}, 403),
]


@pytest.mark.parametrize(("query", "status"), [each[1:] for each in CHALLENGES], ids=[each[0] for each in CHALLENGES])
def test_meta_asks_whether_the_address_is_ours(query: dict[str, str], status: int) -> None:
    """It gets its challenge back as it is, and as nothing that a browser would run."""
    answer = Site().ask("GET", PATH, params=query)
    assert answer.status_code == status
    assert answer.text == ("1158201444" if status == 200 else "")
    assert answer.headers.get("content-type", "text/plain").startswith("text/plain")


def test_an_address_without_a_token_has_no_challenge() -> None:
    """An empty token is not one that anybody could guess."""
    site = Site(HOOK._replace(verify=""))
    assert site.ask("GET", PATH, params={"hub.challenge": "1", "hub.verify_token": ""}).status_code == 403


def test_other_paths_and_methods_are_not_there() -> None:
    """What somebody tries out writes nothing."""
    site = Site()
    assert [site.ask("POST", path).status_code for path in ("/", "/webhooks/", "/webhooks/support")] == [404] * 3
    assert site.ask("PUT", PATH).status_code == 405
    assert site.ask("GET", "/webhooks/support").status_code == 404


def test_a_slash_at_the_end_of_an_address_is_no_other_address() -> None:
    """Nobody who tells webhooks goes where they are sent on to, which would be without TLS behind a proxy."""
    site = Site()
    headers = {"X-Webhook-Signature": signature(SECRET, HI)}
    assert site.ask("POST", f"{PATH}/", content=HI, headers=headers).status_code == 200
    assert len(site.journal.kept) == 1
    query = {"hub.verify_token": HOOK.verify, "hub.challenge": "1158201444"}
    assert site.ask("GET", f"{PATH}/", params=query).text == "1158201444"


def test_any_of_several_signatures_may_be_the_right_one() -> None:
    """A proxy may add one, and who changes a secret may sign with both."""
    site = Site()
    headers = [("X-Webhook-Signature", "0" * 64), ("X-Webhook-Signature", signature(SECRET, HI))]
    assert site.ask("POST", PATH, content=HI, headers=headers).status_code == 200


def test_what_is_signed_and_cannot_be_read_is_said() -> None:
    """What is packed is refused: what is signed are the bytes as they are. Neither is lost without a word."""
    site = Site()
    headers = {"X-Webhook-Signature": signature(SECRET, HI), "Content-Encoding": "gzip"}
    assert site.ask("POST", PATH, content=HI, headers=headers).status_code == 415
    assert site.post(b"not json") == 200
    assert [(each["event"], each.get("status")) for each in site.lines] == [("unread", 415), ("unreadable", None)]


OTHER = Hook("support", "meta https://api.kapso.ai/meta/whatsapp/v24.0 2", "meta", "2", SECRET)
STRANGE = OTHER._replace(name="strange", secret="another")
V1 = Hook("old", "https://app.kapso.ai", "kapso-v1", "", SECRET)


def of(number: str) -> bytes:
    payload = told.meta(statuses=[told.meta_status("sent")])
    payload["entry"][0]["changes"][0]["value"]["metadata"]["phone_number_id"] = number
    return body(payload)


@pytest.mark.parametrize(
    ("hooks", "number", "target"),
    [
        ((HOOK, OTHER), NUMBER, HOOK.target),
        ((HOOK, OTHER), "2", OTHER.target),  # Meta tells one address of all numbers of an account
        ((HOOK, STRANGE), "2", None),  # whose secret is another's
        ((HOOK,), "2", None),
        ((HOOK, V1), "2", V1.target),  # v1 does not know its number by this name
    ],
)
def test_each_number_s_part_goes_to_its_sender(hooks: tuple[Hook, ...], number: str, target: str | None) -> None:
    """What is of nobody's number here is counted, and nothing of it is written."""
    site = Site(*hooks)
    assert site.post(of(number)) == 200
    assert [each for _, each, _ in site.journal.kept] == ([target] if target else [])
    assert ('event="another number"' in site.metrics.text()) is (target is None)


@pytest.mark.parametrize(("value", "kept"), [("stop", "refuse"), ("resume", "allow")])
def test_who_wants_no_more_marketing_or_wants_it_again_is_kept(value: str, kept: str) -> None:
    """Meta tells it by a field of its own."""
    site = Site()
    said = {"wa_id": "16505551234", "category": "marketing_messages", "value": value}
    assert site.post(body(told.meta("user_preferences", user_preferences=[said]))) == 200
    assert site.journal.kept == [(kept, HOOK.target, Recipient("", "+16505551234"))]


def test_what_has_no_moment_is_of_now() -> None:
    """A status that the API does not date, and a message."""
    site = Site()
    for payload in (told.meta_status("sent") | {"timestamp": None}, None):
        value = (
            {"statuses": [payload]}
            if payload
            else {"messages": [told.meta_message("text", {"body": "a"}, timestamp="?")]}
        )
        assert site.post(body(told.meta(**value))) == 200
    (_, _, [status]), (_, _, [(_, inbound)]) = site.journal.kept
    assert status.at == inbound.at == site.clock.time


SAMPLE = re.compile(
    r'(?P<name>[a-z_]+)(\{(?P<labels>([a-z_]+="([^"\\\n]|\\["\\n])*",?)+)\})? (?P<value>[0-9.e+-]+|\+Inf|NaN)'
)


def test_the_figures_are_in_prometheus_format_and_say_nothing_of_anybody() -> None:
    """Each sample belongs to a type that was said before it; the log says nothing of anybody either."""
    site = Site()
    site.post(HI, key="k-1")
    site.post(HI, key="k-1")
    site.post(SENT, secret="another")
    site.post(body(told.kapso()), **{"X-Webhook-Event": "whatsapp.conversation.created"})
    answer = site.ask("GET", "/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    kinds: dict[str, str] = {}
    for line in answer.text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            kinds[name] = kind
        elif not line.startswith("# HELP "):
            found = SAMPLE.fullmatch(line)
            assert found, line
            assert found["name"] in kinds or re.sub("_(bucket|sum|count)$", "", found["name"]) in kinds
    for line in (
        'flowrunner_webhooks_total{sender="sales",answer="200"} 3',
        'flowrunner_webhooks_total{sender="sales",answer="401"} 1',
        'flowrunner_webhook_duplicates_total{sender="sales"} 1',
        'flowrunner_webhook_ignored_total{sender="sales",event="whatsapp.conversation.created"} 1',
        'flowrunner_heard_total{sender="sales",by="webhook"} 1',
        'flowrunner_webhook_seconds_bucket{le="+Inf"} 4',
        "flowrunner_webhook_seconds_count 4",
    ):
        assert line in answer.text.splitlines()
    said = answer.text + repr(site.lines)
    assert not [each for each in ("my secret word", "16505551234", "Ana", SECRET, "k-1") if each in said]
