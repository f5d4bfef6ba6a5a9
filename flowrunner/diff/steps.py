"""Two sequences of actions -> which of them are one step, and what became of each.

1. Sequences that read the same are the same, whatever their steps are called.
2. Steps with one id are one step, if both send or both pause.
3. What is left is paired where it reads the same: first in order, then wherever it stands.
4. Messages that are still left are paired near their place with what is most alike, if it is of the same type; what
   says nothing, as a pause does, with its like that follows the same message.
5. The longest row of pairs that keeps its order stays; the other pairs were moved.
"""

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from flowrunner.diff.fields import field_changes, key
from flowrunner.diff.sequences import common
from flowrunner.diff.values import StepChange
from flowrunner.diff.words import words
from flowrunner.flow.steps import verb_of
from flowrunner.model import Action, Json, Skipped

ALIKE: Final = 0.4
"""The share of their words that two messages must have in common to be one message that was changed."""

NEAR: Final = 10
"""How many steps around its place a changed message is looked for: comparing each with each would take seconds."""

Pairs = dict[int, int]
"""The index of an action of the first side -> that of the second side."""


class _Seen(NamedTuple):
    """What is compared of an action.

    Attributes:
        kind: What it has in common with every action that it may have been.
        key: Equal where two actions read the same; of a step that is left out, where its author wrote the same.
        text: What it says to the customer; None where it says nothing.
        written: The same as its author wrote it.
    """

    action: Action
    kind: str
    key: str
    text: Json
    written: Json

    @classmethod
    def of(cls, action: Action) -> "_Seen":
        verb = verb_of(action.step)
        found, written = verb.compared(action), verb.compared(Skipped(action.step, ""))
        same = key([isinstance(action, Skipped), *found.values.values()])
        return cls(action, found.kind, same, found.text, written.text)

    @property
    def visible(self) -> str:
        """What the customer gets: of a step that is left out, nothing."""
        return "" if isinstance(self.action, Skipped) else self.key


def compare_actions(before: Sequence[Action], after: Sequence[Action]) -> tuple[StepChange, ...]:
    """What became of every step, in the order of the new ones; a removed one stands after what it followed.

    The other way round, what was added is removed, and nothing else is different.
    """
    first, second = [_Seen.of(each) for each in before], [_Seen.of(each) for each in after]
    # Of ways to pair that are equally good, the one taken must not depend on which side is called the old one.
    turned = [each.key for each in second] < [each.key for each in first]
    if turned:
        first, second = second, first
    pairs = _pairs(first, second)
    kept_order = staying(pairs)
    if turned:
        pairs, kept_order = ({there: here for here, there in each.items()} for each in (pairs, kept_order))
    return tuple(_in_order(before, after, pairs, kept_order))


def _in_order(
    before: Sequence[Action], after: Sequence[Action], pairs: Pairs, kept_order: Pairs
) -> Iterator[StepChange]:
    removed: dict[int, list[StepChange]] = defaultdict(list)
    followed = -1
    for index, action in enumerate(before):
        followed = kept_order.get(index, followed)
        if index not in pairs:
            removed[followed].append(StepChange(action, None))
    came_from = {there: here for here, there in pairs.items()}
    yield from removed[-1]
    for index, action in enumerate(after):
        if index in came_from:
            old = before[came_from[index]]
            yield StepChange(old, action, field_changes(old, action), came_from[index] not in kept_order)
        else:
            yield StepChange(None, action)
        yield from removed[index]


def _pairs(first: Sequence[_Seen], second: Sequence[_Seen]) -> Pairs:
    if [each.visible for each in first] == [each.visible for each in second]:
        return dict(enumerate(range(len(first))))
    pairs = _by_id(first, second)
    _by_key(first, second, pairs)
    _by_likeness(first, second, pairs)
    _by_place(first, second, pairs)
    return pairs


def _by_id(first: Sequence[_Seen], second: Sequence[_Seen]) -> Pairs:
    steps = [[each.action.step for each in side] for side in (first, second)]
    there = {(step.id, type(step)): index for index, step in enumerate(steps[1]) if step.id}
    return {index: there[step.id, type(step)] for index, step in enumerate(steps[0]) if (step.id, type(step)) in there}


def _by_key(first: Sequence[_Seen], second: Sequence[_Seen], pairs: Pairs) -> None:
    """Pair what reads the same: first what keeps its place among all others, then in the order it comes."""
    taken = set(pairs.values())
    here = [f"id {index}" if index in pairs else each.key for index, each in enumerate(first)]
    back = {there: index for index, there in pairs.items()}
    there = [f"id {back[index]}" if index in back else each.key for index, each in enumerate(second)]
    for index, new_index in common(here, there) or ():
        pairs.setdefault(index, new_index)
        taken.add(new_index)
    waiting: dict[str, deque[int]] = defaultdict(deque)
    for index, name in enumerate(there):
        if index not in taken:
            waiting[name].append(index)
    for index, name in enumerate(here):
        if index not in pairs and waiting[name]:
            pairs[index] = waiting[name].popleft()


class _Left(NamedTuple):
    """An action without a pair.

    Attributes:
        follows: The nearest pair before it, by its index on the second side; -1 where there is none.
        place: Where it would stand on the second side, had nothing been added or removed since that pair.
    """

    at: int
    seen: _Seen
    follows: int
    place: int


def _by_likeness(first: Sequence[_Seen], second: Sequence[_Seen], pairs: Pairs) -> None:
    """Pair messages that are left with what is most alike, the most alike first."""
    old, new = list(_left(first, pairs)), list(_left(second, {there: there for there in pairs.values()}))
    by_place: dict[int, list[_Left]] = defaultdict(list)
    for other in new:
        by_place[other.place].append(other)
    known: dict[int, frozenset[str]] = {}
    found = [
        (-_likeness(one.seen, other.seen, known), abs(one.place - place), one.at, other.at)
        for one in old
        for place in range(one.place - NEAR, one.place + NEAR + 1)
        for other in by_place.get(place, ())
        if one.seen.kind == other.seen.kind and one.seen.text is not None
    ]
    taken: set[int] = set()
    for unlike, _, index, there in sorted(found):
        if -unlike >= ALIKE and index not in pairs and there not in taken:
            pairs[index] = there
            taken.add(there)


def _by_place(first: Sequence[_Seen], second: Sequence[_Seen], pairs: Pairs) -> None:
    """Pair what says nothing and is left with its like that follows the same message: one pause is like any other."""
    old, new = list(_left(first, pairs)), list(_left(second, {there: there for there in pairs.values()}))
    waiting: dict[tuple[str, int], deque[int]] = defaultdict(deque)
    for other in new:
        if other.seen.text is None:
            waiting[other.seen.kind, other.follows].append(other.at)
    for one in old:
        if one.seen.text is None and (found := waiting[one.seen.kind, one.follows]):
            pairs[one.at] = found.popleft()


def _left(side: Sequence[_Seen], pairs: Pairs) -> Iterator[_Left]:
    """What has no pair."""
    follows = place = -1
    for index, seen in enumerate(side):
        place += 1
        if index in pairs:
            follows = place = pairs[index]
        else:
            yield _Left(index, seen, follows, place)


def _likeness(one: _Seen, other: _Seen, known: dict[int, frozenset[str]]) -> float:
    """From 0 to 1: the share of words that two messages have in common."""
    left_out = isinstance(one.action, Skipped) or isinstance(other.action, Skipped)
    ours, theirs = (_words(each, known, left_out=left_out) for each in (one, other))
    total = len(ours) + len(theirs)
    return 2 * len(ours & theirs) / total if total else 0.0


def _words(seen: _Seen, known: dict[int, frozenset[str]], *, left_out: bool) -> frozenset[str]:
    """The words of a message; beside one that is left out, those that its author wrote."""
    text = seen.written if left_out else seen.text
    if id(text) not in known:
        known[id(text)] = frozenset(word for each in _texts(text) for word in words(each) if _counts(word))
    return known[id(text)]


def _counts(word: str) -> bool:
    """Whether a word makes two messages alike: an emoji does, a comma does not."""
    return not word.isspace() and (word[0].isalnum() or not word.isascii())


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            if not name.endswith("_type"):
                yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    else:
        yield str(value)


def staying(pairs: Pairs) -> Pairs:
    """The longest row of pairs that comes in the same order on both sides."""
    ends: list[int] = []  # the second-side index that a row of each length ends with, the smallest there is
    last: list[int] = []  # the first-side index of that
    before: dict[int, int | None] = {}
    for index in sorted(pairs):
        length = bisect_left(ends, pairs[index])
        before[index] = last[length - 1] if length else None
        ends[length : length + 1] = [pairs[index]]
        last[length : length + 1] = [index]
    found: Pairs = {}
    at = last[-1] if last else None
    while at is not None:
        found[at] = pairs[at]
        at = before[at]
    return found
