"""How fast requests may leave, by a clock that is told the time."""

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowrunner.delivery import Pace, Rate
from support.clocks import StillClock
from support.slices import some

RATES = [
    ("100/min", Rate(100, 60.0)),
    ("100/m", Rate(100, 60.0)),
    ("80/s", Rate(80, 1.0)),
    (" 1 / s ", Rate(1, 1.0)),
    ("1000000/min", Rate(1_000_000, 60.0)),
]
WRONG = [
    "",
    "100",
    "/min",
    "0/s",
    "-1/s",
    "1.5/s",
    "100/h",
    "100 per min",
    "1000001/s",
    "fast",
    "80/s/s",
    "1e3/s",
    "²/s",
]


@pytest.mark.parametrize(("text", "rate"), RATES)
def test_a_rate_is_a_number_and_a_unit(text: str, rate: Rate) -> None:
    assert Rate.parse(text) == rate


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_rate_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="100/min or 80/s"):
        Rate.parse(text)


@pytest.fixture
def clock() -> StillClock:
    return StillClock(1000.0)


def taken(pace: Pace, clock: StillClock, count: int, conversation: str = "") -> list[float]:
    """When that many requests leave, one after the other as soon as each may, in seconds from now."""
    begun = clock.time

    async def sleep(seconds: float) -> bool:
        clock.time += max(seconds, 0.0)
        return False

    async def leave() -> list[float]:
        left = []
        for _ in range(count):
            turn = await pace.turn(sleep, conversation)
            assert turn is not None
            left.append(round(clock.time - begun, 6))
        return left

    return asyncio.run(leave())


def crowded(leaving: list[float], rate: Rate) -> Iterator[tuple[float, int]]:
    """Each moment of leaving, from which on more leave within the window than may."""
    for at in leaving:
        within = sum(at <= other < at + rate.seconds for other in leaving)
        if within > rate.count:
            yield at, within


REQUESTS = st.lists(
    st.tuples(
        st.floats(0, 20),  # seconds since the request before
        st.sampled_from(["", "a", "b", *map(str, range(20))]),
        st.one_of(st.just(0.0), st.floats(0, 30)),  # a Retry-After that came before it
    ),
    max_size=150,
)


@settings(max_examples=some(60), deadline=None)
@given(requests=REQUESTS, count=st.integers(1, 12), seconds=st.sampled_from([1.0, 10.0, 60.0]))
def test_no_window_of_any_phase_ever_holds_more_than_the_limit(
    requests: list[tuple[float, str, float]], count: int, seconds: float
) -> None:
    """A fixed window of the API's, wherever it begins, is one of them."""
    clock, rate = StillClock(), Rate(count, seconds)
    pace = Pace(rate, clock=clock)
    leaving = []
    for gap, conversation, retry_after in requests:
        clock.time += gap
        asked = clock.time
        pace.refused(retry_after)
        [wait] = taken(pace, clock, 1, conversation)
        assert wait >= retry_after - 1e-5
        leaving.append(asked + wait)
    assert list(crowded(leaving, rate)) == []


@pytest.mark.parametrize("rate", [Rate(100, 60.0), Rate(80, 1.0)], ids=str)
def test_who_always_has_something_to_send_gets_nearly_all_that_is_allowed(clock: StillClock, rate: Rate) -> None:
    """At least 95 % of it, over ten windows."""
    waits = taken(Pace(rate, clock=clock), clock, rate.count * 20)
    assert sum(wait < 10 * rate.seconds for wait in waits) >= 0.95 * rate.count * 10


def test_one_recipient_gets_a_burst_of_45_and_then_one_message_in_6_seconds(clock: StillClock) -> None:
    """Others need not wait for it."""
    pace = Pace(Rate(1_000_000, 1.0), clock=clock)
    waits = taken(pace, clock, 48, "a")
    assert waits == [*[0.0] * 45, 6.0, 12.0, 18.0]
    assert taken(pace, clock, 1, "b") == [0.0]
    assert taken(pace, clock, 1) == [0.0]


def test_the_burst_comes_back_by_one_in_6_seconds(clock: StillClock) -> None:
    """A minute after a whole burst ten more may go at once."""
    pace = Pace(Rate(1_000_000, 1.0), clock=clock)
    taken(pace, clock, 45, "a")
    clock.time += 60
    assert taken(pace, clock, 11, "a") == [*[0.0] * 10, 6.0]


def test_one_answer_closes_the_door_no_longer_than_it_may(clock: StillClock) -> None:
    """A day for whoever was refused is not a day for everybody."""
    pace = Pace(Rate(100, 60.0), clock=clock)
    pace.refused(86_400.0, 120.0)
    assert taken(pace, clock, 1) == [120.0]
    pace.refused(30.0, 120.0)
    assert taken(pace, clock, 1) == [30.0]


def test_nobody_sends_before_retry_after_is_over(clock: StillClock) -> None:
    """A shorter one that comes later opens nothing; none at all changes nothing."""
    pace = Pace(Rate(100, 60.0), clock=clock)
    assert taken(pace, clock, 1) == [0.0]
    pace.refused(30.0)
    pace.refused(5.0)
    pace.refused(None)
    assert taken(pace, clock, 2, "a") == [30.0, 30.0]
    assert taken(pace, clock, 1) == [0.0]


def test_the_api_s_word_on_its_limit_wins(clock: StillClock) -> None:
    """Also for what has left already."""
    pace = Pace(Rate(4, 60.0), clock=clock)
    assert taken(pace, clock, 3) == [0.0] * 3
    pace.learn(2)
    assert taken(pace, clock, 1)[0] >= 60.0
    pace.learn(1000)
    assert taken(pace, clock, 1) == [0.0]
    pace.learn(None)
    pace.learn(0)
    assert taken(pace, clock, 1) == [0.0]


def test_a_request_counts_from_when_it_really_left(clock: StillClock) -> None:
    """One that was held up leaves the next window later, too."""

    async def leave() -> float:
        pace = Pace(Rate(1, 10.0), clock=clock)

        async def sleep(seconds: float) -> bool:
            clock.time += max(seconds, 0.0)
            return False

        turn = await pace.turn(sleep)
        assert turn is not None
        clock.time += 3.0
        turn.left()
        left = clock.time
        await pace.turn(sleep)
        return clock.time - left

    assert asyncio.run(leave()) >= 10.0


def test_a_stop_ends_the_wait_for_a_turn(clock: StillClock) -> None:
    """Nothing is taken then."""

    async def ask() -> object:
        pace = Pace(Rate(1, 10.0), clock=clock)

        async def stopped(_: float) -> bool:
            return True

        async def free(_: float) -> bool:
            return False

        assert await pace.turn(free) is not None
        return await pace.turn(stopped)

    assert asyncio.run(ask()) is None
