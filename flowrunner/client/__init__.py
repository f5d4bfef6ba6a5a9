"""The one door to the network: a message goes in, a receipt or one of three errors comes out.

Importing this package is cheap; opening a door loads the HTTP library.
"""

import sys
from typing import TYPE_CHECKING, Any, Final, Protocol

from flowrunner.client.answers import RateSeen
from flowrunner.client.api_clock import ApiClock, Reckoning, resolution
from flowrunner.client.errors import Backoff, InDoubt, Rejected, Retryable, TransportError
from flowrunner.client.values import Conversation, Named, Receipt, RemoteMessage
from flowrunner.clock import SYSTEM, Clock

if TYPE_CHECKING:
    from flowrunner.client.door import HttpTransport

__all__ = [
    "EMULATOR",
    "PRODUCTION_URL",
    "ApiClock",
    "Backoff",
    "Conversation",
    "InDoubt",
    "Named",
    "RateSeen",
    "Receipt",
    "Reckoning",
    "Rejected",
    "RemoteMessage",
    "Retryable",
    "Transport",
    "TransportError",
    "open_transport",
    "resolution",
]

EMULATOR: Final = "emulator"
"""What the journal calls the emulator inside the program, where a URL stands otherwise."""
PRODUCTION_URL: Final = "https://app.kapso.ai"
"""The host of the v1 API: https://docs.kapso.ai/api/legacy/whatsapp/whatsapp-messages/send-a-new-whatsapp-message"""


class Transport(Protocol):
    """What a run needs of the network. Every method may raise `Retryable` or `Rejected`."""

    @property
    def rate(self) -> RateSeen | None:
        """The key's rate limit as the last answer told it; None where none has."""
        ...

    @property
    def api_clock(self) -> ApiClock:
        """Where the API's clock stands against `flowrunner.clock.Clock.up`, as far as its answers have told."""
        ...

    async def send(self, conversation: str, wire: str) -> "Receipt":
        """Post one message to a conversation.

        Args:
            conversation: The API's id.
            wire: The message object's JSON text; posted byte for byte as ``{"message": <wire>}``.

        Raises:
            InDoubt: The API may have taken it. Only this method raises it.
        """
        ...

    async def messages(self, conversation: str, *, to_the_end: bool = False) -> "list[RemoteMessage]":
        """All messages of a conversation, in and out, in the API's own order, each id once.

        The list is complete as of some moment during the call; one that changes all the while is `Retryable`.

        Args:
            conversation: The API's id.
            to_the_end: Read on until a page brings nothing new, whatever the API says of how many there are.
        """
        ...

    async def conversation(self, conversation: str) -> "Conversation":
        """The conversation that the API gives for this id, active or ended; none such is `Rejected`."""
        ...

    async def find_conversations(self, phone: str) -> "list[Conversation]":
        """The conversations that the API gives for this phone number, perhaps none; whose they are is in each."""
        ...

    async def aclose(self) -> None:
        """Close every connection; nothing may be asked afterwards."""
        ...


def open_transport(
    base_url: str, key: str, *, timeout: float = 30.0, insecure: bool = False, app: Any = None, clock: Clock = SYSTEM
) -> "HttpTransport":
    """A transport to the API at ``base_url``; nothing is sent yet.

    Args:
        base_url: https, or http to this machine; with or without ``/api/v1``.
        key: The API key. It is shown nowhere.
        timeout: Seconds for one whole request with its answer.
        insecure: Take http to another machine, too: whoever is on the way can read the key.
        app: An ASGI application that answers instead of the network.
        clock: Where time comes from.

    Raises:
        ValueError: The URL, the key or this environment's proxy or certificate settings cannot be used.
    """
    _load_httpx()
    from flowrunner.client.access import Key, address
    from flowrunner.client.door import HttpTransport

    its, opened = address(base_url, insecure=insecure or app is not None), Key(key)
    if opened.scrub(base_url) != base_url:
        raise ValueError("the API's URL holds the API key; leave it out, it is sent in a header")
    return HttpTransport(its, opened, timeout=timeout, app=app, clock=clock)


def _load_httpx() -> None:
    """Import httpx without its command line, whose rich and pygments are 40 % of what importing it costs."""
    program: Any = "httpx._main"
    if "httpx" not in sys.modules and program not in sys.modules:
        # As where they are not installed, which httpx provides for; afterwards all is as if it had not been asked for.
        sys.modules[program] = None  # type: ignore[assignment]
        try:
            import httpx  # noqa: F401
        finally:
            del sys.modules[program]
