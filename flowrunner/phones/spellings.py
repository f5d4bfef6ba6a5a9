"""One phone, several spellings: numbers that a country has changed, and that WhatsApp may still know by the old form.

Mexico dropped the 1 after +52 in 2019, Brazil put a 9 before its mobile numbers by 2016, Argentina writes a 9 after +54
from abroad and a 15 after the area's code at home. WhatsApp's own ids follow none of these rules throughout:
https://support.gupshup.io/hc/en-us/articles/4407840924953 (Brazil, Mexico),
https://github.com/chatwoot/chatwoot/pull/14264 (Brazil, Argentina).
"""

import re
from typing import Final

_CHANGED: Final = frozenset(["+52", "+54", "+55"])
_MEXICO: Final = r"\+521?([0-9]{10})\Z"
# Before the 9 Brazil's mobile numbers began with 6 to 9; 2 to 5 were, and are, fixed lines of somebody else.
_BRAZIL: Final = r"\+55([0-9]{2})9?([6-9][0-9]{7})\Z"
_ARGENTINA: Final = r"\+549?([0-9]{10})\Z"
# Area and number have ten digits together: with fewer or more, the 15 is part of something else.
_ARGENTINA_AT_HOME: Final = r"\+54(?=[0-9]{12}\Z)[0-9]{2,4}15[0-9]{6,8}\Z"


def identity(phone: str) -> int:
    """The same number for all spellings of one phone (``+`` and digits)."""
    # Slices, not patterns: every recipient passes here.
    if len(phone) == 14:
        if phone[:4] == "+521":
            return int(f"52{phone[4:]}")
        if phone[:4] == "+549":
            return int(f"54{phone[4:]}")
        if phone[:3] == "+55" and phone[5] == "9" and phone[6] in "6789":
            return int(phone[1:5] + phone[6:])
    elif len(phone) == 15 and len(abroad := _from_abroad(phone)) == 14:
        return int(f"54{abroad[4:]}")
    return int(phone[1:])


def spellings(phone: str) -> tuple[str, ...]:
    """The spellings of a phone (``+`` and digits) that an audience or WhatsApp has for it, the one given first."""
    others: tuple[str, ...] = ()
    if phone[:3] not in _CHANGED:
        return (phone,)
    if found := re.match(_MEXICO, phone):
        others = (f"+521{found[1]}", f"+52{found[1]}")
    elif found := re.match(_BRAZIL, phone):
        others = (f"+55{found[1]}9{found[2]}", f"+55{found[1]}{found[2]}")
    elif found := re.match(_ARGENTINA, _from_abroad(phone)):
        others = (f"+549{found[1]}", f"+54{found[1]}")
    return (phone, *(each for each in others if each != phone))


def all_spellings(phone: str) -> tuple[str, ...]:
    """The same with Argentina's 15, which needs the whole book of area codes: some 40 microseconds."""
    known = spellings(phone)
    if not (found := re.match(_ARGENTINA, known[-1])):
        return known
    import phonenumbers

    mobile = phonenumbers.parse(f"+549{found[1]}")
    _, _, area, *_ = phonenumbers.format_number(mobile, phonenumbers.PhoneNumberFormat.INTERNATIONAL).split(" ")
    at_home = f"+54{area}15{found[1].removeprefix(area)}"
    return known if at_home in known or identity(at_home) != identity(phone) else (*known, at_home)


def is_same_phone(one: str, other: str) -> bool:
    """Whether two texts are spellings of one phone, with or without ``+`` and punctuation; blank ones are nobody's."""
    first, second = ("".join(filter(str.isdecimal, text)) for text in (one, other))
    return bool(first and second) and identity(f"+{first}") == identity(f"+{second}")


def _from_abroad(phone: str) -> str:
    """An Argentine number with its 15 as it is dialled from abroad; any other as it is."""
    if not re.match(_ARGENTINA_AT_HOME, phone):
        return phone
    import phonenumbers

    found = phonenumbers.parse(phone)
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)
