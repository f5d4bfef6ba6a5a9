"""The three ways in which an API says no, named for what to do next."""

from typing import Final, Literal, NamedTuple

Concerns = Literal["message", "recipient", "sender"]
"""Whom a refusal is about: what is sent to the same person next may be taken; what is sent to the next person may; or
nothing may, for anybody, until something is changed."""


class Backoff(NamedTuple):
    """How long to wait before the next try where the API names no time.

    Attributes:
        first: Seconds before the first retry.
        factor: By how much each further wait is longer.
        most: No wait is longer than these seconds.
    """

    first: float
    factor: float
    most: float

    def delay(self, retry: int) -> float:
        """Seconds to wait before retry number ``retry``, counted from 0; the caller adds its jitter."""
        # Far beyond any bound the power overflows a float.
        return min(self.most, self.first * self.factor ** min(retry, 64))


STEADY: Final = Backoff(first=1, factor=2, most=60)
"""Something is out of order and may come back."""
WINDOW: Final = Backoff(first=5, factor=2, most=60)
"""Requests are counted in windows of one minute, as Kapso does."""
MOMENT: Final = Backoff(first=0.5, factor=2, most=8)
"""Another message to the same person is on its way."""


class TransportError(Exception):
    """A request that did not end with the API's yes.

    Neither this nor what it is chained to holds the key or a request's headers.

    Attributes:
        reason: The API's own words, or one plain sentence where it said nothing.
        hint: What to do; empty where nobody knows.
        status: The HTTP status, or None where no answer came.
        code: The API's or Meta's code as text, or an empty string.
        backoff: How to wait before the same is tried again, where the API named no time.
        retry_after: Seconds that the API asked to wait; None where it named none.
        concerns: Whom it is about.
    """

    def __init__(
        self,
        reason: str,
        *,
        hint: str = "",
        status: int | None = None,
        code: str = "",
        backoff: Backoff = STEADY,
        retry_after: float | None = None,
        concerns: Concerns = "message",
    ) -> None:
        super().__init__(reason)
        self.reason: Final = reason
        self.hint: Final = hint
        self.status: Final = status
        self.code: Final = code
        self.backoff: Final = backoff
        self.retry_after: Final = retry_after
        self.concerns: Final[Concerns] = concerns


class Retryable(TransportError):  # noqa: N818 - named for what to do next
    """Surely not taken: the same request may go again, after a wait."""

    def delay(self, retry: int) -> float:
        """Seconds to wait before retry number ``retry``, counted from 0: the API's word, else the back-off's."""
        # "Retry after 0 seconds" is no leave to ask in a tight loop.
        return self.retry_after or self.backoff.delay(retry)


class Rejected(TransportError):  # noqa: N818 - named for what to do next
    """Surely refused: the same request will be refused again until something is changed."""


class InDoubt(TransportError):  # noqa: N818 - named for what to do next
    """Perhaps taken: look it up before anything else is sent to that conversation."""
