"""The last moment before a request leaves: whoever asks may say that it is too late.

A process may be frozen at any instant, also between its decision to send and the first byte: while a connection is
made, say. What was true when it decided is looked at once more right before that byte.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final


class TooLate(ConnectionError):  # noqa: N818 - a finding, not a fault of the server's
    """Nothing of the request was written: it may not leave any more."""


_MAY_LEAVE: Final[ContextVar[Callable[[], bool] | None]] = ContextVar("may_leave", default=None)


@contextmanager
def leaving_only_while(may_leave: Callable[[], bool]) -> Iterator[None]:
    """Within: a request of this task leaves only if ``may_leave`` says so right before its first byte."""
    token = _MAY_LEAVE.set(may_leave)
    try:
        yield
    finally:
        _MAY_LEAVE.reset(token)


def require_in_time() -> None:
    """Called right before a request is written.

    Raises:
        TooLate: It may not leave any more.
    """
    may_leave = _MAY_LEAVE.get()
    if may_leave is not None and not may_leave():
        raise TooLate
