"""Dates, times and numbers as their reader writes them."""

from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any

import pytest

from flowrunner.expressions import ExpressionError, Names, expression
from flowrunner.expressions.reader import READER, Reader
from flowrunner.model import Recipient

NOW = datetime(2026, 11, 25, 18, 30, tzinfo=UTC)
MEXICAN = Recipient(phone="+525512345678")
SPANIARD = Recipient(phone="+34612345678")
GERMAN = Recipient(phone="+4915112345678")


def shown(text: str, reader: Reader | None = None, **values: Any) -> str:
    """The text, its non-breaking spaces as spaces."""
    names = Names({"now": NOW, "day": "2026-11-25", **values})
    if reader is not None:
        names[READER] = reader
    return expression(text).render(names).replace("\xa0", " ")


@pytest.mark.parametrize(
    ("text", "es", "en", "pt"),
    [
        ("{{ now | date }}", "25 nov 2026", "Nov 25, 2026", "25 de nov. de 2026"),
        ("{{ now | date('short') }}", "25/11/26", "11/25/26", "25/11/2026"),
        ("{{ now | date('long') }}", "25 de noviembre de 2026", "November 25, 2026", "25 de novembro de 2026"),
        ("{{ day | date('full') }}", "miércoles, 25 de noviembre de 2026", "Wednesday, November 25, 2026",
         "quarta-feira, 25 de novembro de 2026"),
        ("{{ now | date('%d %B') }}", "25 noviembre", "25 November", "25 novembro"),
        ("{{ now | date('%d/%m') }}", "25/11", "25/11", "25/11"),
        ("{{ now | time }}", "18:30", "6:30 PM", "18:30"),
        ("{{ '09:05' | time }}", "9:05", "9:05 AM", "09:05"),
        ("{{ '9:05' | time }}", "9:05", "9:05 AM", "09:05"),
        ("{{ now | datetime }}", "25 nov 2026, 18:30", "Nov 25, 2026, 6:30 PM", "25 de nov. de 2026 18:30"),
        ("{{ 1234567.891 | number }}", "1.234.567,891", "1,234,567.891", "1.234.567,891"),
        ("{{ 1234567.885 | number(2) }}", "1.234.567,89", "1,234,567.89", "1.234.567,89"),
        ("{{ 12 | number(2) }}", "12,00", "12.00", "12,00"),
        ("{{ '1234567.5' | number }}", "1.234.567,5", "1,234,567.5", "1.234.567,5"),
        ("{{ 0.256 | percent }}", "26 %", "26%", "26%"),
        ("{{ 0.2565 | percent(1) }}", "25,7 %", "25.7%", "25,7%"),
        ("{{ 1234567.5 | money('EUR') }}", "1.234.567,50 €", "€1,234,567.50", "€ 1.234.567,50"),
        ("{{ 1234567.5 | money('JPY') }}", "1.234.568 JPY", "¥1,234,568", "JP¥ 1.234.568"),
        ("{{ [1.5, 2.5] | map('number') | join(' y ') }}", "1,5 y 2,5", "1.5 y 2.5", "1,5 y 2,5"),
    ],
)  # fmt: skip
def test_each_filter_writes_as_its_reader_does(text: str, es: str, en: str, pt: str) -> None:
    """The same expression in three languages."""
    assert [shown(text, Reader(code)) for code in ("es", "en", "pt_BR")] == [es, en, pt]


def test_a_language_may_be_written_in_the_filter() -> None:
    """It wins over the reader's."""
    assert shown("{{ now | date('long', 'en') }} {{ 1.5 | number(1, 'en') }}", Reader("es")) == "November 25, 2026 1.5"
    assert shown("{{ now | date('%B', 'es') }}") == "noviembre"


def test_numbers_and_times_are_those_of_the_readers_country() -> None:
    """Spanish has 1,234.5 in Mexico and 1.234,5 in Spain; a language with a country of its own stays that."""
    price = "{{ 12345.5 | number }}"
    assert shown(price, Reader("es", MEXICAN)) == "12,345.5"
    assert shown(price, Reader("es", SPANIARD)) == "12.345,5"
    assert shown(price, Reader("es_ES", MEXICAN)) == "12.345,5"


def test_moments_are_told_by_the_readers_clock() -> None:
    """Where it is known: by a time zone that is given, or by the phone's country if that has one clock."""
    assert shown("{{ now | time }}", Reader("es", GERMAN)) == "19:30"
    assert shown("{{ now | time }}", Reader("es", GERMAN, "Asia/Tokyo")) == "3:30"
    assert shown("{{ now | date('long') }}", Reader("es", GERMAN, "Asia/Tokyo")) == "26 de noviembre de 2026"
    assert shown("{{ now | datetime }}", Reader("es", MEXICAN)) == "25 nov 2026, 6:30 p.m."  # four clocks: as it was
    assert shown("{{ '2026-11-25T18:30' | time }}", Reader("es", GERMAN)) == "18:30"  # of no zone: as it was given
    assert shown("{{ '2026-11-25T18:30+00:00' | time }}", Reader("es", GERMAN)) == "19:30"
    assert shown("{{ day | date('long') }}", Reader("es", GERMAN, "Pacific/Auckland")) == "25 de noviembre de 2026"


def test_a_pattern_is_by_the_readers_clock_only_where_the_flow_says_its_language() -> None:
    """So that no flow that was there before flows had languages sends other words."""
    tokyo = Reader("", GERMAN, "Asia/Tokyo")
    assert shown("{{ now | date('%d %H:%M') }} {{ now | date('%d %B', 'es') }}", tokyo) == "25 18:30 25 noviembre"
    assert shown("{{ now | date('%d %H:%M') }}", tokyo._replace(language="es")) == "26 03:30"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{ now | date('long') }}", "the filter date does not know the language"),
        ("{{ 5 | number }}", "the filter number does not know the language"),
        ("{{ 5 | number(0, 'xx') }}", "the filter number does not know the language"),
        ("{{ 5 | number(0, 7) }}", "the filter number does not know the language"),
        ("{{ 5 | number(99, 'es') }}", "so many digits cannot be written"),
        ("{{ 5 | number('2', 'es') }}", "so many digits cannot be written"),
        ("{{ 5 | money('EURO', 'es') }}", "the filter money does not know the currency"),
        ("{{ 5 | money }}", "the filter money does not know the currency"),
        ("{{ 'five' | number(0, 'es') }}", "the filter number was given something that is not a number"),
        ("{{ true | number(0, 'es') }}", "the filter number was given something that is not a number"),
        ("{{ 'soon' | date('long', 'es') }}", "the filter date was given something that is not a date"),
        ("{{ day | time('short', 'es') }}", "the filter time was given something that is not a time"),
        ("{{ day | datetime('short', 'es') }}", "the filter datetime was given a day without a time"),
        ("{{ now | time('tiny', 'es') }}", "the filter time does not know 'tiny'"),
        ("{{ now | date(5, 'es') }}", "the filter date does not know '5'"),
    ],
)
def test_what_does_not_fit_is_said_with_a_remedy(text: str, message: str) -> None:
    """Nothing is guessed, and nothing but an ExpressionError comes of it."""
    with pytest.raises(ExpressionError) as caught:
        shown(text)
    assert caught.value.message == message
    assert caught.value.hint


@pytest.mark.parametrize("value", ["10 ** 150", "0.1 ** 300", "-(10 ** 150)"])
def test_monstrous_numbers_end_in_text_or_in_an_error(value: str) -> None:
    """Never in anything else."""
    text = f"{{{{ ({value}) | number(20, 'es') }}}} {{{{ ({value}) | money('EUR', 'es') }}}}"
    with suppress(ExpressionError):
        assert shown(text)


def test_a_day_is_a_day() -> None:
    """A date without a time is never moved."""
    assert shown("{{ when | date }}", Reader("es", SPANIARD, "Pacific/Auckland"), when=date(2026, 1, 1)) == "1 ene 2026"


def test_half_a_character_in_a_pattern_ends_no_check() -> None:
    """What is written in a filter is tried before anything is rendered."""
    assert expression(r"{{ day | date('\ud800') }}").unfit_argument is None
