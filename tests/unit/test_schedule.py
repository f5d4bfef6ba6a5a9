"""When a campaign may write to somebody, by the clock they live by."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from flowrunner.campaign import Schedule
from flowrunner.campaign.schedule import is_past, parse_at, parse_quiet, schedule_from

MADRID, MEXICO, KOLKATA, SANTIAGO = "Europe/Madrid", "America/Mexico_City", "Asia/Kolkata", "America/Santiago"


def at(text: str, zone: str = "UTC") -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


def schedule(when: str = "", quiet: str = "", since: float = 0.0) -> Schedule:
    return Schedule(parse_at(when) if when else None, parse_quiet(quiet) if quiet else None, since)


NOW = at("2026-06-10T12:00")  # 14:00 in Madrid, 6:00 in Mexico City, 17:30 in Kolkata

CASES = [
    # at, quiet hours, zone, now, the first moment
    ("", "", MADRID, NOW, NOW),
    ("", "21:00-08:00", MADRID, NOW, NOW),
    ("", "21:00-08:00", MEXICO, NOW, at("2026-06-10T08:00", MEXICO)),
    ("", "21:00-08:00", MADRID, at("2026-06-10T21:00", MADRID), at("2026-06-11T08:00", MADRID)),
    ("", "21:00-08:00", MADRID, at("2026-06-10T20:59:59", MADRID), at("2026-06-10T20:59:59", MADRID)),
    ("", "21:00-08:00", MADRID, at("2026-06-10T08:00", MADRID), at("2026-06-10T08:00", MADRID)),
    ("", "13:00-15:00", MADRID, NOW, at("2026-06-10T15:00", MADRID)),
    ("", "13:00-15:00", KOLKATA, NOW, NOW),
    ("", "15:00-00:00", KOLKATA, NOW, at("2026-06-11T00:00", KOLKATA)),
    ("", "15:00-24:00", KOLKATA, NOW, at("2026-06-11T00:00", KOLKATA)),
    # by each one's clock
    ("09:00", "", MADRID, NOW, at("2026-06-11T09:00", MADRID)),
    ("09:00", "", MEXICO, NOW, at("2026-06-10T09:00", MEXICO)),
    ("2026-06-12T09:00", "", KOLKATA, NOW, at("2026-06-12T09:00", KOLKATA)),
    ("2026-06-12 09:00", "", MEXICO, NOW, at("2026-06-12T09:00", MEXICO)),
    ("2026-06-10T09:00", "", MADRID, NOW, NOW),  # there it is over
    # the same moment for everybody
    ("2026-06-12T09:00+02:00", "", "", NOW, at("2026-06-12T07:00")),
    ("2026-06-12T09:00Z", "", "", NOW, at("2026-06-12T09:00")),
    # both
    ("07:30", "21:00-08:00", MEXICO, NOW, at("2026-06-10T08:00", MEXICO)),
    ("2026-06-12T03:00Z", "21:00-08:00", MEXICO, NOW, at("2026-06-12T08:00", MEXICO)),
    # the night a clock is put forth (2:00 to 3:00) and the one it is put back (3:00 to 2:00)
    ("", "21:00-02:30", MADRID, at("2026-03-29T01:30", MADRID), at("2026-03-29T03:30", MADRID)),
    ("", "21:00-08:00", MADRID, at("2026-10-25T01:00", MADRID), at("2026-10-25T08:00", MADRID)),
    ("", "21:00-02:30", MADRID, at("2026-10-25T01:00", MADRID), at("2026-10-25T00:30")),
    ("", "21:00-02:30", MADRID, at("2026-10-25T00:45"), at("2026-10-25T00:45")),
    ("", "21:00-02:30", MADRID, at("2026-10-25T01:15"), at("2026-10-25T01:30")),  # the second 2:15, and 2:30, of it
    ("", "02:00-02:45", MADRID, at("2026-10-25T01:15"), at("2026-10-25T01:45")),
    ("", "23:00-23:30", SANTIAGO, at("2026-04-05T03:10"), at("2026-04-05T03:30")),  # put back at midnight
]


@pytest.mark.parametrize(("when", "quiet", "zone", "now", "first"), CASES)
def test_the_first_moment_is_by_the_recipients_clock(
    when: str, quiet: str, zone: str, now: float, first: float
) -> None:
    """Not before --at, not within the quiet hours, and at once where neither forbids it."""
    its = schedule(when, quiet, since=NOW)
    assert its.next(zone, now) == first
    assert its.next(zone, first) == first
    assert its.is_local == bool(zone and (when or quiet))


@pytest.mark.parametrize(("when", "quiet", "zone", "now", "first"), CASES)
def test_a_campaign_keeps_its_schedule(when: str, quiet: str, zone: str, now: float, first: float) -> None:
    """What is written down gives the same moments again."""
    its = schedule_from(schedule(when, quiet).data(), NOW)
    assert its.next(zone, now) == first


@pytest.mark.parametrize(
    "text",
    ["", "9", "25:00", "9:60", "noon", "2026-13-01T09:00", "2026-06-12", "09:00+02:00", "2026-06-12T09:00+99:00"],
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    """With what would be one."""
    with pytest.raises(ValueError, match="write 09:00, 2026-12-01T09:00"):
        parse_at(text)


@pytest.mark.parametrize("text", ["", "21:00", "21-8", "21:00-21:00", "24:00-08:00", "21:00-08:00-09:00", "a-b"])
def test_what_is_no_span_is_refused(text: str) -> None:
    """With what would be one."""
    with pytest.raises(ValueError, match="write it like 21:00-08:00"):
        parse_quiet(text)


def test_a_moment_is_past_when_it_is_over_everywhere() -> None:
    """A day ends twelve hours after it has ended in Greenwich."""
    assert is_past(parse_at("2026-06-12T09:00"), at("2026-06-12T21:00:01"))
    assert not is_past(parse_at("2026-06-12T09:00"), at("2026-06-12T20:59"))
    assert is_past(parse_at("2026-06-12T09:00+02:00"), at("2026-06-12T07:00:01"))
    assert not is_past(parse_at("09:00"), NOW)
    assert not is_past(None, NOW)


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("2026-10-24T23:00", "2026-10-25T00:30"),  # before it comes the first time
        ("2026-10-25T00:45", "2026-10-25T01:30"),  # between the two
        ("2026-10-25T01:45", "2026-10-26T01:30"),  # after both
    ],
)
def test_a_time_that_a_night_has_twice_comes_twice(asked: str, first: str) -> None:
    """`--at 02:30` in the night in which Madrid puts its clocks back; moments in UTC."""
    assert schedule("02:30", since=at(asked)).next(MADRID, at(asked)) == at(first)
