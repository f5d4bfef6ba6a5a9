"""Why no answer came, in a sentence: the operating system's and TLS's errors, named for a person."""

import socket
import ssl
from collections.abc import Iterator

_CHECK = "Check the API's URL (--api-url or FLOWRUNNER_API_URL), and that the server is running."


def unreachable(fault: BaseException, host: str) -> tuple[str, str]:
    """The reason and the hint for a connection to ``host`` that was never made."""
    for cause in _causes(fault):
        if isinstance(cause, ssl.SSLCertVerificationError):
            why = cause.verify_message.rstrip(".")
            return (
                f"the certificate of {host} is not to be trusted: {why}",
                "Check that the URL names the right server; a private authority's certificate goes in SSL_CERT_FILE.",
            )
        if isinstance(cause, ssl.SSLError):
            why = (cause.reason or "the handshake failed").replace("_", " ").lower()
            return f"no secure connection to {host}: {why}", "Check that this server speaks https on this port."
        if isinstance(cause, socket.gaierror):
            return f"no address is known for {host}", "Check the URL's spelling and this machine's network and DNS."
        if isinstance(cause, ConnectionRefusedError):
            return f"{host} refused the connection", _CHECK
    return f"{host} cannot be reached", "Check this machine's network and the API's URL."


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
