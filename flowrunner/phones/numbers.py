"""Phone numbers as people type them -> international form, by Google's rules; a million of them in seconds."""

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from flowrunner.model import USER_ID
from flowrunner.source.marks import INVISIBLE, named, trimmed, visible

if TYPE_CHECKING:
    from collections.abc import Callable

_SIGN: Final = re.compile(rf"[\d\s().\-/\u2010-\u2015\u2212\ufe63\uff0d{INVISIBLE}]")
_TYPED: Final = re.compile(rf"[\s({INVISIBLE}]*\+?{_SIGN.pattern}+\Z")
_PLUS: Final = str.maketrans("\uff0b\ufe62", "++")
_QUOTES: Final = "'\u2019\u2018`\u00b4\"\u201c\u201d"
_NO_DIGIT: Final = re.compile(r"\D+")
_ROUNDED: Final = re.compile(r"\s*\+?\d([.,]\d+)?[eE]\+?\d+\s*\Z")
_RUN: Final = re.compile(r"(?<![^\W_])\+?\d[\d\s().\-\u2010-\u2015]*\d(?![^\W_])")
_OF_WHATSAPP: Final = re.compile(r"(?i)wa\.me/|whatsapp[.:]|@c\.us|phone=")
_SCHEME: Final = re.compile(r"(?i)(?:p|tel|phone|sms|callto|wa|whatsapp):(?://)?\s*")
"""What other programs write before a phone: links to call it, Facebook's lead forms, Twilio."""
_WHATSAPP_ID: Final = re.compile(r"(?i)(?:(?:https?://)?wa\.me/\+?(\d+)/?|(\d+)@(?:c\.us|s\.whatsapp\.net))\Z")
"""A link to a chat, and the id of one: the country's code comes first, and no plus."""
_DECIMAL: Final = re.compile(r"\s*\+?\d{6,15}[.,]0+\s*\Z")
_INTERNATIONAL: Final = re.compile(r"\+[1-9]\d{6,14}\Z", re.ASCII)

# Before 2019 a Mexican mobile had a 1 after +52, and before 2016 a Brazilian one had no 9 after the area's code.
# WhatsApp still knows many people by these old numbers, although libphonenumber calls them invalid.
_OLD_MEXICAN: Final = re.compile(r"\+521(\d{10})\Z", re.ASCII)
_OLD_BRAZILIAN: Final = re.compile(r"\+55(\d\d)([6-9]\d{7})\Z", re.ASCII)


class Refused(NamedTuple):
    """Why a text is not a phone number, and what to do."""

    message: str
    hint: str


class Phones:
    """Reads phone numbers.

    Args:
        region: The country that numbers without ``+`` are in, as two letters (``MX``); empty for none.
    """

    def __init__(self, region: str = "") -> None:
        self._region = region.upper()
        self._code = _calling_code(self._region) if region else ""
        self._valid: dict[str, Callable[[str], object]] = {}

    def read(self, typed: str) -> str | Refused:
        """The number in international form (``+525512345678``), or why it is none.

        It has a country's code, and its digits are a pattern that is in use there. Old Mexican numbers (``+521...``)
        and old Brazilian ones (without the 9) are taken as they are, because WhatsApp knows people by them.
        """
        # One dictionary and one pattern for nearly every number: the library itself takes 25 microseconds.
        valid = self._valid.get(typed[:4])
        if valid is not None and valid(typed):
            return typed
        return self._read(typed)

    def _read(self, typed: str) -> str | Refused:
        typed = unwrapped(typed).translate(_PLUS)
        refused = self._unlike(typed)
        if refused is not None:
            return refused
        digits = _NO_DIGIT.sub("", typed)
        if not digits.isascii():
            digits = "".join(str(int(digit)) for digit in digits)
        if "+" in typed:
            return self._international(f"+{digits}") or _no_number(typed, f"+{digits}")
        if digits.startswith("00") and (full := self._international(f"+{digits[2:]}")):
            return full
        if not self._code:
            full = self._international(f"+{digits}")
            hint = f"did you mean {full}? Or" if full else "write +, the country code and the number, or"
            return Refused(f"{_shown(typed)} has no country code", f"{hint} say which country: --region")
        return self._local(digits) or _no_number(typed, f"+{self._code}{digits}")

    def _unlike(self, typed: str) -> Refused | None:
        if not trimmed(typed):
            return Refused("no number is given", "write +, the country code and the number")
        if _ROUNDED.match(typed):
            return Refused(
                f"{_shown(typed)} is a number that a spreadsheet has rounded; its last digits are lost",
                "format the column as text in the spreadsheet, and take the numbers from where they came",
            )
        if _DECIMAL.match(typed):
            return Refused(f"{_shown(typed)} has decimals", "format the column as text where the file was made")
        if not any(sign.isdecimal() for sign in typed):
            return Refused(f"{_shown(typed)} is not a phone number", "write +, the country code and the number")
        if _TYPED.match(typed):
            return None
        if re.fullmatch(USER_ID, trimmed(typed)):
            return Refused(f"{_shown(typed)} is a user id of WhatsApp, not a phone number", "call the column user_id")
        sign = next((each for each in typed.replace("+", "", 1) if not _SIGN.match(each)), "+")
        message = f"{named(sign)} in {_shown(typed)} is not part of a phone number"
        digits = _NO_DIGIT.sub("", typed)
        full = self._international(f"+{digits}") if "+" in typed and digits.isascii() and not sign.isalnum() else ""
        full = full or self.among_words(typed)
        return Refused(message, f"write {full}" if full else "one cell holds one number, in digits")

    def among_words(self, typed: str) -> str:
        """The one number that stands whole between words: ``Tel: +52...``, ``wa.me/52...``, ``52...@c.us``."""
        runs = _RUN.findall(typed)
        if len(runs) != 1 or len(_NO_DIGIT.sub("", typed)) != len(_NO_DIGIT.sub("", runs[0])):
            return ""
        digits = _NO_DIGIT.sub("", runs[0])
        if not digits.isascii():
            return ""
        is_whole = runs[0].startswith("+") or _OF_WHATSAPP.search(typed)
        return self._international(f"+{digits}") if is_whole else self._local(digits) if self._code else ""

    def _local(self, digits: str) -> str:
        full = f"+{self._code}{digits}"
        if self._usual(full):
            return full
        found = _by_library(digits, self._region)
        # Last, a number that has its country's code and lacks the plus only, as WhatsApp's own ids do.
        return found or (self._international(f"+{digits}") if digits.startswith(self._code) else "")

    def _international(self, number: str) -> str:
        if not _INTERNATIONAL.match(number):
            return ""
        if self._usual(number):
            return number
        renewed = _renewed(number)
        if renewed != number and self._usual(renewed):
            return number
        return _by_library(number, None)

    def _usual(self, number: str) -> bool:
        head = number[:4]
        valid = self._valid.get(head)
        if valid is None:
            valid = self._valid[head] = re.compile(_pattern(head), re.ASCII).match
        return valid(number) is not None


def unquoted(typed: str) -> str:
    """A phone or an id without what makes a spreadsheet take it for a text: ``'+52...``, ``="+52..."``."""
    return trimmed(trimmed(typed).removeprefix("=" if typed.count('"') == 2 else "").strip(_QUOTES))


def unwrapped(typed: str) -> str:
    """A number without what exports put around it, too: ``p:+52...``, ``whatsapp:+52...``, ``52...@c.us``."""
    text = unquoted(typed)
    text = _SCHEME.sub("", text, count=1) if _SCHEME.match(text) else text
    found = _WHATSAPP_ID.match(text)
    return f"+{found[1] or found[2]}" if found is not None else text


def is_region(region: str) -> bool:
    """Whether these are two letters that stand for a country."""
    return bool(_calling_code(region.upper()))


def _calling_code(region: str) -> str:
    import phonenumbers

    return str(phonenumbers.country_code_for_region(region) or "")


def _renewed(number: str) -> str:
    return _OLD_BRAZILIAN.sub(r"+55\g<1>9\2", _OLD_MEXICAN.sub(r"+52\1", number))


def _by_library(number: str, region: str | None) -> str:
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(parsed):
        return ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _pattern(head: str) -> str:
    """What numbers that begin with `head` look like if they are valid and the library would change nothing in them.

    It is `phonenumbers.is_valid_number`, a country at a time, with the old Mexican numbers beside. Numbers it does not
    match may still be valid.
    """
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE
    from phonenumbers.phonemetadata import PhoneMetadata

    code = next((head[1:end] for end in (2, 3, 4) if int(head[1:end]) in COUNTRY_CODE_TO_REGION_CODE), "")
    regions = COUNTRY_CODE_TO_REGION_CODE.get(int(code or 0), ())
    known = [each for region in regions if (each := PhoneMetadata.metadata_for_region(region)) is not None]
    if not known:
        return r"(?!)"
    # What may be a national prefix (and is not empty) is the library's to judge, and so are leading zeros.
    prefix = known[0].national_prefix_for_parsing
    cautious = rf"(?!0)(?!(?:{prefix})(?<!\+{code}))" if prefix else "(?!0)"
    choices = []
    for region in known:
        kinds = (
            region.premium_rate, region.toll_free, region.shared_cost, region.voip, region.personal_number,
            region.pager, region.uan, region.voicemail, region.fixed_line, region.mobile,
        )  # fmt: skip
        patterns = [kind.national_number_pattern for kind in kinds if kind and kind.national_number_pattern]
        general = region.general_desc.national_number_pattern if region.general_desc else None
        leading = f"(?={region.leading_digits})" if region.leading_digits else ""
        choices.append(rf"{leading}(?=(?:{general})\Z)(?:{'|'.join(patterns)})\Z")
        if region.leading_digits:
            # Numbers that begin so are this region's and no later one's, valid or not.
            choices[-1] += f"|(?={region.leading_digits})(?!)"
    old = r"(?:1(?=\d{10}\Z))?" if code == "52" else ""
    return rf"\+{code}{old}{cautious}(?:{'|'.join(choices)})"


def _no_number(typed: str, number: str) -> Refused:
    import phonenumbers

    hint = "check its digits"
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException as error:
        if error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE:
            hint = "write +, the country code and the number"
            return Refused(f"{_shown(typed)} does not begin with a country code", hint)
        return Refused(f"{_shown(typed)} is not a valid phone number", hint)
    judged = phonenumbers.is_possible_number_with_reason(parsed)
    why = {
        phonenumbers.ValidationResult.TOO_SHORT: "too short",
        phonenumbers.ValidationResult.TOO_LONG: "too long",
        phonenumbers.ValidationResult.INVALID_LENGTH: "of the wrong length",
    }.get(judged, "not in use")
    return Refused(f"{_shown(typed)} is not a valid phone number: {why} in +{parsed.country_code}", hint)


def _shown(typed: str) -> str:
    text = typed.strip()
    return visible(text if len(text) <= 40 else f"{text[:39]}…")
