"""The ways through a flow, walked one after another, those first that lead to what no way has led to yet."""

from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Final, NamedTuple

from flowrunner.diagnostics import Diagnostic
from flowrunner.flow import Loaded
from flowrunner.flow.carried import dialect_for
from flowrunner.spec.words import shown
from flowrunner.testing.covered import Explored
from flowrunner.testing.covering import coverage
from flowrunner.testing.exploring.choices import WAIT, Choice
from flowrunner.testing.exploring.compared import compared_with
from flowrunner.testing.exploring.inputs import sets_of
from flowrunner.testing.exploring.unreached import unreached
from flowrunner.testing.exploring.walking import Walked, walk
from flowrunner.testing.playing.beginning import UnplayableError
from flowrunner.testing.values import BEGINS, Given

WAYS: Final = 200
"""How many ways are walked at most."""
_SHOWN: Final = 8
"""Things that a customer does that are told of a way."""


class _Way(NamedTuple):
    """What a way begins with; where its choices end, the first is taken that leads to something new.

    Attributes:
        given: What is so before the first message.
        choices: What the customer does at the first questions.
    """

    given: Given
    choices: tuple[Choice, ...] = ()


def explore(
    flow: Loaded, *, most: int = WAYS, seed: int = 0, each: Callable[[int, int], None] = lambda _walked, _left: None
) -> Explored:
    """Go through a flow by itself, in every way that its author has foreseen, or as many as are allowed.

    Args:
        flow: The flow, in its own language, without errors.
        most: How many ways at most.
        seed: Which of too many are walked; the same number walks the same.
        each: Called after each way, with how many were walked and how many are known that will be.
    """
    its = _Explorer(flow, seed)
    for given in _beginnings(flow, dialect_for(flow).name):
        its.add(_Way(given))
    while its.waiting and its.walked < most:
        its.go(its.next())
        each(its.walked, min(len(its.waiting), most - its.walked))
    return its.explored()


class _Explorer:
    def __init__(self, flow: Loaded, seed: int) -> None:
        self.waiting: list[tuple[int, int, float, int, _Way]] = []
        self.walked = 0
        self._flow, self._seed, self._numbers = flow, seed, count()
        self._done, self._planned = set[str](), set[str]()
        self._known, self._said = set[str](), set[tuple[object, ...]]()
        self._found: dict[tuple[object, ...], Diagnostic] = {}

    def add(self, way: _Way) -> None:
        """Keep a way for later: first what leads to something new, then what was not said yet, then what is short."""
        key = repr((way.given, [(each.key, each.text) for each in way.choices]))
        if key in self._known:
            return
        self._known.add(key)
        last = way.choices[-1] if way.choices else None
        leads, said = (last.key, last[:3]) if last is not None else ("", ())
        rank = 0 if leads not in self._done | self._planned else 1 if said not in self._said else 2
        if rank == 2 and last is not None and last.is_respelt:
            return
        self._planned.add(leads)
        self._said.add(said)
        chance = Random(f"{self._seed} {key}").random()  # noqa: S311  # to repeat an order
        heappush(self.waiting, (rank, len(way.choices), chance, next(self._numbers), way))

    def next(self) -> _Way:
        """The way that comes next."""
        return heappop(self.waiting)[-1]

    def go(self, way: _Way) -> None:
        """Walk a way, and see where it forks."""
        self.walked += 1
        try:
            walked = walk(self._flow, way.given, way.choices, lambda choice: choice.key not in self._done)
        except UnplayableError as error:
            for problem in error.diagnostics:
                self._tell(problem, problem.code, problem.location, problem.message)
            return
        self._done |= walked.done
        for number, choices in enumerate(walked.offered):
            if number < len(way.choices):
                continue
            before = walked.choices[:number]
            for each in choices:
                if each != walked.choices[number]:
                    self.add(_Way(way.given, (*before, each)))
        self._judge(way, walked)

    def _judge(self, way: _Way, walked: Walked) -> None:
        if walked.failure is None:
            return
        code, message, at, hint = walked.failure
        told = f"{message}; on the way: {_told(way.given, walked)}"
        self._tell(Diagnostic(code, told, at, hint=hint), code, at, message)

    def _tell(self, its: Diagnostic, *key: object) -> None:
        self._found.setdefault(key, its)

    def explored(self) -> Explored:
        """All of it."""
        covered = coverage(self._flow, self._done)
        wrong = list(self._found.values())
        # What lies behind something that is wrong may be reached once that is mended.
        found = sorted(
            [*wrong, *(() if wrong else unreached(self._flow, covered, self.walked))], key=lambda its: its.location
        )
        return Explored(self.walked, len(self.waiting), covered, tuple(found))


def _beginnings(flow: Loaded, dialect: str) -> Iterator[Given]:
    """What may be so before the first message: languages, values that make a difference, an open window or not."""
    its = flow.flow
    if its is None:
        return
    start = Given(now=BEGINS, dialect=dialect)
    for number, values in enumerate(sets_of(its, {name: compared_with(flow, name) for name in its.inputs})):
        for language in its.languages if number == 0 and len(its.languages) > 1 else ("",):
            yield start._replace(vars=values, language=language)
        if number == 0 and any(each.reads_window for fields in flow.fields.values() for each in fields):
            yield start._replace(vars=values, window=False)


def _told(given: Given, walked: Walked) -> str:
    """A way, for a person."""
    said = [f"{choice.step}: {choice.text}" for choice in walked.choices if choice.text != WAIT]
    said = ["...", *said[-_SHOWN:]] if len(said) > _SHOWN else said
    shut = [] if given.window else ["the 24 hours are over"]
    with_values = [f"{name} {shown(value)}" for name, value in given.vars.items()]
    return ", ".join([*([given.language] if given.language else []), *shut, *with_values, *said]) or "the first message"
