"""A recipient's 24 hours, as a run's event keeps what the API said of them when a step asked."""

from typing import NamedTuple

from flowrunner.model import Event


class Open(NamedTuple):
    """Whether the recipient may be sent free text.

    Attributes:
        is_open: Whether they wrote within the last 24 hours.
        until: When those end, in seconds since the epoch; 0.0 where it was not open.
    """

    is_open: bool
    until: float = 0.0


def window_of(event: Event) -> Open:
    """What a `window` event says."""
    is_open = event.detail.get("open") is True
    return Open(is_open, float(event.detail.get("until", 0.0)) if is_open else 0.0)
