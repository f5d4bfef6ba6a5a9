"""Moments as the APIs write and read them."""

from collections.abc import Mapping
from datetime import UTC, datetime


def iso(at: float) -> str:
    """``at``, seconds since the epoch, as Kapso writes it: ISO 8601, UTC, milliseconds, ``Z``."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(query: Mapping[str, str], name: str, default: float) -> float:
    """A moment of a query; the default where it is not one: a filter that cannot be read filters nothing."""
    try:
        # A plus that was not encoded arrives as a space.
        found = datetime.fromisoformat(query.get(name, "").replace(" ", "+"))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return default
