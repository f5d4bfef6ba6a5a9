"""Which clock a recipient lives by."""

from functools import cache
from typing import TYPE_CHECKING

from flowrunner.diagnostics import nearest
from flowrunner.model import Recipient

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


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


def near_zone(timezone: str) -> str:
    """The time zone's name that was probably meant, or an empty string."""
    from zoneinfo import available_timezones

    known = sorted(available_timezones())
    typed = timezone.strip().replace(" ", "_")
    # People write the city; every name ends in one.
    city = [name for name in known if name.rpartition("/")[2].casefold() == typed.rpartition("/")[2].casefold()]
    return city[0] if city else nearest(typed, known)


@cache
def named_zone(name: str) -> "ZoneInfo | None":
    """The time zone with an IANA name; None where nobody knows it."""
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name.strip())
    except (KeyError, ValueError, OSError):
        # A name that is a folder (America), leads out of the data (../x) or is not there.
        return None


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


def _of_number(phone: str) -> "ZoneInfo | None":
    import phonenumbers
    from phonenumbers.timezone import time_zones_for_geographical_number
    from phonenumbers.tzdata import TIMEZONE_DATA

    # An old Mexican number is none to the library, but its country is plain all the same.
    parsed = phonenumbers.parse(phone, None)
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
