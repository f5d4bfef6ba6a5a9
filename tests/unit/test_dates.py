"""The filter ``date``: days in words of a language."""

from datetime import UTC, datetime

import pytest

from flowrunner.expressions import ExpressionError, expression

VALUES = {
    "now": datetime(2026, 11, 4, 9, 5, tzinfo=UTC),
    "day": "2026-03-01",
    "moment": "2026-03-01T18:30:00-06:00",
    "word": "soon",
    "n": 5,
}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{{ now | date('%d de %B, %A', 'es') }}", "04 de noviembre, miércoles"),
        ("{{ now | date('%d de %B', 'es_MX') }}", "04 de noviembre"),
        ("{{ now | date('%d de %B', 'pt_BR') }}", "04 de novembro"),
        ("{{ now | date('%d de %B', 'pt-BR') }}", "04 de novembro"),
        ("{{ now | date('%A %d %B %Y', 'fr') }}", "mercredi 04 novembre 2026"),
        ("{{ now | date('%d. %B', 'de') }}", "04. November"),
        ("{{ now | date('%B %d', 'en') }}", "November 04"),
        ("{{ now | date('%d %B', 'ru') }}", "04 ноября"),
        ("{{ now | date('%a %b', 'es') }}", "mié nov"),
        ("{{ day | date('%d de %B', 'es') }}", "01 de marzo"),
        ("{{ moment | date('%d de %B, %H:%M', 'es') }}", "01 de marzo, 18:30"),
        ("{{ now | date('%d/%m 100%% %%B', 'es') }}", "04/11 100% %B"),
        ("{{ now | date(language='es', pattern='%B') }}", "noviembre"),
        ("{{ now | date('%d/%m/%Y, %H:%M') }}", "04/11/2026, 09:05"),
        ("{{ day | date('%d %%B') }}", "01 %B"),
    ],
)
def test_a_day_is_written_in_the_language(text: str, shown: str) -> None:
    """Names of days and months are the language's; all else is strftime's."""
    assert expression(text).render(VALUES) == shown


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("{{ now | date('%B', 'xx') }}", "does not know the language", "'pt_BR'"),
        ("{{ now | date('%B', '../es') }}", "does not know the language", "'pt_BR'"),
        ("{{ now | date('%B', 'e' * 9999) }}", "does not know the language", "'pt_BR'"),
        ("{{ now | date('%B', 5) }}", "does not know the language", "'pt_BR'"),
        ("{{ now | date('%d de %B') }}", "does not know the language", "'pt_BR'"),
        ("{{ now | date }}", "does not know the language", "language='pt_BR'"),
        ("{{ now | date('%d' * 60000) }}", "more than", "smaller"),
        ("{{ word | date('%B', 'es') }}", "not a date", "2026-11-25"),
        ("{{ n | date('%B', 'es') }}", "not a date", "2026-11-25"),
        ("{{ now | date('%B' * 60000, 'es') }}", "more than", "smaller"),
    ],
)
def test_what_is_no_date_or_no_language_is_told(text: str, message: str, hint: str) -> None:
    """With a remedy, at the expression."""
    with pytest.raises(ExpressionError) as caught:
        expression(text).render(VALUES)
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.offset == 0
