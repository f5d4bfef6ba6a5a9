"""Kept connections: which are used again, what is never taken for an answer, and how many there may be."""

import asyncio
import gzip
import json
import socket
import zlib
from itertools import pairwise
from typing import Any

import pytest
from httpcore._backends.anyio import AnyIOBackend

from flowrunner import __version__
from flowrunner.client import InDoubt, Rejected, Retryable, TransportError, open_client
from flowrunner.client.connections import Connections
from flowrunner.client.http import Client
from flowrunner.client.send_guard import leaving_only_while
from flowrunner.clock import SYSTEM
from flowrunner.model import Recipient
from support.sockets import (
    ACCEPTED,
    KEY,
    READ,
    SEND,
    Behaviour,
    Server,
    answer,
    attempt,
    let_pass,
    meet,
    pieces,
    serving,
    silence,
    until,
)

YES = b'{"data":{"id":"m1"}}'
OTHER = b'{"data":{"id":"other"}}'
LENGTH = b"Content-Length: %d\r\n\r\n" % len(YES)
UNASKED = b"HTTP/1.1 201 X\r\nContent-Length: %d\r\n\r\n" % len(OTHER) + OTHER


def written(*parts: bytes) -> Behaviour:
    """Write these bytes, and keep the connection."""

    async def behave(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0)

    return behave


@pytest.mark.parametrize(
    ("behaviour", "connections"),
    [
        (written(b"HTTP/1.1 201 X\r\n" + LENGTH + YES), 1),
        (written(b"HTTP/1.1 201 X\r\n", LENGTH, *[YES[at : at + 1] for at in range(len(YES))]), 1),
        (written(b"HTTP/1.1 201 X\r\nTransfer-Encoding: chunked\r\n\r\n14\r\n" + YES + b"\r\n0\r\n\r\n"), 1),
        (written(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\n\r\nHTTP/1.1 201 X\r\n" + LENGTH + YES), 1),
        (answer(201, gzip.compress(YES), "Content-Encoding: gzip"), 1),
        (answer(201, zlib.compress(YES), "Content-Encoding: Deflate"), 1),
        (answer(201, zlib.compress(YES)[2:-4], "Content-Encoding: deflate"), 1),
        (answer(201, gzip.compress(zlib.compress(YES)), "Content-Encoding: deflate, gzip"), 1),
        (answer(201, YES, "Content-Encoding: of-its-own"), 1),
        (pieces(b"HTTP/1.1 201 X\r\n\r\n", YES), 2),
        (pieces(b"HTTP/1.0 201 X\r\n" + LENGTH + YES), 2),
        (written(b"HTTP/1.1 201 X\r\nConnection: close\r\n" + LENGTH + YES), 2),
    ],
    ids=[
        "one piece",
        "byte by byte",
        "chunks",
        "interim answers",
        "gzip",
        "deflate",
        "bare deflate",
        "twice",
        "not at all",
        "to the end",
        "HTTP/1.0",
        "close",
    ],
)
def test_each_legal_form_of_an_answer_is_read(behaviour: Behaviour, connections: int) -> None:
    """And the connection is kept exactly where the answer lets it."""
    ended, server = meet(behaviour, calls=(SEND, SEND))
    assert [getattr(end, "message_id", end) for end in ended] == ["m1", "m1"]
    assert (len(server.requests), server.connections) == (2, connections)


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("", "/api/v1"),
        ("/gate/api/v1/", "/gate/api/v1"),
        ("/a/./b/../c", "/a/c/api/v1"),
        ("/../a", "/a/api/v1"),
        ("/ü%20{x}/:@!$&'()*+,;=~", "/%C3%BC%20%7Bx%7D/:@!$&'()*+,;=~/api/v1"),
    ],
)
def test_a_request_is_written_to_the_last_byte(path: str, sent: str) -> None:
    """As httpx writes it: what no path may hold is encoded, what is encoded stays so."""
    _, server = meet(ACCEPTED, base="http://localhost", path=path, calls=(SEND, READ))
    port = str(server.port).encode()
    told = f"Accept: application/json\r\nAccept-Encoding: gzip, deflate\r\nUser-Agent: flowrunner/{__version__}\r\n"
    both = b"Host: localhost:" + port + b"\r\n" + told.encode() + b"X-API-Key: " + KEY.encode() + b"\r\n"
    its = b"Content-Type: application/json\r\nContent-Length: 28\r\n"
    target = sent.encode() + b"/whatsapp_conversations/c1"
    assert server.requests[0] == (
        b"POST " + target + b"/whatsapp_messages HTTP/1.1\r\n" + both + its + b'\r\n{"message":{"content":"hi"}}'
    )
    assert server.requests[1] == b"GET " + target + b" HTTP/1.1\r\n" + both + b"\r\n"


def test_what_decompresses_without_end_is_not_read_to_its_end() -> None:
    """A small answer that grows to a huge one is refused like any answer that is too large."""
    [error], _ = meet(answer(422, gzip.compress(bytes(1 << 26), 1), "Content-Encoding: gzip"))
    assert (type(error), error.reason) == (Rejected, "HTTP 422 with an answer too large to read")


@pytest.mark.parametrize(("times", "is_read"), [(5, True), (6, False), (1_500, False)])
def test_what_is_compressed_again_and_again_is_not_read(times: int, is_read: bool) -> None:
    """What a few bytes may come to is bounded only where few ways are named."""
    body = YES
    for _ in range(times):
        body = gzip.compress(body, 1)
    [ended], _ = meet(answer(201, body, f"Content-Encoding: {', '.join(['gzip'] * times)}"))
    assert getattr(ended, "message_id", type(ended)) == ("m1" if is_read else InDoubt)
    assert is_read or "is compressed wrongly" in str(ended)


@pytest.mark.parametrize("when", ["with the answer", "before the loop looks", "when the loop has looked"])
@pytest.mark.parametrize(
    ("words", "closes"),
    [
        (UNASKED, False),
        (UNASKED, True),
        (b"HTTP/1.1 408 Request Time-out\r\nConnection: close\r\n\r\n", True),
        (b"\r\n", False),
        (b"", True),
    ],
    ids=["spoke", "spoke and closed", "timed out", "a line's end", "closed"],
)
def test_what_a_server_says_and_does_unasked_meets_no_other_message(words: bytes, closes: bool, when: str) -> None:
    """Whenever it comes: its bytes are no message's answer, and nothing is sent into a connection that it left."""
    writers: list[asyncio.StreamWriter] = []
    is_nothing = (words, when) == (b"\r\n", "with the answer")  # an empty line right behind an answer says nothing

    def unasked() -> None:
        writers[0].write(words)
        if closes:
            writers[0].write_eof()

    async def behave(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        at_once = when == "with the answer"
        writer.write(b"HTTP/1.1 201 X\r\n" + LENGTH + YES + (words if at_once else b""))
        if at_once and closes:
            writer.write_eof()

    async def once() -> tuple[list[str], Server]:
        async with serving(behave, ACCEPTED) as server:
            door = open_client(f"http://127.0.0.1:{server.port}", KEY, timeout=30, clock=SYSTEM)
            first = await door.send(Recipient("c1"), "{}")
            if when != "with the answer":
                # Nobody else has a turn from here until the next message is on its way.
                unasked()
            if when == "when the loop has looked":
                await until(lambda: server.closed == 1)
            second = await door.send(Recipient("c2"), "{}")
            if not is_nothing:
                await until(lambda: server.closed == 1)
            await door.aclose()
            return [first.message_id, second.message_id], server

    ids, server = asyncio.run(once())
    assert ids == ["m1", "m1"]
    assert server.connections == (1 if is_nothing else 2)
    paths = [request.split(b" ", 2)[1].split(b"/")[4] for request in server.requests]
    assert paths == [b"c1", b"c2"]


@pytest.mark.parametrize(("pauses", "connections"), [([6], 4), ([2] * 5, 3)], ids=["all idled", "one was used"])
def test_connections_that_idled_too_long_are_not_tried_and_not_kept(pauses: list[float], connections: int) -> None:
    """Servers close them at about that age, perhaps in the same moment."""

    async def once() -> Server:
        everyone = asyncio.Barrier(3)

        async def together(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await everyone.wait()
            await ACCEPTED(reader, writer)

        async with serving(*[together] * 3, ACCEPTED) as server:
            door = open_client(f"http://127.0.0.1:{server.port}", KEY, timeout=30, clock=SYSTEM)
            await asyncio.gather(*(door.send(Recipient(f"c{number}"), "{}") for number in range(3)))
            for pause in pauses:
                let_pass(pause)
                await door.send(Recipient("c1"), "{}")
            await until(lambda: server.closed == connections - 1)
            await door.aclose()
            return server

    assert asyncio.run(once()).connections == connections


def test_the_answer_to_a_cancelled_send_is_nobody_elses() -> None:
    """Its connection is closed with it, so a late answer meets no other message."""

    async def once() -> tuple[str, int]:
        asked, left = asyncio.Event(), asyncio.Event()

        async def late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            asked.set()
            await left.wait()
            writer.write(UNASKED)
            await reader.read()

        async with serving(ACCEPTED, late, ACCEPTED) as server:
            door = open_client(f"http://127.0.0.1:{server.port}", KEY, timeout=5, clock=SYSTEM)
            await door.send(Recipient("c0"), "{}")
            given_up = asyncio.create_task(door.send(Recipient("c1"), "{}"))
            await asked.wait()
            given_up.cancel()
            await asyncio.wait([given_up])
            assert given_up.cancelled()
            left.set()
            receipt = await door.send(Recipient("c2"), "{}")
            await until(lambda: server.closed == 1)
            await door.aclose()
            return receipt.message_id, server.connections

    assert asyncio.run(once()) == ("m1", 2)


def test_closing_the_door_leaves_what_is_under_way_in_doubt() -> None:
    """Nobody waits for an answer that cannot come any more."""

    async def once() -> list[object]:
        asked = asyncio.Semaphore(0)

        async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
            asked.release()
            await reader.read()

        async with serving(silent) as server:
            door = open_client(f"http://127.0.0.1:{server.port}", KEY, timeout=30, clock=SYSTEM)
            under_way = [asyncio.create_task(door.send(Recipient(f"c{number}"), "{}")) for number in range(3)]
            for _ in under_way:
                await asked.acquire()
            await door.aclose()
            return list(await asyncio.gather(*under_way, return_exceptions=True))

    ended = asyncio.run(once())
    assert [type(end) for end in ended] == [InDoubt] * 3
    assert all("was cut" in str(end) for end in ended)


def test_more_requests_than_connections_wait_and_then_surely_never_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those in time are sent one after the other; those that waited in vain may be tried again."""
    monkeypatch.setattr("flowrunner.client.connections._MOST", 2)

    async def crowd(behaviour: Behaviour, *pauses: float) -> tuple[list[object], Server]:
        async with serving(behaviour) as server:
            door = open_client(f"http://127.0.0.1:{server.port}", KEY, timeout=30, clock=SYSTEM)
            sends = [asyncio.create_task(door.send(Recipient(f"c{number}"), "{}")) for number in range(6)]
            await until(lambda: len(server.requests) >= 2)
            for pause in pauses:
                let_pass(pause)
                await asyncio.wait(sends, return_when=asyncio.FIRST_COMPLETED)
            ended = await asyncio.gather(*sends, return_exceptions=True)
            await door.aclose()
            return list(ended), server

    ended, server = asyncio.run(crowd(ACCEPTED))
    assert [getattr(end, "message_id", end) for end in ended] == ["m1"] * 6
    assert server.connections == 2

    ended, server = asyncio.run(crowd(silence, 10, 30))
    assert [type(end) for end in ended] == [InDoubt] * 2 + [Retryable] * 4
    assert {end.reason for end in ended[2:] if isinstance(end, TransportError)} == {
        f"too many requests are waiting for 127.0.0.1:{server.port}"
    }
    assert len(server.requests) == 2


@pytest.mark.parametrize("kept", [False, True])
def test_a_request_that_was_held_up_for_too_long_never_leaves(kept: bool) -> None:
    """On a connection that is made for it, or on a kept one; the next one leaves by that, and no byte came before."""

    async def once() -> tuple[object, str, int, int]:
        async with serving(ACCEPTED) as server:
            door = open_client(f"http://127.0.0.1:{server.port}", KEY, timeout=2, clock=SYSTEM)
            if kept:
                await door.send(Recipient("c0"), "{}")
            [late] = await asyncio.gather(held_up(door), return_exceptions=True)
            with leaving_only_while(lambda: True):
                receipt = await door.send(Recipient("c2"), "{}")
            await door.aclose()
            return late, receipt.message_id, len(server.requests), server.connections

    async def held_up(door: Client) -> None:
        with leaving_only_while(lambda: False):
            await door.send(Recipient("c1"), "{}")

    late, message, requests, connections = asyncio.run(once())
    assert isinstance(late, Retryable)
    assert "held up" in late.reason
    assert (message, requests, connections) == ("m1", 1 + kept, 1)


def test_what_came_before_a_request_that_never_left_is_no_other_messages_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A server that speaks first has said what is of nothing."""
    dial = Connections._dialled  # noqa: SLF001

    async def dialled(its: Connections) -> Any:
        connection = await dial(its)
        await until(lambda: bool(connection._answer.has_begun) or server.connections > 1)  # noqa: SLF001
        return connection

    async def once() -> str:
        async with serving(ACCEPTED, first=UNASKED) as server_:
            nonlocal server
            server = server_
            door = open_client(f"http://127.0.0.1:{server.port}", KEY, timeout=2, clock=SYSTEM)
            with leaving_only_while(lambda: False):
                await asyncio.gather(door.send(Recipient("c1"), "{}"), return_exceptions=True)
            receipt = await door.send(Recipient("c2"), "{}")
            await door.aclose()
            return receipt.message_id

    server = Server()
    monkeypatch.setattr(Connections, "_dialled", dialled)
    assert asyncio.run(once()) == "m1"


def test_many_conversations_at_once_stay_in_order_and_get_their_own_answers() -> None:
    """Each receipt belongs to its message, and a conversation's messages arrive one after the other."""
    seen: dict[str, list[int]] = {}

    async def echo(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head, _, body = server.requests[-1].partition(b"\r\n\r\n")
        conversation, number = head.split(b"/")[4].decode(), json.loads(body)["message"]["n"]
        seen.setdefault(conversation, []).append(number)
        await asyncio.sleep(0.001 * (number % 3))
        body = json.dumps({"data": {"id": f"{conversation}-{number}"}}).encode()
        writer.write(b"HTTP/1.1 201 X\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    async def once() -> None:
        nonlocal server
        async with serving(echo) as server:
            door = open_client(f"http://127.0.0.1:{server.port}", KEY, timeout=30, clock=SYSTEM)

            async def conversation(name: str) -> list[str]:
                return [(await door.send(Recipient(name), f'{{"n":{number}}}')).message_id for number in range(10)]

            names = [f"c{number}" for number in range(60)]
            found = await asyncio.gather(*map(conversation, names))
            await door.aclose()
            assert found == [[f"{name}-{number}" for number in range(10)] for name in names]

    server = Server()
    asyncio.run(once())
    assert len(seen) == 60
    assert all(after == before + 1 for numbers in seen.values() for before, after in pairwise(numbers))
    assert server.connections <= 60


def test_a_host_of_several_addresses_is_tried_at_each_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first address that answers is taken; where all refuse, that is the reason."""
    real = socket.getaddrinfo

    def two(_host: object, port: int, *_: object, **__: object) -> list[tuple[object, ...]]:
        return [found for host in ("127.0.0.2", "127.0.0.1") for found in real(host, port, type=socket.SOCK_STREAM)]

    monkeypatch.setattr(socket, "getaddrinfo", two)
    [receipt], server = meet(ACCEPTED, base="http://localhost")
    assert receipt.message_id == "m1"
    [error] = asyncio.run(attempt(f"http://localhost:{server.port}", SEND))
    assert (type(error), error.reason) == (Retryable, f"localhost:{server.port} refused the connection")


def test_behind_a_proxy_many_conversations_do_not_wait_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """All go through it, and what NO_PROXY names does not."""

    async def once() -> tuple[list[str], Server, list[object]]:
        everyone = asyncio.Barrier(10)

        async def together(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await everyone.wait()
            await ACCEPTED(reader, writer)

        async with serving(*[together] * 10, ACCEPTED) as proxy:
            monkeypatch.setenv("NO_PROXY", "direct.invalid")
            monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
            door = open_client("http://kapso.invalid", KEY, timeout=20, insecure=True, clock=SYSTEM)
            receipts = await asyncio.gather(*(door.send(Recipient(f"c{number}"), "{}") for number in range(10)))
            receipts.append(await door.send(Recipient("c1"), "{}"))
            await door.aclose()
            unreached = await attempt("http://direct.invalid", SEND, READ)
            return [receipt.message_id for receipt in receipts], proxy, unreached

    ids, proxy, unreached = asyncio.run(once())
    assert ids == ["m1"] * 11
    assert (len(proxy.requests), proxy.connections) == (11, 10)
    assert all(request.startswith(b"POST http://kapso.invalid/api/v1/") for request in proxy.requests)
    assert [type(error) for error in unreached] == [Retryable] * 2


@pytest.mark.parametrize("is_late", [False, True], ids=["in time", "held up meanwhile"])
def test_behind_a_proxy_it_is_looked_once_it_is_connected_whether_a_request_may_still_leave(
    monkeypatch: pytest.MonkeyPatch, is_late: bool
) -> None:
    """The turn counts at the first byte, there too; what is late leaves none, and the next one gets its answer."""
    happened: list[str] = []
    connect = AnyIOBackend.connect_tcp

    async def connected(*which: Any, **more: Any) -> Any:
        found = await connect(*which, **more)
        happened.append("connected")
        return found

    def may_leave() -> bool:
        happened.append("looked")
        return not is_late

    async def once() -> tuple[object, str, Server]:
        async with serving(ACCEPTED, ACCEPTED) as proxy:
            monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
            door = open_client("http://kapso.invalid", KEY, timeout=5, insecure=True, clock=SYSTEM)
            with leaving_only_while(may_leave):
                [end] = await asyncio.gather(door.send(Recipient("c1"), "{}"), return_exceptions=True)
            receipt = await door.send(Recipient("c2"), "{}")
            await door.aclose()
            return end, receipt.message_id, proxy

    monkeypatch.setattr(AnyIOBackend, "connect_tcp", connected)
    end, message_id, proxy = asyncio.run(once())
    assert happened[:2] == ["connected", "looked"]
    assert isinstance(end, Retryable) is is_late
    assert (message_id, len(proxy.requests)) == ("m1", 1 if is_late else 2)


def test_a_proxy_that_makes_no_way_to_the_server_uses_no_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written to it to ask for that is no request of ours."""
    looked: list[bool] = []

    async def once() -> tuple[object, list[bytes]]:
        async with serving(answer(502, b"")) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
            door = open_client("https://kapso.invalid", KEY, timeout=5, clock=SYSTEM)
            with leaving_only_while(lambda: bool(looked.append(True)) or True):
                [end] = await asyncio.gather(door.send(Recipient("c1"), "{}"), return_exceptions=True)
            await door.aclose()
            return end, proxy.requests

    end, requests = asyncio.run(once())
    assert isinstance(end, Retryable)
    assert [each.partition(b" ")[0] for each in requests] == [b"CONNECT"]
    assert looked == []
