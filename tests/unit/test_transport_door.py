"""The door without a network: addresses, keys, what is posted, how lists are read, what each fault is called."""

import asyncio
import json
import socket
import ssl
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from flowrunner.client import InDoubt, Receipt, Rejected, Retryable, open_client
from flowrunner.client.access import address
from flowrunner.client.no_answer import CompressionError
from flowrunner.clock import SYSTEM
from flowrunner.dialects import kapso_v1
from flowrunner.dialects.kapso_v1 import PRODUCTION_URL
from flowrunner.model import Recipient

KEY = "kp_live/0123456789+abc=="


@pytest.mark.parametrize(
    ("url", "root", "host"),
    [
        (PRODUCTION_URL, "https://app.kapso.ai/api/v1", "app.kapso.ai"),
        ("https://app.kapso.ai/", "https://app.kapso.ai/api/v1", "app.kapso.ai"),
        ("HTTPS://App.Kapso.ai/api/v1/", "https://app.kapso.ai/api/v1", "app.kapso.ai"),
        ("http://127.0.0.1:8080/gate/api/v1", "http://127.0.0.1:8080/gate/api/v1", "127.0.0.1:8080"),
        ("http://[::1]:9", "http://[::1]:9/api/v1", "[::1]:9"),
    ],
)
def test_a_url_is_taken_with_or_without_its_path(url: str, root: str, host: str) -> None:
    """The API's path is added once, however the URL was written."""
    found = address(url, kapso_v1)
    assert (found.root, found.host) == (root, host)
    assert found.loopback == (host != "app.kapso.ai")


@pytest.mark.parametrize(
    "url",
    [
        *("", "app.kapso.ai", "ftp://a.b", "https://", "https://u:hunter2@a.b", "https://a.b/?q=1", "https://a.b:x"),
        *(
            "https://a b",
            "https://a.b\n",
            "https://a..b",
            "https://.b",
            "http://999.1.1.1",
            "https://a%41.b",
            "https://¡",
            "https://[::1",
            "https://" + "a" * 70,
            "https://a.b:99999",
        ),
    ],
)
def test_a_url_that_cannot_be_is_refused(url: str) -> None:
    """One clear line, without the password that stood in it."""
    with pytest.raises(ValueError, match="the API's URL") as caught:
        open_client(url, KEY, clock=SYSTEM)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("key", ["", "  ", "secret\nvalue", "secret value", "secretñ", "secret\x00"])
def test_a_key_that_cannot_be_is_refused_unseen(key: str) -> None:
    """The message names the variable, never the value."""
    with pytest.raises(ValueError, match="KAPSO_API_KEY") as caught:
        open_client(PRODUCTION_URL, key, clock=SYSTEM)
    assert "secret" not in str(caught.value)


App = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


def answering(handle: Callable[[str, dict[str, list[str]], bytes], tuple[int, object]]) -> App:
    """An ASGI app of one function: path, query and body in, status and JSON out."""

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            event = await receive()
            body, more = body + event.get("body", b""), event.get("more_body", False)
        status, data = handle(scope["path"], parse_qs(scope["query_string"].decode()), body)
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": json.dumps(data).encode()})

    return app


def call(app: App, method: str, *args: Any) -> Any:
    async def once() -> Any:
        door = open_client("http://127.0.0.1", KEY, app=app, clock=SYSTEM)
        try:
            return await getattr(door, method)(*args)
        finally:
            await door.aclose()

    return asyncio.run(once())


def test_the_wire_text_is_posted_byte_for_byte() -> None:
    """Not a space is changed inside the message object."""
    wire = '{"content":"¡Hola  👋\\u00e9","b" : 1.0}'
    seen: list[tuple[str, bytes]] = []

    def handle(path: str, _query: object, body: bytes) -> tuple[int, object]:
        seen.append((path, body))
        return 201, {"data": {"id": "m1", "whatsapp_message_id": None, "status": "pending"}}

    assert call(answering(handle), "send", Recipient("c-1"), wire) == Receipt("m1")
    assert seen == [("/api/v1/whatsapp_conversations/c-1/whatsapp_messages", f'{{"message":{wire}}}'.encode())]


@pytest.mark.parametrize("conversation", ["", ".", "..", "a/b", "a?b", "ñ", "a b", "x" * 201, "\udcff"])
def test_what_is_no_conversation_id_never_leaves(conversation: str) -> None:
    """An id cannot climb out of its path."""
    with pytest.raises(Rejected, match="is not a conversation id"):
        call(answering(lambda *_: (500, {})), "send", Recipient(conversation), "{}")


def test_a_conversation_that_is_the_key_never_leaves_and_is_not_repeated() -> None:
    """Pasted into the wrong place it is a well-formed id."""
    key = "kp_live-0123456789.abc"

    async def once() -> None:
        door = open_client("http://127.0.0.1", key, app=answering(lambda *_: (500, {})), clock=SYSTEM)
        await door.conversations(Recipient(key))

    with pytest.raises(Rejected, match="holds the API key") as refused:
        asyncio.run(once())
    assert key not in str(refused.value)


@pytest.mark.parametrize(
    ("fault", "left", "reason"),
    [
        (httpx.ConnectTimeout(""), False, "did not accept a connection in time"),
        (httpx.PoolTimeout(""), False, "too many requests"),
        (httpx.ProxyError("407"), False, "proxy asks for a user and password"),
        (httpx.UnsupportedProtocol(""), False, "cannot be reached"),
        (httpx.ConnectError("no route"), False, "cannot be reached"),
        (httpx.WriteTimeout(""), True, "did not answer fully within 30 s"),
        (httpx.ReadTimeout(""), True, "did not answer fully within 30 s"),
        (httpx.WriteError(""), True, "was cut"),
        (httpx.ReadError(""), True, "was cut"),
        (httpx.LocalProtocolError(""), True, "was cut"),
        (httpx.RemoteProtocolError(""), True, "was cut"),
        (CompressionError(), True, "compressed wrongly"),
        (ssl.SSLError("TLSV13_ALERT_CERTIFICATE_REQUIRED"), True, "was cut"),
        (ConnectionResetError(), True, "was cut"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_each_fault_says_whether_the_message_may_have_left(fault: Exception, left: bool, reason: str) -> None:
    """Before anything left it is safe to try again; afterwards only a read is."""

    async def app(*_: object) -> None:
        raise fault

    with pytest.raises(InDoubt if left else Retryable, match=reason) as sent:
        call(app, "send", Recipient("c"), "{}")
    with pytest.raises(Retryable, match=reason) as read:
        call(app, "conversations", Recipient("c"))
    for error in (sent.value, read.value):
        assert error.hint
        assert (error.status, error.code) == (None, "")
        assert error.__cause__ is error.__context__ is None


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        (socket.gaierror(-2, "Name or service not known"), "no address is known for 127.0.0.1"),
        (ConnectionRefusedError(111, "refused"), "127.0.0.1 refused the connection"),
        (ExceptionGroup("two", [OSError("a"), ConnectionRefusedError()]), "127.0.0.1 refused the connection"),
    ],
)
def test_a_connection_that_was_not_made_says_why(cause: Exception, reason: str) -> None:
    """The operating system's reason is found wherever it is wrapped."""

    async def app(*_: object) -> None:
        wrapped = OSError("All connection attempts failed")
        wrapped.__cause__ = cause
        raise httpx.ConnectError("All connection attempts failed") from wrapped

    with pytest.raises(Retryable, match=reason):
        call(app, "send", Recipient("c"), "{}")


def test_a_fault_of_the_program_stays_a_traceback() -> None:
    """Only the network's faults are renamed."""

    async def app(*_: object) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        call(app, "send", Recipient("c"), "{}")


def paged(pages: list[list[int]], totals: list[int | None]) -> tuple[App, list[int]]:
    """A list whose answer number n is pages[n], with the total of that moment."""
    asked: list[int] = []

    def handle(_path: str, query: dict[str, list[str]], _body: bytes) -> tuple[int, object]:
        turn = min(len(asked), len(pages) - 1)
        asked.append(int(query["page"][0]))
        assert query["per_page"] == ["100"]
        total = totals[turn]
        meta = {} if total is None else {"meta": {"total_pages": -(-total // 2), "total_count": total}}
        return 200, {"data": [{"id": item} for item in pages[turn]], **meta}

    return answering(handle), asked


@pytest.mark.parametrize(
    ("pages", "totals", "ids", "asked"),
    [
        ([[]], [0], [], [1]),
        ([[1, 2]], [2], [1, 2], [1]),
        ([[1, 2], [3]], [3, 3], [1, 2, 3], [1, 2]),
        ([[1, 2], [2, 3], [4, 1], [2, 3]], [3, 4, 4, 4], [4, 1, 2, 3], [1, 2, 1, 2]),
        ([[1, 2], [2], [1, 2], [3]], [3, 3, 3, 3], [1, 2, 3], [1, 2, 1, 2]),
        ([[1, 2], [3], []], [None] * 3, [1, 2, 3], [1, 2, 3]),
        ([[1, 2], [1, 2]], [None] * 2, [1, 2], [1, 2]),
        ([[1, 2], [3], []], [-4] * 3, [1, 2, 3], [1, 2, 3]),
    ],
    ids=[
        "empty",
        "one page",
        "two",
        "grew meanwhile",
        "slipped between pages",
        "no count",
        "page is ignored",
        "a count that cannot be",
    ],
)
def test_a_list_is_read_whole(
    pages: list[list[int]], totals: list[int | None], ids: list[int], asked: list[int]
) -> None:
    """Each id once, and a list that moved between its pages is read again."""
    app, seen = paged(pages, totals)
    assert [found.message_id for found in call(app, "messages", Recipient("c"))] == [str(number) for number in ids]
    assert seen == asked


def test_a_list_that_never_stands_still_or_never_ends_is_given_up() -> None:
    """Readings and pages are bounded, and half a list is never passed off as the whole."""
    moving, asked = paged([[1, 2], [3, 4]] * 9, [4, 3] * 9)
    with pytest.raises(Retryable, match="kept changing"):
        call(moving, "messages", Recipient("c"))
    assert len(asked) == 6
    endless, asked = paged([[1, 2]], [10**6])
    with pytest.raises(Rejected, match="more than 20000"):
        call(endless, "messages", Recipient("c"))
    assert len(asked) == 200
    ignored, asked = paged([[1, 2]], [10**6])
    with pytest.raises(Rejected, match="more than 1000"):
        call(ignored, "conversations", Recipient("", "+525512345601"))
    assert len(asked) == 10


def test_conversations_are_found_by_phone_and_by_id() -> None:
    """The plus of a phone number survives the query."""
    item = {"id": "c1", "phone_number": "+521551", "status": "active", "contact_name": None}

    def handle(path: str, query: dict[str, list[str]], _body: bytes) -> tuple[int, object]:
        if path.endswith("/c1"):
            return 200, {"data": item}
        assert (query["q[phone_number_eq]"], query["q[status_eq]"]) == (["+521551"], ["active"])
        return 200, {"data": [item], "meta": {"total_pages": 1, "total_count": 1}}

    found = call(answering(handle), "conversations", Recipient("", "+521551"))
    assert found == call(answering(handle), "conversations", Recipient("c1"))
    assert (found[0].conversation_id, found[0].phone) == ("c1", "+521551")


@pytest.mark.parametrize("proxy", ["socks9://u:hunter2@p", "http://u:hunter2@p:x", "socks5://p"])
def test_a_proxy_that_cannot_be_used_is_a_clear_error(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Found before anything begins, without the proxy's password."""
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(ValueError, match="proxy") as caught:
        open_client("http://kapso.invalid", KEY, insecure=True, clock=SYSTEM)
    assert "hunter2" not in str(caught.value)
    open_client("http://127.0.0.1", KEY, clock=SYSTEM)
