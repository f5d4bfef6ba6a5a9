"""A program of the user's is told something over HTTP: no API of WhatsApp's, and no key of one."""

import asyncio
import ipaddress
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from flowrunner.client.httpx_lean import httpx

_PATIENCE: Final = 10.0
"""Seconds that it has to answer, as Kapso gives its receivers."""


def checked(url: str) -> str:
    """The URL, where something may be told there: https, or http to this machine.

    Raises:
        ValueError: In a sentence, why not; what stands in the URL is not repeated, as it may be a secret.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("the URL cannot be read") from None
    if parts.scheme not in {"https", "http"} or not host or any(sign.isspace() for sign in url):
        raise ValueError("the URL must start with https://, or with http:// for a program on this machine")
    if "@" in parts.netloc:
        raise ValueError("the URL must not hold a user or password; what is told is signed instead")
    if parts.scheme == "http" and not _is_here(host):
        raise ValueError("over http what is told could be read on its way: write https://")
    return url


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Teller:
    """Posts bodies; to be closed."""

    def __init__(self) -> None:
        self._client: Final = httpx.AsyncClient(timeout=_PATIENCE, follow_redirects=False)

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """The status of the answer; 0 where none came."""
        try:
            async with (
                asyncio.timeout(_PATIENCE),  # in all: httpx counts anew with each byte that comes
                self._client.stream("POST", url, content=body, headers=dict(headers)) as answer,
            ):
                return answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError):
            return 0

    async def aclose(self) -> None:
        """Close every connection."""
        await self._client.aclose()
