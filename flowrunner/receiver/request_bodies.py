"""The bytes of webhooks as they come: no more of one, of all at a time, nor for longer, than is good."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from starlette.requests import ClientDisconnect, Request

LARGEST: Final = 4 << 20
"""Bytes that one may have. Meta's have at most 3 MB:
https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/overview"""
_MOST: Final = 32 << 20
"""Bytes of all at a time."""
_PATIENCE: Final = 10.0
"""Seconds that one may take to come: Kapso waits no longer for its answer."""


class UnreadError(Exception):
    """A body was not read.

    Attributes:
        status: What is answered.
    """

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


class Bodies:
    """Reads them, and knows how many bytes are held."""

    def __init__(self) -> None:
        self._held = 0

    @asynccontextmanager
    async def of(self, request: Request) -> AsyncIterator[bytes]:
        """A body, held until the end of the ``with``.

        Raises:
            UnreadError: 413 where it is too large, before any of it is read where it says so; 415 where it is packed;
                503 where others are being read; 408 where it did not come.
        """
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            raise UnreadError(415)
        told = request.headers.get("content-length", "0")
        if not told.isdecimal() or int(told[:20]) > LARGEST:
            raise UnreadError(413)
        body = bytearray()
        try:
            async with asyncio.timeout(_PATIENCE):
                async for chunk in request.stream():
                    self._add(body, chunk)
        except (TimeoutError, ClientDisconnect):
            self._held -= len(body)
            raise UnreadError(408) from None
        except BaseException:
            self._held -= len(body)
            raise
        try:
            yield bytes(body)
        finally:
            self._held -= len(body)

    def _add(self, body: bytearray, chunk: bytes) -> None:
        if len(body) + len(chunk) > LARGEST:
            raise UnreadError(413)
        if self._held + len(chunk) > _MOST:
            raise UnreadError(503)
        body += chunk
        self._held += len(chunk)
