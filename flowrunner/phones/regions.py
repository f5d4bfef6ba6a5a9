"""Which country a phone is from."""

from functools import cache


@cache
def regions_of_code(digits: str) -> tuple[str, ...]:
    """The countries, as two letters, whose numbers begin so; the main one first. ``digits`` are three after the +."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    found = (COUNTRY_CODE_TO_REGION_CODE.get(int(digits[:size])) for size in (1, 2, 3) if digits[:size].isdigit())
    return next(filter(None, found), ())


def region_of(phone: str) -> str:
    """The country of one phone in international form, as two letters; empty where nobody knows it."""
    import phonenumbers

    parsed = phonenumbers.parse(phone, None)
    main = phonenumbers.region_code_for_country_code(parsed.country_code or 0)
    return str(phonenumbers.region_code_for_number(parsed) or main)
