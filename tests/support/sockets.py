"""Servers of this machine that answer, stall, cut or lie as a test asks, and a door that meets them."""

import asyncio
import json
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from flowrunner.client import TransportError, open_client
from flowrunner.clock import SYSTEM
from flowrunner.model import Recipient

KEY = "kp_live/0123456789+abc=="
TIMEOUT = 0.8

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def answer(status: int, body: object, *headers: str) -> Behaviour:
    """Answer as an API does, and keep the connection."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = [f"HTTP/1.1 {status} X", f"Content-Length: {len(raw)}", *headers]

    async def behave(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write("\r\n".join(head).encode() + b"\r\n\r\n" + raw)
        await writer.drain()

    return behave


def pieces(*parts: bytes, every: float = 0.0) -> Behaviour:
    """Write these bytes one after the other, then cut."""

    async def behave(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(every)
        writer.close()

    return behave


async def silence(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Say nothing until the other side leaves."""
    await reader.read()


ACCEPTED = answer(201, {"data": {"id": "m1"}})
cut = pieces()


@dataclass
class Server:
    """What a server saw: its port, each request's bytes, how many connections it had, and how many of those ended."""

    port: int = 0
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    closed: int = 0


@asynccontextmanager
async def serving(
    *behaviours: Behaviour, tls: ssl.SSLContext | None = None, first: bytes = b""
) -> AsyncIterator[Server]:
    """A server whose request number n meets behaviour number n, the last one for all that follow.

    To who connects first it says ``first``, before it is asked anything.
    """
    seen, done = Server(), asyncio.Semaphore(0)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.connections += 1
        writer.write(first if seen.connections == 1 else b"")
        try:
            while not writer.is_closing():
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"(?i)content-length: (\d+)", head)
                seen.requests.append(head + await reader.readexactly(int(length[1]) if length else 0))
                await behaviours[min(len(seen.requests), len(behaviours)) - 1](reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            seen.closed += 1
            done.release()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls)
    seen.port = server.sockets[0].getsockname()[1]
    try:
        yield seen
    finally:
        server.close()
        # The other side has closed by now, so that every connection comes to its end.
        async with asyncio.timeout(10):
            for _ in range(seen.connections):
                await done.acquire()


SEND = ("send", Recipient("c1"), '{"content":"hi"}')
READ = ("conversations", Recipient("c1"))


async def attempt(url: str, *calls: Sequence[Any], within: float = TIMEOUT) -> list[Any]:
    """What each call on one door returned, or the error it ended with."""
    door, ended = open_client(url, KEY, timeout=within, insecure=True, clock=SYSTEM), list[Any]()
    for method, *args in calls:
        try:
            ended.append(await getattr(door, method)(*args))
        except TransportError as error:
            ended.append(error)
    await door.aclose()
    return ended


def meet(
    *behaviours: Behaviour,
    calls: Sequence[Sequence[str]] = (SEND,),
    base: str = "http://127.0.0.1",
    path: str = "",
    tls: Any = None,
) -> tuple[list[Any], Server]:
    """What each call on one door ended with at such a server, and what that saw."""

    async def once() -> tuple[list[Any], Server]:
        async with serving(*behaviours, tls=tls) as server:
            return await attempt(f"{base}:{server.port}{path}", *calls), server

    return asyncio.run(once())


async def until(happened: Callable[[], bool]) -> None:
    """Let everybody else go on until something has happened; fail where it does not within half a minute."""
    async with asyncio.timeout(30):
        while not happened():  # noqa: ASYNC110  # what a server counts is no event
            await asyncio.sleep(0.001)


def let_pass(seconds: float) -> None:
    """Let so much time have passed for all that lives by this loop's time: what would wait so long is over."""
    loop = asyncio.get_running_loop()
    time = loop.time
    loop.time = lambda: time() + seconds
