"""What benchmarks send to: servers in processes of their own, on free ports of 127.0.0.1."""

import asyncio
import json
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from flowrunner.clock import SYSTEM

_BODY = b'{"data":{"id":"5d1c7f6e-6a0b-4c62-9a53-%012d","status":"pending","message_type":"text"}}'
_HEAD = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(_BODY % 0)
_TICK = 0.005
_NUMBERS = count()
"""No two messages have the same id: a yes with the id of an earlier one would be no yes."""


@contextmanager
def served(serve: Callable[..., None], *args: Any) -> Iterator[str]:
    """The base URL of ``serve(pipe, *args)``, which runs in a process of its own and sends its URL into the pipe."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=serve, args=(there, *args), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        process.terminate()
        process.join()


def postgres() -> Any:
    """What starts servers for tests, in a temporary folder, or says why there can be none: ``support.postgres``."""
    sys.path.append(str(Path(__file__).parent.parent / "tests"))
    return import_module("support.postgres")


def emulator(pipe: Connection, conversations: int, limit: int, window: float) -> None:
    """The emulator with conversations ``c0``, ``c1``, ... and a limit on requests."""
    from flowrunner.emulator.api.rates import RateLimit
    from flowrunner.emulator.api.state import EmulatorState
    from flowrunner.emulator.serve import serve

    state = EmulatorState(rate_limit=RateLimit(limit, window), clock=SYSTEM)
    for number in range(conversations):
        state.conversations.create(f"+34600{number:06}", conversation_id=f"c{number}")
    serve(state, ready=pipe.send)


def taker(pipe: Connection, seconds: float) -> None:
    """A server that takes every message, so many seconds after it came; it costs next to no time of its own."""
    asyncio.run(_take(pipe, seconds))


def stamping_taker(pipe: Connection, seconds: float) -> None:
    """The same; it can be asked for the ``stamps`` of what it took."""
    asyncio.run(_take(pipe, seconds, []))


def stamps(url: str) -> list[tuple[float, str]]:
    """When each message came to a stamping taker since it was asked last, in seconds, and its path; in their order."""
    with urlopen(f"{url}/stamps") as answer:  # noqa: S310  # our own server
        return [(at, path) for at, path in json.load(answer)]


def lateness(url: str) -> float:
    """By how many seconds at most a stamping taker was late since it was asked last: what came has a later stamp."""
    with urlopen(f"{url}/late") as answer:  # noqa: S310  # our own server
        return float(json.load(answer))


async def _take(pipe: Connection, seconds: float, stamps: list[tuple[float, str]] | None = None) -> None:
    loop, late = asyncio.get_running_loop(), [0.0]
    server = await loop.create_server(lambda: _Taker(seconds, stamps, late), "127.0.0.1", 0)
    pipe.send("http://{}:{}".format(*server.sockets[0].getsockname()))
    if stamps is None:
        await server.serve_forever()
    while True:
        due = loop.time() + _TICK
        await asyncio.sleep(_TICK)
        late[0] = max(late[0], loop.time() - due)


class _Taker(asyncio.Protocol):
    def __init__(self, seconds: float, stamps: list[tuple[float, str]] | None, late: list[float]) -> None:
        self._seconds, self._stamps, self._late = seconds, stamps, late
        self._seen = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  # what asyncio promises, said to the type checker
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if self._stamps is not None and data.startswith(b"GET "):
            body = json.dumps(self._stamps if data.startswith(b"GET /stamps") else self._late[0]).encode()
            if data.startswith(b"GET /stamps"):
                self._stamps.clear()
            else:
                self._late[0] = 0.0
            self._transport.write(b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            self._transport.close()
            return
        # Requests of one connection come one after the other, each with its length.
        self._seen += data
        head, gap, body = self._seen.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
        if gap and len(body) >= int(length):
            self._seen = b""
            if self._stamps is not None:
                self._stamps.append((time.perf_counter(), head.split(maxsplit=2)[1].decode()))
            asyncio.get_running_loop().call_later(self._seconds, self._transport.write, _HEAD + _BODY % next(_NUMBERS))
