"""Which clock a recipient lives by."""

import re
import unicodedata
from datetime import datetime
from difflib import SequenceMatcher
from functools import cache
from typing import TYPE_CHECKING, Final

from flowrunner.model import Recipient

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_AREAS: Final = frozenset(
    "Africa America Antarctica Arctic Asia Atlantic Australia Europe Indian Pacific".split()
)  # fmt: skip
_STATES: Final = frozenset("ACT LHI NSW North Queensland South Tasmania Victoria West Yancowinna".split())
"""Last parts of Australian names that are no cities."""
_NO_ZONES: Final = frozenset(["localtime", "Factory", "posixrules"])
"""What the system's files hold beside time zones: this machine's own, and a stand-in for none."""
_REVERSED: Final = re.compile(r"Etc/GMT([+-])(\d\d?)")


def zone_of(recipient: Recipient, timezone: str) -> "ZoneInfo | None":
    """The recipient's time zone.

    Args:
        recipient: Its phone decides where ``timezone`` is empty.
        timezone: What the row says: an IANA name (``America/Mexico_City``), or nothing.

    Returns:
        The zone that is named; else that of the phone's country, when all of the country has one clock; else None.
        A name that nobody knows gives None too.
    """
    return named_zone(timezone) if timezone else _of_phone(recipient.phone)


def near_zone(timezone: str, recipient: Recipient) -> str:
    """The time zone whose name was surely meant, or an empty string: another one's clock would be a wrong hour.

    Sure is a name that is there but for case, accents and spaces, or whose area and city are each a letter or two off;
    and a city alone, where the recipient's country has it. Abbreviations and offsets (CST, GMT+2) are never sure.
    """
    area, slash, city = _folded(timezone).rpartition("/")
    if slash:
        exact = [name for name in _cities() if _folded(name) == f"{area}/{city}"]
        likely = exact or [name for name in _cities() if _is_near(name, area, city)]
    else:
        # A country has a La Paz or a San Juan of its own.
        here = set(_names_of(recipient.phone))
        likely = [name for name in _cities() if name in here and _folded(name).rpartition("/")[2] == city]
    return likely[0] if likely and _one_clock(tuple(likely)) else ""


def reversed_sign(timezone: str, recipient: Recipient) -> str:
    """What ``Etc/GMT+2`` is, in words, where the recipient's country lives by the other sign; else empty."""
    found = _REVERSED.fullmatch(timezone)
    ahead = -int(found[1] + found[2]) if found is not None else 0
    here = {each for name in _names_of(recipient.phone) for each in _hours_ahead(name)} if ahead else set()
    if found is None or ahead in here or -ahead not in here:
        return ""
    hours = f"{int(found[2])} {'hour' if found[2] == '1' else 'hours'}"
    return f"{hours} {'behind' if found[1] == '+' else 'ahead of'} UTC"


@cache
def named_zone(name: str) -> "ZoneInfo | None":
    """The time zone with an IANA name; None where nobody knows it."""
    from zoneinfo import ZoneInfo

    if name in _NO_ZONES or name.startswith(("posix/", "right/")):
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # A name that is a folder (America), leads out of the data (../x) or is not there.
        return None


@cache
def _hours_ahead(name: str) -> frozenset[float]:
    """How many hours ahead of UTC a time zone is, in winter and in summer."""
    zone = named_zone(name)
    offsets = (datetime(2026, month, 1, tzinfo=zone).utcoffset() for month in (1, 7)) if zone is not None else ()
    return frozenset(each.total_seconds() / 3600 for each in offsets if each is not None)


def _of_phone(phone: str) -> "ZoneInfo | None":
    if not phone:
        return None
    is_alone, zone = _of_code(phone[1:4])
    return zone if is_alone else _of_number(phone)


@cache
def _of_code(digits: str) -> "tuple[bool, ZoneInfo | None]":
    """Whether a number that begins so is of a country with a code of its own, as most are; and that one's zone."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE
    from phonenumbers.tzdata import TIMEZONE_DATA

    for size in (1, 2, 3):
        if regions := COUNTRY_CODE_TO_REGION_CODE.get(int(digits[:size])):
            return len(regions) == 1, _one_clock(TIMEZONE_DATA.get(digits[:size], ()))
    return False, None


def _names_of(phone: str) -> tuple[str, ...]:
    """The time zones of the country that a phone is of."""
    if not phone:
        return ()
    import phonenumbers
    from phonenumbers.tzdata import TIMEZONE_DATA

    return tuple(TIMEZONE_DATA.get(str(phonenumbers.parse(phone, None).country_code), ()))


@cache
def _cities() -> tuple[str, ...]:
    """The time zones that are named by a city: no abbreviation, no offset, no country."""
    from zoneinfo import available_timezones

    parts = {name: name.split("/") for name in available_timezones()}
    return tuple(sorted(name for name, (area, *rest) in parts.items() if area in _AREAS and not _STATES & {*rest}))


def _folded(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(sign for sign in plain if sign == "/" or sign.isalnum())


def _is_near(name: str, area: str, city: str) -> bool:
    its_area, _, its_city = _folded(name).rpartition("/")
    return _alike(its_area, area) >= 0.8 and _alike(its_city, city) >= 0.85


def _alike(one: str, other: str) -> float:
    return 1.0 if one == other else SequenceMatcher(None, one, other).ratio()


def _of_number(phone: str) -> "ZoneInfo | None":
    import phonenumbers
    from phonenumbers.timezone import time_zones_for_geographical_number
    from phonenumbers.tzdata import TIMEZONE_DATA

    # An old Mexican number is none to the library, but its country is plain all the same.
    try:
        parsed = phonenumbers.parse(phone, None)
    except phonenumbers.NumberParseException:
        return None
    region = phonenumbers.region_code_for_number(parsed)
    main = phonenumbers.region_code_for_country_code(parsed.country_code or 0)
    of_country = TIMEZONE_DATA.get(str(parsed.country_code), ())
    if region is None or region == main:
        return _one_clock(of_country)
    # One of several countries behind one code, as Jamaica behind +1.
    return _one_clock(time_zones_for_geographical_number(parsed)) or _one_clock(of_country)


@cache
def _one_clock(names: tuple[str, ...]) -> "ZoneInfo | None":
    from datetime import UTC, datetime, timedelta

    zones = [named_zone(name) for name in names]
    if not zones or None in zones:
        return None
    # London, Jersey and the Isle of Man are three names for one clock: they agree on every day of a year.
    today = datetime.now(UTC)
    days = [today + timedelta(days=day) for day in range(366)]
    clocks = {tuple(day.astimezone(zone).utcoffset() for day in days) for zone in zones}
    return zones[0] if len(clocks) == 1 else None
