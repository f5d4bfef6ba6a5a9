"""HTTP/1.1 as it goes over a connection: a request as bytes, and bytes as an answer.

httptools is the parser of Node.js (https://llhttp.org): it reads an answer in a thirtieth of the time that h11 took.
"""

from collections import deque
from typing import Final

import httptools

from flowrunner.client.transport import Outgoing

_MOST: Final = 100 << 10
"""Bytes of a head, or between two pieces of a body."""
_FIRST: Final = 100
_INTERIM: Final = 200
"""What has a lower status says that the answer is still to come."""
_LENGTHS: Final = frozenset([b"content-length", b"transfer-encoding"])
"""Where both tell how long a body is, who reads the one may take for an answer what another took for a body."""


def written(request: Outgoing) -> bytes:
    """A request as it is sent, with the headers that it has."""
    lines = [f"{request.method} {request.target} HTTP/1.1".encode("ascii")]
    lines += [b"%b: %b" % header for header in request.headers]
    return b"\r\n".join([*lines, b"", request.body])


class Reading:
    """One answer, as its bytes come.

    Attributes:
        status: Its HTTP status.
        headers: Names in small letters and values, in their order.
        pieces: What has come of its body, and nobody has taken.
        has_head: Its status and headers are there.
        is_whole: So is its body.
        has_begun: Anything has come.
        is_last: The connection cannot be used again: the server says so, or has said more than the answer.
    """

    def __init__(self) -> None:
        """Nothing has come."""
        self.status, self.headers, self.pieces = 0, list[tuple[bytes, bytes]](), deque[bytes]()
        self.has_begun = self.has_head = self.is_whole = self.is_last = False
        self._parser = httptools.HttpResponseParser(self)
        # What servers write, and what is read in one way only. A request may have been taken whose answer is refused.
        self._parser.set_dangerous_leniencies(
            lenient_headers=True, lenient_chunked_length=True, lenient_optional_cr_before_lf=True,
            lenient_spaces_after_chunk_size=True,
        )  # fmt: skip
        self._beside = 0

    def feed(self, data: bytes) -> None:
        """More bytes have come.

        Raises:
            ValueError: They are no HTTP, or too many beside the body.
        """
        self.has_begun = True
        if self.is_whole:
            self.is_last = True  # what nobody asked for
            return
        self._beside += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as fault:
            if not self.is_whole:
                raise ValueError(str(fault)) from fault
            self.is_last = True
        if self.is_whole:
            del self._parser  # each knows the other: no answer is to wait until Python looks for such cycles
        elif self._beside > _MOST:
            raise ValueError("too much beside the body")

    def end(self) -> None:
        """No more comes.

        Raises:
            ValueError: More was to come.
        """
        if not self.is_whole and not (self.has_head and self._is_open):
            raise ValueError("the answer is cut")
        self.is_whole = self.is_last = True

    @property
    def _is_open(self) -> bool:
        """Whether nothing but the end of the connection tells where the body ends."""
        return not any(
            name == b"content-length" or (name == b"transfer-encoding" and b"chunked" in value.lower())
            for name, value in self.headers
        )

    def on_message_begin(self) -> None:
        """Called by the parser, as all below."""
        self.is_last = self.is_whole  # what nobody asked for

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header."""
        if not self.has_head:  # else one of what follows the answer, or a trailer
            self.headers.append((name.strip().lower(), value.strip()))

    def on_headers_complete(self) -> None:
        """The end of a head."""
        if self.is_whole:
            return
        self.status = self._parser.get_status_code()
        if self.status < _FIRST:
            raise ValueError("no status of HTTP")
        self.has_head = self.status >= _INTERIM

    def on_body(self, piece: bytes) -> None:
        """Some of a body."""
        if not self.is_whole:
            self.pieces.append(piece)
            self._beside = 0

    def on_message_complete(self) -> None:
        """The end of an answer."""
        if self.is_whole:
            return
        if self.has_head:
            self.is_whole = True
            is_over = not self._parser.should_keep_alive() or self._parser.get_http_version() != "1.1"
            self.is_last = is_over or {name for name, _ in self.headers} >= _LENGTHS
        else:
            self.headers.clear()
