"""What a person wrote -> the value that a question expects; None where it cannot be read so."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Final

from flowrunner.engine.answers.yes_no import yes_or_no
from flowrunner.model import Expect, Json
from flowrunner.spec.plainly import words_of

MOST_WORDS: Final = 4
"""The most words beside a number or a day that is taken out of a text: in a longer one it is told of something else."""

MOST_READ: Final = 300
"""The longest text, in code points, that a number, a day or an address is looked for in."""

_NUMERAL: Final = re.compile(r"(?<![\w.,])[-+]?\d(?:[\d.,'\u2019]*\d)?(?![\w]*\d)")
_SPACED: Final = re.compile(r"(?<=\d)[ \u00a0\u202f](?=\d{3}(?!\d))")
_GROUPED: Final = re.compile(r"[-+]?\d{1,3}([.,'])\d{3}(?:\1\d{3})*")
_DASHES: Final = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))
_MANY: Final = frozenset(
    "k m mm mil thousand thousands million millions millon millones milhao milhoes bi billion billions lakh crore"
    " dozen dozens docena docenas duzia duzias half medio media meio meia halb".split()
)
"""What makes another number or hour of the one beside it: ``20 mil``, ``15k``, ``3 y medio``, ``half past 4``."""
_QUARTERS: Final = frozenset(["quarter", "cuarto", "quarto"])
"""The same behind a number; before one it is a room: ``cuarto 12``."""
SPELLED: Final = {
    word: number
    for number, words in enumerate(
        ("cero zero", "uno one uma", "dos two dois duas", "tres three", "cuatro four quatro", "cinco five", "seis six",
         "siete seven sete", "ocho eight oito", "nueve nine nove", "diez ten dez")
    )
    for word in words.split()
}  # fmt: skip
"""Numbers that people write as words: alone, or beside words that count nothing."""
_COUNTS_NOTHING: Final = frozenset("un el la le doy somos solo just only por favor gracias please thanks".split())
_ADDRESS: Final = re.compile(r"[^\s@<>(),;:\"\[\]]{1,300}@[\w.-]{1,215}")
_EMAIL: Final = re.compile(r"(?=.{1,64}@)[\w+&'-]+(?:\.[\w+&'-]+)*@(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_]{2,24}")
_AROUND: Final = ".!?\u00a1\u00bf*~`'\"\u2018\u2019\u201c\u201d\u00ab\u00bb\u2026/"
"""What may stand at an address without being part of it."""
_DAY: Final = re.compile(r"(?<!\d)(?<!\d[-/.])(\d{1,4})([-/. ])(\d{1,2})(?:\2(\d{4}|\d{2}))?(?!\d|\2\d)")
_ORDINAL: Final = re.compile(r"(\d{1,4})(?:st|nd|rd|th|o|a|er)?", re.ASCII)
_OF_DAYS: Final = frozenset("de del do of the el le il am den o a dia".split())
_AHEAD: Final = 10
"""How many years a day may be ahead that is written with two digits of its year."""
_HOUR: Final = re.compile(
    r"(?<!\d)(\d{1,2})(?:(?::|\.| ?h ?)([0-5]\d))?(?::[0-5]\d)?(?!\d)"
    r"(?: ?(?:h|hs|hrs|horas?|uhr)\b)?"
    r"(?: ?([ap])(?:\.? ?m\b\.?|(?<!\sa)\b\.?|\b(?!\W*\w)))?",  # in "8 a la noche" the a is a word
    re.ASCII,
)
_OF_TIMES: Final = frozenset("a as la las the at in on de da del por".split())
_AFTERNOON: Final = frozenset(["tarde", "mediodia", "afternoon", "evening"])
_NIGHT: Final = frozenset(["noche", "noite", "night", "tonight"])
_NO_HALF: Final = re.compile(r"\b(?:good|boa|buena|mas|mais|muy|muito) (?:afternoon|evening|night|tarde|noite|noche)\b")
"""What says nothing of an hour: a greeting, or that it is late."""


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
    if not found:
        words = [word for word in words_of(line).split() if word not in _COUNTS_NOTHING]
        return SPELLED.get(words[0]) if len(words) == 1 else None
    if len(found) != 1 or any(each.isdigit() for each in line[: found[0].start()] + line[found[0].end() :]):
        return None
    before, behind = (words_of(each).split() for each in (line[: found[0].start()], line[found[0].end() :]))
    if len(before) + len(behind) > MOST_WORDS or not _MANY.isdisjoint([*before, *behind]):
        return None
    if not _QUARTERS.isdisjoint(behind) or behind[:1] == ["mi"]:  # 5 mi are millions; else it is "my"
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
    return yes_or_no(text)


def _as_date(text: str, now: datetime, _phone: str) -> Json:
    line = unicodedata.normalize("NFKC", text)
    found = list(_DAY.finditer(line))
    if not found:
        return _with_month(words_of(text).split(), now)
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
    return _day(_year(third, now), month, day) if third is not None else _next(month, day, now)


def _with_month(words: list[str], now: datetime) -> str | None:
    """A day whose month is a word: ``lunes 15 de diciembre``, ``Dec 15th, 2026``.

    Short names of months are other words, too: ``3 days ago``. They count only where nothing else is said.
    """
    from flowrunner.languages.days import months  # few questions ask for a day

    named = [word for word in words if word in months() and word != "mar"]  # Tuesday, too
    rest = [word for word in words if word not in named and word not in _OF_DAYS]
    numbers = [found[1] for word in rest if (found := _ORDINAL.fullmatch(word))]
    if len(named) != 1 or not 1 <= len(numbers) <= 2:
        return None
    if len(rest) - len(numbers) > (MOST_WORDS if len(named[0]) > 3 else 0):
        return None
    (day, *year) = sorted(numbers, key=len)
    if len(day) > 2 or any(len(each) != 4 for each in year):
        return None
    return _day(int(year[0]), months()[named[0]], int(day)) if year else _next(months()[named[0]], int(day), now)


def _year(written: str, now: datetime) -> int:
    """A year of four digits, or of two: that of somebody's birth is not to come."""
    if len(written) == 4:
        return int(written)
    year = now.year // 100 * 100 + int(written)
    return year if year <= now.year + _AHEAD else year - 100


def _next(month: int, day: int, now: datetime) -> str | None:
    """The next such day."""
    days = (each for year in range(now.year, now.year + 5) if (each := _day(year, month, day)) is not None)
    return next((each for each in days if each >= now.date().isoformat()), None)


def _day(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _as_time(text: str, now: datetime, _phone: str) -> Json:
    line = unicodedata.normalize("NFKC", text).casefold()
    found = list(_HOUR.finditer(line))
    words = _NO_HALF.sub(" ", words_of(_HOUR.sub(" ", line))).split()
    beside = [word for word in words if word not in _OF_TIMES]
    if len(found) != 1 or len(beside) > MOST_WORDS or not (_MANY | _QUARTERS).isdisjoint(beside):
        return None
    if _with_month(words_of(line).split(), now) is not None:
        return None
    hour, minute, half = int(found[0][1]), int(found[0][2] or 0), found[0][3]
    if half and not 1 <= hour <= 12:
        return None
    if half:
        hour = hour % 12 + 12 * (half == "p")
    elif not _AFTERNOON.isdisjoint(beside):
        hour += 12 * (1 <= hour < 12)
    elif not _NIGHT.isdisjoint(beside) and hour <= 12:
        if hour < 6:  # some call it night, others do not
            return None
        hour = (hour + 12) % 24
    return time(hour, minute).isoformat("minutes") if hour < 24 else None


def _as_email(text: str, _now: datetime, _phone: str) -> Json:
    found = _ADDRESS.findall(text)
    if len(found) != 1 or text.count("@") != 1:
        return None
    address = found[0].strip(_AROUND)
    return address if _EMAIL.fullmatch(address) else None


def _as_phone(text: str, _now: datetime, phone: str) -> Json:
    from flowrunner.phones.numbers import Phones  # few questions ask for one
    from flowrunner.phones.regions import region_of

    phones = Phones(region_of(phone))
    number = phones.read(text)
    if isinstance(number, str):
        return number
    words = [each for each in words_of(text).split() if not each.isdigit()]
    return (phones.among_words(text) or None) if len(words) <= MOST_WORDS else None


_READERS: Final[Mapping[str, Callable[[str, datetime, str], Json]]] = {
    "number": _as_number,
    "integer": _as_integer,
    "date": _as_date,
    "time": _as_time,
    "email": _as_email,
    "phone": _as_phone,
    "yes_no": _as_yes_no,
}
