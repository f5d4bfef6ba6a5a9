"""Many conversations at once from one process: the client, as a ratio to one shared `httpx.AsyncClient`.

And ten messages to one person, from the start of the program to its end, as a ratio to a script that does the same.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from unittest.mock import patch

import httpx

from bench.rounds import Figure, process, table, take_turns
from bench.servers import emulator, served, taker
from flowrunner.client import open_client
from flowrunner.clock import SYSTEM
from flowrunner.model import Recipient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ROUNDS = 5
KEY = "bench-key-0000"
WIRE = '{"message_type":"text","content":"Hi Ana, order 1042 (part 1) is on its way.","preview_url":false}'
BODY = f'{{"message":{WIRE}}}'.encode()
SHARED, CLIENT, BARE = "one shared httpx.AsyncClient", "flowrunner's client", "bare sockets, fixed bytes, nothing read"
TIMES_SHARED = 5.0
OF_BARE = 0.8
SCRIPT, RUN = "a script with httpx, nothing remembered", "flowrunner run FLOW"
WHOLE_ROUNDS = 11
AT_MOST = 1.0
_SCRIPT = """\
import sys
import httpx
url = sys.argv[1] + "/api/v1/whatsapp_conversations/c0/whatsapp_messages"
with httpx.Client(headers={"X-API-Key": "k"}) as client:
    for number in range(1, 11):
        message = {"message_type": "text", "content": f"Message {number} for Ana"}
        answer = client.post(url, json={"message": message})
        answer.raise_for_status()
        print(number, answer.json()["data"]["id"])
"""

Send = Callable[[int], Awaitable[None]]
Opened = Callable[[str, int], AbstractAsyncContextManager[Send]]


def main() -> bool:
    """Print the tables; answer whether the bounds were kept."""
    quick = _measure(0.0, 32, {SHARED: 320, CLIENT: 3200, BARE: 9600}, {CLIENT: f"at least {TIMES_SHARED:g}"})
    slow = _measure(0.05, 100, {BARE: 4000, CLIENT: 4000, SHARED: 100}, {CLIENT: f"at least {OF_BARE:g}"})
    return all([quick[CLIENT].ratio >= TIMES_SHARED, slow[CLIENT].ratio >= OF_BARE, _whole()])


def _whole() -> bool:
    with TemporaryDirectory() as folder, served(emulator, WHOLE_ROUNDS + 1, 1_000_000, 60.0) as url:
        steps = "".join(f"  - message: Message {number} for Ana\n" for number in range(1, 11))
        flow, script = Path(folder, "ten.yaml"), Path(folder, "script.py")
        flow.write_text(f"name: ten\nsteps:\n{steps}", encoding="utf-8")
        script.write_text(_SCRIPT, encoding="utf-8")
        program = str(Path(sys.executable).with_name("flowrunner"))
        journal = str(Path(folder, "journal.db"))
        people = count()

        def run() -> float:
            # Another person each time: after 45 messages WhatsApp allows one in 6 s to the same.
            whom = f"c{next(people)}"
            return process(program, "run", str(flow), "--conversation", whom, "--api-url", url, "--journal", journal)()

        with patch.dict("os.environ", KAPSO_API_KEY=KEY):
            candidates = {SCRIPT: process(sys.executable, str(script), url), RUN: run}
            figures = take_turns(candidates, SCRIPT, WHOLE_ROUNDS)
    print(table("ten messages to one person, whole process", figures, {RUN: f"at most {AT_MOST:g}"}, "ms", 1000))
    return figures[RUN].ratio <= AT_MOST


def _measure(seconds: float, at_once: int, messages: dict[str, int], bounds: dict[str, str]) -> dict[str, Figure]:
    """Messages a second of each candidate; the first one is what the others are compared with."""
    cpu: dict[str, list[float]] = {name: [] for name in messages}
    opened: dict[str, Opened] = {SHARED: _shared, CLIENT: _client, BARE: _bare}
    with served(taker, seconds) as url:

        def measured(name: str) -> float:
            rate, cost = asyncio.run(_sent(opened[name], url, at_once, messages[name]))
            cpu[name].append(cost)
            return rate

        figures = take_turns({name: partial(measured, name) for name in messages}, next(iter(messages)), ROUNDS)
    print(table(f"{at_once} in flight, each answered after {seconds * 1000:g} ms", figures, bounds, "messages/s", 1))
    costs = ", ".join(f"{name} {median(found) * 1e6:.0f}" for name, found in cpu.items())
    print(f"  (µs of this process's CPU a message: {costs})\n")
    return figures


def sent_bare(url: str, at_once: int, messages: int) -> float:
    """Messages a second of bare sockets, which send fixed bytes and read nothing: what an API and a machine allow."""
    rate, _ = asyncio.run(_sent(_bare, url, at_once, messages))
    return rate


async def _sent(opened: Opened, url: str, at_once: int, messages: int) -> tuple[float, float]:
    """Messages a second, and seconds of CPU a message."""

    async def conversation(number: int, steps: int) -> None:
        for _ in range(steps):
            await send(number)

    async with opened(url, at_once) as send:
        # Connections are opened before the clock runs.
        await asyncio.gather(*(conversation(number, 1) for number in range(at_once)))
        begun, used = time.perf_counter(), time.process_time()
        await asyncio.gather(*(conversation(number, messages // at_once) for number in range(at_once)))
        taken, used = time.perf_counter() - begun, time.process_time() - used
    return messages / taken, used / messages


def _path(number: int) -> str:
    return f"/api/v1/whatsapp_conversations/c{number}/whatsapp_messages"


@asynccontextmanager
async def _shared(url: str, at_once: int) -> "AsyncIterator[Send]":
    limits = httpx.Limits(max_connections=at_once, max_keepalive_connections=at_once)
    headers = {"X-API-Key": KEY, "Content-Type": "application/json"}
    async with httpx.AsyncClient(base_url=url, headers=headers, limits=limits, timeout=30) as client:

        async def send(number: int) -> None:
            answer = await client.post(_path(number), content=BODY)
            answer.raise_for_status()

        yield send


@asynccontextmanager
async def _client(url: str, _at_once: int) -> "AsyncIterator[Send]":
    client = open_client(url, KEY, clock=SYSTEM)

    async def send(number: int) -> None:
        await client.send(Recipient(f"c{number}"), WIRE)

    yield send
    await client.aclose()


@asynccontextmanager
async def _bare(url: str, at_once: int) -> "AsyncIterator[Send]":
    host, _, port = url.removeprefix("http://").partition(":")
    loop = asyncio.get_running_loop()
    made = [await loop.create_connection(_Bare, host, int(port)) for _ in range(at_once)]

    async def send(number: int) -> None:
        await made[number][1].send(number)

    yield send
    for transport, _ in made:
        transport.close()


class _Bare(asyncio.Protocol):
    """What the loop and the sockets cost by themselves: any bytes that come are the answer."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  # what asyncio promises, said to the type checker
        self._transport = transport

    def data_received(self, _data: bytes) -> None:
        self._answered.set_result(None)

    async def send(self, number: int) -> None:
        self._answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        head = f"POST {_path(number)} HTTP/1.1\r\nHost: x\r\nX-API-Key: {KEY}\r\nContent-Length: {len(BODY)}\r\n\r\n"
        self._transport.write(head.encode() + BODY)
        await self._answered
