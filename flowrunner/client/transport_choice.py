"""What carries requests to an address: connections of our own, unless there is a proxy or an app instead."""

import os
import ssl
from typing import Any
from urllib.parse import urlsplit

from flowrunner.client.access import Address
from flowrunner.client.connections import Connections
from flowrunner.client.transport import Transport


def transport_to(address: Address, app: Any, seconds: float) -> tuple[Transport, str]:
    """A transport, and the name of the proxy in between; empty where there is none.

    Args:
        address: The API's.
        app: An ASGI application that answers instead of the network, or None.
        seconds: How long a request may wait for its turn, and again for its connection.

    Raises:
        ValueError: This environment's proxy or certificate settings cannot be used.
    """
    parts = urlsplit(address.base)
    proxy = _proxy_of(address) if app is None else ""
    if app is not None or proxy:
        # Whoever has neither waits for nothing of httpx.
        from flowrunner.client.by_httpx import ByHttpx, embedded
        from flowrunner.client.proxied import Proxied, named

        origin = f"{parts.scheme}://{parts.netloc}"
        if app is not None:
            return ByHttpx(origin, embedded(app), seconds), ""
        return ByHttpx(origin, Proxied(proxy, _tls(secure=address.secure)), seconds), named(proxy)
    port = parts.port or (443 if address.secure else 80)
    return Connections(parts.hostname or "", port, _tls(secure=True) if address.secure else None, seconds), ""


def _proxy_of(address: Address) -> str:
    """The URL of the proxy that this environment names for an address; empty for none. This machine is behind none."""
    if address.loopback:
        return ""
    from urllib.request import getproxies, proxy_bypass

    if proxy_bypass(address.host):
        return ""
    named = getproxies()
    url = named.get("https" if address.secure else "http") or named.get("all") or ""
    return url if not url or "://" in url else f"http://{url}"


def _tls(*, secure: bool) -> ssl.SSLContext:
    """The context all requests share; where none is needed one that trusts nobody, since loading takes 20 ms."""
    if not secure:
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    import certifi

    try:
        if file := os.environ.get("SSL_CERT_FILE"):
            return ssl.create_default_context(cafile=file)
        if folder := os.environ.get("SSL_CERT_DIR"):
            return ssl.create_default_context(capath=folder)
        return ssl.create_default_context(cafile=certifi.where())
    except OSError as error:  # a missing file, or no certificate in it
        why = error.strerror or "no certificate in it"
        raise ValueError(f"the certificates in SSL_CERT_FILE or SSL_CERT_DIR cannot be read: {why}") from None
