"""How long, and until when: durations of several units, and moments."""

import re
from datetime import datetime
from typing import Final

from flowrunner.flow.keys import duration_hint, seconds
from flowrunner.languages.days import moment_hint

LONGEST: Final = 3650 * 86_400.0
"""The longest time that may pass at once, in seconds: ten years."""
_FIRST, _LAST = 1970, 9000
"""The years of moments: much time may pass after them."""
_ONE: Final = r"[0-9]{1,9}(?:\.[0-9]{1,3})?(?:ms|s|m|h|d)"
_DURATION: Final = re.compile(rf"{_ONE}(?:\s*{_ONE})*")
_UNITS: Final = ("d", "h", "m", "s", "ms")
_WORDS: Final = re.compile(
    r"([0-9]+(?:\.[0-9]+)?)\s*(days?|hours?|hrs?|minutes?|mins?|seconds?|secs?)\b", re.IGNORECASE
)
_MOMENT: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:(?:T|\s+)([0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)\s*(Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_LIKE: Final = "write it like 2026-11-23 10:00"


def duration(text: str) -> float | tuple[str, str]:
    """The seconds of ``3h``, ``2h 59m`` or ``1d``; else what is wrong, and what mends it."""
    parts = re.findall(_ONE, text) if _DURATION.fullmatch(text.strip()) else []
    units = [part.lstrip("0123456789.") for part in parts]
    if not parts:
        return f'"{text}" is not a time', _written(text)
    if units != sorted(dict.fromkeys(units), key=_UNITS.index):
        return f'"{text}" is not a time: its units do not go down', "write each unit once, the largest first: 1d 2h 30m"
    total = sum(map(seconds, parts))
    if not 0 < total <= LONGEST:
        return f'"{text}" is {"no time at all" if not total else "more than ten years"}', "write it like 3h or 2h 59m"
    return total


def moment(text: str) -> datetime | tuple[str, str]:
    """The moment of ``2026-11-23 10:00``, naive where no offset is given; else what is wrong, and what mends it."""
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        time = re.fullmatch(r"([0-9]{1,2}):?([0-9]{2})?\s*([ap]m)?", text.strip().lower())
        hint = "write the date, too, like 2026-11-23 10:00" if time else moment_hint(text) or _LIKE
        return f'"{text}" is not a moment', hint
    day, time_of_day, offset = found[1], found[2] or "00:00", found[3] or ""
    try:
        its = datetime.fromisoformat(f"{day}T{time_of_day.zfill(5 if time_of_day.count(':') == 1 else 8)}{offset}")
    except ValueError:
        return f'there is no moment "{text}"', "write a day of the calendar and a time from 00:00 to 23:59"
    if not _FIRST <= its.year <= _LAST:
        return f'"{text}" is not a moment of a test', f"write a year from {_FIRST} to {_LAST}"
    return its


def _written(text: str) -> str:
    """How to write a duration that is written in another way."""
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text.strip()):
        return f"write {text.strip()}s for seconds, {text.strip()}m for minutes"
    joined = re.sub(r"(?<=[0-9])\s+(?=(?:ms|s|m|h|d)\b)", "", text.strip())
    if _DURATION.fullmatch(joined):
        return f"write {joined}"
    found = _WORDS.findall(text)
    if found and not re.search(r"\w", re.sub(r"(?i)\band\b", "", _WORDS.sub("", text))):
        return f"write {' '.join(number + unit[0].lower() for number, unit in found)}"
    meant = duration_hint(text)  # of one unit, in more languages
    return meant if meant.startswith("write ") and " like " not in meant else "write it like 3h or 2h 59m"
