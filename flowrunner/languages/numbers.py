"""Numbers, percentages and sums of money as a language writes them."""

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel.core import Locale
    from babel.numbers import NumberPattern


def number(value: Decimal, digits: int | None, locale: "Locale") -> str:
    """A number: ``1.234,5``; with so many digits after the comma, else as many as it has, at most three."""
    return _written(value, digits, locale.decimal_formats[None], locale)


def percent(value: Decimal, digits: int | None, locale: "Locale") -> str:
    """A share as a percentage: 0.25 is ``25 %``; without digits after the comma where none are asked for."""
    return _written(value, digits or 0, locale.percent_formats[None], locale)


def is_currency(code: str) -> bool:
    """Whether there is, or was, such a currency: ``EUR``."""
    from babel.numbers import is_currency as known

    return known(code)


def money(value: Decimal, currency: str, locale: "Locale") -> str:
    """A sum in a currency, with as many digits as it has: ``1.234,50 €``."""
    from babel.numbers import format_currency, get_currency_precision

    rounded = _rounded(value, get_currency_precision(currency))
    return _spaced(format_currency(rounded, currency, locale=locale))


def _written(value: Decimal, digits: int | None, pattern: "NumberPattern", locale: "Locale") -> str:
    from babel.numbers import parse_pattern

    its = parse_pattern(pattern.pattern)
    most = its.frac_prec[1] if digits is None else digits
    its.frac_prec = its.frac_prec if digits is None else (digits, digits)
    scale = its.scale if "%" in pattern.pattern else 0
    return _spaced(its.apply(_rounded(value, most + scale), locale))


def _rounded(value: Decimal, digits: int) -> Decimal:
    """Halves are rounded up, as people do."""
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def _spaced(text: str) -> str:
    return text.replace("\u202f", "\u00a0")
