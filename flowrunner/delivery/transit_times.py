"""How long messages are on their way, as looks have told: when it is worth to look at the next one."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from flowrunner.model import Json
from flowrunner.spec.files import kind_of

FIRST: Final = 1.0
"""Seconds until the first look at a message of a sort of which nothing is known."""
_WAITED: Final = 4.0
"""Seconds that others wait for what that look tells: a sort is not learnt by a hundred messages at once."""
_GROWTH: Final = 0.5
_FARTHEST: Final = 60.0
"""Seconds between two looks at most."""
_MARGIN: Final = 0.1
"""Seconds that a status needs to be told."""
_WEIGHT: Final = 0.125
_DEVIATIONS: Final = 4.0  # as in https://www.rfc-editor.org/rfc/rfc6298


class _Habit(NamedTuple):
    """How long messages of one sort took: the mean, and how far they are mostly from it."""

    mean: float
    deviation: float

    @property
    def nearly_all(self) -> float:
        """Seconds after which hardly any is still on its way."""
        return self.mean + _DEVIATIONS * self.deviation + _MARGIN


class Transit:
    """What is known of all messages of one key: a few numbers for each sort, and those of late weigh most."""

    def __init__(self) -> None:
        self._habits: dict[tuple[str, int], _Habit] = {}
        self._scouts: dict[tuple[str, int], object] = {}

    def first(self, sort: str, rank: int, whose: object) -> float:
        """Seconds after it was accepted at which a message is first looked at; more may be known a moment later.

        Args:
            sort: What sort of message, see `sort_of`.
            rank: How far it is to come, as in `RANKS`.
            whose: Who asks: of those that wait for a sort of which nothing is known, the first one looks first.
        """
        key = sort, rank
        if habit := self._habits.get(key):
            return habit.nearly_all
        others = [each.nearly_all for (_, reached), each in self._habits.items() if reached == rank]
        guess = max(others, default=FIRST)
        return guess if self._scouts.setdefault(key, whose) is whose else max(guess, _WAITED)

    def is_known(self, sort: str, rank: int) -> bool:
        """Whether anything is."""
        return (sort, rank) in self._habits

    def learn(self, sort: str, rank: int, seconds: float, *, is_exact: bool) -> None:
        """A message has come so far in so many seconds; in no more than these, where that is not ``is_exact``."""
        seconds = max(seconds, 0.0)
        self._scouts.pop((sort, rank), None)
        habit = self._habits.get((sort, rank))
        if habit is None:
            self._habits[sort, rank] = _Habit(seconds, seconds / 8)
            return
        mean, deviation = habit
        if is_exact:
            deviation += 2 * _WEIGHT * (abs(seconds - mean) - deviation)
        else:  # it was early enough: the next look may be a little earlier
            seconds, deviation = min(seconds, mean), deviation * (1 - _WEIGHT / 4)
        self._habits[sort, rank] = _Habit(mean + _WEIGHT * (seconds - mean), deviation)


def then(passed: float) -> float:
    """Seconds until the next look at a message that was not there after so many: ever more."""
    return min(max(passed * _GROWTH, _MARGIN), _FARTHEST)


def sort_of(body: Mapping[str, Json]) -> str:
    """What sort of message it is: its kind, and that of the file in its header."""
    header = body.get("header_type")
    return f"{kind_of(body)} {header}" if isinstance(header, str) else kind_of(body)
