"""Codes of languages, and the language of a phone's country."""

import pytest

from flowrunner.languages.codes import among, is_language, meant, normal
from flowrunner.languages.countries import language_of
from flowrunner.languages.locales import locale_of
from flowrunner.phones.regions import region_of


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("es", "es"), ("ES", "es"), (" es ", "es"), ("pt-br", "pt_BR"), ("pt_BR", "pt_BR"), ("zh-hans", "zh_Hans"),
        ("zh_hant_hk", "zh_Hant_HK"), ("es-419", "es_419"), ("fil", "fil"), ("", ""), ("spanish", ""), ("e", ""),
        ("es_", ""), ("es MX", ""), ("../es", ""), ("es_MX_x", ""),
    ],
)  # fmt: skip
def test_a_code_is_written_in_one_way(written: str, code: str) -> None:
    """However it is typed; what is no code gives nothing."""
    assert normal(written) == code


@pytest.mark.parametrize(
    ("written", "code"),
    [("Spanish", "es"), ("español", "es"), ("sp", "es"), ("en-us", "en_US"), ("Portugese", "pt"), ("klingonese", "")],
)
def test_the_code_that_was_meant(written: str, code: str) -> None:
    """By its name in English or its own, a slip aside."""
    assert meant(written) == code


def test_languages_are_those_that_are_spoken() -> None:
    """With whatever region."""
    assert is_language("es")
    assert is_language("es_MX")
    assert not is_language("xx")


@pytest.mark.parametrize(
    ("code", "languages", "served"),
    [
        ("es", ("en", "es"), "es"),
        ("es_MX", ("en", "es"), "es"),
        ("es-mx", ("en", "es", "es_MX"), "es_MX"),
        ("pt", ("en", "pt_BR"), "pt_BR"),
        ("pt_PT", ("en", "pt_BR"), "pt_BR"),
        ("zh_Hant_TW", ("zh_CN", "zh_TW"), "zh_TW"),
        ("zh_Hant", ("zh_Hans", "zh_Hant"), "zh_Hant"),
        ("de", ("en", "es"), ""),
        ("nonsense words", ("en", "es"), ""),
    ],
)
def test_the_language_of_a_flow_that_serves_somebody(code: str, languages: tuple[str, ...], served: str) -> None:
    """Itself, without its region, or in another one."""
    assert among(code, languages) == served


@pytest.mark.parametrize(
    ("phone", "language"),
    [
        ("+5215512345678", "es"), ("+5511987654321", "pt_BR"), ("+351912345678", "pt_BR"), ("+34612345678", "es"),
        ("+14155552671", "en"), ("+17875551234", "es"),  # the United States, and Puerto Rico behind the same code
        ("+447911123456", "en"), ("+919876543210", "en"), ("+4915112345678", ""), ("", ""),
    ],
)  # fmt: skip
def test_the_language_of_a_country(phone: str, language: str) -> None:
    """The one of a flow's languages that most people there speak; none is guessed."""
    assert language_of(phone, ("es", "en", "pt_BR")) == language


def test_of_several_official_languages_the_one_most_people_speak() -> None:
    """Switzerland: German before French before Italian; Spain: Catalan where there is no Spanish."""
    assert language_of("+41791234567", ("it", "fr", "de")) == "de"
    assert language_of("+41791234567", ("it", "fr")) == "fr"
    assert language_of("+34612345678", ("en", "ca")) == "ca"


@pytest.mark.parametrize(
    ("phone", "region"),
    [("+525512345678", "MX"), ("+14165550123", "CA"), ("+18765550123", "JM"), ("+1", "US"), ("+999", "")],
)
def test_the_country_of_a_phone(phone: str, region: str) -> None:
    """The main one behind a code where the number is none."""
    assert region_of(phone) == region


@pytest.mark.parametrize(
    ("code", "country", "found"),
    [
        ("es", "", "es"), ("es", "MX", "es_MX"), ("es_ES", "MX", "es_ES"), ("en", "MX", "en"), ("pt-br", "", "pt_BR"),
        ("es_QQ", "", "es"), ("xx", "", "None"), ("", "MX", "None"),
    ],
)  # fmt: skip
def test_how_a_language_is_written(code: str, country: str, found: str) -> None:
    """In the reader's country, where the code names none."""
    assert str(locale_of(code, country)) == found
