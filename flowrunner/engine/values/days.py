"""A day as people and spreadsheets write it: what it may mean, as a flow's inputs take it."""

import re
from datetime import date, timedelta
from typing import Final

_YEAR_FIRST: Final = r"(?a)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ,].*)?"
_YEAR_LAST: Final = r"(?a)(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})(?:[T ,].*)?"
_SERIAL: Final = r"(?a)[2-7]\d{4}(?:\.\d+)?"
"""Days as Excel counts them: 20000 is in 1954, 79999 in 2119."""
_FIRST_OF_EXCEL: Final = date(1899, 12, 30)


def day_hint(text: str) -> str:
    """What to write instead of a text that is no day; empty where nobody can tell what it means."""
    text = text.strip()
    if found := re.fullmatch(_YEAR_FIRST, text):
        days = [_day(found[1], found[2], found[3])]
    elif found := re.fullmatch(_YEAR_LAST, text):
        year = found[3] if len(found[3]) == 4 else f"20{found[3]}"
        days = [_day(year, found[2], found[1]), _day(year, found[1], found[2])]
        days += [_day(f"20{found[1]}", found[2], found[3])] if len(found[1]) == len(found[3]) == 2 else []
    elif re.fullmatch(_SERIAL, text):
        days = [(_FIRST_OF_EXCEL + timedelta(int(float(text)))).isoformat()]
    else:
        return ""
    likely = [each for each in dict.fromkeys(days) if each]
    return f"write {' or '.join(likely)}" if likely else "write a day that there is, like 2026-01-31"


def _day(year: str, month: str, day: str) -> str:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""
