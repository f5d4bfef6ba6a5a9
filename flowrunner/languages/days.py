"""A day as people and spreadsheets write it: what it may mean, as a flow's inputs take it."""

import re
from datetime import date, timedelta
from functools import cache
from typing import Final
from unicodedata import decimal, normalize

from flowrunner.languages.locales import locale_of

_YEAR_FIRST: Final = r"(?a)(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})(?:[T ,.].*)?"
_YEAR_LAST: Final = r"(?a)(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})(?:[T ,].*)?"
_COMPACT: Final = r"(?a)((?:19|20)\d\d)([01]\d)([0-3]\d)(?:[T ].*)?"
_SERIAL: Final = r"(?a)[2-7]\d{4}(?:\.\d+)?"
"""Days as Excel counts them: 20000 is in 1954, 79999 in 2119."""
_WITH_MONTH: Final = (
    "en",
    "es",
    "pt",
    "fr",
    "de",
    "it",
    "nl",
    "pl",
    "ru",
    "uk",
    "tr",
    "id",
    "ro",
    "cs",
    "sv",
    "da",
    "fi",
    "el",
    "hu",
    "he",
    "ar",
    "hi",
)
"""Languages whose names of months are known by their letters."""
_FIRST_OF_EXCEL: Final = date(1899, 12, 30)


def day_hint(text: str) -> str:
    """What to write instead of a text that is no day; empty where nobody can tell what it means."""
    text = "".join(str(decimal(each)) if each.isdecimal() else each for each in text.strip())  # of any script
    if found := re.fullmatch(_YEAR_FIRST, text):
        days = [_day(found[1], found[2], found[3])]
    elif found := re.fullmatch(_YEAR_LAST, text):
        year = found[3] if len(found[3]) == 4 else f"20{found[3]}"
        days = [_day(year, found[2], found[1]), _day(year, found[1], found[2])]
        days += [_day(f"20{found[1]}", found[2], found[3])] if len(found[1]) == len(found[3]) == 2 else []
    elif found := re.fullmatch(_COMPACT, text):
        days = [_day(*found.groups())]
    elif re.fullmatch(_SERIAL, text):
        days = [(_FIRST_OF_EXCEL + timedelta(int(float(text)))).isoformat()]
    elif (found := re.fullmatch(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]", text)) is not None:
        days = [_day(found[1], found[2], found[3])]
    elif (its := _in_words(text)) is not None:
        days = [its]
    else:
        return ""
    likely = [each for each in dict.fromkeys(days) if each]
    return f"write {' or '.join(likely)}" if likely else "write a day that there is, like 2026-01-31"


def moment_hint(text: str) -> str:
    """What to write instead of a text that is no moment, its time of day kept; empty where nobody can tell."""
    time = re.search(r"(?a)(?:^|\s)(\d{1,2}:\d{2})\s*$", text)
    day = day_hint(text[: time.start()] if time else text)
    if time and day.count(" ") == 1:
        day += f" {time[1].zfill(5)}"
    return day if day != f"write {text.strip()}" else ""


def _in_words(text: str) -> str | None:
    """The day in a text that names its month, as in ``26 de noviembre de 2026``; None where it is no such text."""
    numbers = re.findall(r"\d+", text)
    words = re.findall(r"[^\W\d_]+", _plain(text))
    named = {months().get(word) for word in words} - {None}
    years = [each for each in numbers if len(each) == 4]
    if len(numbers) != 2 or len(named) != 1 or len(text) > 60:
        return None
    # As spreadsheets have it: 26-Nov-26. With more words it may be an hour: 10 May at 12.
    if not years and len(words) == 1 and re.match(r"\D*\d{1,2}\D+\d{2}\W*$", text):
        years = [f"20{numbers[1]}"]
        numbers = [numbers[0], years[0]]
    others = [each for each in numbers if each not in years]
    return _day(years[0], str(named.pop()), others[0]) if len(years) == len(others) == 1 else None


def _plain(text: str) -> str:
    return "".join(each for each in normalize("NFKD", text.casefold()) if each.isalnum() or each in " -/.,")


@cache
def months() -> dict[str, int]:
    """The number of each month by its names and their short forms, without accents; none that stands for two."""
    found: dict[str, set[int]] = {}
    for code in _WITH_MONTH:
        locale = locale_of(code)
        every = locale.months if locale is not None else {}
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                for number, name in every[context][width].items():
                    found.setdefault(_plain(name).strip("."), set()).add(number)
    return {name: numbers.pop() for name, numbers in found.items() if len(numbers) == 1}


def _day(year: str, month: str, day: str) -> str:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""
