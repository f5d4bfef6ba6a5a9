"""Who failed is named: the proxy or the API, and which of http and https a port does not speak."""

import asyncio
import socket
import ssl
from pathlib import Path
from typing import Any

import pytest

from flowrunner.client import InDoubt, Rejected, Retryable, TransportError, open_client
from flowrunner.clock import SYSTEM
from flowrunner.model import Recipient
from support.program import flow, flowrunner
from support.sockets import ACCEPTED, KEY, READ, SEND, Behaviour, answer, attempt, cut, meet, serving, silence


def unused() -> int:
    """A port at which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


PROXIES: dict[str, tuple[Behaviour | None, str, str]] = {
    "nobody listens": (None, "the proxy 127.0.0.1:PORT refused the connection", "HTTPS_PROXY"),
    "asks who": (answer(407, b""), "the proxy 127.0.0.1:PORT asks for a user and password (HTTP 407)", "its URL"),
    "says no": (answer(403, b""), "the proxy 127.0.0.1:PORT did not connect to kapso.invalid (HTTP 403)", "NO_PROXY"),
    "cannot": (answer(502, b""), "the proxy 127.0.0.1:PORT did not connect to kapso.invalid (HTTP 502)", "NO_PROXY"),
}


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "ALL_PROXY"])
@pytest.mark.parametrize(("behaviour", "reason", "hint"), PROXIES.values(), ids=PROXIES)
def test_a_proxy_that_fails_is_not_called_by_the_apis_name(
    monkeypatch: pytest.MonkeyPatch, behaviour: Behaviour | None, reason: str, hint: str, name: str
) -> None:
    """Without the password in its URL; nothing left, so it is safe to try again."""
    monkeypatch.setenv("NO_PROXY", "")

    async def once() -> tuple[list[Any], int, list[bytes]]:
        async with serving(behaviour or cut) as proxy:
            port = proxy.port if behaviour else unused()
            monkeypatch.setenv(name, f"http://u:hunter2@127.0.0.1:{port}")
            # Each of them fails at once, however busy the machine.
            return await attempt("https://kapso.invalid", SEND, READ, within=30), port, proxy.requests

    errors, port, requests = asyncio.run(once())
    for error in errors:
        assert type(error) is Retryable
        assert error.reason == reason.replace("PORT", str(port))
        assert hint in error.hint
        assert "hunter2" not in error.reason + error.hint
    assert KEY.encode() not in b"".join(requests)


def test_a_proxy_that_is_unknown_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its host, not the API's."""
    monkeypatch.setenv("HTTPS_PROXY", "proxy.invalid:3128")
    [error] = asyncio.run(attempt("https://kapso.invalid", SEND, within=30))
    assert error.reason == "no address is known for the proxy proxy.invalid:3128"


def test_what_no_proxy_names_is_reached_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its suffixes, too; this machine always."""
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{unused()}")
    monkeypatch.setenv("NO_PROXY", ".invalid")
    [error] = asyncio.run(attempt("https://kapso.invalid", SEND, within=30))
    assert error.reason == "no address is known for kapso.invalid"
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{unused()}")
    [receipt], _ = meet(ACCEPTED)
    assert receipt.message_id == "m1"


PLAIN: dict[str, Behaviour] = {"answers": ACCEPTED, "waits for a whole line": silence}


@pytest.mark.parametrize("behaviour", PLAIN.values(), ids=PLAIN)
def test_https_to_a_plain_server_says_so(behaviour: Behaviour) -> None:
    """Also where the server waits for the rest of what it takes for a request; nothing left."""

    async def once() -> tuple[TransportError, int, list[bytes]]:
        async with serving(behaviour) as server:
            # A quarter of it is for the connection: enough for a busy machine to accept it.
            door = open_client(f"https://127.0.0.1:{server.port}", KEY, timeout=6, clock=SYSTEM)
            with pytest.raises(Retryable) as refused:
                await door.send(Recipient("c1"), "{}")
            await door.aclose()
            return refused.value, server.port, server.requests

    error, port, requests = asyncio.run(once())
    assert error.reason == f"127.0.0.1:{port} accepts connections, but does not speak https on this port"
    assert error.hint == f"if it speaks plain http, write http://127.0.0.1:{port}"
    assert not any(KEY.encode() in request for request in requests)


NGINX = answer(400, b"<title>400 The plain HTTP request was sent to HTTPS port</title>", "Content-Type: text/html")


def test_http_to_a_tls_server_says_so(certificate: Path) -> None:
    """A message is in doubt for form's sake; a server that says it in words has refused it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    ended, server = meet(ACCEPTED, calls=(SEND, READ), tls=context)
    assert [type(error) for error in ended] == [InDoubt, Retryable]
    for error in ended:
        assert error.reason == f"127.0.0.1:{server.port} speaks https on this port, not plain http"
        assert error.hint == f"write https://127.0.0.1:{server.port}"
    assert server.requests == []
    [error], _ = meet(NGINX)
    assert type(error) is Rejected
    assert "https://" in error.hint


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (("--api-url", "http://203.0.113.7"), "over http the API key could be read on its way to 203.0.113.7"),
        (("--api-url", "http://kapso.invalid", "--insecure"), "no address is known for kapso.invalid"),
        (("--api-url", "https://kapso.invalid"), "no address is known for kapso.invalid"),
    ],
)
def test_the_key_goes_in_clear_to_this_machine_only(tmp_path: Path, command: tuple[str, ...], text: str) -> None:
    """Unless `--insecure` allows it; that is said before anything else."""
    file = flow(tmp_path / "hello.yaml", ['{message: "Hola"}'])
    done = flowrunner("run", file, "--conversation", "c1", *command, cwd=tmp_path, NO_PROXY="*")
    assert done.returncode == 1
    assert text in done.stderr
    assert ("--insecure" in done.stderr) is ("203.0.113.7" in text)


def test_every_command_refuses_to_send_the_key_in_clear(tmp_path: Path) -> None:
    """And takes the environment's word for it, as for the other options."""
    # By a template: nobody is asked for before it is sent.
    message = "{message_type: template, template_name: hi, template_language: en}"
    file = flow(tmp_path / "hello.yaml", [f"{{message: {message}}}"])
    audience = tmp_path / "p.csv"
    audience.write_text("conversation\nc1\n", encoding="utf-8")
    clear = ("--api-url", "http://kapso.invalid")
    many = ("run", file, "--audience", audience, "--yes-send-to", "1", "--max-wait", "0")
    allowed = flowrunner(*many, *clear, cwd=tmp_path, FLOWRUNNER_INSECURE="1", NO_PROXY="*")
    assert allowed.returncode == 3, allowed.stderr
    plan = ("plan", file, "--audience", audience, "--output", "p.plan", "--journal", "other.db")
    assert flowrunner(*plan, *clear, "--insecure", cwd=tmp_path).returncode == 0
    for command in (
        (*many, *clear),
        ("plan", file, "--conversation", "c1", *clear),
        ("run", "p.plan", "--yes-send-to", "1"),
        ("resume", allowed.stderr.split("campaign ")[1].split()[0]),
        ("status", "--refresh"),
    ):
        refused = flowrunner(*command, cwd=tmp_path, NO_PROXY="*")
        assert refused.returncode == 1, (command, refused.stderr)
        assert "over http the API key could be read" in refused.stderr
        assert "--insecure" in refused.stderr
