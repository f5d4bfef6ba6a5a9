"""The receiver's socket, in an event loop that does other things, too."""

import asyncio
import ipaddress
import socket
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette

App = Starlette
"""What is served."""
_GRACE: Final = 5
"""Seconds that webhooks under way get to be answered when the receiver stops."""
_MOST: Final = 500
"""Connections at a time; one more is told to come again."""
_KEPT: Final = 75
"""Seconds that a connection may idle: longer than a proxy keeps its own."""


class Serving(uvicorn.Server):
    """Serves until it is told to stop; signals are nothing of its own."""

    def __init__(self, app: Starlette, patience: float = 10.0) -> None:
        """``patience``: seconds that the head of a connection's first request may take to come."""
        self._stop, self._patience = asyncio.Event(), patience
        super().__init__(
            uvicorn.Config(
                app, http="h11", ws="none", lifespan="off", log_config=None, log_level="critical", access_log=False,
                proxy_headers=False, server_header=False, date_header=False, limit_concurrency=_MOST,
                timeout_keep_alive=_KEPT, timeout_graceful_shutdown=_GRACE,
            )
        )  # fmt: skip

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        """Whoever began the program listens to them."""
        return nullcontext()

    async def main_loop(self) -> None:
        """Wait until it is told to stop; connections on which nobody asks anything are closed meanwhile."""
        # uvicorn's own looks ten times a second whether it is to stop, and waits for a request's head for ever.
        silent: dict[Any, float] = {}
        while not self._stop.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(self._patience / 2):
                    await self._stop.wait()
            now = asyncio.get_running_loop().time()
            silent = {each: silent.get(each, now) for each in self.server_state.connections if _is_silent(each)}
            for each, since in silent.items():
                if now - since >= (_KEPT if each.cycle else self._patience):
                    each.transport.close()

    def stop(self) -> None:
        """Take no more connections, and answer those that are there."""
        self.should_exit = True
        self._stop.set()


def _is_silent(connection: Any) -> bool:
    """Whether no request is under way on it."""
    return connection.cycle is None or connection.cycle.response_complete


def listener(host: str, port: int) -> socket.socket:
    """A socket at that address; port 0 for any that is free.

    Raises:
        OSError: The address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol's number asyncio sends small answers at once.
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
        made.listen(2048)
    except OSError:
        made.close()
        raise
    return made


def url(made: socket.socket) -> str:
    """How the socket is reached on this machine."""
    host, port = made.getsockname()[:2]
    return f"http://[{host}]:{port}" if ipaddress.ip_address(host).version == 6 else f"http://{host}:{port}"
