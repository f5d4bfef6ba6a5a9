"""The language that is spoken where a phone is from."""

from collections.abc import Sequence
from functools import cache

from flowrunner.languages.codes import among
from flowrunner.phones.regions import region_of, regions_of_code


def language_of(phone: str, languages: Sequence[str]) -> str:
    """Which of a flow's languages is most probably that of a phone's country; empty where none is spoken there.

    Args:
        phone: In international form (``+5215512345678``); empty where it is not known.
        languages: The flow's, as `normal` gives them.
    """
    if not phone:
        return ""
    several = tuple(languages)
    found = {_language_in(region, several) for region in regions_of_code(phone[1:4])}
    if len(found) == 1:
        return found.pop()
    return _language_in(region_of(phone), several)  # one of several countries behind one code, which takes a while


@cache
def _language_in(region: str, languages: tuple[str, ...]) -> str:
    """Which of the languages has most speakers among those that are official in a country or a part of it."""
    from babel.core import get_global

    spoken = get_global("territory_languages").get(region, {})
    official = [name for name, facts in spoken.items() if facts.get("official_status")]
    official.sort(key=lambda name: -spoken[name]["population_percent"])
    served = (among(f"{name}_{region}" if name.count("_") < 2 else name, languages) for name in official)
    return next(filter(None, served), "")
