"""Behind a proxy: httpx's own connections, which know how to pass one."""

import logging
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final
from urllib.request import getproxies, proxy_bypass

import httpx

from flowrunner.client.access import Address

# httpx looks at every connection of a client for every request (encode/httpx issue 3215): many clients of a few
# connections cost a quarter of one client with many.
_CONNECTIONS = 4
_MOST_SHARDS = 128

# Its debug log holds the headers of answers, and a server may repeat in them what it was sent.
logging.getLogger("httpcore").setLevel(logging.INFO)


def proxy_of(address: Address) -> str:
    """The URL of the proxy that this environment names for an address; empty for none. This machine is behind none."""
    if address.loopback or proxy_bypass(address.host):
        return ""
    named = getproxies()
    url = named.get("https" if address.secure else "http") or named.get("all") or ""
    return url if not url or "://" in url else f"http://{url}"


@dataclass(slots=True)
class _Shard:
    client: httpx.AsyncClient
    busy: int = 0


class Proxied(httpx.AsyncBaseTransport):
    """Clients that go by a proxy, as many as there are requests for.

    Attributes:
        name: The proxy's host and port, without the password that may stand in its URL.
    """

    def __init__(self, proxy: str, tls: ssl.SSLContext) -> None:
        """Open a first client, so that a bad proxy setting is found before anything begins.

        Raises:
            ValueError: The proxy cannot be used.
        """
        self._proxy: Final = proxy
        self._tls: Final = tls
        self._shards: Final = [_Shard(self._client())]
        self.name: Final = httpx.URL(proxy).netloc.decode("ascii").rpartition("@")[2]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; answer once the answer's head is there."""
        shard = self._shard()
        shard.busy += 1
        try:
            response = await shard.client.send(request, stream=True)
        except BaseException:
            shard.busy -= 1
            raise
        assert isinstance(response.stream, httpx.AsyncByteStream)  # noqa: S101  # an asynchronous client's answer
        response.stream = _Body(response.stream, shard)
        return response

    async def aclose(self) -> None:
        """Close every connection."""
        for shard in self._shards:
            await shard.client.aclose()

    def _shard(self) -> _Shard:
        """The first client with a free connection; a new one where all are busy; else the least busy."""
        for shard in self._shards:
            if shard.busy < _CONNECTIONS:
                return shard
        if len(self._shards) < _MOST_SHARDS:
            self._shards.append(_Shard(self._client()))
            return self._shards[-1]
        return min(self._shards, key=lambda shard: shard.busy)

    def _client(self) -> httpx.AsyncClient:
        try:
            return httpx.AsyncClient(
                limits=httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS),
                proxy=self._proxy,
                trust_env=False,
                verify=self._tls,
            )
        except (ImportError, ValueError, httpx.InvalidURL):
            # Their messages may quote the proxy's URL, and that its password.
            raise ValueError("the proxy in HTTPS_PROXY, HTTP_PROXY or ALL_PROXY is not an http or https URL") from None


class _Body(httpx.AsyncByteStream):
    """The answer's body as it comes; closing it frees its place among the connections."""

    def __init__(self, stream: httpx.AsyncByteStream, shard: _Shard) -> None:
        self._stream: Final = stream
        self._shard: Final = shard

    def __aiter__(self) -> AsyncIterator[bytes]:
        return aiter(self._stream)

    async def aclose(self) -> None:
        self._shard.busy -= 1
        await self._stream.aclose()
