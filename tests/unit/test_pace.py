"""How fast requests may leave, by a clock that is told the time."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowrunner.delivery import Pace, Rate
from flowrunner.delivery.rate.turn_order import Place
from support.clocks import StillClock
from support.slices import some
from support.virtual import VirtualClock

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


class Queued(NamedTuple):
    """Somebody who begins after ``after`` seconds, and sends ``requests`` messages, ``gap`` seconds apart."""

    after: float
    requests: int
    gap: float
    looks: bool


async def _sent(its: Queued, number: int, pace: Pace, clock: VirtualClock, left: list[tuple[int, float]]) -> None:
    sleep = partial(clock.sleep, stop=asyncio.Event())
    await clock.sleep(its.after)
    place = await pace.begin(sleep, its.requests, its.gap * its.requests)
    assert place is not None
    try:
        with place.taken():
            for each in range(its.requests):
                assert await pace.turn(sleep, is_look=its.looks and each % 2 == 1) is not None
                left.append((number, clock.monotonic()))
                await clock.sleep(its.gap)
    finally:
        pace.leave(place)


QUEUED = st.builds(
    Queued,
    after=st.floats(0, 30),
    requests=st.integers(1, 9),
    gap=st.floats(0.001, 8),
    looks=st.booleans(),
)


@settings(max_examples=some(40), deadline=None)
@given(everybody=st.lists(QUEUED, min_size=1, max_size=12), count=st.integers(1, 6))
def test_with_the_rate_in_full_use_nobody_waits_for_ever(everybody: list[Queued], count: int) -> None:
    """Everybody gets all of their turns, those that look, too, and the rate is kept and never idle for long."""
    rate = Rate(count, 10.0)
    with VirtualClock() as clock:
        pace, left = Pace(rate, clock=clock), list[tuple[int, float]]()

        async def work() -> None:
            await asyncio.gather(*(_sent(each, at, pace, clock, left) for at, each in enumerate(everybody)))

        clock.run(work())
    requests = sum(each.requests for each in everybody)
    assert Counter(number for number, _ in left) == {at: each.requests for at, each in enumerate(everybody)}
    times = [at for _, at in left]
    assert list(crowded(times, rate)) == []
    own = sum(each.requests * each.gap for each in everybody)
    assert max(times) <= 30 + (requests / count + 1) * 10.2 + own


def test_who_began_first_goes_first_and_a_look_after_all_who_have_begun() -> None:
    """Nobody new begins while they use the rate."""
    with VirtualClock() as clock:
        pace, left = Pace(Rate(2, 10.0), clock=clock), list[str]()
        sleep = partial(clock.sleep, stop=asyncio.Event())

        async def ask(name: str, place: Place, after: float, *, is_look: bool = False) -> None:
            await clock.sleep(after)
            with place.taken():
                await pace.turn(sleep, is_look=is_look)
                left.append(name)

        async def new() -> None:
            await clock.sleep(0.4)
            assert await pace.begin(sleep, 1, 0.1) is not None
            left.append("new")

        async def work() -> None:
            first, second = pace.enter(5), pace.enter(5)
            for _ in range(2):
                await pace.turn(sleep)
            await asyncio.gather(
                new(), ask("look", first, 0.1, is_look=True), ask("second", second, 0.2), ask("first", first, 0.3)
            )

        clock.run(work())
    # What comes after the look was asked for has begun before it: the new one alone has not.
    assert left == ["first", "second", "look", "new"]


def test_who_does_not_come_back_keeps_no_turn() -> None:
    """A place that is owed all of the rate is waited for as long as answers mostly take, and no longer."""
    with VirtualClock() as clock:
        pace = Pace(Rate(10, 60.0), clock=clock)

        async def work() -> float:
            sleep = partial(clock.sleep, stop=asyncio.Event())
            pace.enter(10)
            assert await pace.begin(sleep, 1, 0.1, within=1.0) is None
            assert await pace.begin(sleep, 1, 0.1) is not None
            return clock.monotonic()

        assert 2.0 <= clock.run(work()) <= 2.1


def test_a_stop_ends_the_wait_to_begin(clock: StillClock) -> None:
    """It does so at once."""
    pace = Pace(Rate(1, 60.0), clock=clock)

    async def stopped(_: float) -> bool:
        return True

    async def free(_: float) -> bool:
        return False

    async def work() -> object:
        assert await pace.turn(free) is not None
        return await pace.begin(stopped, 1, 0.1)

    assert asyncio.run(work()) is None


def test_one_who_is_stopped_or_cancelled_leaves_the_queue_to_the_others() -> None:
    """Whoever watches for the next turn may go: another one watches then."""
    with VirtualClock() as clock:
        pace, left = Pace(Rate(1, 10.0), clock=clock), list[str]()
        stop, never = asyncio.Event(), asyncio.Event()

        async def ask(name: str, event: asyncio.Event) -> None:
            if await pace.turn(partial(clock.sleep, stop=event)) is not None:
                left.append(name)

        async def work() -> None:
            await ask("first", never)
            tasks = [asyncio.create_task(ask(*each)) for each in (("stopped", stop), ("cancelled", never))]
            last = asyncio.create_task(ask("last", never))
            await clock.sleep(1)
            stop.set()
            await clock.sleep(1)
            tasks[1].cancel()
            await last

        clock.run(work())
        assert left == ["first", "last"]
        assert clock.monotonic() < 11
