"""Keeps the web pages of others out: a browser of this machine lets any page ask this server."""

import ipaddress
from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from flowrunner.emulator.api.wire import answer

_SAFE = {"GET", "HEAD", "OPTIONS"}


class Guard:
    """An ASGI middleware that refuses, with 403, what another web page asks through a person's browser.

    A browser says with every request that could change something which page it came from (``Origin``,
    https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Origin); programs say nothing and pass.
    A page that makes a name of its own point to this machine is known by that name: only addresses, ``localhost``
    (https://www.rfc-editor.org/rfc/rfc6761#section-6.3) and what the server was told to be called pass. Any other name
    can be somebody else's, in the world or in the local network.

    Args:
        app: What is guarded.
        names: The names the server is called by, in lower case; None lets every name pass.
    """

    def __init__(self, app: ASGIApp, names: Collection[str] | None) -> None:
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        reason = self._reason(scope["method"], Headers(scope=scope)) if scope["type"] == "http" else ""
        if reason:
            await answer(403, {"error": "Forbidden", "message": reason})(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _reason(self, method: str, headers: Headers) -> str:
        host = headers.get("host", "").lower()
        if self._names is not None and not self._is_ours(_name(host)):
            return "Use the address that the emulator printed, or start it with --name and this host name"
        if method in _SAFE:
            return ""
        origin = headers.get("origin")
        if origin is not None and origin.lower() != f"http://{host}":
            return "Another web page may not do this"
        if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
            return "Another web page may not do this"
        return ""

    def _is_ours(self, name: str) -> bool:
        return name == "localhost" or name.endswith(".localhost") or name in (self._names or ()) or _is_address(name)


def _name(host: str) -> str:
    """The name in a Host header, without the port."""
    name, _, port = host.rpartition(":")
    return name if port.isdigit() else host


def _is_address(name: str) -> bool:
    try:
        if name.startswith("[") and name.endswith("]"):
            ipaddress.IPv6Address(name[1:-1])
        else:
            ipaddress.IPv4Address(name)
    except ValueError:
        return False
    return True
