"""httpx's transports as ours: for what they can and ours cannot, which is to pass a proxy and to ask an ASGI app."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from flowrunner.client.httpx_lean import httpx
from flowrunner.client.no_answer import (
    CrowdedError,
    CutError,
    ProxyRefusedError,
    SlowConnectionError,
    UnansweredError,
    UnconnectedError,
)
from flowrunner.client.send_guard import require_in_time
from flowrunner.client.transport import Headers, Outgoing
from flowrunner.dialects.values import File

_NAMES: Final[tuple[tuple[type[httpx.RequestError], type[UnansweredError] | type[TimeoutError]], ...]] = (
    (httpx.PoolTimeout, CrowdedError),
    (httpx.ConnectTimeout, SlowConnectionError),
    (httpx.ConnectError, UnconnectedError),
    (httpx.UnsupportedProtocol, UnconnectedError),
    (httpx.ProxyError, ProxyRefusedError),
    (httpx.TimeoutException, TimeoutError),
    (httpx.RequestError, CutError),
)
"""What each fault of httpx is; of several that fit, the first."""


class ByHttpx:
    """A transport of httpx's as a `Transport`."""

    def __init__(self, origin: str, transport: httpx.AsyncBaseTransport, seconds: float) -> None:
        """Nothing is connected yet.

        Args:
            origin: The server: scheme, host and port.
            transport: What carries.
            seconds: How long a request may wait for its turn, and again for its connection; whoever asks bounds the
                whole.
        """
        self._origin: Final = origin
        self._transport: Final = transport
        self._timeout: Final = httpx.Timeout(None, connect=seconds, pool=seconds).as_dict()

    async def ask(self, request: Outgoing) -> "_Answer":
        """Send a request, once; returns when the answer's head is there."""
        its = httpx.Request(
            request.method,
            self._origin + request.target,
            headers=list(request.headers),
            content=request.body,
            extensions={"timeout": self._timeout, "trace": _require_in_time},
        )
        with _named():
            return _Answer(await self._transport.handle_async_request(its))

    async def aclose(self) -> None:
        """Close every connection, also those in use."""
        await self._transport.aclose()


def embedded(app: Any) -> httpx.AsyncBaseTransport:
    """An ASGI application of this process, asked without a network."""
    return _Embedded(app=app)


class _Embedded(httpx.ASGITransport):
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        require_in_time()
        return await super().handle_async_request(request)


async def _require_in_time(event: str, about: Mapping[str, Any]) -> None:
    """Called by a connection at each thing that it does; it may have taken long to be made.

    What asks a proxy for a way to the server is no request of ours yet.
    https://www.encode.io/httpcore/extensions/#trace
    """
    if event == "http11.send_request_headers.started" and about["request"].method != b"CONNECT":
        require_in_time()


class _Answer:
    def __init__(self, response: httpx.Response) -> None:
        self.status: Final = response.status_code
        self.headers: Final[Headers] = response.headers.raw
        self._response: Final = response

    async def pieces(self) -> AsyncIterator[bytes]:
        with _named():
            async for piece in self._response.aiter_raw():
                yield piece

    async def aclose(self) -> None:
        await self._response.aclose()


@contextmanager
def _named() -> Iterator[None]:
    """A fault of httpx's is raised as ours."""
    try:
        yield
    except httpx.RequestError as fault:
        kind = next(ours for theirs, ours in _NAMES if isinstance(fault, theirs))
        raise kind(str(fault)) from fault


def form(file: File, url: str, headers: Mapping[str, str]) -> tuple[Headers, bytes]:
    """The headers and the body of a form with a file in it."""
    fields: dict[str, Any] = dict(file.fields)
    its = httpx.Request("POST", url, data=fields, files={"file": (file.name, file.content, file.type)}, headers=headers)
    return its.headers.raw, its.read()
