"""Numbers that are nobody's, for documents and tests."""

from typing import Final

_INVENTED: Final = {1: "+12025550123", 44: "+447700900123", 52: "+5215512345678"}
"""Ranges that are kept for stories, by the country's code: https://en.wikipedia.org/wiki/Fictitious_telephone_number"""
_ANY: Final = "+12025550123"


def example_like(phone: str) -> str:
    """A number of the same country that is an example, and another one than this."""
    import phonenumbers

    try:
        code = phonenumbers.parse(phone, None).country_code or 0
    except phonenumbers.NumberParseException:
        return _ANY
    region = phonenumbers.region_code_for_country_code(code)
    its = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    written = phonenumbers.format_number(its, phonenumbers.PhoneNumberFormat.E164) if its is not None else _ANY
    example = _INVENTED.get(code, written)
    return example if example != phone else example[:-1] + ("4" if example[-1] != "4" else "5")
