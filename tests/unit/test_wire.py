"""Bytes as answers: what is read of each, when it is whole, and whether its connection can be used again."""

import gc
import weakref
from typing import NamedTuple

import pytest

from flowrunner.client.transport import Outgoing
from flowrunner.client.wire import Reading, written

LENGTH = b"Content-Length: 2\r\n\r\nhi"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
CHUNKS = b"2\r\nhi\r\n0\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\n"


class Came(NamedTuple):
    """What has come of an answer."""

    status: int
    body: bytes
    is_whole: bool
    is_last: bool


def read(*parts: bytes, ends: bool = False) -> Came | str:
    """What is read of these, or why it cannot be."""
    its = Reading()
    try:
        for part in parts:
            its.feed(part)
        if ends:
            its.end()
    except ValueError as why:
        return str(why)
    return Came(its.status if its.has_head else 0, b"".join(its.pieces), its.is_whole, its.is_last)


KEPT = Came(200, b"hi", is_whole=True, is_last=False)
LAST = KEPT._replace(is_last=True)
READ = {
    "by its length": (OK + LENGTH, KEPT),
    "without words": (b"HTTP/1.1 200\r\n" + LENGTH, KEPT),
    "words beyond ASCII": ("HTTP/1.1 200 très\r\n".encode() + LENGTH, KEPT),
    "a status of its own": (b"HTTP/1.1 600 X\r\n" + LENGTH, KEPT._replace(status=600)),
    "lines without their first half": (b"HTTP/1.1 200 OK\nContent-Length: 2\n\nhi", KEPT),
    "a header over two lines": (OK + b"X: a\r\n b\r\n" + LENGTH, KEPT),
    "a header with an odd character": (OK + b"X: a\x01\xe9b\r\n" + LENGTH, KEPT),
    "many headers": (OK + b"".join(b"X-%d: a\r\n" % number for number in range(300)) + LENGTH, KEPT),
    "in chunks": (OK + CHUNKED + CHUNKS, KEPT),
    "in chunks, and a length": (OK + b"Content-Length: 7\r\n" + CHUNKED + CHUNKS, LAST),
    "a space behind a name": (OK + b"Content-Length : 3\r\n\r\nhi", KEPT._replace(is_whole=False)),
    "chunks with spaces": (OK + CHUNKED + b"2  \r\nhi\r\n0\r\n\r\n", KEPT),
    "chunks with words": (OK + CHUNKED + b'2;a="b"\r\nhi\r\n0\r\n\r\n', KEPT),
    "chunks with a trailer": (OK + CHUNKED + b"2\r\nhi\r\n0\r\nX: y\r\n\r\n", KEPT),
    "no content": (b"HTTP/1.1 204 No Content\r\n\r\n", Came(204, b"", is_whole=True, is_last=False)),
    "not modified": (b"HTTP/1.1 304 X\r\nContent-Length: 5\r\n\r\n", Came(304, b"", is_whole=True, is_last=False)),
    "interim answers": (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nX: y\r\n\r\n" + OK + LENGTH, KEPT),
    "an upgrade is offered": (OK + b"Upgrade: h2,h2c\r\nConnection: Upgrade\r\n" + LENGTH, KEPT),
    "an older version": (b"HTTP/1.0 200 OK\r\n" + LENGTH, LAST),
    "an older version that would stay": (b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n" + LENGTH, LAST),
    "it closes": (OK + b"Connection: Close\r\n" + LENGTH, LAST),
    "more behind it": (OK + LENGTH + b"more", LAST),
    "a second answer": (OK + LENGTH + OK + b"Content-Length: 5\r\n\r\nother", LAST),
    "half of a second answer": (OK + LENGTH + b"HT", LAST),
    "more behind the last": (OK + b"Connection: close\r\n" + LENGTH + b"more", LAST),
    "the head so far": (OK + b"Content-Len", Came(0, b"", is_whole=False, is_last=False)),
    "the body so far": (OK + b"Content-Length: 3\r\n\r\nhi", KEPT._replace(is_whole=False)),
    "until the end": (OK + b"\r\nhi", KEPT._replace(is_whole=False)),
}


@pytest.mark.parametrize(("data", "came"), READ.values(), ids=READ)
def test_an_answer_is_read_however_it_is_cut_into_pieces(data: bytes, came: Came) -> None:
    assert read(data) == came
    assert read(*(data[at : at + 1] for at in range(len(data)))) == came
    for at in range(1, len(data), max(len(data) // 40, 1)):
        assert read(data[:at], data[at:]) == came


@pytest.mark.parametrize(("data", "came"), READ.values(), ids=READ)
def test_the_end_of_a_connection_ends_an_answer_only_where_nothing_else_does(data: bytes, came: Came) -> None:
    if came.is_whole or data == OK + b"\r\nhi":
        assert read(data, ends=True) == came._replace(is_whole=True, is_last=True)
    else:
        assert read(data, ends=True) == "the answer is cut"


def test_an_empty_line_behind_an_answer_is_nothing_where_it_comes_with_it() -> None:
    assert read(OK + LENGTH + b"\r\n") == KEPT
    assert read(OK + LENGTH, b"\r\n") == LAST


def test_an_answer_leaves_nothing_for_the_garbage_collection() -> None:
    """Reading and parser know each other: a thousand answers a second would keep it busy."""
    gc.disable()
    try:
        its = Reading()
        its.feed(OK + LENGTH)
        seen = weakref.ref(its)
        del its
        assert seen() is None
    finally:
        gc.enable()


NO_ANSWERS = {
    "another protocol": b"SSH-2.0-OpenSSH\r\n",
    "nothing known": b"ICY 200 OK\r\n\r\n",
    "no number": b"HTTP/1.1 2x0 OK\r\n",
    "a number that means nothing": b"HTTP/1.1 000 X\r\n" + LENGTH + OK + LENGTH,
    "a number before all others": b"HTTP/1.1 099 X\r\n\r\n" + OK + LENGTH,
    "two lengths": OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nhi",
    "a length below nothing": OK + b"Content-Length: -2\r\n\r\nhi",
    "a length with a sign": OK + b"Content-Length: +2\r\n\r\nhi",
    "a length beyond all": OK + b"Content-Length: 99999999999999999999999\r\n\r\nhi",
    "no chunk": OK + CHUNKED + b"zz\r\nhi\r\n0\r\n\r\n",
    "a header without a name": OK + b": a\r\n" + LENGTH,
    "a line that is no header": OK + b"abc\r\n" + LENGTH,
    "another protocol from here on": b"HTTP/1.1 101 Switch\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nhi",
}


@pytest.mark.parametrize("data", NO_ANSWERS.values(), ids=NO_ANSWERS)
def test_what_is_no_answer_is_refused(data: bytes) -> None:
    assert isinstance(read(data), str)
    assert isinstance(read(*(data[at : at + 1] for at in range(len(data)))), str)


def test_a_head_without_end_is_refused() -> None:
    assert read(OK, *[b"X: y\r\n" * 1000] * 16) == Came(0, b"", is_whole=False, is_last=False)
    assert read(OK, *[b"X: y\r\n" * 1000] * 18) == "too much beside the body"


@pytest.mark.parametrize("endless", [b"0\r\n", b"2\r\nhi\r\n2;a="], ids=["a trailer", "words of a chunk"])
def test_what_stands_beside_a_body_has_an_end(endless: bytes) -> None:
    """A server must not fill the memory with it, nor hold a request up for as long as it is waited for."""
    more = b"x" * 1000 if endless.endswith(b"=") else b"X: y\r\n" * 200
    assert read(OK + CHUNKED + endless, *[more] * 80) == KEPT._replace(body=endless[3:5], is_whole=False)
    assert read(OK + CHUNKED + endless, *[more] * 120) == "too much beside the body"


def test_a_body_in_small_chunks_may_be_of_any_length() -> None:
    its = read(OK + CHUNKED, *[b"2;a=b\r\nhi\r\n"] * 50_000, b"0\r\n\r\n")
    assert its == KEPT._replace(body=b"hi" * 50_000)


def test_headers_are_those_of_the_answer() -> None:
    its = Reading()
    its.feed(b"HTTP/1.1 103 Hints\r\nLink: </a>\r\n\r\n" + OK + b"Set-Cookie: a\r\nSET-COOKIE:  b \r\n" + CHUNKED)
    its.feed(b"0\r\nX: trailer\r\n\r\nHTTP/1.1 200 OK\r\nY: z\r\n\r\n")
    assert its.headers == [(b"set-cookie", b"a"), (b"set-cookie", b"b"), (b"transfer-encoding", b"chunked")]


def test_a_request_is_written_as_it_is() -> None:
    headers = [(b"Host", b"a:1"), (b"Content-Length", b"2")]
    assert written(Outgoing("POST", "/a%20b?c=d", headers, b"hi")) == (
        b"POST /a%20b?c=d HTTP/1.1\r\nHost: a:1\r\nContent-Length: 2\r\n\r\nhi"
    )
    assert written(Outgoing("GET", "/", headers[:1], b"")) == b"GET / HTTP/1.1\r\nHost: a:1\r\n\r\n"
