"""A rate that processes share: never more than it allows, and fair; by a clock that is told the time."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowrunner.journal.rates import PATIENCE, Given, Rate, Shared, Used, Wanted, give, give_anew
from support.slices import some

UP = 1_000.0
"""What the journal's clock says at first."""


class Held(NamedTuple):
    """Turns that a process was given, by the true time."""

    given: Given
    until: float
    left: list[float]
    said: int = 0


@dataclass(slots=True)
class Process:
    """One that keeps to what it is promised: it uses turns while it may, and says what became of them afterwards."""

    name: str
    rate: Rate
    hold: float
    held: list[Held] = field(default_factory=list)
    seen: tuple[int, float] | None = None

    def asks(self, at: float, turns: int, spare: int = 0, closed: float = 0.0, told: Rate | None = None) -> Wanted:
        """What it asks at that time."""
        used, held = list[Used](), self.held
        self.held = []
        for each in held:
            used += [Used(each.given.until, 1, 1, self.row(left)) for left in each.left if left <= at]
            later, said = [left for left in each.left if left > at], each.said + sum(left <= at for left in each.left)
            if at < each.until:
                self.held.append(each._replace(left=later, said=said))
            elif unused := each.given.total - said:
                used.append(Used(each.given.until, unused, 0, 0))
        seen = None if self.seen is None else (self.seen[0], at - self.seen[1])
        return Wanted(self.name, self.rate, turns, self.hold, spare, tuple(used), told, closed, seen)

    def row(self, at: float) -> int:
        """The row's time by then."""
        assert self.seen is not None
        return self.seen[0] + ceil((at - self.seen[1]) * 1000)

    def takes(self, asked: float, done: float, its: Given, used: Sequence[float]) -> list[float]:
        """When its requests leave, which asked and was answered then: ``used`` are parts of the time that each has."""
        self.seen = (its.now, asked)
        if not its.turns:
            return []
        lapses = asked + its.turns[-1][0] + self.hold
        starts = [done + wait for wait, turns in its.turns for _ in range(turns)]
        left = sorted(start + part * (lapses - start) for start, part in zip(starts, used, strict=False))
        self.held.append(Held(its, lapses, left))
        return [*left]


class Asked(NamedTuple):
    """One question of one of the processes."""

    process: int
    gap: float
    turns: int
    spare: int
    delay: float
    used: list[float]
    ends: bool
    step: float
    closed: float


PARTS = st.lists(st.floats(0.0, 1.0), max_size=12)


def asked(
    steps: st.SearchStrategy[float], delays: st.SearchStrategy[float], *, ends: bool
) -> st.SearchStrategy[list[Asked]]:
    """Questions of three processes."""
    one = st.builds(
        Asked,
        process=st.integers(0, 2),
        gap=st.one_of(st.just(0.0), st.floats(0, 0.1), st.floats(0, 1.5)),
        turns=st.integers(0, 12),
        spare=st.integers(0, 5),
        delay=delays,
        used=PARTS,
        ends=st.sampled_from([False, False, False, True]) if ends else st.just(False),
        step=steps,
        closed=st.one_of(st.just(0.0), st.just(0.0), st.floats(0, 3)),
    )
    return st.lists(one, min_size=5, max_size=80)


def played(questions: list[Asked], rate: Rate) -> list[float]:
    """When requests leave; each answer takes up to three tenths of the time that turns are kept."""
    shared, clock, at, left = Shared(), UP, 0.0, list[float]()
    hold = rate[1] / 4
    processes = [Process(str(number), rate, hold) for number in range(3)]
    closed = 0.0
    for process in processes:  # who has never asked cannot know that the clock was set
        shared, its = give(shared, process.asks(at, 0), clock)
        process.takes(at, at, its, [])
    for number, each in enumerate(questions):
        process = processes[each.process]
        if each.ends:
            process = processes[each.process] = Process(f"{each.process}, {number}", rate, hold)
        at += each.gap * rate[1]
        clock += each.step
        wanted = process.asks(at, each.turns, each.spare, each.closed)
        done = at + each.delay * hold
        shared, its = give(shared, wanted, clock + done)
        if its.turns:
            assert done + its.turns[0][0] >= closed - 0.1 - done / 1000
        closed = max(closed, done + each.closed - 0.001)
        left += process.takes(at, done, its, each.used)
        at = done
        assert its.total <= rate[0]
        assert (its.wait > 0) == (its.total < each.turns)
        assert [*its.turns] == sorted(its.turns)
        assert all(wait <= 0.15 for wait, _ in its.turns)
    return left


def most(left: list[float], seconds: float) -> int:
    """The most that leave in any window of so many seconds."""
    left = sorted(left)
    return max((bisect_left(left, at + seconds) - place for place, at in enumerate(left)), default=0)


NOTHING = st.just(0.0)
LATE = st.one_of(st.just(0.0), st.floats(0, 0.3))
BACK = st.one_of(st.just(0.0), st.floats(-100_000, 0))


@settings(max_examples=some(150), deadline=None)
@given(questions=asked(BACK, LATE, ends=True), count=st.integers(1, 12), seconds=st.sampled_from([1.0, 60.0]))
def test_no_window_ever_holds_more_than_the_rate(questions: list[Asked], count: int, seconds: float) -> None:
    """However processes interleave, end and begin, and the journal's clock is set back or its machine starts again."""
    assert most(played(questions, (count, seconds)), seconds) <= count


@settings(max_examples=some(100), deadline=None)
@given(
    questions=asked(NOTHING, NOTHING, ends=False),
    count=st.integers(1, 12),
    seconds=st.sampled_from([1.0, 60.0]),
    place=st.integers(0, 79),
    step=st.floats(0, 100_000),
)
def test_a_clock_that_is_set_forward_gives_nobody_a_turn(
    questions: list[Asked], count: int, seconds: float, place: int, step: float
) -> None:
    """Those who ask know how long it was. One window is shorter, by a twentieth of a second at most."""
    place %= len(questions)
    questions = [*questions[:place], questions[place]._replace(step=step), *questions[place + 1 :]]
    assert most(played(questions, (count, seconds)), seconds - 0.05) <= count


class Crowd(NamedTuple):
    """What came of processes that share a rate for a while.

    Attributes:
        left: When requests left, by process.
        asked: How often the processes asked.
    """

    left: dict[str, list[float]]
    asked: int


def shared_by(
    wishes: Sequence[int], rate: Rate, seconds: float, *, late: float = 0.002, gone: Sequence[int] = ()
) -> Crowd:
    """Let processes send for so many seconds, each of which always has so many requests waiting.

    Each comes when it was told to, and ``late`` seconds after that; its requests leave a few milliseconds after they
    were given their turns. Those whose places are in ``gone`` end without a word after a third of the time.
    """
    shared, asked = Shared(), 0
    processes = [Process(str(place), rate, min(rate[1] / 4, 2.0)) for place in range(len(wishes))]
    left: dict[str, list[float]] = {each.name: [] for each in processes}
    due = {place: place * 0.001 for place in range(len(wishes))}
    while (at := min(due.values())) < seconds:
        place = min(due, key=due.__getitem__)
        if place in gone and at > seconds / 3:
            due[place] = seconds
            continue
        process = processes[place]
        shared, its = give(shared, process.asks(at, wishes[place]), UP + at)
        asked += 1
        left[process.name] += process.takes(at, at, its, [min(0.9, 0.008 / process.hold)] * its.total)
        due[place] = at + min(its.wait, process.hold) + late
    return Crowd(left, asked)


RATES: list[Rate] = [(80, 1.0), (100, 60.0), (1000, 60.0), (1000, 1.0)]


@pytest.mark.parametrize("rate", RATES, ids=str)
@pytest.mark.parametrize("wishes", [[200], [200, 200, 200], [5, 200, 40], [200] * 10], ids=str)
def test_processes_that_always_want_more_get_nearly_all_of_the_rate_in_equal_shares(
    wishes: list[int], rate: Rate
) -> None:
    """At least 95 % of it after the first window's worth; nobody who wants its share gets less."""
    windows = 20
    crowd = shared_by(wishes, rate, windows * rate[1])
    late = {who: [at for at in its if at >= rate[1] * 2] for who, its in crowd.left.items()}
    total = sum(map(len, late.values()))
    assert most([at for its in crowd.left.values() for at in its], rate[1]) <= rate[0]
    assert total >= 0.95 * rate[0] * (windows - 2)
    share = rate[0] / len(wishes) * (windows - 2)
    for place, its in late.items():
        wish = min(wishes[int(place)] * (windows - 2), share)
        assert len(its) >= 0.85 * wish, Counter({who: len(each) for who, each in late.items()})
    looks = len(wishes) * windows * rate[1] / min(rate[1] / 4, 2.0)
    assert crowd.asked <= total + looks


@settings(max_examples=some(60), deadline=None)
@given(
    wishes=st.lists(st.integers(1, 60), min_size=3, max_size=3),
    count=st.integers(1, 100),
    gone=st.lists(st.integers(0, 2), max_size=2, unique=True),
    late=st.floats(0.001, 0.2),
)
def test_nobody_starves(wishes: list[int], count: int, gone: list[int], late: float) -> None:
    """Whoever always wants turns gets some in every few windows, whatever the others want, and though some end."""
    seconds = 30.0
    crowd = shared_by(wishes, (count, 1.0), seconds, late=late, gone=gone)
    longest = 3 * (1 + 3 / count) + 2 * PATIENCE
    for place in {0, 1, 2} - {*gone}:
        its = [0.0, *crowd.left[str(place)], seconds]
        assert max(later - earlier for earlier, later in pairwise(its)) <= longest
    assert most([at for its in crowd.left.values() for at in its], 1.0) <= count


def test_a_process_that_begins_again_has_no_window_of_its_own() -> None:
    """What the one before it has sent counts."""
    rate = (100, 60.0)
    shared, first = give(Shared(), Wanted("a", rate, 100, 1.0), UP)
    assert first.total == 100
    shared, none = give(shared, Wanted("b", rate, 10, 1.0), UP + 30)
    assert (none.total, none.wait) == (0, pytest.approx(32.2, abs=0.3))
    _, its = give(shared, Wanted("b", rate, 10, 1.0), UP + 30 + none.wait)
    assert its.total == 10


def test_turns_that_were_not_used_are_given_back() -> None:
    """As soon as their process says so; they lapse with the window at the latest."""
    rate = (10, 60.0)
    shared, its = give(Shared(), Wanted("a", rate, 10, 1.0), UP)
    shared, _ = give(shared, Wanted("a", rate, 0, 1.0, used=(Used(its.until, 10, 4, its.now + 1500),)), UP + 2)
    _, other = give(shared, Wanted("b", rate, 10, 1.0), UP + 3)
    assert other.total == 6


def test_more_than_is_waited_for_is_given_to_who_is_alone_only() -> None:
    """And never more than half of what is free."""
    rate = (80, 1.0)
    shared, its = give(Shared(), Wanted("a", rate, 2, 0.2, spare=1000), UP)
    assert its.total == 2 + 39
    shared, its = give(shared, Wanted("b", rate, 60, 0.2), UP)
    assert its.total == 39
    shared, its = give(shared, Wanted("b", rate, 60, 0.2), UP + 1)
    _, its = give(shared, Wanted("a", rate, 1, 0.2, spare=1000), UP + 1.25)
    assert its.total == 1


def test_the_api_s_word_holds_for_all_until_nothing_has_left_for_a_window() -> None:
    """Whoever has learnt it; then each begins with its own again."""
    shared, its = give(Shared(), Wanted("a", (80, 1.0), 5, 0.2), UP)
    assert its.rate is None
    shared, its = give(shared, Wanted("a", (80, 1.0), 1, 0.2, told=(10, 60.0)), UP + 0.1)
    assert (its.rate, its.total) == ((10, 60.0), 1)
    shared, its = give(shared, Wanted("b", (80, 1.0), 9, 0.2), UP + 0.2)
    assert (its.rate, its.total) == ((10, 60.0), 4)
    _, its = give(shared, Wanted("b", (80, 1.0), 9, 0.2), UP + 100)
    assert (its.rate, its.total) == (None, 9)


def test_what_the_api_has_closed_is_closed_for_all() -> None:
    """A shorter time that comes later opens nothing."""
    shared, _ = give(Shared(), Wanted("a", (80, 1.0), 0, 0.2, closed=30.0), UP)
    shared, its = give(shared, Wanted("b", (80, 1.0), 3, 0.2, closed=5.0), UP + 10)
    assert (its.total, its.wait) == (0, pytest.approx(19.925, abs=0.01)), "a little early"
    shared, its = give(shared, Wanted("b", (80, 1.0), 1, 0.2), UP + 29.9)
    assert its.turns == ((pytest.approx(0.1, abs=0.002), 1),)
    _, its = give(shared, Wanted("b", (80, 1.0), 3, 0.2), UP + 30.01)
    assert its.total == 3


def test_turns_are_not_kept_for_who_does_not_come() -> None:
    """It has its place for a second."""
    rate = (10, 1.0)
    shared, _ = give(Shared(), Wanted("a", rate, 10, 0.2), UP)
    shared, gone = give(shared, Wanted("gone", rate, 10, 0.2), UP)
    shared, its = give(shared, Wanted("b", rate, 10, 0.2), UP + gone.wait)
    assert its.total == 5
    shared, its = give(shared, Wanted("b", rate, 10, 0.2), UP + gone.wait + PATIENCE + 0.01)
    assert its.total == 5


@pytest.mark.parametrize("step", [-86_400.0, -0.5, 86_400.0])
def test_a_clock_that_is_set_holds_nobody_up_for_longer_than_a_window(step: float) -> None:
    """The row's own time goes on from where it was."""
    process, rate = Process("a", (10, 1.0), 0.2), (10, 1.0)
    shared, its = give(Shared(), process.asks(0.0, 10), UP)
    process.takes(0.0, 0.0, its, [1.0] * 10)
    shared, none = give(shared, process.asks(0.5, 10), UP + 0.5 + step)
    assert none.total == 0
    _, its = give(shared, Wanted("b", rate, 10, 0.2), UP + 2 + step)
    assert its.total == 5, "half is set aside"


def test_a_row_that_is_begun_anew_holds_nobody_up_for_longer_than_a_window() -> None:
    """Also where the journal's clock had been set a day ahead, which the row before did not follow."""
    process = Process("a", (10, 60.0), 15.0, seen=(round(UP * 1000), 0.0))
    shared, none = give_anew(process.asks(1.0, 1), UP + 86_401.0)
    process.takes(1.0, 1.0, none, [])
    assert none.total == 0
    assert 60 < none.wait < 62
    _, its = give(shared, process.asks(1.0 + none.wait, 1), UP + 86_401.0 + none.wait)
    assert its.total == 1
