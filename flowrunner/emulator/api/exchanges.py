"""The API's requests and answers as they went over the wire, for a person to read; no headers, for one is the key."""

import re
from collections import deque
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flowrunner.clock import Clock
from flowrunner.emulator.api.wire import was_cut

if TYPE_CHECKING:
    from collections.abc import Callable

_OF_ITS_OWN = re.compile(r"/(_emulator/.*|_page/.*|favicon\.ico)?")
"""What is no API's: the emulator's own routes, and its page."""
MOST = 500
"""Exchanges kept of each sort, reads and writes: a client that polls must not push out what was sent."""
LARGEST = 32 * 1024
"""Bytes kept of one body."""


@dataclass(slots=True)
class Exchange:
    """One request and its answer.

    Attributes:
        at: When it came, in seconds since the epoch.
        path: With the query.
        request: The body's first `LARGEST` bytes; ``request_size`` says how many there were.
        status: The answer's HTTP status; 0 while there is none, and for good when the connection was cut before it.
        answer: The body's first `LARGEST` bytes; ``answer_size`` says how many there were.
        seconds: From the request to the end of its answer; None until then.
        cut: The connection was cut before the answer's end.
    """

    number: int
    at: float
    method: str
    path: str
    request: bytes = b""
    request_size: int = 0
    status: int = 0
    answer: bytes = b""
    answer_size: int = 0
    seconds: float | None = None
    cut: bool = False

    @property
    def is_read(self) -> bool:
        """Whether it asks only, and changes nothing."""
        return self.method in {"GET", "HEAD"}


class ExchangeLog:
    """The latest exchanges, in bounded memory.

    Args:
        clock: Where time comes from.

    Attributes:
        listeners: Called with each exchange when it begins, and again when it ends.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._numbers = count(1)
        self.listeners: list[Callable[[Exchange], object]] = []
        self.clear()

    def clear(self) -> None:
        """Forget all of them."""
        self._reads: deque[Exchange] = deque(maxlen=MOST)
        self._writes: deque[Exchange] = deque(maxlen=MOST)

    def begin(self, method: str, path: str) -> Exchange:
        """Note a request that has come."""
        exchange = Exchange(next(self._numbers), self.clock.now(), method, path)
        (self._reads if exchange.is_read else self._writes).append(exchange)
        self._tell(exchange)
        return exchange

    def end(self, exchange: Exchange, seconds: float, *, cut: bool) -> None:
        """Note that its answer has been given, or that the connection was cut."""
        exchange.seconds, exchange.cut = seconds, cut
        self._tell(exchange)

    def _tell(self, exchange: Exchange) -> None:
        for listener in self.listeners:
            listener(exchange)

    def latest(self, most: int, *, reads: bool) -> list[Exchange]:
        """At most so many, the newest first; with ``reads`` those that only ask, too."""
        found = [*self._writes, *self._reads] if reads else [*self._writes]
        return sorted(found, key=lambda each: each.number, reverse=True)[:most]

    def get(self, number: int) -> Exchange | None:
        """One exchange; None when there is none of this number, or no longer."""
        return next((each for each in (*self._writes, *self._reads) if each.number == number), None)


class Recorder:
    """An ASGI middleware that notes each exchange with the API, of whichever dialect."""

    def __init__(self, app: ASGIApp, log: ExchangeLog) -> None:
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on as it is, and note it."""
        if scope["type"] != "http" or _OF_ITS_OWN.fullmatch(scope["path"]):
            await self._app(scope, receive, send)
            return
        query = scope["query_string"].decode("latin-1")
        exchange = self._log.begin(scope["method"], scope["path"] + (f"?{query}" if query else ""))

        async def taking() -> Message:
            message = await receive()
            body = message.get("body", b"")
            exchange.request_size += len(body)
            exchange.request += body[: LARGEST - len(exchange.request)]
            return message

        async def giving(message: Message) -> None:
            exchange.status = message.get("status", exchange.status)
            body = message.get("body", b"")
            exchange.answer_size += len(body)
            exchange.answer += body[: LARGEST - len(exchange.answer)]
            await send(message)

        start = self._log.clock.monotonic()
        cut = True
        try:
            await self._app(scope, taking, giving)
            cut = was_cut(scope)
        finally:
            self._log.end(exchange, self._log.clock.monotonic() - start, cut=cut)
