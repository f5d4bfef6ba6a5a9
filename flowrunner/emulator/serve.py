"""The emulator on a socket: blocking for the command line, or in a thread for tests and benchmarks."""

import asyncio
import ipaddress
import socket
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from types import FrameType

import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from flowrunner.emulator.api.app import create_app
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.api.wire import ConnectionCutError, EmulatorApp
from flowrunner.emulator.page.page import EmulatorPage
from flowrunner.emulator.page.played import Played
from flowrunner.emulator.page.saving import MakeTest
from flowrunner.emulator.webhooks.delivering import Deliveries
from flowrunner.model.plain import NOTHING

_GRACE = 2
"""Seconds that requests under way get to end when the server stops."""


class _Protocol(H11Protocol):
    """HTTP/1.1 on one connection, which a fault can really cut."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # asyncio does this only for sockets that were made with the protocol's number; without it, head and body
        # of an answer wait 40 ms for each other.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        app = self.app

        async def cuttable(scope: Scope, receive: Receive, send: Send) -> None:
            try:
                await app(scope, receive, send)
            except ConnectionCutError:
                transport.abort()
                # Until the loss is noticed, uvicorn would take the missing answer for a fault of the app's.
                while (await receive())["type"] != "http.disconnect":
                    pass

        self.app = cuttable


class _Server(uvicorn.Server):
    """A uvicorn that says when it listens, tells webhooks meanwhile, and stops as soon as it is told to."""

    def __init__(self, app: EmulatorApp, deliveries: Deliveries, up: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=_Protocol,
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="error",
                access_log=False,
                proxy_headers=False,
                server_header=False,
                date_header=False,
                timeout_graceful_shutdown=_GRACE,
            )
        )
        self._app = app
        self._deliveries = deliveries
        self._up = up

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._app.closing, self._loop, self._told = asyncio.Event(), asyncio.get_running_loop(), asyncio.Event()
        await super().startup(sockets)
        self._telling = asyncio.create_task(self._deliveries.run(self._app.closing))
        self._up()

    async def main_loop(self) -> None:
        # uvicorn's own looks ten times a second whether it is to stop.
        await self._told.wait()

    def stop(self) -> None:
        """End it, from any thread, once it has started."""
        self.should_exit = True
        self._loop.call_soon_threadsafe(self._told.set)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        if self.started:
            self.stop()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._app.closing:
            self._app.closing.set()
        if self.server_state.connections or self.server_state.tasks:
            await super().shutdown(sockets)
        else:  # uvicorn waits a tenth of a second for those that it does not have, too
            for each in (*self.servers, *(sockets or ())):
                each.close()
        await self._telling


def serve(
    state: EmulatorState,
    host: str = "127.0.0.1",
    port: int = 0,
    ready: Callable[[str], None] | None = None,
    names: Collection[str] = (),
    make_test: MakeTest | None = None,
    played: Mapping[str, Played] = NOTHING,
) -> None:
    """Answer until Ctrl-C, with the page.

    Args:
        state: What is served.
        host: The address to listen on; anything but loopback lets other machines in.
        port: 0 for any that is free.
        ready: Called with the base URL once requests are answered.
        names: Host names under which a server on loopback is asked, besides its address and ``localhost``.
        make_test: See `EmulatorPage`.
        played: See `EmulatorPage`.

    Raises:
        OSError: When the address cannot be had.
    """
    listener = _listen(host, port)
    url = _url(listener)
    with suppress(KeyboardInterrupt):
        app = create_app(state, EmulatorPage(state, _own_names(listener, (host, *names)), make_test, played))
        _Server(app, Deliveries(state), lambda: ready(url) if ready else None).run(sockets=[listener])


@contextmanager
def running(state: EmulatorState, *, page: bool = False, port: int = 0) -> Iterator[str]:
    """The emulator on a port of 127.0.0.1, in a thread; gives its base URL and stops it in the end.

    Args:
        state: What is served.
        page: Serve the page, too.
        port: 0 for any that is free.
    """
    listener = _listen("127.0.0.1", port)
    up = threading.Event()
    app = create_app(state, EmulatorPage(state, ()) if page else None)
    server = _Server(app, Deliveries(state), up.set)

    def run() -> None:
        try:
            server.run(sockets=[listener])
        finally:
            # A server that could not come up must not leave its starter waiting.
            up.set()

    thread = threading.Thread(target=run, name="emulator", daemon=True)
    thread.start()
    up.wait()
    if not server.started:
        raise RuntimeError("the emulator did not start")
    try:
        yield _url(listener)
    finally:
        server.stop()
        thread.join()


def _listen(host: str, port: int) -> socket.socket:
    return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)


def _own_names(listener: socket.socket, names: Collection[str]) -> Collection[str] | None:
    """The names of a server on loopback; None for any other: who reaches it calls it as they like."""
    is_loopback = ipaddress.ip_address(listener.getsockname()[0]).is_loopback
    return {name.lower() for name in names} if is_loopback else None


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ipaddress.ip_address(host).version == 6 else f"http://{host}:{port}"
