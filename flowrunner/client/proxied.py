"""Behind a proxy: httpx's own connections, which know how to pass one."""

import logging
import ssl
from typing import Final

from flowrunner.client.httpx_lean import httpx

# httpx looks at every connection of a transport for every request (encode/httpx issue 3215): many transports of a few
# connections cost a quarter of one with many.
_CONNECTIONS = 4
_MOST_TRANSPORTS = 128

# Its debug log holds the headers of answers, and a server may repeat in them what it was sent.
logging.getLogger("httpcore").setLevel(logging.INFO)


def named(proxy: str) -> str:
    """The proxy's host and port, without the password that may stand in its URL."""
    return httpx.URL(proxy).netloc.decode("ascii").rpartition("@")[2]


class Proxied(httpx.AsyncBaseTransport):
    """Goes by a proxy, by as many of httpx's transports as there are requests for."""

    def __init__(self, proxy: str, tls: ssl.SSLContext) -> None:
        """Make a first transport, so that a bad proxy setting is found before anything begins.

        Raises:
            ValueError: The proxy cannot be used.
        """
        self._proxy: Final = proxy
        self._tls: Final = tls
        self._under_way: Final = {self._transport(): 0}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; returns once the answer's head is there."""
        transport = next((each for each, busy in self._under_way.items() if busy < _CONNECTIONS), None)
        if transport is None and len(self._under_way) < _MOST_TRANSPORTS:
            transport = self._transport()
        transport = transport or min(self._under_way, key=lambda each: self._under_way[each])
        self._under_way[transport] = self._under_way.get(transport, 0) + 1
        try:
            return await transport.handle_async_request(request)
        finally:
            self._under_way[transport] -= 1

    async def aclose(self) -> None:
        """Close every connection."""
        for transport in self._under_way:
            await transport.aclose()

    def _transport(self) -> httpx.AsyncHTTPTransport:
        limits = httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS)
        try:
            return httpx.AsyncHTTPTransport(limits=limits, proxy=self._proxy, trust_env=False, verify=self._tls)
        except (ImportError, ValueError, httpx.InvalidURL):
            # Their messages may quote the proxy's URL, and that its password.
            raise ValueError("the proxy in HTTPS_PROXY, HTTP_PROXY or ALL_PROXY is not an http or https URL") from None
