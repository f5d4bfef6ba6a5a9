"""A day and a time of day that were answered: conditions compare them with texts and moments, too."""

from datetime import date, datetime, time
from typing import Any


class Day(date):
    """A day that is compared with texts such as ``2026-12-24`` as well, and with ``now`` by its day."""

    def __eq__(self, other: object) -> bool:
        return date.__eq__(self, _day(other))

    def __ne__(self, other: object) -> bool:
        return date.__ne__(self, _day(other))

    def __lt__(self, other: Any) -> bool:
        return date.__lt__(self, _day(other))

    def __le__(self, other: Any) -> bool:
        return date.__le__(self, _day(other))

    def __gt__(self, other: Any) -> bool:
        return date.__gt__(self, _day(other))

    def __ge__(self, other: Any) -> bool:
        return date.__ge__(self, _day(other))

    __hash__ = date.__hash__


class Hour(time):
    """A time of day that is compared with texts such as ``14:30`` as well."""

    def __eq__(self, other: object) -> bool:
        return time.__eq__(self, _hour(other))

    def __ne__(self, other: object) -> bool:
        return time.__ne__(self, _hour(other))

    def __lt__(self, other: Any) -> bool:
        return time.__lt__(self, _hour(other))

    def __le__(self, other: Any) -> bool:
        return time.__le__(self, _hour(other))

    def __gt__(self, other: Any) -> bool:
        return time.__gt__(self, _hour(other))

    def __ge__(self, other: Any) -> bool:
        return time.__ge__(self, _hour(other))

    __hash__ = time.__hash__


def _day(other: Any) -> Any:
    if isinstance(other, datetime):
        return other.date()
    try:
        return date.fromisoformat(other) if isinstance(other, str) else other
    except ValueError:
        return other


def _hour(other: Any) -> Any:
    try:
        return time.fromisoformat(other.zfill(len("09:00"))) if isinstance(other, str) else other
    except ValueError:
        return other
