"""The moment a run begins, as it is kept."""

from datetime import datetime


def moment(at: float) -> str:
    """The moment a run begins, in seconds since the epoch, as it is kept: ISO 8601 with offset, to the second."""
    return datetime.fromtimestamp(at).astimezone().isoformat(timespec="seconds")
