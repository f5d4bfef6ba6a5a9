"""The API is asked what people wrote while anybody waits, and never by more than a tenth of what the key may ask."""

import asyncio
from collections.abc import Sequence
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest

from flowrunner.client import ApiClock, Retryable
from flowrunner.client.paged_requests import wait_for_turn
from flowrunner.delivery import Pace, Rate
from flowrunner.delivery.inbound.polling import Hearing
from flowrunner.model import Inbound, Recipient
from support.virtual import VirtualClock

HUNDRED_A_MINUTE = Rate(100, 60.0)


class Api:
    """Lists messages, and asks which of many people are wanted."""

    def __init__(self, people: int, messages: int) -> None:
        self.people, self.messages = people, messages
        self.since: list[float] = []
        self.failing = False
        self.lists, self.rate, self.api_clock = True, None, ApiClock()

    async def heard(self, since: float, wanted: Any) -> list[tuple[Recipient, Inbound]]:
        self.since.append(since)
        if self.failing:
            raise Retryable("not now", retry_after=500)
        for number in range(self.people):
            await wanted(Recipient(f"c{number}"))
        return [(Recipient("c0"), Inbound(f"wamid.{number}", 1.0, "text")) for number in range(self.messages)]


class Waiting:
    """A journal in which somebody waits, and of whose people every other is waited for."""

    def __init__(self) -> None:
        self.since: float | None = 1_000.0
        self.until = 0.0
        self.told = 0
        self.asked: float | None = None

    async def listening_since(self, _: str) -> float | None:
        return self.since

    async def asked_last(self, _: str) -> float | None:
        return self.asked

    async def listened_until(self, _: str) -> float:
        return self.until

    async def hears(self, _: str, whom: Recipient) -> bool:
        return int(whom.conversation[1:]) % 2 == 0

    async def hear(self, _: str, people: Sequence[Any]) -> list[str]:
        self.told += len(people)
        return ["run"] if people else []


def asked(api: Api, clock: VirtualClock, journal: Waiting) -> tuple[Hearing, Any]:
    hearing, ask, _ = paced(api, clock, journal, HUNDRED_A_MINUTE)
    return hearing, ask


def paced(api: Api, clock: VirtualClock, journal: Waiting, rate: Rate) -> tuple[Hearing, Any, Pace]:
    async def sleep(seconds: float) -> bool:
        return await clock.sleep(seconds, asyncio.Event())

    pace = Pace(rate, clock=clock)
    hearing = Hearing(api, journal, "t", pace, sleep, 60.0)  # type: ignore[arg-type]
    return hearing, hearing.ask, pace


@pytest.mark.parametrize(("people", "messages", "requests"), [(0, 0, 1), (8, 3, 5), (0, 250, 3), (40, 0, 21)])
def test_each_request_that_a_question_takes_is_paid_for(people: int, messages: int, requests: int) -> None:
    """A tenth of 100 a minute is one in six seconds."""
    api, journal = Api(people, messages), Waiting()
    with VirtualClock() as clock:
        hearing, ask = asked(api, clock, journal)
        clock.run(ask())
        assert journal.told == messages
        assert hearing.left == pytest.approx(6.0 * requests)
        clock.run(ask())
        assert len(api.since) == 1, "it is not time yet"


@pytest.mark.parametrize("pages", [1, 7])
def test_pages_that_bring_nothing_are_paid_for(pages: int) -> None:
    """A list of conversations of which none is waited for has pages, too: each has its turn."""

    class Long(Api):
        async def heard(self, since: float, wanted: Any) -> list[tuple[Recipient, Inbound]]:
            for _ in range(pages):
                await wait_for_turn()
            return await super().heard(since, wanted)

    with VirtualClock() as clock:
        hearing, ask = asked(Long(0, 0), clock, Waiting())
        clock.run(ask())
        assert hearing.left == pytest.approx(6.0 * pages)


def test_what_is_asked_again_is_paid_for() -> None:
    """An API that says "not now" has been asked all the same."""

    class Busy(Api):
        async def heard(self, since: float, _: Any) -> list[tuple[Recipient, Inbound]]:
            self.since.append(since)
            raise Retryable("not now", retry_after=5)

    api = Busy(0, 0)
    with VirtualClock() as clock:
        hearing, ask = asked(api, clock, Waiting())
        clock.run(ask())
        assert len(api.since) > 1
        assert hearing.left == pytest.approx(6.0 * len(api.since))


def test_who_may_say_stop_is_heard_though_nobody_waits() -> None:
    """From the given moment on, and ever more seldom: once a minute in the end."""
    api, journal = Api(0, 0), Waiting()
    journal.since = None
    with VirtualClock() as clock:
        hearing, ask = asked(api, clock, journal)
        began = clock.now()
        for _ in range(12):
            clock.run(ask(stops_since=began))
            clock.run(clock.sleep(hearing.left))
        assert api.since[0] == began - 120
        assert len(api.since) == 12
        assert clock.now() - began > 300


def test_while_nobody_writes_it_is_asked_more_seldom_and_once_somebody_does_soon_again() -> None:
    """From six seconds, which the rate asks for, to a minute."""
    api, gaps = Api(0, 0), []
    with VirtualClock() as clock:
        hearing, ask = asked(api, clock, Waiting())
        for number in range(12):
            api.messages = number == 10
            clock.run(ask())
            gaps.append(round(hearing.left, 1))
            clock.run(clock.sleep(hearing.left))
    assert gaps[:4] == [6.0, 6.0, 6.8, 10.1]
    assert gaps[9] == 60.0
    assert gaps[10] == 6.0


@pytest.mark.parametrize("rate", [HUNDRED_A_MINUTE, Rate(80, 1.0)], ids=["a hundred a minute", "eighty a second"])
@pytest.mark.parametrize("how", ["asked by another process", "sent by this one"])
def test_after_a_quiet_hour_somebody_new_is_heard_as_soon_as_the_rate_allows(how: str, rate: Rate) -> None:
    """Seen within two seconds, and within a tenth of the rate; then ever more seldom again."""
    api, journal = Api(0, 0), Waiting()
    with VirtualClock() as clock:
        hearing, ask, pace = paced(api, clock, journal, rate)

        async def work() -> list[float]:
            at = clock.now()
            while clock.now() - at < 3600.0:
                await ask()
                assert not await hearing.rest()
            await ask()
            assert hearing.left == 60.0
            await clock.sleep(20.0)
            new, before = clock.now(), len(api.since)
            if how.startswith("asked"):
                journal.asked = new
            else:
                await pace.turn(clock.sleep, "c1")  # type: ignore[arg-type]
            gaps = []
            for _ in range(12):
                await hearing.rest()
                await ask()
                gaps.append(clock.now() - new)
            assert len(api.since) == before + 12
            return gaps

        gaps = clock.run(work())
        assert gaps[0] <= 2.01, "what is new is looked for every two seconds"
        assert all(late - early >= 10 * pace.least_gap - 0.001 for early, late in pairwise(gaps))
        assert gaps[-1] - gaps[-2] == pytest.approx(60.0)


def test_who_stays_with_a_run_hears_of_somebody_new_likewise() -> None:
    """It asks again and again, whether it is time or not."""
    api, journal = Api(0, 0), Waiting()
    with VirtualClock() as clock:
        hearing, ask = asked(api, clock, journal)

        async def work() -> None:
            while hearing.left < 50.0:
                await ask()
                await clock.sleep(0.3)
            await clock.sleep(10.0)
            before, journal.asked = len(api.since), clock.now()
            await ask()
            assert len(api.since) == before + 1

        clock.run(work())


def test_what_was_asked_reaches_back_before_the_question_before_it() -> None:
    """What is listed late is heard all the same; one that failed is asked again from where it stood."""
    api = Api(0, 0)
    with VirtualClock() as clock:
        hearing, ask = asked(api, clock, Waiting())
        clock.run(ask())
        first = clock.now()
        clock.run(clock.sleep(hearing.left))
        api.failing = True
        clock.run(ask())
        assert isinstance(hearing.failure, Retryable)
        clock.run(clock.sleep(hearing.left))
        api.failing = False
        clock.run(ask())
    assert api.since[0] == 1_000.0 - 120.0
    assert {round(each - first) for each in api.since[1:]} == {-120}
    assert hearing.failure is None


def test_nobody_is_asked_for_nothing() -> None:
    """Where no run waits, or a listener is told; unless that one has just begun."""
    api, journal = Api(0, 0), Waiting()
    with VirtualClock() as clock:
        hearing, ask = asked(api, clock, journal)
        journal.since = None
        clock.run(ask())
        assert api.since == []
        journal.since, journal.until = 1_000.0, clock.now() + 3_600
        clock.run(clock.sleep(hearing.left))
        clock.run(ask())
        assert api.since == []
        clock.run(clock.sleep(hearing.left))
        clock.run(hearing.ask(even_if_told=True))
        assert len(api.since) == 1


def test_an_api_that_lists_nothing_is_not_asked() -> None:
    """Meta's own."""
    api = SimpleNamespace(lists=False)
    with VirtualClock() as clock:
        _, ask = asked(api, clock, Waiting())  # type: ignore[arg-type]
        assert clock.run(ask()) == ()
