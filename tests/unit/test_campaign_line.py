"""The line that says how far a campaign is: by messages, within the limit, with all that is waited for."""

import asyncio
import time
from functools import partial

import pytest

from flowrunner.campaign import CampaignProgress
from flowrunner.clock import SYSTEM
from flowrunner.delivery import Pace, Rate
from flowrunner.views.terminal.foot import campaign_line
from flowrunner.views.times import stopwatch
from support.virtual import VirtualClock

NUMBERS = {"done": 118, "failed": 2, "in doubt": 1, "in flight": 100, "left out": 3, "held": 0, "in a pause": 7}
COUNTED = "12:34, 118 of 1,300 done, 2 failed, 1 in doubt"
WAITED = "rate limit until 21:25:48"
LINES = [
    (0, f"{COUNTED}, 100 in flight, 3 left out, 7 in a pause, 1.6 messages/s, {WAITED}, about 12 minutes left"),
    (137, f"{COUNTED}, 100 in flight, 3 left out, 7 in a pause, {WAITED}, about 12 minutes left"),
    (110, f"{COUNTED}, 7 in a pause, {WAITED}, about 12 minutes left"),
    (99, f"{COUNTED}, {WAITED}, about 12 minutes left"),
    (80, f"{COUNTED}, {WAITED}"),
    (59, COUNTED),
    (20, "118 of 1,300 done, …"),
]


@pytest.mark.parametrize(("width", "line"), LINES)
def test_a_narrow_line_leaves_out_what_matters_least(width: int, line: str) -> None:
    """Who failed or is in doubt stays longest."""
    said = campaign_line(1300, NUMBERS, rate=1.6, left=734, until=WAITED, passed=754, width=width)
    assert said == line


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0:00"), (59.9, "0:59"), (60, "1:00"), (3600, "1:00:00"), (90_061, "25:01:01")]
)
def test_a_span_is_shown_as_by_a_stopwatch(seconds: float, shown: str) -> None:
    """It moves each second."""
    assert stopwatch(seconds) == shown


def used(pace: Pace, count: int) -> Pace:
    """The pace after so many requests that left just now."""

    async def take() -> None:
        for _ in range(count):
            await pace.turn(asyncio.sleep)  # type: ignore[arg-type]

    asyncio.run(take())
    return pace


PARTLY = CampaignProgress(300, waiting=200, in_flight=100, each=3, accepted=200)
BY_PHONE = CampaignProgress(100, waiting=50, in_flight=50, each=1, accepted=50, by_phone=True)
OVER = CampaignProgress(10, done=8, failed=1, in_doubt=1, each=1, accepted=9, ended=10)
FAILED = CampaignProgress(10, done=4, failed=4, in_flight=2, each=1, accepted=4, ended=8)
PAUSING = CampaignProgress(2, done=1, waiting=1, each=1, accepted=1, ended=1, pauses=3600)
ESTIMATES = [
    # how far it is, the limit, requests that just left, seconds in which it was sent; seconds left
    ("messages, not people", CampaignProgress(21, in_flight=21, each=3, accepted=43), "100/s", 0, 10, 4.7),
    ("the limit, after a burst", PARTLY, "200/min", 200, 1, 244.8),
    ("look-ups count", BY_PHONE, "100/min", 100, 1, 61.2),
    ("nothing is known", CampaignProgress(100, waiting=100, each=1), "100/min", 0, 0, None),
    ("all are done", OVER, "100/min", 0, 9, None),
    ("failed ones need nothing", FAILED, "100/s", 0, 4, 2),
    ("pauses of those that have not begun", PAUSING, "100/s", 0, 1, 3601),
]


@pytest.mark.parametrize(
    ("_what", "tally", "rate", "just", "busy", "left"), ESTIMATES, ids=[each[0] for each in ESTIMATES]
)
def test_the_estimate_is_by_messages_within_the_limit(
    _what: str, tally: CampaignProgress, rate: str, just: int, busy: float, left: float | None
) -> None:
    """What the speed so far says, and at least what the limit allows."""
    found = tally.seconds_left(used(Pace(Rate.parse(rate), clock=SYSTEM), just), busy)
    assert found == (left if left is None else pytest.approx(left, abs=0.3))


def test_who_is_held_is_waited_for() -> None:
    """An estimate that leaves out the night is none."""
    tally = CampaignProgress(10, done=5, held=5, each=1, accepted=5, ended=5, wakes_at=time.time() + 7200)
    assert tally.seconds_left(Pace(Rate(100, 1.0), clock=SYSTEM), 1) == pytest.approx(7201, abs=1)


@pytest.mark.parametrize(("taken", "requests"), [(0, 2), (0, 4), (2, 1), (2, 4), (3, 1), (3, 3), (3, 5)])
def test_a_forecast_is_what_then_happens(taken: int, requests: int) -> None:
    """When the last of so many requests leaves."""
    with VirtualClock() as clock:
        pace, sleep = Pace(Rate(3, 0.4), clock=clock), partial(clock.sleep, stop=asyncio.Event())

        async def work() -> tuple[float, float]:
            for _ in range(taken):
                await pace.turn(sleep)
            said, began = pace.forecast(requests), clock.monotonic()
            for _ in range(requests):
                await pace.turn(sleep)
            return said, clock.monotonic() - began

        said, took = clock.run(work())
    assert said == pytest.approx(took, abs=0.001)
