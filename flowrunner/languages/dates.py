"""Days and times of day as a language writes them."""

import re
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from babel.core import Locale

Length = Literal["short", "medium", "long", "full"]
LENGTHS: Final[tuple[Length, ...]] = ("short", "medium", "long", "full")
"""How much of a date is said: ``25/11/26``, ``25 nov 2026``, ``25 de noviembre de 2026``, with the weekday."""
_NAMES: Final = r"%(%|[aAbBh])"


def has_names(pattern: str) -> bool:
    """Whether a pattern of strftime has names of days or months in it."""
    return any(each[1] != "%" for each in re.finditer(_NAMES, pattern))


def by_pattern(moment: date, pattern: str, locale: "Locale") -> str:
    """A moment or day by a pattern of strftime, names of days and months in the language."""

    def name(found: re.Match[str]) -> str:
        kind = found[1]
        if kind == "%":
            return "%%"
        names, number = (locale.days, moment.weekday()) if kind in "aA" else (locale.months, moment.month)
        return str(names["format"]["wide" if kind in "AB" else "abbreviated"][number])

    return moment.strftime(re.sub(_NAMES, name, pattern))


def day(moment: date, length: Length, locale: "Locale") -> str:
    """A day: ``25 de noviembre de 2026``."""
    from babel.dates import format_date

    return _spaced(format_date(moment, length, locale))


def hour(moment: time | datetime, length: Length, locale: "Locale") -> str:
    """A time of day, ``14:30`` or ``2:30 PM``; with seconds from ``medium`` on, and with the zone after that."""
    from babel.dates import format_time

    zone = moment.tzinfo if isinstance(moment, datetime) else None
    return _spaced(format_time(moment, length, tzinfo=zone, locale=locale))


def day_and_hour(moment: datetime, length: Length, locale: "Locale") -> str:
    """Both, the time of day without seconds: ``25 nov 2026, 14:30``."""
    around = str(locale.datetime_formats[length])
    return (
        around.replace("{0}", hour(moment, "short", locale))
        .replace("{1}", day(moment, length, locale))
        .replace("'", "")
    )


def _spaced(text: str) -> str:
    """With a space that every phone's font has for the narrow one that some languages write."""
    return text.replace("\u202f", "\u00a0")
