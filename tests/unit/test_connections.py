"""Which fault a connection that is not made ends in."""

import asyncio
import ssl
from collections.abc import Callable
from typing import Any, NoReturn

import pytest

from flowrunner.client.connections import Connections
from flowrunner.client.no_answer import SilentServer, SlowConnectionError
from flowrunner.client.transport import Outgoing

REQUEST = Outgoing("GET", "/", (), b"")


@pytest.mark.parametrize(
    ("tls", "is_made", "cause"),
    [
        (None, False, None),
        # A busy machine: the connection was there, and whoever waits for it was told too late. Nobody speaks of TLS.
        (None, True, None),
        (ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), False, None),
        (ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), True, SilentServer),
    ],
    ids=["http", "http-made", "https", "https-made"],
)
def test_only_a_server_that_is_to_speak_tls_is_silent_in_it(
    tls: ssl.SSLContext | None, is_made: bool, cause: type[Exception] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What takes too long over plain http is a slow connection, however far it came."""

    async def create(make: Callable[[], Any], *_: object, **__: object) -> NoReturn:
        if is_made:
            make()
        await asyncio.Event().wait()
        raise AssertionError

    async def ask() -> None:
        monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", create)
        connections = Connections("127.0.0.1", 1, tls, 0.001)
        with pytest.raises(SlowConnectionError) as caught:
            await connections.ask(REQUEST)
        assert caught.value.__cause__ is None if cause is None else isinstance(caught.value.__cause__, cause)

    asyncio.run(ask())
