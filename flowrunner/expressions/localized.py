"""The filters that write as the reader does: ``date``, ``time``, ``datetime``, ``number``, ``money``, ``percent``."""

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from jinja2 import pass_context
from jinja2.runtime import Context

from flowrunner.expressions.errors import UnfitError
from flowrunner.expressions.reader import NOBODY, READER, Reader
from flowrunner.languages import dates, numbers
from flowrunner.languages.codes import is_code, meant
from flowrunner.languages.locales import locale_of
from flowrunner.numbers import is_number
from flowrunner.source import Plain, plain

if TYPE_CHECKING:
    from flowrunner.languages.locales import Locale

_LENGTHS: Final = "'short', 'medium', 'long' or 'full'"
_MOST_DIGITS: Final = 20


@pass_context
def _date(context: Context, value: Any, pattern: Any = None, language: Any = None) -> str:
    reader = _reader(context)
    moment = _moment("date", value)
    if isinstance(pattern, str) and pattern not in dates.LENGTHS:
        # As it was before flows had languages: by the clock that the moment has.
        moment = _at(moment, reader) if reader.language else moment
        if not dates.has_names(pattern) and language is None:
            return moment.strftime(pattern)
        of_language = Reader(reader.language)  # names of months are those of the language
        return dates.by_pattern(moment, pattern, _locale("date", language, of_language))
    return dates.day(_at(moment, reader), _length("date", pattern, "medium"), _locale("date", language, reader))


@pass_context
def _time(context: Context, value: Any, length: Any = None, language: Any = None) -> str:
    reader = _reader(context)
    moment = _hour(value)
    its = _at(moment, reader) if isinstance(moment, datetime) else moment
    assert isinstance(its, (time, datetime))  # noqa: S101  # as it was
    return dates.hour(its, _length("time", length, "short"), _locale("time", language, reader))


@pass_context
def _datetime(context: Context, value: Any, length: Any = None, language: Any = None) -> str:
    reader = _reader(context)
    moment = _moment("datetime", value)
    if not isinstance(moment, datetime):
        raise UnfitError("the filter datetime was given a day without a time", "write date, or give it a time, too")
    its = _at(moment, reader)
    assert isinstance(its, datetime)  # noqa: S101  # as it was
    return dates.day_and_hour(its, _length("datetime", length, "medium"), _locale("datetime", language, reader))


@pass_context
def _number(context: Context, value: Any, digits: Any = None, language: Any = None) -> str:
    locale = _locale("number", language, _reader(context))
    return numbers.number(_decimal("number", value), _digits("number", digits), locale)


@pass_context
def _percent(context: Context, value: Any, digits: Any = None, language: Any = None) -> str:
    locale = _locale("percent", language, _reader(context))
    return numbers.percent(_decimal("percent", value), _digits("percent", digits), locale)


@pass_context
def _money(context: Context, value: Any, currency: Any = None, language: Any = None) -> str:
    if not isinstance(currency, str) or not numbers.is_currency(currency):
        hint = as_meant("money", currency) or "write its code, as in money('EUR')"
        raise UnfitError("the filter money does not know the currency", hint)
    return numbers.money(_decimal("money", value), currency, _locale("money", language, _reader(context)))


def as_meant(name: str, given: Any) -> str:
    """How to write a filter whose first argument is a language, or the pattern of a date; empty for another."""
    if is_code(given):
        return f"write money('EUR', '{given}')" if name == "money" else f"write {name}(language='{given}')"
    is_pattern = name in {"time", "datetime"} and isinstance(given, str) and "%" in given
    return f"write date in place of {name}: it takes a pattern" if is_pattern else ""


LOCALIZED: Final[dict[str, Callable[..., str]]] = {
    "date": _date, "time": _time, "datetime": _datetime, "number": _number, "percent": _percent, "money": _money,
}  # fmt: skip
"""Each filter by its name."""


def _reader(context: Context) -> Reader:
    found = context.get(READER, NOBODY)
    return found if isinstance(found, Reader) else NOBODY


def _locale(name: str, language: Any, reader: Reader) -> "Locale":
    code = language if language is not None else reader.language
    found = locale_of(code, reader.country) if isinstance(code, str) and code else None
    if found is None and language is None:
        hint = f"write languages: [es] at the top of the flow, or name the language here: {name}(..., language='pt_BR')"
        raise UnfitError(f"the filter {name} does not know the language", hint)
    if found is None:
        near = meant(language) if isinstance(language, str) else ""
        hint = f"write '{near}'" if near else "write a code such as 'es', 'en' or 'pt_BR'"
        raise UnfitError(f"the filter {name} does not know the language", hint)
    return found


def _length(name: str, given: Any, usual: dates.Length) -> dates.Length:
    if given is None:
        return usual
    if given not in dates.LENGTHS:
        raise UnfitError(
            f"the filter {name} does not know {str(given)[:40]!r}", as_meant(name, given) or f"write {_LENGTHS}"
        )
    return given  # type: ignore[no-any-return]


def _digits(name: str, given: Any) -> int | None:
    if given is None or (isinstance(given, int) and not isinstance(given, bool) and 0 <= given <= _MOST_DIGITS):
        return given
    if is_code(given):
        raise UnfitError(f"the filter {name} takes the number of digits first", as_meant(name, given))
    hint = f"write a number from 0 to {_MOST_DIGITS}{', without quotes' if isinstance(given, str) else ''}"
    raise UnfitError("so many digits cannot be written", hint)


def _at(moment: date, reader: Reader) -> date:
    """A moment by the reader's clock, where it is one and theirs is known."""
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        return moment
    zone = reader.zone
    if zone is None and reader.timezone:
        message = f"timezone: {reader.timezone[:40]} is not a time zone"
        raise UnfitError(message, "write a name like America/Mexico_City")
    return moment.astimezone(zone) if zone is not None else moment


def _moment(name: str, value: Any) -> date:
    if isinstance(value, date):
        return value
    try:
        if isinstance(value, str):
            text = value.strip()
            if name == "datetime" and len(text) <= len("2026-11-25"):
                return date.fromisoformat(text)
            return datetime.fromisoformat(text)
    except ValueError:
        pass  # said below
    raise UnfitError(
        f"the filter {name} was given something that is not a date", "give it now, or text such as 2026-11-25"
    )


def _hour(value: Any) -> time | datetime:
    if isinstance(value, (time, datetime)):
        return value
    if isinstance(value, str):
        text = value.strip()
        text = f"0{text}" if text[1:2] == ":" else text
        for kind in (time, datetime) if len(text) > len("2026-11-25") or ":" in text else ():
            try:
                return kind.fromisoformat(text)
            except ValueError:
                continue
    raise UnfitError("the filter time was given something that is not a time", "give it now, or text such as 14:30")


def _decimal(name: str, value: Any) -> Decimal:
    found = plain(value.strip()) if isinstance(value, str) else value
    number = found.value if isinstance(found, Plain) else found
    if is_number(number):
        return Decimal(str(number))
    raise UnfitError(f"the filter {name} was given something that is not a number", "give it a number, such as 1234.5")
