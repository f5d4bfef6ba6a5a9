"""Where the rate is the bottleneck people are served one after another, and none of it is left unused."""

from pathlib import Path
from typing import Any

import pytest

from flowrunner.campaign import Limits
from flowrunner.delivery import Rate
from flowrunner.journal.sqlite.memory import MemoryJournal
from support.limits import Came, campaign
from support.slices import crossed
from support.virtual import VirtualClock

SIX = "name: six\nsteps:\n" + "".join(f"  - message: Message {number}\n" for number in range(6))
PAUSED = "name: paused\nsteps:\n  - message: one\n  - pause: 5s\n  - message: two\n  - message: three\n"
MANY = "name: many\nsteps:\n" + "".join(f"  - message: Message {number}\n" for number in range(60))
RATES = [Rate(100, 60.0), Rate(80, 1.0)]


def came(flow: str, people: int, rate: Rate, folder: Path, *faults: str, latency: float = 0.05) -> Came:
    """What a campaign came to, by a clock of its own."""
    folder.mkdir(exist_ok=True)
    with VirtualClock() as clock:
        return clock.run(campaign(flow, people, rate, folder, clock, *faults, latency=latency))


def fastest(messages: int, rate: Rate) -> float:
    """Seconds until the last of so many messages may leave, however they are shared out."""
    return (messages - 1) // rate.count * rate.seconds * 1.02


@pytest.mark.sliced
@pytest.mark.parametrize(("rate", "latency"), crossed(2, RATES, [0.05, 0.5]), ids=str)
def test_the_median_person_takes_at_most_twice_what_it_takes_alone(rate: Rate, latency: float, tmp_path: Path) -> None:
    """All of it takes no longer than the rate makes it; many are done when a third of the time is over."""
    people = 40 if rate.count == 100 else 122
    alone = came(SIX, 1, rate, tmp_path / "alone", latency=latency)
    all_of_them = came(SIX, people, rate, tmp_path / "all", latency=latency)
    assert all_of_them.messages == all_of_them.requests == 6 * people
    assert all_of_them.span <= 2 * alone.span
    assert all_of_them.seconds <= fastest(6 * people, rate) + alone.seconds + 0.03 * all_of_them.seconds
    assert sum(at <= all_of_them.seconds / 3 + alone.seconds for at in all_of_them.done) >= people / 4


def test_who_answers_slowly_or_is_in_a_pause_holds_nobody_up(tmp_path: Path) -> None:
    """Every second message is answered after 20 s, or its person is in a pause: the rate is used all the same."""
    rate = Rate(80, 1.0)
    late = came(SIX, 60, rate, tmp_path / "late", "latency:seconds=20,probability=0.02,count=1000000")
    assert late.seconds <= fastest(360, rate) + 6 * 20
    paused = came(PAUSED, 120, rate, tmp_path / "paused")
    assert paused.seconds <= fastest(360, rate) + 5 + 1


def test_who_is_woken_from_a_pause_goes_before_the_new(tmp_path: Path) -> None:
    """They have begun: their second message leaves with the next turns, though many people are new."""
    paused = came(PAUSED, 120, Rate(100, 60.0), tmp_path)
    assert sorted(paused.spans)[60] <= 2 * 61.2
    assert paused.seconds <= fastest(360, Rate(100, 60.0)) + 10


def test_while_everybody_waits_the_audience_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who had failed, who is left, that nobody else is, and at the end that nobody was left; however long it takes."""
    read, asked = MemoryJournal.pending, list[object]()

    async def counted(journal: MemoryJournal, *given: Any, **named: Any) -> Any:
        asked.append(named)
        return await read(journal, *given, **named)

    monkeypatch.setattr(MemoryJournal, "pending", counted)
    assert came(PAUSED, 3, Rate(80, 1.0), tmp_path).messages == 9
    assert len(asked) == 4


def test_whoever_may_get_no_more_now_leaves_the_rate_to_others(tmp_path: Path) -> None:
    """After 45 messages WhatsApp allows one in 6 s to the same person; others begin meanwhile."""
    many = came(MANY, 6, Rate(100, 60.0), tmp_path)
    assert max(many.done) <= fastest(360, Rate(100, 60.0)) + 15 * 6 + 1


@pytest.mark.parametrize("window", [1, 2, 12])
@pytest.mark.parametrize("latency", [0.05, 1.0])
def test_no_more_messages_are_on_their_way_than_the_window_says(tmp_path: Path, window: int, latency: float) -> None:
    """And so many are."""
    with VirtualClock() as clock:
        limits = Limits(window=window)
        its = clock.run(campaign(SIX, 16, Rate(10_000, 1.0), tmp_path, clock, latency=latency, limits=limits))
    assert its.at_once == window
    assert its.messages == 16 * 6
