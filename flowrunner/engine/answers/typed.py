"""What a person wrote -> the value that a question expects; None where it cannot be read so."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Final

from flowrunner.model import Expect, Json
from flowrunner.spec.plainly import plainly, words_of

MOST_WORDS: Final = 4
"""The most words beside a number or a day that is taken out of a text: in a longer one it is told of something else."""

MOST_READ: Final = 300
"""The longest text, in code points, that a number, a day or an address is looked for in."""

_NUMERAL: Final = re.compile(r"(?<![\w.,])[-+]?\d(?:[\d.,'\u2019]*\d)?(?![\w]*\d)")
_SPACED: Final = re.compile(r"(?<=\d)[ \u00a0\u202f](?=\d{3}(?!\d))")
_GROUPED: Final = re.compile(r"[-+]?\d{1,3}([.,'])\d{3}(?:\1\d{3})*")
_DASHES: Final = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))
_EMAIL: Final = re.compile(r"[^\s@<>(),;:\"\[\]]{1,64}@[^\s@<>(),;:\"\[\]]{1,190}\.[^\W\d_]{2,24}")
_DAY: Final = re.compile(r"(?<!\d)(\d{1,4})([-/. ])(\d{1,2})(?:\2(\d{4}|\d{2}))?(?!\d)")
_HOUR: Final = re.compile(
    r"(?<!\d)(\d{1,2})(?:(?::|\.| ?h ?)([0-5]\d))?(?::[0-5]\d)?"
    r"(?: ?(?:h|hs|hrs|horas?|uhr)\b)? ?([ap])?(?:\.? ?m\b\.?)?",
    re.ASCII,
)
_YES: Final = frozenset(
    "si sim yes y yeah yep sure ok okay okey okei dale vale perfecto correcto exacto certo isso oui ja da true"
    " \U0001f44d \u2705 \u2714 \U0001f44c".split()
)
_NO: Final = frozenset("no nao non nope nah nein nunca never false n \U0001f44e \u274c".split())

_BESIDE: Final = frozenset(
    "gracias muchas por favor que claro please thanks thank you obrigado obrigada pois merci danke pues".split()
)
"""What is said beside a yes or a no, and changes nothing of it."""


def typed(expect: Expect, text: str, now: datetime, phone: str = "") -> Json:
    """The value of a text.

    Args:
        expect: What the question expects: one of those that are read from a text.
        text: What was written.
        now: When the run began: a day without a year is the next such day.
        phone: That of the writer, in whose country a number without a country code is; empty for none.

    Returns:
        A number; a day as ``2026-03-12``; a time of day as ``14:30``; a phone in international form; True or False.
    """
    if expect not in _READERS:
        return text or None
    return _READERS[expect](text.strip(), now, phone) if len(text) <= MOST_READ else None


def number_in(text: str) -> int | float | None:
    """The one number in a short text; None where there is none, or more than one."""
    if len(text) > MOST_READ:
        return None
    line = unicodedata.normalize("NFKC", text).translate(_DASHES)
    line = "".join(each for each in line if unicodedata.category(each) not in ("Mn", "Me", "Cf"))
    line = "".join(str(unicodedata.decimal(each)) if each.isdecimal() else each for each in line)
    line = _SPACED.sub("", line)
    found = list(_NUMERAL.finditer(line))
    if len(found) != 1 or any(each.isdigit() for each in line[: found[0].start()] + line[found[0].end() :]):
        return None
    rest = line[: found[0].start()] + " " + line[found[0].end() :]
    if len(words_of(rest).split()) > MOST_WORDS:
        return None
    return _number(found[0][0].replace("\u2019", "'"))


def _number(digits: str) -> int | float | None:
    """``1.234,5``, ``1,234.5``, ``1234``: a sign that stands before three digits parts thousands, else the decimals."""
    if not re.search("[.,']", digits):
        return int(digits) if len(digits) <= 18 else None
    if _GROUPED.fullmatch(digits) and not re.match(r"[-+]?0[.,]", digits):
        return int(re.sub("[.,']", "", digits))
    decimal = max(".,", key=digits.rfind)
    whole, _, rest = digits.rpartition(decimal)
    if decimal in whole or not rest.isdigit() or (re.search("[.,']", whole) and not _GROUPED.fullmatch(whole)):
        return None
    value = float(f"{re.sub('[.,]', '', whole).replace(chr(39), '')}.{rest}")
    return value if len(digits) <= 18 else None


def _as_number(text: str, _now: datetime, _phone: str) -> Json:
    return number_in(text)


def _as_integer(text: str, _now: datetime, _phone: str) -> Json:
    number = number_in(text)
    return int(number) if number is not None and number == int(number) else None


def _as_yes_no(text: str, _now: datetime, _phone: str) -> Json:
    said = plainly(text)
    if said in _YES or said in _NO or said == "claro":
        return said not in _NO
    words = set(words_of(text).split()) - _BESIDE
    return words <= _YES if words and (words <= _YES or words <= _NO) else None


def _as_date(text: str, now: datetime, _phone: str) -> Json:
    line = unicodedata.normalize("NFKC", text)
    found = list(_DAY.finditer(line))
    if len(found) != 1 or len(words_of(_DAY.sub(" ", line)).split()) > MOST_WORDS:
        return None
    first, sign, second, third = found[0].groups()
    if sign == " " and third is None:
        return None
    if len(first) == 4:
        return _day(int(first), int(second), int(third)) if third and len(third) == 2 else None
    if len(first) > 2:
        return None
    day, month = int(first), int(second)
    if month > 12 >= day:
        day, month = month, day
    if third is not None:
        return _day(int(third) if len(third) == 4 else 2000 + int(third), month, day)
    years = (now.year, now.year + 1, now.year + 2, now.year + 3, now.year + 4)
    days = (each for year in years if (each := _day(year, month, day)) is not None)
    return next((each for each in days if each >= now.date().isoformat()), None)


def _day(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _as_time(text: str, _now: datetime, _phone: str) -> Json:
    line = unicodedata.normalize("NFKC", text).casefold()
    found = list(_HOUR.finditer(line))
    if len(found) != 1 or len(words_of(_HOUR.sub(" ", line)).split()) > MOST_WORDS:
        return None
    hour, minute, half = int(found[0][1]), int(found[0][2] or 0), found[0][3]
    if half and not 1 <= hour <= 12:
        return None
    hour = hour % 12 + 12 * (half == "p") if half else hour
    return time(hour, minute).isoformat("minutes") if hour < 24 else None


def _as_email(text: str, _now: datetime, _phone: str) -> Json:
    found = _EMAIL.findall(text)
    return found[0] if len(found) == 1 and text.count("@") == 1 else None


def _as_phone(text: str, _now: datetime, phone: str) -> Json:
    from flowrunner.phones.numbers import Phones  # few questions ask for one
    from flowrunner.phones.regions import region_of

    number = Phones(region_of(phone)).read(text)
    return number if isinstance(number, str) else None


_READERS: Final[Mapping[str, Callable[[str, datetime, str], Json]]] = {
    "number": _as_number,
    "integer": _as_integer,
    "date": _as_date,
    "time": _as_time,
    "email": _as_email,
    "phone": _as_phone,
    "yes_no": _as_yes_no,
}
