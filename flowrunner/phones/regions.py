"""Which country a phone is from."""

from functools import cache


@cache
def regions_of_code(digits: str) -> tuple[str, ...]:
    """The countries, as two letters, whose numbers begin so; the main one first. ``digits`` are three after the +."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    found = (COUNTRY_CODE_TO_REGION_CODE.get(int(digits[:size])) for size in (1, 2, 3) if digits[:size].isdigit())
    return next(filter(None, found), ())


def region_of(phone: str) -> str:
    """The country of one phone in international form, as two letters; empty where nobody knows it.

    Of several countries behind one code, as Canada and Jamaica behind +1, it is the main one where the number is none.
    """
    regions = regions_of_code(phone[1:4])
    if len(regions) < 2:
        return regions[0] if regions else ""
    import phonenumbers

    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(phone, None)) or regions[0]
    except phonenumbers.NumberParseException:
        return regions[0]
