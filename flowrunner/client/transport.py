"""What carries a request to a server: the request as it goes out, and the answer as it comes."""

from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple, Protocol

Headers = Sequence[tuple[bytes, bytes]]
"""Names and values, in the order in which they are written, or came."""


class Outgoing(NamedTuple):
    """One HTTP request.

    Attributes:
        method: ``GET`` or ``POST``.
        target: The path with its query, as it is written.
        headers: All of them, but for those that a proxy is told.
        body: Empty for a question.
    """

    method: str
    target: str
    headers: Headers
    body: bytes


class Incoming(Protocol):
    """An answer whose head is there. Whoever has it closes it, read to its end or not."""

    @property
    def status(self) -> int:
        """The HTTP status."""

    @property
    def headers(self) -> Headers:
        """As they came."""

    def pieces(self) -> AsyncIterator[bytes]:
        """The body as it comes, compressed where the server did so.

        Raises:
            UnansweredError: It was cut.
        """

    async def aclose(self) -> None:
        """Done with it."""


class Transport(Protocol):
    """Speaks to one server."""

    async def ask(self, request: Outgoing) -> Incoming:
        """Send a request, once; returns when the answer's head is there.

        Raises:
            UnansweredError: No answer came; its kind says whether anything was written.
        """

    async def aclose(self) -> None:
        """Close every connection, also those in use."""
