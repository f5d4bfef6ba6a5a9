"""What is said before a campaign of how long it takes, and how long it then takes."""

from pathlib import Path

import pytest

from flowrunner.campaign.duration import Course, Request, course_of, seconds_for
from flowrunner.delivery import Rate
from flowrunner.emulator.api.messages import Delays
from support.lab import rendered
from support.limits import campaign
from support.slices import crossed
from support.virtual import VirtualClock

IMAGE = '  - message: {message_type: image, media_url: "https://cdn.example.com/a.jpg"}\n'
TEXT = "  - message: Hello\n"
FLOWS = {
    "texts": TEXT * 6,
    "slow": (IMAGE + TEXT) * 3,
    "pauses": TEXT + "  - pause: 5s\n" + TEXT + "  - pause: 3m\n" + TEXT,
    "until": (TEXT[:-1] + "\n    until: delivered\n") * 2 + TEXT,
    "burst": TEXT * 50,
}
MANY = {"texts": 200, "slow": 100, "pauses": 200, "until": 100, "burst": 6}
RATES = [Rate(100, 60.0), Rate(80, 1.0)]
DELAYS = Delays(sent=0.3, delivered=0.8, read=0.8)


@pytest.mark.sliced
@pytest.mark.parametrize(("flow", "people", "rate"), crossed(2, FLOWS, ["one", "many"], RATES), ids=str)
def test_it_takes_as_long_as_is_said_before(flow: str, people: str, rate: Rate, tmp_path: Path) -> None:
    """Within 15 %, or two seconds."""
    # At the slow rate a few make minutes, of which 15 % is more than two seconds.
    count = 1 if people == "one" else MANY[flow] if rate.seconds == 1.0 else max(MANY[flow] // 3, 6)
    with VirtualClock() as clock:
        came = clock.run(campaign(f"name: f\nsteps:\n{FLOWS[flow]}", count, rate, tmp_path, clock, delays=DELAYS))
    assert came.estimate == pytest.approx(came.seconds, rel=0.15, abs=2.0)


def course(steps: str, *, is_found: bool = False) -> Course:
    """What one person's run of such a flow is."""
    return course_of(rendered(f"name: f\nsteps:\n{steps}").actions, is_found=is_found)


def test_looks_look_ups_and_pauses_are_counted() -> None:
    """A slow message is looked at where another follows, and one with `until` always."""
    looked = course(IMAGE + TEXT + IMAGE + "    until: delivered\n")
    assert [(each.is_message, each.is_look) for each in looked.requests] == [
        (True, False), (False, True), (True, False), (True, False), (False, True),
    ]  # fmt: skip
    assert course(IMAGE).looks == 0
    assert course(TEXT + "    until: accepted\n" + TEXT).looks == 0
    assert [each.is_message for each in course(TEXT, is_found=True).requests] == [False, True]
    paused = course("  - pause: 1m\n" + TEXT + "  - pause: 5s\n  - pause: 5s\n" + TEXT + "  - pause: 1h\n")
    assert [(each.gap, each.is_parked) for each in paused.requests] == [(60.0, True), (10.0, True)]
    assert paused.rest == 3600.0
    heard = course_of(rendered(f"name: f\nsteps:\n{IMAGE + TEXT}").actions, is_found=False, is_heard=True)
    assert [each.is_message for each in heard.requests] == [True, True]
    assert heard.requests[1].gap > 0


@pytest.mark.parametrize("rate", RATES, ids=str)
def test_of_a_million_people_it_is_worked_out_in_a_moment(rate: Rate) -> None:
    """By the rate, once it is clear how it goes on."""
    texts = Course((Request(),) * 6)
    seconds = seconds_for(texts, 1_000_000, rate)
    assert seconds == pytest.approx(6_000_000 / rate.count * rate.seconds, rel=0.03)
    assert seconds_for(texts, 0, rate) == 0.0
    assert seconds_for(Course(()), 5, rate) == 0.0


def test_how_many_are_under_way_at_once_counts_too() -> None:
    """Whose looks are far off hold the others up, where only a few may be under way."""
    slow = Course((Request(), Request(9.9, is_message=False, is_look=True), Request()))
    assert seconds_for(slow, 100, Rate(80, 1.0), window=10) == pytest.approx(10 * 10.2, rel=0.1)
    assert seconds_for(slow, 100, Rate(80, 1.0), window=100) < 15
