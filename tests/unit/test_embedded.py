"""An application of this process is asked as a server would be."""

import asyncio
from typing import Any

from flowrunner.client.embedded import Embedded
from flowrunner.client.transport import Outgoing


def test_it_is_asked_as_by_a_server_and_answers_in_pieces() -> None:
    """What it is told, by the ASGI specification, and that its caller is gone only once it has answered."""
    told: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        told.extend([scope, await receive()])
        gone = asyncio.ensure_future(receive())
        await send({"type": "http.response.start", "status": 201, "headers": [(b"x-a", b"1")]})
        await send({"type": "http.response.body", "body": b"one ", "more_body": True})
        await asyncio.sleep(0)
        assert not gone.done()
        await send({"type": "http.response.body", "body": b"two"})
        told.append(await gone)

    async def ask() -> tuple[int, Any, bytes]:
        transport = Embedded(app, "https", "api.example.com", 8443)
        answer = await transport.ask(Outgoing("POST", "/a%20b/c?x=%C3%B1&y=1", [(b"X-API-Key", b"k")], b"{}"))
        said = b"".join([piece async for piece in answer.pieces()])
        await answer.aclose()
        await transport.aclose()
        return answer.status, answer.headers, said

    assert asyncio.run(ask()) == (201, [(b"x-a", b"1")], b"one two")
    scope, asked, gone = told
    assert {name: scope[name] for name in ("method", "path", "raw_path", "query_string", "headers", "scheme")} == {
        "method": "POST",
        "path": "/a b/c",
        "raw_path": b"/a%20b/c",
        "query_string": b"x=%C3%B1&y=1",
        "headers": [(b"x-api-key", b"k")],
        "scheme": "https",
    }
    assert (scope["type"], scope["server"]) == ("http", ("api.example.com", 8443))
    assert asked == {"type": "http.request", "body": b"{}", "more_body": False}
    assert gone == {"type": "http.disconnect"}
