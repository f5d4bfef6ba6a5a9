"""An ASGI application of this process, asked without a network.

https://asgi.readthedocs.io/en/stable/specs/www.html
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final
from urllib.parse import unquote

from flowrunner.client.send_guard import require_in_time
from flowrunner.client.transport import Headers, Outgoing


class Embedded:
    """An application as a `Transport`; what it raises is its caller's."""

    def __init__(self, app: Any, scheme: str, host: str, port: int | None) -> None:
        """``scheme``, ``host`` and ``port`` are of the address under which it is asked."""
        self._app: Final = app
        self._address: Final = {"scheme": scheme, "server": (host, port), "client": ("127.0.0.1", 0), "root_path": ""}

    async def ask(self, request: Outgoing) -> "_Answer":
        """Send a request, once; returns when the whole answer is there."""
        require_in_time()
        path, _, query = request.target.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "path": unquote(path),
            "raw_path": path.encode("ascii"),
            "query_string": query.encode("ascii"),
            "headers": [(name.lower(), value) for name, value in request.headers],
            **self._address,
        }
        answer = _Answer(request.body)
        await self._app(scope, answer.receive, answer.send)
        return answer

    async def aclose(self) -> None:
        """There is nothing to close."""


class _Answer:
    """Asked for by the application, and told by it: a status and headers, then the body in pieces."""

    status: int
    headers: Headers

    def __init__(self, asked: bytes) -> None:
        self._asked: bytes | None = asked
        self._pieces: Final[list[bytes]] = []
        self._is_whole: Final = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        if self._asked is None:
            await self._is_whole.wait()
            return {"type": "http.disconnect"}
        asked, self._asked = self._asked, None
        return {"type": "http.request", "body": asked, "more_body": False}

    async def send(self, told: dict[str, Any]) -> None:
        if told["type"] == "http.response.start":
            self.status, self.headers = told["status"], told["headers"]
        else:
            self._pieces.append(told["body"])
            if not told.get("more_body"):
                self._is_whole.set()

    async def pieces(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece

    async def aclose(self) -> None:
        pass
