"""Bodies in and out, and the ways in which an answer can fail to arrive."""

import asyncio
import json
from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from flowrunner.clock import Clock
from flowrunner.emulator.api.errors import ApiError
from flowrunner.model import Json

LARGEST_BODY = 1024 * 1024
"""Bytes a request's body may have."""

_CUT = "flowrunner.cut"
_PIECES = 8


class ConnectionCutError(ConnectionResetError):
    """The connection is to be cut: raised out of the app in process, made real by the socket's side."""


class EmulatorApp(Starlette):
    """A Starlette that can cut a connection.

    Attributes:
        closing: Set when the server stops, so that nothing waits any longer; None when there is no server.
    """

    closing: asyncio.Event | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; raise ConnectionCutError when there is to be no answer."""
        await super().__call__(scope, receive, send)
        # Starlette's outermost layer turns any exception into an answer 500, so this one is raised outside it.
        if was_cut(scope):
            raise ConnectionCutError("the emulator cut the connection")


def was_cut(scope: Scope) -> bool:
    """Whether the connection of this request is to be cut."""
    return _CUT in scope


class Cut(Response):
    """No answer: the connection is cut."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - Starlette's signature
        """Mark the request for `EmulatorApp` to cut."""
        scope[_CUT] = True


class Silence(Cut):
    """No answer until the client gives up, or ``seconds`` are over; then the connection is cut."""

    def __init__(self, clock: Clock, seconds: float, closing: asyncio.Event | None) -> None:
        super().__init__()
        self._clock, self._seconds = clock, seconds
        self._closing = closing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait, then cut."""
        ends = [
            asyncio.create_task(left(receive)),
            asyncio.create_task(self._clock.sleep(self._seconds, self._closing)),
        ]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for end in ends:
                end.cancel()
        await super().__call__(scope, receive, send)


async def left(receive: Receive) -> None:
    """Wait until the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def pause(clock: Clock, seconds: float, closing: asyncio.Event | None) -> None:
    """Wait, whether or not the client is still there.

    Raises:
        ConnectionCutError: When the server stops meanwhile.
    """
    if await clock.sleep(seconds, closing):
        raise ConnectionCutError("the emulator stops")


def answer(status: int, data: Json, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(encode(data), status, dict(headers or {}), "application/json")


class Drip(Cut):
    """A JSON answer whose body takes ``seconds`` to arrive."""

    def __init__(self, status: int, data: Json, clock: Clock, seconds: float, closing: asyncio.Event | None) -> None:
        super().__init__(encode(data), status, media_type="application/json")
        self._clock, self._seconds = clock, seconds
        self._closing = closing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the head at once and the body in pieces."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        text = bytes(self.body)
        size = -(-len(text) // _PIECES)
        try:
            for start in range(0, len(text), size):
                await pause(self._clock, self._seconds / _PIECES, self._closing)
                more = start + size < len(text)
                await send({"type": "http.response.body", "body": text[start : start + size], "more_body": more})
        except ConnectionCutError:
            await super().__call__(scope, receive, send)


def encode(data: Json) -> bytes:
    """``data`` as JSON without spaces, in UTF-8."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


async def read_body(request: Request, largest: int = LARGEST_BODY) -> bytes:
    """A request's body as it came.

    Raises:
        ApiError: 413 when it has more bytes than ``largest``.
    """
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > largest:
            raise ApiError(413, message=f"The request body may have at most {largest} bytes")
    return bytes(raw)


async def read_object(request: Request, wrong: int = 400) -> tuple[bytes, dict[str, Json]]:
    """A request's body as it came, and the JSON object it holds.

    Raises:
        ApiError: 413 when it is larger than `LARGEST_BODY`, ``wrong`` when it does not hold a JSON object.
    """
    raw = await read_body(request)
    try:
        data = json.loads(raw.decode(), parse_constant=_refuse_constant) if raw else {}
        # A lone half of a surrogate pair can be written in JSON, but not be sent on as UTF-8.
        encode(data)
    except (ValueError, RecursionError):
        raise ApiError(wrong, "Invalid parameters", "The request body is not valid JSON in UTF-8") from None
    if not isinstance(data, dict):
        raise ApiError(wrong, "Invalid parameters", "The request body must be a JSON object")
    return raw, data


def text_of(body: Mapping[str, Json], name: str) -> str:
    """A text of a body; empty when there is none.

    Raises:
        ApiError: 400 when it is something else.
    """
    value = body.get(name, "")
    if not isinstance(value, str):
        raise ApiError(400, message=f"Parameter {name} must be text")
    return value


def _refuse_constant(name: str) -> Json:
    raise ValueError(f"{name} is not JSON")
