"""The filter ``date``: a day in words of a language, ``{{ now | date('%d de %B', 'es') }}`` -> 25 de noviembre."""

import re
from datetime import date, datetime
from typing import Any, Final

from flowrunner.expressions.errors import UnfitError

_NAMES: Final = re.compile(r"%(%|[aAbBh])")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,2}")
_NO_LANGUAGE: Final = ("the filter date does not know the language", "write a code such as 'es', 'en' or 'pt_BR'")


def dated(value: Any, pattern: Any = None, language: Any = None) -> str:
    """The moment or day by a pattern of strftime, names of days and months in the language.

    Args:
        value: A date or a moment, or text such as ``2026-11-25`` or ``2026-11-25T09:30``.
        pattern: As for `strftime`.
        language: A code such as ``es`` or ``pt_BR``, as templates have it; needed where the pattern has a name.

    Raises:
        UnfitError: The value is not a date, there is no pattern, or no such language.
    """
    moment = _moment(value)
    if not isinstance(pattern, str):
        raise UnfitError("the filter date has no pattern", "write date('%d/%m/%Y')")
    if language is None and not any(each[1] != "%" for each in _NAMES.finditer(pattern)):
        return moment.strftime(pattern)
    from babel.core import Locale, UnknownLocaleError  # where it is first needed: it takes as long as all of Jinja

    if not isinstance(language, str) or not _LANGUAGE.fullmatch(language):
        raise UnfitError(*_NO_LANGUAGE)
    try:
        locale = Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        raise UnfitError(*_NO_LANGUAGE) from None

    def name(found: re.Match[str]) -> str:
        kind = found[1]
        if kind == "%":
            return "%%"
        names, number = (locale.days, moment.weekday()) if kind in "aA" else (locale.months, moment.month)
        return str(names["format"]["wide" if kind in "AB" else "abbreviated"][number])

    return moment.strftime(_NAMES.sub(name, pattern))


def _moment(value: Any) -> date:
    if isinstance(value, date):
        return value
    try:
        if isinstance(value, str):
            return datetime.fromisoformat(value.strip())
    except ValueError:
        pass  # said below
    raise UnfitError(
        "the filter date was given something that is not a date", "give it now, or text such as 2026-11-25"
    )
