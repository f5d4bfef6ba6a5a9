"""How many messages are on their way at once, and how many are written down as begun before they have a place."""

import asyncio
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from flowrunner.delivery.rate.in_flight import SendingWindow
from support.virtual import VirtualClock

WRITING = 0.01
"""Seconds in which a commit takes what is begun to the disk."""
MESSAGES = 30


@pytest.fixture
def clock() -> Iterator[VirtualClock]:
    with VirtualClock() as clock:
        yield clock


class Most(NamedTuple):
    """What there was of each at once, at most; of what is begun as soon as it is known how fast the API is."""

    under_way: int
    begun: int
    on_their_way: int
    rate: float


def _carried_out(clock: VirtualClock, most: int, seconds: float) -> Most:
    """So many people as there is room for, each sent messages one after another that the API answers after so long."""
    window = SendingWindow(most)
    now = {"under_way": 0, "begun": 0, "on_their_way": 0}
    peaks = dict(now)

    def count(what: str, by: int, *, counts: bool = True) -> None:
        now[what] += by
        peaks[what] = max(peaks[what], now[what]) if counts else peaks[what]

    async def person() -> None:
        await window.enter()
        count("under_way", 1)
        for number in range(MESSAGES):
            async with window.place() as place:
                count("begun", 1, counts=number > MESSAGES // 2)
                await clock.sleep(WRITING)
                await place.take()
                count("on_their_way", 1)
                await clock.sleep(seconds)
                window.answered(seconds)
                count("on_their_way", -1)
                count("begun", -1)
        count("under_way", -1)
        window.leave()

    async def scene() -> float:
        began, people = clock.monotonic(), 3 * most
        await asyncio.gather(*(person() for _ in range(people)))
        return people * MESSAGES / (clock.monotonic() - began)

    rate = clock.run(scene())
    return Most(**peaks, rate=rate)


@pytest.mark.parametrize("most", [1, 2, 3, 20])
@pytest.mark.parametrize(("seconds", "soon"), [(0.05, True), (0.14, True), (0.15, False), (5.0, False)])
def test_no_more_are_on_their_way_than_there_is_room_for(
    clock: VirtualClock, most: int, seconds: float, soon: bool
) -> None:
    """One is one: whoever asks for one person after another gets no second one beside them."""
    its = _carried_out(clock, most, seconds)
    assert its.on_their_way == most
    assert its.under_way == (2 * most if soon and most > 1 else most)


@pytest.mark.parametrize("most", [2, 20])
def test_no_place_stays_empty_while_messages_are_written_down(clock: VirtualClock, most: int) -> None:
    its = _carried_out(clock, most, 0.05)
    assert its.begun > most
    assert its.rate > 0.9 * most / 0.05
    assert its.rate > 1.05 * most / (0.05 + WRITING)  # as many as there would be if a place were held meanwhile


@pytest.mark.parametrize("most", [1, 2, 20])
def test_where_the_api_is_slow_nothing_is_begun_that_has_no_place(clock: VirtualClock, most: int) -> None:
    """It would wait for seconds, written down as begun: its turn lapses, and its person may say stop."""
    assert _carried_out(clock, most, 5.0).begun <= most


def test_an_api_that_becomes_slow_has_nobody_new_wait(clock: VirtualClock) -> None:
    """Who is under way goes on; whoever is to begin a message has a place for it first, and nobody new comes."""

    async def scene() -> None:
        window = SendingWindow(2)
        for _ in range(20):
            window.answered(0.05)
        for _ in range(3):
            await window.enter()
        window.answered(5.0)
        async with window.place(), window.place():
            assert window.waits
        window.leave()
        new = asyncio.create_task(window.enter())
        await clock.sleep(1.0)
        assert not new.done()
        window.leave()
        await clock.sleep(1.0)
        assert new.done()

    clock.run(scene())


def test_a_place_comes_back_from_who_is_cancelled(clock: VirtualClock) -> None:
    async def scene() -> None:
        window = SendingWindow(1)

        async def hang() -> None:
            async with window.place() as place:
                await place.take()
                await clock.sleep(60.0)

        hanging = [asyncio.create_task(hang()) for _ in range(3)]
        await clock.sleep(1.0)
        assert window.waits
        for each in hanging:
            each.cancel()
        await asyncio.gather(*hanging, return_exceptions=True)
        assert not window.waits

    clock.run(scene())
