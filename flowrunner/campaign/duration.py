"""How long a campaign takes, worked out before it begins: one person's requests, and how a rate shares them out."""

import heapq
from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from functools import lru_cache
from itertools import count
from typing import Final, NamedTuple

from flowrunner.delivery.rate.pace import Rate
from flowrunner.delivery.transit_times import FIRST
from flowrunner.engine.waits import wait_of
from flowrunner.journal.rates import MARGIN
from flowrunner.model import Action, Message, Pause
from flowrunner.spec.facts import PAIR_BURST, PAIR_SECONDS

ANSWERED: Final = 0.1
"""Seconds in which the API answers a request, as long as nobody knows better."""
_MOST: Final = 20_000
"""Requests that are gone through one by one; more of them go on as these have."""


class Request(NamedTuple):
    """One request of a run.

    Attributes:
        gap: Seconds that the run waits before it, after the answer to the one before.
        is_message: Whether it is one; else a question.
        is_look: It asks how far a message is.
        is_parked: Whether others may be under way in its stead meanwhile.
    """

    gap: float = 0.0
    is_message: bool = True
    is_look: bool = False
    is_parked: bool = False


class Course(NamedTuple):
    """One person's run, where all goes well.

    Attributes:
        requests: In order.
        rest: Seconds that pass after the last one.
    """

    requests: tuple[Request, ...]
    rest: float = 0.0

    @property
    def alone(self) -> float:
        """Seconds that it takes if nobody else is sent to, without its pauses."""
        return sum(each.gap for each in self.requests if not each.is_parked) + len(self.requests) * ANSWERED

    @property
    def looks(self) -> int:
        """How many of its requests ask how far a message is."""
        return sum(each.is_look for each in self.requests)


def course_of(actions: Sequence[Action], *, is_found: bool, is_heard: bool = False) -> Course:
    """The run that these actions are.

    Args:
        actions: What becomes of each step, in order.
        is_found: The API is asked for the person's conversation first.
        is_heard: A listener is told how far messages are, and the API is not asked.
    """
    requests = [Request(is_message=False)] if is_found else []
    pause = wait = 0.0
    for place, action in enumerate(actions):
        if isinstance(action, Pause):
            pause += action.seconds
        if not isinstance(action, Message):
            continue
        requests.append(Request(pause + wait, is_parked=pause > 0))
        pause = wait = 0.0
        later = actions[place + 1 :]
        if wait_of(action, lambda later=later: any(isinstance(each, Message) for each in later)).rank:  # type: ignore[misc]
            wait = FIRST - ANSWERED
            if not is_heard:
                requests.append(Request(wait, is_message=False, is_look=True))
                wait = 0.0
    return Course(tuple(requests), pause + wait)


@lru_cache(maxsize=1)  # it is said before and after somebody agrees, and takes as long as a hundred messages
def seconds_for(course: Course, people: int, rate: Rate, window: int = 100) -> float:
    """Seconds from the first request of the first person to the answer to the last one's last.

    Args:
        course: What each of them gets.
        people: How many there are.
        rate: How many requests the key may make.
        window: How many runs are under way at once.
    """
    if not course.requests or not people:
        return course.rest if people else 0.0
    few = min(people, max(_MOST // len(course.requests), 1))
    more = (people - few) * len(course.requests) / rate.count * rate.seconds * MARGIN
    return _shared(course, few, rate, window) + more


class _Person(NamedTuple):
    """Somebody under way.

    Attributes:
        order: Who began first has the lowest.
        place: Which request comes next.
        full: When WhatsApp would let them have a whole burst again.
        is_away: No turns are kept for them.
    """

    order: int
    place: int = 0
    full: float = 0.0
    is_away: bool = False


class _Turns:
    """The turns of a rate, as `flowrunner.delivery.rate.pace` gives them."""

    def __init__(self, rate: Rate) -> None:
        self._span, self._given = rate.seconds * MARGIN, deque[float](maxlen=rate.count)

    def next(self) -> float:
        """When the next one may be given."""
        return self._given[0] + self._span if len(self._given) == self._given.maxlen else 0.0

    def give(self, now: float) -> None:
        """One is given."""
        self._given.append(now)

    def within(self, now: float, seconds: float) -> int:
        """How many may be given in the next so many seconds."""
        most = self._given.maxlen or 0
        rounds, rest = divmod(seconds, self._span)
        back = bisect_right(self._given, now + rest - self._span)
        return most - len(self._given) + back + int(rounds) * most


def _shared(course: Course, people: int, rate: Rate, window: int) -> float:
    """As `seconds_for`, request by request, in the order of `flowrunner.delivery.rate.pace`."""
    requests, turns, orders, now, last = course.requests, _Turns(rate), count(), 0.0, 0.0
    away: list[tuple[float, _Person]] = []
    waiting: list[_Person] = []
    left, active, owed = people, 0, 0  # who has not begun; who counts in the window; requests for which turns are kept
    while left or away or waiting:
        while away and away[0][0] <= now:
            its = heapq.heappop(away)[1]
            active += requests[its.place].is_parked
            owed += (len(requests) - its.place) * its.is_away
            heapq.heappush(waiting, its._replace(is_away=False) if its.is_away else its)
        if (free := turns.next()) > now:
            now = free
            continue
        if not waiting:
            if not left or active >= window or (owed and turns.within(now, course.alone) <= owed):
                now = away[0][0]
                continue
            left, active, owed = left - 1, active + 1, owed + len(requests)
            waiting.append(_Person(next(orders)))
        its = heapq.heappop(waiting)
        turns.give(now)
        last, owed = now + ANSWERED, owed - 1
        place, full = its.place + 1, _filled(its.full, now, requests[its.place])
        if place == len(requests):
            active -= 1
            continue
        then = requests[place]
        ready = asked = now + ANSWERED + then.gap
        if then.is_message:
            ready = max(asked, full - (PAIR_BURST - 1) * PAIR_SECONDS)
        is_away = then.is_parked or ready > asked
        active -= then.is_parked
        owed -= (len(requests) - place) * is_away
        heapq.heappush(away, (ready, _Person(its.order, place, full, is_away)))
    return last + course.rest


def _filled(full: float, now: float, request: Request) -> float:
    """When a person's burst is whole again after a request."""
    return max(full, now) + PAIR_SECONDS if request.is_message else full
