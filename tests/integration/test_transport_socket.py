"""The door on real sockets of this machine: cuts, silence, drips, TLS, redirects, proxies, kept connections."""

import asyncio
import base64
import logging
import re
import socket
import ssl
import traceback
import urllib.parse
from pathlib import Path
from typing import Any

import pytest

from flowrunner.client import InDoubt, Rejected, Retryable, TransportError, open_client
from flowrunner.clock import SYSTEM
from flowrunner.model import Recipient
from support.sockets import ACCEPTED, KEY, READ, SEND, Behaviour, answer, attempt, cut, meet, pieces, serving, silence


def assert_no_key(error: BaseException, logs: str) -> None:
    """The key is in no text of the error, of its traceback with all locals, or of the log."""
    shown = [str(error), repr(error), repr(vars(error)), logs]
    shown += traceback.TracebackException.from_exception(error, capture_locals=True).format()
    raw = KEY.encode()
    forms = [KEY, urllib.parse.quote(KEY), urllib.parse.quote(KEY, safe=""), base64.b64encode(raw).decode().rstrip("=")]
    assert not [form for form in forms if form in "\n".join(shown)]
    assert error.__cause__ is error.__context__ is None


HEAD = b"HTTP/1.1 201 Created\r\nContent-Length: 99\r\n\r\n"
ECHO = {"error": f"bad key {KEY}, {urllib.parse.quote(KEY, safe='')}, {base64.b64encode(KEY.encode()).decode()}"}
ROWS = {
    "cut before the answer": (cut, InDoubt, "was cut"),
    "cut in the head": (pieces(b"HTTP/1.1 201 Cre"), InDoubt, "was cut"),
    "cut in the body": (pieces(HEAD, b'{"data":'), InDoubt, "was cut"),
    "silence": (silence, InDoubt, "did not answer fully within 0.8 s"),
    "a dripping head": (pieces(b"HTTP/1.1 201 X\r\n", *[b"A: b\r\n"] * 99, every=0.1), InDoubt, "did not answer fully"),
    "a dripping body": (pieces(HEAD, *[b" "] * 99, every=0.1), InDoubt, "did not answer fully"),
    "no HTTP": (pieces(b"SSH-2.0-OpenSSH\r\n"), InDoubt, "was cut"),
    "a bad gzip": (answer(201, b"no gzip", "Content-Encoding: gzip"), InDoubt, "compressed wrongly"),
    "a huge yes": (answer(201, b" " * (2 << 20)), InDoubt, "too large"),
    "a huge no": (answer(422, b" " * (2 << 20)), Rejected, "too large"),
    "an HTML yes": (answer(201, b"<p>", "Content-Type: text/html"), InDoubt, "not JSON"),
    "a server that repeats the key": (answer(401, ECHO), Rejected, r"bad key \*\*\*, \*\*\*, \*\*\*"),
    "a redirect": (answer(307, b"", f"Location: /?k={KEY}"), InDoubt, r"redirects to /\?k=\*\*\*"),
}


@pytest.mark.parametrize(("behaviour", "kind", "reason"), ROWS.values(), ids=ROWS)
def test_each_fault_on_the_wire_has_its_outcome(
    behaviour: Behaviour, kind: type[TransportError], reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A send that may have been taken is in doubt and goes out once; a read may be done again; no key anywhere."""
    caplog.set_level(logging.DEBUG)
    (sent, read), server = meet(behaviour, calls=(SEND, READ))
    assert type(sent) is kind
    redirect = behaviour is ROWS["a redirect"][0]
    assert type(read) is (Rejected if redirect else Retryable if kind is InDoubt else kind)
    for error in (sent, read):
        assert re.search(reason, error.reason)
        assert_no_key(error, caplog.text)
    assert len(server.requests) == 2
    assert all(f"X-API-Key: {KEY}\r\n".encode() in request for request in server.requests)
    assert b"User-Agent: flowrunner/" in server.requests[0]
    assert server.requests[0].endswith(b'{"message":{"content":"hi"}}')


def test_a_refused_connection_is_safe_to_try_again(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing left this machine, and the line names the host and what to check."""
    caplog.set_level(logging.DEBUG)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    [error] = asyncio.run(attempt(f"http://127.0.0.1:{port}", SEND))
    assert type(error) is Retryable
    assert error.reason == f"127.0.0.1:{port} refused the connection"
    assert "--api-url" in error.hint
    assert_no_key(error, caplog.text)


def test_a_self_signed_certificate_is_refused_until_it_is_trusted(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is sent to a server nobody vouches for; SSL_CERT_FILE is the way to vouch."""
    caplog.set_level(logging.DEBUG)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    [error], server = meet(ACCEPTED, base="https://127.0.0.1", tls=context)
    assert type(error) is Retryable
    assert "certificate of 127.0.0.1" in error.reason
    assert "self-signed" in error.reason.replace("self signed", "self-signed")
    assert "SSL_CERT_FILE" in error.hint
    assert server.requests == []
    assert_no_key(error, caplog.text)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    [receipt], server = meet(ACCEPTED, base="https://127.0.0.1", tls=context)
    assert (receipt.message_id, len(server.requests)) == ("m1", 1)
    [error], _ = meet(ACCEPTED, base="https://localhost", tls=context)
    assert "mismatch" in error.reason.lower()
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.with_name("none.pem")))
    with pytest.raises(ValueError, match="SSL_CERT_FILE"):
        open_client("https://127.0.0.1", KEY, clock=SYSTEM)


@pytest.mark.parametrize("behaviour", [cut, pieces(b"HTTP/1.1 201 Cre"), pieces(HEAD, b"{")])
def test_a_cut_under_tls_is_in_doubt_and_a_kept_connection_is_used_again(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, behaviour: Behaviour
) -> None:
    """TLS changes nothing about what may have left."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    calls = (SEND,) * 4
    ended, server = meet(ACCEPTED, ACCEPTED, behaviour, ACCEPTED, calls=calls, base="https://127.0.0.1", tls=context)
    assert [getattr(end, "message_id", type(end)) for end in ended] == ["m1", "m1", InDoubt, "m1"]
    assert "was cut" in ended[2].reason
    assert (len(server.requests), server.connections) == (4, 2)


@pytest.mark.parametrize("behaviour", [ACCEPTED, cut], ids=["speaks HTTP", "cuts"])
def test_a_server_without_tls_on_a_tls_address_is_safe_to_try_again(behaviour: Behaviour) -> None:
    """The handshake fails before the request leaves."""
    [error], server = meet(behaviour, base="https://127.0.0.1")
    assert type(error) is Retryable
    assert server.requests == []


def test_a_redirect_does_not_carry_the_key_away() -> None:
    """Neither a send nor a read follows one."""

    async def once() -> tuple[list[Any], int]:
        async with serving(ACCEPTED) as other:
            there = f"Location: http://127.0.0.1:{other.port}/"
            async with serving(answer(301, b"", there), answer(307, b"", there)) as server:
                return await attempt(f"http://127.0.0.1:{server.port}", SEND, READ), other.connections

    (sent, read), followed = asyncio.run(once())
    assert (type(sent), type(read)) == (InDoubt, Rejected)
    assert "--api-url" in sent.hint
    assert followed == 0


def test_a_proxy_that_refuses_is_safe_to_try_again_and_never_sees_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tunnel that was not opened carried nothing."""

    async def once() -> tuple[list[Any], list[bytes]]:
        async with serving(answer(407, b"")) as proxy:
            monkeypatch.setenv("NO_PROXY", "")
            monkeypatch.setenv("HTTPS_PROXY", f"http://u:hunter2@127.0.0.1:{proxy.port}")
            return await attempt("https://kapso.invalid", SEND), proxy.requests

    [error], requests = asyncio.run(once())
    assert type(error) is Retryable
    assert "proxy" in error.reason
    assert "hunter2" not in error.reason + error.hint
    assert requests[0].startswith(b"CONNECT kapso.invalid:443 ")
    assert KEY.encode() not in b"".join(requests)


def test_a_kept_connection_that_dies_is_in_doubt_and_one_that_was_closed_is_replaced() -> None:
    """A request that met its end on a kept connection is not sent again by itself."""
    closing = answer(201, {"data": {"id": "m2"}}, "Connection: close")
    ended, server = meet(ACCEPTED, cut, closing, ACCEPTED, calls=(SEND,) * 4)
    assert [getattr(end, "message_id", type(end)) for end in ended] == ["m1", InDoubt, "m2", "m1"]
    assert (len(server.requests), server.connections) == (4, 3)


def test_one_run_keeps_one_connection_and_many_runs_do_not_wait_for_each_other() -> None:
    """Sends in turn share a connection; thirty at once are all at the server at once."""

    async def once() -> tuple[int, set[str], int | None]:
        crowd, told = asyncio.Barrier(30), answer(201, {"data": {"id": "m2"}}, "X-RateLimit-Limit: 7")

        async def together(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await crowd.wait()
            await told(reader, writer)

        async with serving(*[ACCEPTED] * 9, together) as server:
            door = open_client(f"http://127.0.0.1:{server.port}", KEY, timeout=20, clock=SYSTEM)
            for _ in range(9):
                await door.send(Recipient("c1"), "{}")
            alone = server.connections
            assert door.rate is None
            receipts = await asyncio.gather(*(door.send(Recipient(f"c{number}"), "{}") for number in range(30)))
            await door.aclose()
            return alone, {receipt.message_id for receipt in receipts}, door.rate

    assert asyncio.run(once()) == (1, {"m2"}, 7)
