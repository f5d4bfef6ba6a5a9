"""Two trees of steps -> what became of every step and of every way on from one, in the order of the new tree."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from flowrunner.diff.fields import key
from flowrunner.diff.steps import compare_actions, staying
from flowrunner.diff.values import StepChange, WayChange
from flowrunner.engine.ahead.outline import Outline, Scene, Way
from flowrunner.model import Action, Answer, Anytime, Branch, Json, Match, Reminder

Change = StepChange | WayChange
_Under = tuple[Way, ...]


def compare_outlines(before: Outline, after: Outline) -> tuple[Change, ...]:
    """What became of every step; a way on from a step that both have is told of only where it is not as it was."""
    steps = _steps(before.scenes, after.scenes, ())
    return (*steps, *_ways(before.anytime, after.anytime, None, ()))


def taken_for(way: Way) -> Json:
    """What a way is taken for, as two versions of it are compared."""
    match way.entry:
        case Answer(matches=matches, when=when):
            return [_listed(matches), when]
        case Anytime(matches=matches, end=end):
            return [_listed(matches), end]
        case Branch(when=when):
            return when
        case Reminder(after=after):
            return after
    return way.times


def _listed(matches: Iterable[Match]) -> list[Json]:
    return [[each.kind, list(each.value) if isinstance(each.value, tuple) else each.value] for each in matches]


def _steps(before: Sequence[Scene], after: Sequence[Scene], under: _Under) -> Iterator[Change]:
    old, new = ({id(each.action): each for each in side} for side in (before, after))
    for change in compare_actions([each.action for each in before], [each.action for each in after]):
        yield change._replace(under=under)
        here = old[id(change.before)].ways if change.before is not None else ()
        there = new[id(change.after)].ways if change.after is not None else ()
        if change.before is not None and change.after is not None:
            yield from _ways(here, there, change.after, under)
        else:
            yield from _only(here, there, under)


def _only(here: Sequence[Way], there: Sequence[Way], under: _Under) -> Iterator[Change]:
    """What stands below a step that only one side has."""
    for way in here:
        yield from _steps(way.scenes, (), (*under, way))
    for way in there:
        yield from _steps((), way.scenes, (*under, way))


def _ways(before: Sequence[Way], after: Sequence[Way], step: Action | None, under: _Under) -> Iterator[Change]:
    pairs = _paired(before, after)
    kept_order = staying(pairs)
    came_from = {there: here for here, there in pairs.items()}
    for index, way in enumerate(after):
        if index not in came_from:
            yield WayChange(None, way, step, under)
            yield from _steps((), way.scenes, (*under, way))
            continue
        old = before[came_from[index]]
        moved = came_from[index] not in kept_order
        if moved or key(taken_for(old)) != key(taken_for(way)):
            yield WayChange(old, way, step, under, moved)
        yield from _steps(old.scenes, way.scenes, (*under, way))
    for index, way in enumerate(before):
        if index not in pairs:
            yield WayChange(way, None, step, under)
            yield from _steps(way.scenes, (), (*under, way))


def _paired(before: Sequence[Way], after: Sequence[Way]) -> dict[int, int]:
    """Ways of one kind are one way where they are taken for the same, else where they have one name, else in order."""
    pairs: dict[int, int] = {}
    alike: Sequence[Callable[[Way], Json]] = (taken_for, lambda way: way.name or way.label or None, lambda _: "")
    for told in alike:
        waiting: dict[str, list[int]] = {}
        for index, way in enumerate(after):
            if index not in pairs.values() and told(way) is not None:
                waiting.setdefault(key([way.kind, told(way)]), []).append(index)
        for index, way in enumerate(before):
            found = waiting.get(key([way.kind, told(way)]))
            if index not in pairs and found:
                pairs[index] = found.pop(0)
    return pairs
