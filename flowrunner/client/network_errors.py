"""Why no answer came, in a sentence: the operating system's, TLS's and a proxy's errors, named for a person.

No text of an error is repeated: a library's and a proxy's may quote what was asked.
"""

import re
import socket
import ssl
from collections.abc import Iterator

from flowrunner.client.access import Address
from flowrunner.client.no_answer import (
    NEVER_LEFT,
    CompressionError,
    CrowdedError,
    ProxyRefusedError,
    SecureServer,
    SilentServer,
    SlowConnectionError,
)
from flowrunner.client.send_guard import TooLate

_CHECK = "check the API's URL (--api-url or FLOWRUNNER_API_URL), and that the server is running"
_PROXY = "check HTTPS_PROXY, HTTP_PROXY or ALL_PROXY; NO_PROXY names hosts to reach without it"

_NOT_TLS = {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG", "HTTP_REQUEST"}
"""What OpenSSL, by its version, calls an answer that is none of TLS."""


def named(fault: Exception, address: Address, proxy: str, timeout: float) -> tuple[str, str]:
    """The reason and the hint for a request without a whole answer.

    Args:
        fault: What happened.
        address: The API's.
        proxy: The proxy in between; empty where there is none.
        timeout: Seconds that the request might last.
    """
    host = address.host
    through = f"{host} through the proxy {proxy}" if proxy else host
    if isinstance(fault, CrowdedError):
        return f"too many requests are waiting for {host}", "send to fewer conversations at a time"
    if isinstance(fault, TooLate):
        return "this process was held up for too long before the request left", "give it more of the machine"
    if isinstance(fault, ProxyRefusedError):
        return _refused_by(proxy, host, str(fault))
    if isinstance(fault, NEVER_LEFT):
        return _unreachable(fault, address, proxy)
    if any(isinstance(cause, SecureServer) for cause in _causes(fault)):
        return f"{host} speaks https on this port, not plain http", f"write https://{host}"
    if isinstance(fault, TimeoutError):
        return f"{through} did not answer fully within {timeout:g} s", "check the API's status page"
    if isinstance(fault, CompressionError):
        return f"the answer of {host} is compressed wrongly", "check any proxy in between"
    return f"the connection to {through} was cut before the whole answer came", "check the network"


def _refused_by(proxy: str, host: str, words: str) -> tuple[str, str]:
    proxy = f"the proxy {proxy}".rstrip()
    status = re.match(r"[1-5]\d\d\b", words)
    about = f" (HTTP {status[0]})" if status else ""
    if status and status[0] == "407":
        return f"{proxy} asks for a user and password{about}", f"put them into its URL; {_PROXY}"
    return f"{proxy} did not connect to {host}{about}", _PROXY


def _unreachable(fault: BaseException, address: Address, proxy: str) -> tuple[str, str]:
    """The reason and the hint for a connection that was never made: to the proxy, where there is one."""
    host, check = (f"the proxy {proxy}", _PROXY) if proxy else (address.host, _CHECK)
    for cause in _causes(fault):
        if isinstance(cause, SilentServer) or (isinstance(cause, ssl.SSLError) and cause.reason in _NOT_TLS):
            return f"{address.host} accepts connections, but does not speak https on this port", _plainly(address)
        if isinstance(cause, ssl.SSLCertVerificationError):
            why = cause.verify_message.rstrip(".")
            return (
                f"the certificate of {address.host} cannot be trusted: {why}",
                "check that the URL names the right server; a private authority's certificate goes in SSL_CERT_FILE",
            )
        if isinstance(cause, ssl.SSLError):
            why = (cause.reason or "the handshake failed").replace("_", " ").lower()
            return f"no secure connection to {address.host}: {why}", "check that this server speaks https on this port"
        if isinstance(cause, socket.gaierror):
            return f"no address is known for {host}", f"check the spelling, this computer's network and DNS; {check}"
        if isinstance(cause, ConnectionRefusedError):
            return f"{host} refused the connection", check
    if isinstance(fault, SlowConnectionError):
        return f"{host} did not accept a connection in time", f"check the network and any firewall; {check}"
    return f"{host} cannot be reached", f"check this computer's network; {check}"


def _plainly(address: Address) -> str:
    if address.loopback:
        return f"if it speaks plain http, write http://{address.host}"
    return "check the port in the API's URL; over plain http the API key could be read on the way"


def _causes(fault: BaseException) -> Iterator[BaseException]:
    """The fault and all it came from, each once, the outermost first."""
    waiting: list[BaseException | None] = [fault]
    seen: set[int] = set()
    while waiting:
        cause = waiting.pop(0)
        if cause is None or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting += [cause.__cause__, cause.__context__]
        if isinstance(cause, BaseExceptionGroup):
            waiting += cause.exceptions
