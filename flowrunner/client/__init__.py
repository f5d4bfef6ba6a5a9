"""HTTP to an API: a message goes out, a receipt or one of three errors comes back.

Importing this package is cheap; opening a client loads what speaks HTTP.
"""

from typing import TYPE_CHECKING, Any

from flowrunner.client.api_clock import ApiClock, resolution
from flowrunner.client.targets import EMULATOR
from flowrunner.clock import Clock
from flowrunner.dialects import DIALECTS, dialect_of
from flowrunner.dialects.errors import InDoubt, Rejected, Retryable, TransportError
from flowrunner.dialects.values import Conversation, Receipt, RemoteMessage

if TYPE_CHECKING:
    from flowrunner.client.http import Client

__all__ = [
    "EMULATOR",
    "ApiClock",
    "Conversation",
    "InDoubt",
    "Receipt",
    "Rejected",
    "RemoteMessage",
    "Retryable",
    "TransportError",
    "open_client",
    "resolution",
]


def open_client(
    base_url: str,
    key: str,
    *,
    dialect: str = DIALECTS[0],
    number: str = "",
    auth: str = "",
    key_env: str = "KAPSO_API_KEY",
    timeout: float = 30.0,
    insecure: bool = False,
    app: Any = None,
    clock: Clock,
) -> "Client":
    """A client of the API at ``base_url``; nothing is sent yet.

    Args:
        base_url: https, or http to this machine; with or without the API's version.
        key: The API key. It is shown nowhere.
        dialect: What the API speaks, one of `DIALECTS`.
        number: Which number sends, see `flowrunner.client.targets.Target`.
        auth: How the key is sent, ``x-api-key`` or ``bearer``; empty for what that API expects.
        key_env: What the environment variable is called that has the key, for hints.
        timeout: Seconds for one whole request with its answer.
        insecure: Take http to another machine, too: whoever is on the way can read the key.
        app: An ASGI application that answers instead of the network.
        clock: Where time comes from.

    Raises:
        ValueError: The URL, the key or this environment's proxy or certificate settings cannot be used.
    """
    from flowrunner.client.access import Key, address
    from flowrunner.client.http import Client

    spoken, opened = dialect_of(dialect), Key(key, key_env)
    its = address(base_url, spoken, number, insecure=insecure or app is not None)
    if opened.scrub(base_url) != base_url:
        raise ValueError("the API's URL holds the API key; leave it out, it is sent in a header")
    return Client(its, opened, spoken, number=number, auth=auth, timeout=timeout, app=app, clock=clock)
