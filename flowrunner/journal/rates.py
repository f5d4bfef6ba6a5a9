"""How processes share a rate: what is remembered of it, and who is given how many turns. Pure: told the time.

A turn lets one request leave. Turns are given some at a time, each with the moment from which on it may be used: a
window after the request before it has left. Until a process says when its requests left, they count as if all had left
at the end of the time in which they may. So never more leave than the rate allows, whoever dies, and whoever comes
anew. Who is given fewer than they want comes again, and has its place in a queue meanwhile: turns are set aside for
those before it.
"""

import math
from typing import Final, NamedTuple

MARGIN: Final = 1.02
"""A request may be longer on its way than the one that came a window later."""
PATIENCE: Final = 1.0
"""Seconds that turns are set aside for a process that does not come when it may: it has ended, or is very busy."""
MOMENTS: Final = 256
"""Of a window: what leaves in the same one is remembered as one."""
_EARLY: Final = 150
"""Milliseconds by which turns may be given before they may be used: then nobody need wait for the journal.

Who waits comes by half of that before: then it is given several at once, since each time costs a write."""
_SLACK: Final = 50
"""Milliseconds by which one answer of the journal may take longer than the one before."""
_DRIFT: Final = 1.001
"""No clock is faster than that, as long as nobody sets it."""

_Turns = list[tuple[int, int]]
"""From when on requests may leave, and how many."""
Rate = tuple[int, float]
"""At most so many requests in any so many seconds; `flowrunner.delivery.Rate` is one."""


class Used(NamedTuple):
    """What became of some of the turns that a process was given at once: they were used, or cannot be any more.

    Attributes:
        until: As `Given.until` said.
        given: How many they are; each is said once.
        left: How many requests left by them: the others are given back.
        at: When the last of those had left, by the row's time; see `Given.now`.
    """

    until: int
    given: int
    left: int
    at: int


class Wanted(NamedTuple):
    """What a process asks for.

    Attributes:
        who: Which process; no two have the same.
        rate: What it keeps to, as long as nobody has learnt the API's own word.
        turns: For how many requests somebody waits.
        hold: Seconds in which it uses the turns, from when it asks and the last of them may be used.
        spare: How many more it would probably use: given where nobody else wants any.
        used: What became of those that it was given before.
        told: The API's own word on the rate, where it has been told it since it asked last.
        closed: Seconds for which the API wants nothing more, as it has said just now.
        seen: `Given.now` of the answer before, and the seconds since that was asked for. None at first.
    """

    who: str
    rate: Rate
    turns: int
    hold: float
    spare: int = 0
    used: tuple[Used, ...] = ()
    told: Rate | None = None
    closed: float = 0.0
    seen: tuple[int, float] | None = None


class Given(NamedTuple):
    """What a process is given.

    Attributes:
        turns: After how many seconds requests may leave, within `Wanted.hold`, and how many; in order.
        until: What they are called when it is said what became of them.
        wait: Seconds after which it is worth to ask for more.
        rate: The API's own word on the rate, where anybody knows it.
        others: How many other processes wait for turns.
        now: The row's time, in milliseconds; see `Wanted.seen`.
        ahead: How far the journal's clock is ahead of it: as long as that is the same, nothing has held it.
    """

    turns: tuple[tuple[float, int], ...]
    until: int
    wait: float
    rate: Rate | None
    others: int
    now: int
    ahead: int

    @property
    def total(self) -> int:
        """How many requests may leave."""
        return sum(turns for _, turns in self.turns)


class Waiting(NamedTuple):
    """A process that waits for turns.

    Attributes:
        who: Which.
        turns: How many it wants.
        until: When it is waited for no more, in milliseconds.
    """

    who: str
    turns: int
    until: int


class Shared(NamedTuple):
    """What is remembered of a rate; all moments are milliseconds of a clock that only this row has.

    It follows the journal's, but never goes back, and goes on no faster than the clocks of those who ask, as far as
    they can tell: whoever sets the journal's clock, or starts its machine again, gives nobody a turn.

    Attributes:
        now: When somebody asked last.
        ahead: How far the journal's clock is ahead of this one.
        left: Moments by which requests have left, and how many; in order.
        waiting: Who waits, in the order in which they are served.
        closed: Until when the API wants nothing.
        told: The API's own word on the rate; forgotten once nothing has left for the whole of its window.
    """

    now: int = 0
    ahead: int = 0
    left: tuple[tuple[int, int], ...] = ()
    waiting: tuple[Waiting, ...] = ()
    closed: int = 0
    told: Rate | None = None


def give(shared: Shared, wanted: Wanted, clock: float) -> tuple[Shared, Given]:
    """What is remembered from now on, and what the process is given.

    Args:
        shared: What was remembered.
        wanted: What the process asks for.
        clock: The journal's clock, in seconds.
    """
    now, ahead = _time(shared, wanted, math.floor(clock * 1000))
    told = wanted.told or shared.told
    count, seconds = told or wanted.rate
    span, step = math.ceil(seconds * 1000 * MARGIN), max(1, math.floor(seconds * 1000 / MOMENTS))
    left = {moment: turns for moment, turns in _corrected(shared, wanted, now, step).items() if moment + span > now}
    told = told if left or wanted.told else None
    closed = max(shared.closed, now + math.ceil(wanted.closed * 1000))
    queue = [each for each in shared.waiting if each.until > now or each.who == wanted.who]
    place = next((place for place, each in enumerate(queue) if each.who == wanted.who), len(queue))
    before, after = queue[:place], queue[place + 1 :]
    others = before + after
    share = count if not others else max(1, count // (len(others) + 1))
    _, free = _split(_free(left, count, span, max(now, closed)), _aside(before, share))
    at_once = sum(turns for at, turns in free if at <= now)
    spare = 0 if others else min(wanted.spare, max(at_once - wanted.turns, 0) // 2)
    most = min(wanted.turns + spare, share) if wanted.turns else 0
    its, _ = _split([(at, turns) for at, turns in free if at <= now + _EARLY], most)
    turns = sum(turns for _, turns in its)
    until = _up((its[-1][0] if its else now) + math.ceil(wanted.hold * 1000), step)
    if turns:
        left[until] = left.get(until, 0) + turns
    queue, again = others, now
    if turns < wanted.turns:
        if turns:  # it comes after all who wait for theirs
            before, after = others, []
            _, free = _split(free, turns + _aside(queue[place:], share))
        again = max((free[0][0] if free else now + span // 2) - _EARLY // 2, now + step)
        if before and closed <= now:  # somebody's place may be free before that
            again = min(again, *(each.until for each in before))
        queue = [*before, _waiting(wanted, turns, again), *after]
    remembered = Shared(now, ahead, tuple(sorted(left.items())), tuple(queue), closed, told)
    starts = tuple(((at - now) / 1000, turns) for at, turns in its)
    return remembered, Given(starts, until, (again - now) / 1000, told, len(others), now, ahead)


def give_anew(wanted: Wanted, clock: float) -> tuple[Shared, Given]:
    """The same where nobody knows what has left: as if all of a rate had, just now.

    What the process was told of the row's time was told of another row.
    """
    spent = Shared(closed=math.ceil((clock + wanted.rate[1] * MARGIN) * 1000))
    return give(spent, wanted._replace(seen=None), clock)


def _waiting(wanted: Wanted, turns: int, comes: int) -> Waiting:
    """Its place in the queue for those turns that it was not given, until some time after it comes."""
    return Waiting(wanted.who, wanted.turns - turns, comes + math.ceil(PATIENCE * 1000))


def _time(shared: Shared, wanted: Wanted, clock: int) -> tuple[int, int]:
    """The row's own time, and how far the journal's clock is ahead of it."""
    now = clock - shared.ahead
    if wanted.seen is not None:
        then, passed = wanted.seen
        now = min(now, then + math.ceil(passed * 1000 * _DRIFT) + _SLACK)
    now = max(now, shared.now)
    return now, clock - now


def _corrected(shared: Shared, wanted: Wanted, now: int, step: int) -> dict[int, int]:
    """When requests have left, by what the process says of its own."""
    left = dict(shared.left)
    for its in wanted.used:
        if its.until not in left:
            continue  # so long ago that it does not matter
        left[its.until] -= min(its.given, left[its.until])
        if its.left:
            moment = _up(min(its.at, now), step)
            left[moment] = left.get(moment, 0) + its.left
    return {moment: turns for moment, turns in left.items() if turns}


def _aside(waiting: list[Waiting], share: int) -> int:
    """How many turns are kept for those."""
    return sum(min(each.turns, share) for each in waiting)


def _free(left: dict[int, int], count: int, span: int, now: int) -> _Turns:
    """When turns are free, and how many; in order. After the last of them others are given first, and used."""
    over = sum(left.values()) - count  # more than the API allows by now
    free = [(now, max(-over, 0)), *((max(moment + span, now), left[moment]) for moment in sorted(left))]
    return _split(free, max(over, 0))[1]


def _split(free: _Turns, turns: int) -> tuple[_Turns, _Turns]:
    """The first so many, and the others."""
    first, rest = [], []
    for at, there in free:
        taken = min(there, turns)
        turns -= taken
        if taken:
            first.append((at, taken))
        if there > taken:
            rest.append((at, there - taken))
    return first, rest


def _up(moment: int, step: int) -> int:
    """The end of the moment that it is in: what is remembered as one has left by then."""
    return -(-moment // step) * step
