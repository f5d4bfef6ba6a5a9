"""By which clock somebody lives: what is known, what is not, and that no hint names another clock."""

# ruff: noqa: E501  # a table's row is read as one line

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from flowrunner.diagnostics import Diagnostic
from flowrunner.model import Recipient
from flowrunner.phones.zones import near_zone, reversed_sign, zone_of
from support.audiences import opened, said

MEXICO, MADRID, PUERTO_RICO = "+5215512345678", "+34612345678", "+17875551234"
NOT_SURE = [
    "GMT+2", "GMT-5", "GMT +2", "UTC-5", "UTC+05:30", "UTC+2", "+02:00", "-6", "+5", "5", "IST", "CST", "JST", "EDT", "PST",
    "CEST", "BST", "EAT", "CDMX", "EST5", "CST6", "Etc/GMT2", "etc/gmt+2", "Etc/UTC+2", "Mexico", "México", "Spain", "India",
    "USA", "US/Pacifc", "Central", "Eastern", "Pacific", "West", "Central Time", "Central Standard Time (Mexico)",
    "Central Standard Time", "W. Europe Standard Time", "Eastern Time (US & Canada)", "America", "America/", "/", "Nowhere",
    "localtime", "Factory", "posix/America/Mexico_City", "right/America/Mexico_City", "Europe/Santiago",
    "Asia/Tomks", "America/Mexico", "0", "Z",
]  # fmt: skip
SURE = [
    ("america/mexico_city", MEXICO, "America/Mexico_City"),
    ("AMERICA/MEXICO_CITY", MEXICO, "America/Mexico_City"),
    ("America/Mexico city", MEXICO, "America/Mexico_City"),
    ("America / Mexico City", MEXICO, "America/Mexico_City"),
    ("America/MexicoCity", MEXICO, "America/Mexico_City"),
    ("America/Mexico-City", MEXICO, "America/Mexico_City"),
    ("Amercia/Mexico_City", MEXICO, "America/Mexico_City"),
    ("America/Mexco_City", MEXICO, "America/Mexico_City"),
    ("America/Monterey", MEXICO, "America/Monterrey"),
    ("America/Bogotá", "", "America/Bogota"),
    ("Europe/Londn", MADRID, "Europe/London"),
    ("Mexico City", MEXICO, "America/Mexico_City"),
    ("madrid", MADRID, "Europe/Madrid"),
    ("Los Angeles", "+14155552671", "America/Los_Angeles"),
]


@pytest.mark.parametrize("typed", NOT_SURE)
def test_what_is_not_surely_one_clock_gets_no_guess(typed: str) -> None:
    """Followed, a wrong guess writes to people at night."""
    for phone in (MEXICO, MADRID, PUERTO_RICO, "+919812345678", ""):
        assert zone_of(Recipient("", phone), typed) is None, phone
        assert near_zone(typed, Recipient("", phone)) == "", phone


@pytest.mark.parametrize(("typed", "phone", "zone"), SURE)
def test_a_name_that_is_only_misspelt_is_named(typed: str, phone: str, zone: str) -> None:
    """But for case, accents and spaces, or a letter or two of area and city; a city alone, in its own country."""
    assert near_zone(typed, Recipient("", phone)) == zone


@pytest.mark.parametrize(("typed", "phone"), [("La Paz", MEXICO), ("San Juan", PUERTO_RICO), ("Santiago", MADRID)])
def test_a_city_that_other_countries_have_is_not_taken_for_theirs(typed: str, phone: str) -> None:
    """There is a La Paz in Mexico, by another clock than Bolivia's."""
    assert near_zone(typed, Recipient("", phone)) == ""


@pytest.mark.parametrize(
    ("name", "phone", "words"),
    [
        ("Etc/GMT+2", "+27821234567", "2 hours behind UTC"), ("Etc/GMT-1", "+2385912345", "1 hour ahead of UTC"),
        ("Etc/GMT-6", MEXICO, "6 hours ahead of UTC"), ("Etc/GMT-5", "+14155552671", "5 hours ahead of UTC"),
        ("Etc/GMT+2", MADRID, "2 hours behind UTC"), ("Etc/GMT+0", MADRID, ""), ("Etc/UTC", MADRID, ""), ("EST", MEXICO, ""),
        # those who live by it, and those of whom nobody can tell
        ("Etc/GMT-2", "+27821234567", ""), ("Etc/GMT-2", MADRID, ""), ("Etc/GMT+6", MEXICO, ""),
        ("Etc/GMT-9", MEXICO, ""), ("Etc/GMT+2", "", ""),
    ],
)  # fmt: skip
def test_the_sign_that_is_reversed_is_told(name: str, phone: str, words: str) -> None:
    """They are names like others, and what they say is what the database means; the other sign is then right."""
    assert reversed_sign(name, Recipient("", phone)) == words
    if words:
        zone = zone_of(Recipient("c"), name)
        assert isinstance(zone, ZoneInfo)
        offset = datetime(2026, 1, 1, tzinfo=zone).utcoffset()
        assert offset is not None
        assert (offset.total_seconds() < 0) is ("behind" in words)
        assert reversed_sign(name.translate(str.maketrans("+-", "-+")), Recipient("", phone)) == ""


def test_a_reversed_sign_is_a_warning_at_its_cell(tmp_path: Path) -> None:
    """The row is good."""
    audience, _ = opened(tmp_path / "a.csv", f"phone,timezone\n{MEXICO},Etc/GMT-6\n")
    assert audience is not None
    (row,) = audience
    (warning,) = row.cells
    assert (said(warning)[0], warning.is_error) == ("2:2 odd-cell", False)
    assert warning.hint == "write Etc/GMT+6 if the other direction is meant"
    assert row.fault is None


def test_timezone_is_for_those_who_have_none(tmp_path: Path) -> None:
    """A row's own zone, and that of a country with one clock, stay; what a row misspells stays wrong."""
    content = f"phone,timezone\n{MEXICO},\n{MEXICO[:-1]}9,Asia/Tokyo\n+4915112345678,\n{MEXICO[:-1]}7,CST\n"
    audience, found = opened(tmp_path / "a.csv", content, timezone="America/Tijuana")
    assert audience is not None, found
    zones = [audience.zone(row) for row in audience]
    assert [str(zone) for zone in zones[:3]] == ["America/Tijuana", "Asia/Tokyo", "Europe/Berlin"]
    assert isinstance(zones[3], Diagnostic)


@pytest.mark.parametrize("typed", ["GMT-6", "Mexico City", "america/tijuana"])
def test_a_timezone_that_is_not_known_is_refused_before_the_file_is_read(tmp_path: Path, typed: str) -> None:
    """The option is checked as a cell is."""
    audience, found = opened(tmp_path / "a.csv", "phone\n", timezone=typed)
    assert audience is None
    assert [(each.code, each.location.path) for each in found] == [("unknown-time-zone", "--timezone")]
