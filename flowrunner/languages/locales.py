"""What is known of how a language is written."""

from functools import cache
from typing import TYPE_CHECKING

from flowrunner.languages.codes import normal

if TYPE_CHECKING:
    from babel.core import Locale as Locale  # noqa: PLC0414  # for whoever is handed one


@cache
def locale_of(code: str, country: str = "") -> "Locale | None":
    """How a language is written; None for a code that nobody knows.

    Args:
        code: The language's, with a country or without.
        country: Where it is read, as two letters, where the code does not say it: Spanish is ``1,234.5`` in Mexico and
            ``1.234,5`` in Spain.
    """
    from babel.core import Locale, UnknownLocaleError
    from babel.localedata import exists

    its = normal(code)
    language = its.partition("_")[0]
    if its == language and country and exists(f"{language}_{country}"):
        its = f"{language}_{country}"
    for name in (its, language) if its else ():
        try:
            return Locale.parse(name)
        except (UnknownLocaleError, ValueError):
            continue
    return None
