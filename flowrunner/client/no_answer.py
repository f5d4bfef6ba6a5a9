"""Why no whole answer came, as far as it decides what to do next. What it came of is chained as its cause."""

from typing import Final

from flowrunner.client.send_guard import TooLate


class UnansweredError(Exception):
    """No whole answer came. Unless it is one of `NEVER_LEFT`, the request may have been taken."""


class CrowdedError(UnansweredError):
    """Too many requests were under way: this one waited in vain for its turn."""


class UnconnectedError(UnansweredError):
    """No connection was made."""


class SlowConnectionError(UnconnectedError):
    """No connection was made in time."""


class ProxyRefusedError(UnansweredError):
    """The proxy made no way to the server; its text is what the proxy said."""


class CutError(UnansweredError):
    """The connection ended, or what came over it is no HTTP."""


class CompressionError(UnansweredError):
    """The answer is compressed, and not as it says."""


class SilentServer(Exception):  # noqa: N818 - a finding, not a fault of ours
    """A server accepted a connection that was to be https, and did not answer in TLS."""


class SecureServer(Exception):  # noqa: N818 - a finding, not a fault of ours
    """A server that cut a request over http would have spoken https."""


NEVER_LEFT: Final = (CrowdedError, UnconnectedError, ProxyRefusedError, TooLate)
"""What says that nothing of a request was written."""
