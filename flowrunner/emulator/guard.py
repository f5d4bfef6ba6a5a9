"""Keeps the web pages of others out: a browser of this machine lets any page ask this server."""

import ipaddress

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from flowrunner.emulator.wire import answer

_SAFE = {"GET", "HEAD", "OPTIONS"}
_LOCAL = (".localhost", ".local", ".internal")
"""Endings of names that nobody can register: https://www.iana.org/assignments/special-use-domain-names"""


class Guard:
    """An ASGI middleware that refuses, with 403, what another web page asks through a person's browser.

    A browser says with every request that could change something which page it came from (``Origin``,
    https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Origin); programs say nothing and pass.
    A page that makes its own name point to this machine is known by that name: it has to be one that can be registered.

    Args:
        app: What is guarded.
        name: The name the server was told to listen on; None lets every name pass.
    """

    def __init__(self, app: ASGIApp, name: str | None) -> None:
        self._app = app
        self._own = name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        reason = self._reason(scope["method"], Headers(scope=scope)) if scope["type"] == "http" else ""
        if reason:
            await answer(403, {"error": "Forbidden", "message": reason})(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _reason(self, method: str, headers: Headers) -> str:
        host = headers.get("host", "")
        if self._own is not None and not self._is_ours(_name(host)):
            return f"This emulator is not {_name(host)}: use the address that it printed"
        if method in _SAFE:
            return ""
        origin = headers.get("origin")
        if origin is not None and origin.partition("://")[2] != host:
            return "Another web page may not do this"
        if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
            return "Another web page may not do this"
        return ""

    def _is_ours(self, name: str) -> bool:
        return "." not in name or name.endswith(_LOCAL) or name == self._own or _is_address(name)


def _name(host: str) -> str:
    """The name in a Host header, without the port."""
    name, _, port = host.rpartition(":")
    return (name if port.isdigit() else host).lower()


def _is_address(name: str) -> bool:
    try:
        ipaddress.IPv4Address(name)
    except ValueError:
        return False
    return True
