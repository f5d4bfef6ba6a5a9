"""The receiver's sockets: whoever holds them open and says nothing keeps nobody else out."""

import asyncio
from contextlib import suppress

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from flowrunner.client import callbacks as telling
from flowrunner.receiver.serving import Serving, listener

ASKED = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"


async def _page(_: Request) -> Response:
    return PlainTextResponse("well")


@pytest.mark.parametrize("said", [b"", b"POST / HTTP/1.1\r\nHost: he"], ids=["nothing", "half a head"])
def test_who_asks_nothing_is_let_go_of(said: bytes) -> None:
    """Five hundred of them would be all the connections there are."""

    async def served() -> None:
        socket = listener("127.0.0.1", 0)
        serving = Serving(Starlette(routes=[Route("/", _page)]), patience=0.2)
        task = asyncio.create_task(serving.serve(sockets=[socket]))
        reader, writer = await asyncio.open_connection(*socket.getsockname())
        writer.write(said)
        async with asyncio.timeout(10):
            assert await reader.read() == b""
        writer.close()
        reader, writer = await asyncio.open_connection(*socket.getsockname())
        for _ in range(2):  # who asks may ask again
            writer.write(ASKED)
            assert (await reader.readuntil(b"well")).startswith(b"HTTP/1.1 200")
            await asyncio.sleep(0.5)
        writer.close()
        serving.stop()
        await task

    asyncio.run(served())


def test_a_program_whose_answer_never_ends_is_told_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte comes in time, and all of them never do: it has so many seconds in all."""
    monkeypatch.setattr(telling, "_PATIENCE", 0.3)

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        with suppress(ConnectionError):
            while True:
                writer.write(b"X-More: 1\r\n")
                await writer.drain()
                await asyncio.sleep(0.02)
        writer.close()
        ended.set()

    ended = asyncio.Event()

    async def told() -> int:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        teller = telling.Teller()
        try:
            async with asyncio.timeout(30):
                return await teller.post(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", b"{}", {})
        finally:
            await teller.aclose()
            await ended.wait()
            server.close()
            await server.wait_closed()

    assert asyncio.run(told()) == 0
