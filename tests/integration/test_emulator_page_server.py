"""The server side of the emulator's page: what it gives, whom it refuses, what it remembers, and what it pushes."""

import gc
import json
import re
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from flowrunner.clock import SYSTEM
from flowrunner.emulator.api.exchanges import LARGEST, MOST, ExchangeLog
from flowrunner.emulator.api.faults import KINDS, SAYS, parse_fault
from flowrunner.emulator.api.messages import Delays
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.page.view import MOST_TALKS, MOST_TURNS, View, stretch
from flowrunner.emulator.serve import running
from support.clocks import StillClock
from support.emulated import HELLO, MESSAGES, accepted
from support.program import KEY, environment, start

HEADERS = {"X-API-Key": KEY}


@pytest.fixture
def state() -> EmulatorState:
    state = EmulatorState(delays=Delays(0.15, 0.3, 0.45), clock=SYSTEM)
    state.conversations.create("+5215551234567", "Ana", conversation_id="c1")
    return state


@pytest.fixture
def client(state: EmulatorState) -> Iterator[httpx.Client]:
    with (
        running(state, page=True) as url,
        httpx.Client(base_url=url, headers=HEADERS, timeout=5, trust_env=False) as it,
    ):
        yield it


def test_the_page_is_whole_and_strict(client: httpx.Client) -> None:
    """Every file it names is there; nothing may run or be fetched but these."""
    page = client.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    names = re.findall(r'(?:href|src)="(/_page/[^"]+)"', page.text)
    assert len(names) == 7
    for answer in (page, *map(client.get, names)):
        assert answer.status_code == 200
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert not re.search(r"<script(?![^>]*\bsrc=)|\bon\w+=|style=|https?://(?!cdn\.example\.com)", page.text)


def test_every_fault_is_in_the_form_with_a_sentence(client: httpx.Client) -> None:
    """And every one of its parameters has a field."""
    text = client.get("/").text
    assert all(SAYS.values())
    for kind, parameters in KINDS.items():
        (fields,) = re.findall(rf'<fieldset data-kind="{kind}".*?</fieldset>', text)
        assert set(re.findall(r' name="(\w+)"', fields)) == set(parameters)


def test_an_embedded_emulator_has_no_page(state: EmulatorState) -> None:
    """Nor has one that a test runs without asking for it."""
    with running(state) as url, httpx.Client(base_url=url, trust_env=False) as client:
        assert client.get("/").status_code == 404
        assert client.get("/_page/events").status_code == 404


OTHERS = [
    ({"Origin": "https://evil.example"}, 403),
    ({"Origin": "null"}, 403),
    ({"Origin": "http://127.0.0.1:1"}, 403),
    ({"Sec-Fetch-Site": "cross-site"}, 403),
    ({"Sec-Fetch-Site": "same-site"}, 403),
    ({"Host": "evil.example"}, 403),
    ({"Host": "evil.example:8600"}, 403),
    ({"Host": "127.0.0.1.evil.example"}, 403),
    ({"Host": "[::1].evil.example"}, 403),
    ({"Host": "evil.internal.example"}, 403),
    ({"Host": "1.2.3.4.5"}, 403),
    ({"Host": "evil.local"}, 403),
    ({"Host": "evil.internal"}, 403),
    ({"Host": "evil"}, 403),
    ({"Host": "evil:8600"}, 403),
    ({"Host": "evil.com/.local"}, 403),
    ({"Host": "evil.com/.localhost:8600@"}, 403),
    ({"Host": "evil.com#.local"}, 403),
    ({"Host": "localhost.evil.com"}, 403),
    ({"Host": "notlocalhost"}, 403),
    ({"Host": "[evil]"}, 403),
    ({"Host": ""}, 403),
    ({"Host": "127.1"}, 403),
    ({"Host": "0x7f.1"}, 403),
    ({"Host": "localhost:8600", "Origin": "x://localhost:8600"}, 403),
    ({"Host": "localhost:8600", "Origin": "https://localhost:8600"}, 403),
    ({"Host": "localhost:8600", "Origin": "http://localhost:8600.evil.com"}, 403),
    ({"Host": "localhost:8600", "Origin": "localhost:8600"}, 403),
    ({"Host": "localhost:8600", "Origin": ""}, 403),
    ({}, 204),
    ({"Sec-Fetch-Site": "same-origin"}, 204),
    ({"Sec-Fetch-Site": "none"}, 204),
    ({"Host": "localhost:8600"}, 204),
    ({"Host": "LOCALHOST"}, 204),
    ({"Host": "[::1]:8600"}, 204),
    ({"Host": "127.0.0.1"}, 204),
    ({"Host": "shop.localhost:8600"}, 204),
    ({"Host": "localhost:8600", "Origin": "http://localhost:8600"}, 204),
]


@pytest.mark.parametrize(("headers", "status"), OTHERS, ids=str)
def test_other_web_pages_are_refused_and_programs_are_not(
    client: httpx.Client, state: EmulatorState, headers: dict[str, str], status: int
) -> None:
    """A page that a person has open cannot clear the emulator; one whose name points here cannot even read."""
    answer = client.post("/_emulator/reset", headers=headers)
    assert answer.status_code == status
    assert bool(state.conversations.known("c1")) is (status == 403)
    if headers.keys() == {"Host"}:  # what another page reads the browser keeps from it
        assert client.get("/_emulator/state", headers=headers).status_code == (403 if status == 403 else 200)
        assert client.get("/", headers=headers).status_code == (403 if status == 403 else 200)


def test_the_pages_own_origin_passes(client: httpx.Client) -> None:
    """As a browser says it."""
    origin = str(client.base_url).rstrip("/")
    assert client.post("/_emulator/reset", headers={"Origin": origin}).status_code == 204


@pytest.mark.parametrize(
    ("options", "status"),
    [
        (["--host", "127.0.0.1"], 403),
        (["--host", "127.0.0.1", "--name", "other"], 403),
        (["--host", "127.0.0.1", "--name", "other", "--name", "Emulator.example.com"], 200),
        (["--host", "0.0.0.0"], 200),  # noqa: S104 - meant
    ],
)
def test_a_server_that_others_reach_goes_by_any_name(options: list[str], status: int, tmp_path: Path) -> None:
    """On loopback a name that it was not told is refused; elsewhere the emulator cannot know its names."""
    with start("emulator", "--port", "0", *options, cwd=tmp_path) as process:
        try:
            assert process.stdout is not None
            port = re.search(r":(\d+);", process.stdout.readline())
            assert port is not None
            url = f"http://127.0.0.1:{port[1]}/"
            assert httpx.get(url, headers={"Host": "emulator.example.com"}, trust_env=False).status_code == status
        finally:
            process.terminate()
            process.communicate(timeout=20)


def events(response: httpx.Response) -> Iterator[dict[str, Any]]:
    """The data of each server-sent event."""
    for line in response.iter_lines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


@contextmanager
def stream(client: httpx.Client, query: str = "conversation=c1") -> Iterator[Iterator[dict[str, Any]]]:
    with client.stream("GET", f"/_page/events?{query}") as response:
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        yield events(response)


def test_the_stream_begins_with_everything_and_goes_on_with_what_changed(client: httpx.Client) -> None:
    """A message, its statuses as they come, the conversation's row and the request; nothing else, nothing twice."""
    with stream(client) as heard:
        first = next(heard)
        assert first["everything"] is True
        assert (first["total"], len(first["talks"]), first["chat"]["turns"], first["exchanges"]) == (1, 1, [], [])
        assert client.post(MESSAGES, json={"message": HELLO}).status_code == 201
        seen = []
        for news in heard:
            assert "everything" not in news
            for position, html in news.get("chat", {}).get("changed", ()):
                assert position == 1
                seen.append(re.search(r'class="ticks (\w+)"', html)[1])  # type: ignore[index]
            if seen and seen[-1] == "read":
                break
    # Where this machine is too busy to look in between, two come at once.
    assert seen == [each for each in ("pending", "sent", "delivered", "read") if each in seen]


def test_a_stream_lists_what_it_was_asked_for(client: httpx.Client, state: EmulatorState) -> None:
    """Only the conversations with this name or number; reads of the API only when they are wanted."""
    state.conversations.create("+34600111222", "José")
    client.get(MESSAGES)
    client.post(MESSAGES, json={"message": HELLO})
    for query, talks, methods in (
        ("find=jos%C3%89", ["José"], ["POST"]),
        ("find=60011&reads=yes", ["José"], ["POST", "GET"]),
        ("find=nobody", [], ["POST"]),
        ("conversation=none", ["José", "Ana"], ["POST"]),
    ):
        with stream(client, query) as heard:
            first = next(heard)
        names = [re.search(r'class="who"><bdi>(.*?)<', row)[1] for row in first["talks"]]  # type: ignore[index]
        assert sorted(names) == sorted(talks), query
        assert [re.search(r'"method">(\w+)', row)[1] for _, row in first["exchanges"]] == methods, query  # type: ignore[index]
        assert first["chat"] is None


def test_stretches_fit_together(state: EmulatorState, client: httpx.Client) -> None:
    """The latest, those before, those after: every message once."""
    for number in range(250):
        accepted(state, "c1", HELLO, number)

    def ask(**query: int) -> tuple[int, int, int]:
        told = client.get("/_page/turns", params={"conversation": "c1", **query}).json()
        assert [position for position, _ in told["turns"]] == list(range(told["first"], told["last"] + 1))
        return told["first"], told["last"], told["count"]

    assert ask() == (151, 250, 250)
    assert ask(before=151) == (51, 150, 250)
    assert ask(before=51) == (1, 50, 250)
    assert ask(before=1) == (1, 0, 250)
    assert ask(after=50) == (51, 150, 250)
    assert ask(after=200) == (201, 250, 250)
    assert ask(after=250) == (251, 250, 250)
    assert client.get("/_page/turns?conversation=none").status_code == 404
    assert client.get("/_page/turns?conversation=c1&before=-1").status_code == 400


def test_requests_are_remembered_without_the_key(client: httpx.Client, state: EmulatorState) -> None:
    """Bodies, status, time, and how it ended; the page's own requests are not among them."""
    client.get("/")
    client.post(MESSAGES, json={"message": HELLO})
    client.post(MESSAGES, content=b"\xff{")
    state.faults.add(parse_fault("cut-before:count=1"))
    with pytest.raises(httpx.TransportError):
        client.post(MESSAGES, json={"message": HELLO})
    client.get("/api/v1/nothing?x=%3Cb%3E")
    with stream(client, "reads=yes") as heard:
        rows = dict(next(heard)["exchanges"])
    assert sorted(rows) == [1, 2, 3, 4]
    assert [re.search(r'class="result \w+">(.*?)<', rows[n])[1] for n in sorted(rows)] == ["201", "422", "cut", "404"]  # type: ignore[index]
    whole = client.get("/_page/exchanges/1").json()["html"]
    assert "&quot;content&quot;: &quot;Hello&quot;" in whole
    assert "processing_status" in whole
    assert "\ufffd{" in client.get("/_page/exchanges/2").json()["html"]
    everything = "".join(rows.values()) + "".join(client.get(f"/_page/exchanges/{n}").json()["html"] for n in rows)
    assert KEY not in everything
    assert "<b>" not in everything
    assert client.get("/_page/exchanges/99").status_code == 404
    client.post("/_emulator/reset")
    assert client.get("/_page/exchanges/1").status_code == 404


def test_a_request_to_a_path_that_no_api_has_is_seen(client: httpx.Client) -> None:
    """As of a client whose base URL is wrong; what the page itself asks for is not."""
    for path in ("/", "/_page/turns", "/_emulator/state", "/favicon.ico"):
        client.get(path)
    client.post("/v1/messages", json={})
    with stream(client, "reads=yes") as heard:
        rows = dict(next(heard)["exchanges"])
    assert [re.search(r'class="result \w+">(.*?)<', row)[1] for row in rows.values()] == ["404"]  # type: ignore[index]


def test_a_request_is_seen_before_it_is_answered(client: httpx.Client, state: EmulatorState) -> None:
    """Where the API is slow, a person sees for what."""
    state.faults.add(parse_fault("latency:seconds=0.5,count=1"))
    with stream(client) as heard, ThreadPoolExecutor(1) as pool:
        next(heard)
        posting = pool.submit(client.post, MESSAGES, json={"message": HELLO})
        rows = (row for news in heard for _, row in news.get("exchanges", ()))
        assert 'class="result open">…' in next(rows)
        assert not posting.done()
        assert 'class="result good">201' in next(rows)
        assert posting.result(5).status_code == 201


def test_the_log_is_bounded() -> None:
    """In number, in size, and reads never push out what was sent."""
    log = ExchangeLog(StillClock())
    log.begin("POST", "/api/v1/a")
    for _ in range(2 * MOST):
        log.begin("GET", "/api/v1/b")
    assert [each.method for each in log.latest(5, reads=False)] == ["POST"]
    assert len(log.latest(10 * MOST, reads=True)) == MOST + 1


def test_large_bodies_are_cut_in_the_log(client: httpx.Client) -> None:
    """The page says so; the message itself is taken whole."""
    client.post(MESSAGES, content=b'{"message": {"content": "' + b" " * LARGEST + b'"}}')
    assert f"the first {LARGEST:,} of" in client.get("/_page/exchanges/1").json()["html"]


def view(state: EmulatorState, shown: str = "c1", find: str = "") -> View:
    """A page's view that has been told everything."""
    made = View(state, ExchangeLog(state.clock), shown, find, reads=False)
    state.listeners.append(made.changed)
    made.news()
    return made


def test_a_view_wakes_when_the_next_status_falls_due() -> None:
    """Not earlier, not later, and not at all when nothing is foreseen."""
    clock = StillClock()
    state = EmulatorState(clock=clock)
    talk = state.conversations.create("+1", window_open=False)
    its = view(state, talk.id)
    assert its.waits() is None
    state.add_inbound(talk.id, {"content": "hi"})
    assert its.waits() == 0
    its.news()
    assert its.waits() == pytest.approx(24 * 3600)
    accepted(state, talk.id, HELLO, 1)
    its.news()
    for delay in (0.05, 0.15, 0.3):
        assert its.waits() == pytest.approx(delay)
        clock.time += delay
        assert [position for position, _ in its.news()["chat"]["changed"]] == [2]
    clock.time += 24 * 3600
    (row,) = its.news()["talks"]
    assert "window closed" in row
    assert its.waits() is None


def test_a_message_that_is_stored_late_is_shown_late() -> None:
    """As the API's list shows it; in other conversations' rows, too."""
    clock = StillClock()
    state = EmulatorState(clock=clock)
    one, other = state.conversations.create("+1"), state.conversations.create("+2")
    views = view(state, one.id), view(state, other.id)
    state.faults.add(parse_fault("store-late:seconds=3"))
    accepted(state, one.id, HELLO, 1)
    shown, listed = (each.news() for each in views)
    assert shown["chat"]["changed"] == [[1, ""]]
    assert "no messages yet" in listed["talks"][0]
    clock.time += 3
    shown, listed = (each.news() for each in views)
    assert "Hello" in shown["chat"]["changed"][0][1]
    assert "Hello" in listed["talks"][0]


def test_very_much_news_is_told_in_bounded_pieces(state: EmulatorState) -> None:
    """Thousands of messages while nobody could be told: the end of the chat, and the latest conversations."""
    its = view(state)
    for number in range(3 * MOST_TURNS):
        accepted(state, "c1", HELLO, number)
        state.conversations.create(f"+34{number:06}")
    news = its.news()
    assert (news["chat"]["first"], news["chat"]["last"]) == (2 * MOST_TURNS + 1, 3 * MOST_TURNS)
    assert len(news["talks"]) == MOST_TALKS
    assert stretch(state, "c1")["count"] == 3 * MOST_TURNS


def test_a_reset_is_told_as_everything_anew(state: EmulatorState) -> None:
    """Whatever was noted before does not matter any more."""
    its = view(state)
    accepted(state, "c1", HELLO, 1)
    state.reset()
    news = its.news()
    assert (news["everything"], news["talks"], news["chat"], news["faults"]) == (True, [], None, "")


def test_looking_makes_no_conversations(client: httpx.Client, state: EmulatorState) -> None:
    """Not even where the API would make whichever it is asked for."""
    state.conversations.on_demand = True
    with stream(client, "conversation=none&find=555") as heard:
        next(heard)
    client.get("/_page/turns?conversation=none")
    assert len(state.conversations) == 1


def test_streams_that_are_left_are_forgotten(client: httpx.Client) -> None:
    """A tab that is closed costs nothing any more."""
    for _ in range(3):
        with stream(client) as heard:
            next(heard)
            assert views()
    assert client.post(MESSAGES, json={"message": HELLO}).status_code == 201
    until = time.monotonic() + 5
    while views() and time.monotonic() < until:
        time.sleep(0.01)
    assert views() == 0


def views() -> int:
    """How many open pages are kept in memory."""
    gc.collect()
    return sum(isinstance(each, View) for each in gc.get_objects())


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_the_program_serves_the_page_and_ends_at_once(stop: signal.Signals, tmp_path: Path) -> None:
    """Ctrl-C does not wait for the tabs that are open."""
    with start("emulator", "--port", "0", cwd=tmp_path) as process:
        try:
            assert process.stdout is not None
            url = re.search(r"http://\S+\d", process.stdout.readline())
            assert url is not None
            with httpx.Client(base_url=url[0], trust_env=False) as client, stream(client, "") as heard:
                next(heard)
                began = time.monotonic()
                process.send_signal(stop)
                assert list(heard) == []
                process.wait(timeout=10)
                assert time.monotonic() - began < 1.5
        finally:
            process.kill()
            _, errors = process.communicate(timeout=20)
    assert errors == ""


def test_open_opens_the_page(tmp_path: Path) -> None:
    """In whatever shows web pages, once the emulator answers."""
    browser = tmp_path / "xdg-open"
    browser.write_text(
        f'#!/bin/sh\necho "$1" > {tmp_path}/asked && mv {tmp_path}/asked {tmp_path}/opened\n', encoding="utf-8"
    )
    browser.chmod(0o755)
    path = f"{tmp_path}:{environment()['PATH']}"
    with start("emulator", "--port", "0", "--open", cwd=tmp_path, PATH=path) as process:
        try:
            assert process.stdout is not None
            url = re.search(r"http://\S+\d", process.stdout.readline())
            assert url is not None
            end = time.monotonic() + 10
            while not (tmp_path / "opened").exists() and time.monotonic() < end:
                time.sleep(0.02)
            assert (tmp_path / "opened").read_text(encoding="utf-8") == f"{url[0]}/\n"
        finally:
            process.terminate()
            process.communicate(timeout=20)


def test_a_slow_reader_does_not_hold_the_others_up(client: httpx.Client, state: EmulatorState) -> None:
    """A tab that takes nothing off its connection; the API and other tabs go on."""
    with socket.create_connection((client.base_url.host, client.base_url.port or 0), timeout=5) as stuck:
        stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stuck.sendall(
            f"GET /_page/events?conversation=c1 HTTP/1.1\r\nHost: {client.base_url.netloc.decode()}\r\n\r\n".encode()
        )
        for number in range(300):
            accepted(state, "c1", {"content": "x" * 4000}, number)
            if number % 60 == 0:
                assert client.get(MESSAGES).status_code == 200
        with stream(client) as heard:
            assert next(heard)["chat"]["count"] == 300
