"""Connections of our own: kept, taken from a list, and strict about what never left.

httpx's pool looks at every connection for every request (encode/httpx issue 3215): `python -m bench send` says what
many conversations at once cost it. httpx-aiohttp 0.2 is fast too, but calls a connection that was cut after the request
had left a `ConnectTimeout`: a message would be sent twice.
"""

import asyncio
import ipaddress
import re
import selectors
import ssl
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Final

from flowrunner.client.no_answer import (
    CrowdedError,
    CutError,
    SecureServer,
    SilentServer,
    SlowConnectionError,
    UnconnectedError,
)
from flowrunner.client.send_guard import require_in_time
from flowrunner.client.transport import Headers, Outgoing
from flowrunner.client.wire import Reading, written

_MOST = 512
# Servers close a connection that idles, many after 5 seconds: one that is older is not tried.
_KEPT_SECONDS = 5.0
# RFC 8305: how long one address is tried before the next one is tried beside it.
_NEXT_ADDRESS_SECONDS = 0.25
# How long a server may take to shake hands in TLS, when that is asked only to say why it cut plain http.
_HANDSHAKE_SECONDS = 0.4
_Readable = getattr(selectors, "PollSelector", selectors.SelectSelector)


class Connections:
    """HTTP/1.1 to one server, each request on a connection of its own for as long as it lasts. A `Transport`."""

    def __init__(self, host: str, port: int, tls: ssl.SSLContext | None, seconds: float) -> None:
        """Nothing is connected yet.

        Args:
            host: The server's name or address, as it is looked up.
            port: Its port.
            tls: Used for https; None for http.
            seconds: How long a request may wait for its turn, and again for its connection; whoever asks bounds the
                whole.
        """
        self._host: Final = host
        self._port: Final = port
        self._tls: Final = tls
        self._seconds: Final = seconds
        self._answers = False
        self._slots: Final = asyncio.Semaphore(_MOST)
        # The one freed last is at the end and is taken first, so that those too many grow old and go.
        self._free: Final[deque[_Connection]] = deque()
        self._open: Final[set[_Connection]] = set()

    async def ask(self, request: Outgoing) -> "_Answer":
        """Send a request, once; returns when the answer's head is there."""
        await self._slot()
        connection = None
        try:
            connection = self._taken() or await self._dialled()
            require_in_time()
            connection.write(request)
            head = await connection.head()
            self._answers = True
        except CutError as error:
            self._release(connection)
            if not self._answers and self._tls is None and await self._speaks_tls():
                raise CutError from SecureServer()
            raise error from error.__cause__
        except BaseException:
            self._release(connection)
            raise
        return _Answer(head, connection, self._release)

    async def aclose(self) -> None:
        """Close every connection, also those in use."""
        still = list(self._open)
        for connection in still:
            connection.abort()
        await asyncio.gather(*(connection.lost for connection in still))

    async def _slot(self) -> None:
        if not self._slots.locked():
            await self._slots.acquire()
            return
        try:
            async with asyncio.timeout(self._seconds):
                await self._slots.acquire()
        except TimeoutError:
            raise CrowdedError from None

    def _taken(self) -> "_Connection | None":
        """A kept connection that is still good; those that are not are closed."""
        while self._free:
            connection = self._free.pop()
            if connection.is_fresh():
                return connection
            connection.abort()
        return None

    async def _dialled(self) -> "_Connection":
        made: list[_Connection] = []

        def make() -> _Connection:
            made.append(_Connection(self._open))
            return made[0]

        loop = asyncio.get_running_loop()
        # One address has no other to race; of a race that is cancelled as it ends, asyncio keeps the socket open.
        delay = None if _is_address(self._host) else _NEXT_ADDRESS_SECONDS
        try:
            async with asyncio.timeout(self._seconds):
                _, connection = await loop.create_connection(
                    make, self._host, self._port, ssl=self._tls, happy_eyeballs_delay=delay
                )
        except TimeoutError:
            # One was made when the server has accepted, before it has said a word of TLS.
            raise SlowConnectionError from (SilentServer() if made and self._tls is not None else None)
        except OSError as error:
            raise UnconnectedError from _one(error)
        return connection

    async def _speaks_tls(self) -> bool:
        """Whether a TLS handshake succeeds, whatever the certificate: nothing is said over it."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(_HANDSHAKE_SECONDS):
                _, writer = await asyncio.open_connection(self._host, self._port, ssl=context)
            writer.transport.abort()
            return True
        return False

    def _release(self, connection: "_Connection | None") -> None:
        """Keep a connection whose answer was read to its end for the next request; close any other."""
        self._slots.release()
        if connection is None:
            return
        if connection.finish():
            self._free.append(connection)
        else:
            connection.abort()
        while self._free and self._free[0].is_old():
            self._free.popleft().abort()


def _is_address(host: str) -> bool:
    try:
        return bool(ipaddress.ip_address(host))
    except ValueError:
        return False


class _Answer:
    """An answer whose body comes over a connection; closing it frees that."""

    def __init__(self, head: Reading, connection: "_Connection", release: "Callable[[_Connection], None]") -> None:
        self.status: Final[int] = head.status
        self.headers: Final[Headers] = head.headers
        self._connection: Final = connection
        self._release: Final = release

    async def pieces(self) -> AsyncIterator[bytes]:
        while data := await self._connection.data():
            yield data

    async def aclose(self) -> None:
        self._release(self._connection)


class _Connection(asyncio.Protocol):
    """One connection, with at most one request at a time."""

    def __init__(self, opened: "set[_Connection]") -> None:
        self._loop: Final = asyncio.get_running_loop()
        self._opened: Final = opened
        self._answer, self._is_asked = Reading(), False
        self._readable: Final = _Readable()
        self._waiter: asyncio.Future[None] | None = None
        self._fault: Exception | None = None
        self._busy = True
        self._done_at = 0.0
        self.lost: Final[asyncio.Future[None]] = self._loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  # what asyncio promises, said to the type checker
        self._transport = transport
        self._readable.register(transport.get_extra_info("socket"), selectors.EVENT_READ)
        self._opened.add(self)

    def data_received(self, data: bytes) -> None:
        if not self._busy:
            # What nobody asked for must not become the next request's answer.
            self.abort()
            return
        # Nothing needs to hold the server back: whoever asks reads all there is before more can come.
        try:
            self._answer.feed(data)
        except ValueError as fault:
            self._fault = self._fault or fault
        self._wake()

    def eof_received(self) -> None:
        self._ended()

    def connection_lost(self, exc: Exception | None) -> None:
        self._opened.discard(self)
        self._readable.close()
        self._fault = exc
        self.lost.set_result(None)
        if exc is None:
            self._ended()
        self._wake()

    def write(self, request: Outgoing) -> None:
        """Send a request."""
        self._busy = self._is_asked = True
        self._transport.write(written(request))

    async def head(self) -> Reading:
        """The answer, once its head is there."""
        while not self._answer.has_head:
            await self._more()
        return self._answer

    async def data(self) -> bytes:
        """More of the answer's body; nothing at its end."""
        its = self._answer
        while not its.pieces and not its.is_whole:
            await self._more()
        return its.pieces.popleft() if its.pieces else b""

    def finish(self) -> bool:
        """Idle until the next request; False where the request or its answer is not over, or the connection is."""
        its = self._answer
        # Where nothing was asked on it, that was too late.
        if (not its.is_whole or its.is_last or its.pieces) if self._is_asked else its.has_begun:
            return False
        self._answer, self._is_asked = Reading(), False
        self._busy, self._done_at = False, self._loop.time()
        return not self._transport.is_closing()

    def is_old(self) -> bool:
        """Whether it has idled for too long."""
        return self._loop.time() - self._done_at > _KEPT_SECONDS

    def is_fresh(self) -> bool:
        """Whether nothing says that the server has left."""
        if self._transport.is_closing() or self.is_old():
            return False
        # The loop may not have come to a close that has already arrived.
        return not self._readable.select(0)

    def abort(self) -> None:
        """Close it at once."""
        self._transport.abort()

    async def _more(self) -> None:
        if self._fault is not None:
            raise CutError from self._fault
        self._waiter = self._loop.create_future()
        await self._waiter

    def _ended(self) -> None:
        if self._busy:
            try:
                self._answer.end()  # its head tells whether this is the answer's end, or a cut
            except ValueError as fault:
                self._fault = self._fault or fault
            self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def _one(error: OSError) -> OSError:
    """The fault that all of a host's addresses have in common, where they came as one text."""
    numbers = set(re.findall(r"\[Errno (\d+)\]", str(error)))
    return OSError(int(numbers.pop()), "at every address") if error.errno is None and len(numbers) == 1 else error
