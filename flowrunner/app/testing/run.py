"""The tests of flows are found, read and played."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from flowrunner.clock import SYSTEM
from flowrunner.diagnostics import Diagnostic
from flowrunner.engine.parallel import over_cores
from flowrunner.flow import Loaded, load_file
from flowrunner.testing.files import find_tests
from flowrunner.testing.outcomes import Outcome
from flowrunner.testing.pickling import learn
from flowrunner.testing.reading import Read, read_suite
from flowrunner.testing.trying import tried
from flowrunner.testing.values import Case, Suite

_CHUNK = 20
"""How many tests a process plays before it says what came of them: some tenths of a second."""


class Selection(NamedTuple):
    """Which tests are played, and how.

    Attributes:
        words: Those whose file's path or name has one of these texts in it, whatever its case; all where there is none.
        first: End with the first that fails.
        shuffle: Play them in an order that this number gives; None keeps that of the files.
        jobs: In how many processes.
        real_crash: Where a test crashes, a process of its own is killed.
    """

    words: tuple[str, ...] = ()
    first: bool = False
    shuffle: int | None = None
    jobs: int = 1
    real_crash: bool = False


class Tested(NamedTuple):
    """What came of the tests.

    Attributes:
        suites: The test files without errors, each with its flow.
        diagnostics: What is wrong with the others, and with what was named.
        outcomes: Of the tests that were played, in their order.
        left: How many were not, since one before them had failed.
        took: Seconds.
    """

    suites: tuple[tuple[Suite, Loaded], ...]
    diagnostics: tuple[Diagnostic, ...]
    outcomes: tuple[Outcome, ...]
    left: int
    took: float

    @property
    def texts(self) -> dict[str, str]:
        """The text of each test file, by its path."""
        return {suite.path: suite.text for suite, _ in self.suites}


class _Entry(NamedTuple):
    case: Case
    flow: Loaded


def run_tests(
    paths: Iterable[Path],
    selection: Selection = Selection(),  # noqa: B008  # a frozen value
    each: Callable[[Outcome], None] = lambda _outcome: None,
) -> Tested:
    """Play the tests of the test files, flows and folders among ``paths``; nothing is sent anywhere.

    Args:
        paths: Files and folders.
        selection: Which tests, and how.
        each: Told of each outcome as it comes, in order.
    """
    begun = SYSTEM.monotonic()
    read, diagnostics = read_suites(paths, loading())
    sound = tuple((its.suite, its.flow) for its in read if its.suite is not None and its.flow is not None)
    entries = [_Entry(case, flow) for suite, flow in sound for case in suite.cases if is_wanted(case, selection)]
    if selection.shuffle is not None:
        # To repeat an order, not for secrets.
        Random(selection.shuffle).shuffle(entries)  # noqa: S311
    outcomes: list[Outcome] = []
    for outcome in _played(entries, selection):
        outcomes.append(outcome)
        each(outcome)
        if selection.first and outcome.verdict != "passed":
            break
    left = len(entries) - len(outcomes)
    return Tested(sound, tuple(diagnostics), tuple(outcomes), left, SYSTEM.monotonic() - begun)


def read_suites(paths: Iterable[Path], load: Callable[[Path], Loaded]) -> tuple[list[Read], list[Diagnostic]]:
    """The test files among ``paths``, read; and everything that is wrong, with a flow of several files once."""
    files, diagnostics = find_tests(paths)
    read = [read_suite(file, load) for file in files]
    return read, list(dict.fromkeys([*diagnostics, *(each for its in read for each in its.diagnostics)]))


def loading() -> Callable[[Path], Loaded]:
    """What reads flows, each once."""
    flows: dict[Path, Loaded] = {}

    def load(path: Path) -> Loaded:
        if path.absolute() not in flows:
            flows[path.absolute()] = load_file(path)
        return flows[path.absolute()]

    return load


def is_wanted(case: Case, selection: Selection) -> bool:
    """Whether a test is among those that are asked for."""
    name = f"{case.at.path} {case.name}".casefold()
    return not selection.words or any(word.casefold() in name for word in selection.words)


def _played(entries: Sequence[_Entry], selection: Selection) -> Iterator[Outcome]:
    """What comes of each test, in order."""

    def played(entry: _Entry) -> Outcome:
        begun = SYSTEM.monotonic()
        outcome = tried(entry.case, entry.flow, real_crash=selection.real_crash)
        return outcome._replace(took=SYSTEM.monotonic() - begun)

    chunks = [range(at, min(at + _CHUNK, len(entries))) for at in range(0, len(entries), _CHUNK)]
    if selection.jobs < 2 or len(chunks) < 2:
        yield from map(played, entries)
        return
    learn()

    def work(chunk: range) -> list[tuple[object, ...]]:
        """The outcomes without their tests, which the process that asks for them has."""
        return [tuple(played(entries[index]))[1:] for index in chunk]

    for chunk, found in zip(chunks, over_cores(chunks, work, after=0, cores=selection.jobs, clock=SYSTEM), strict=True):
        for index, rest in zip(chunk, found, strict=True):
            yield Outcome(entries[index].case, *rest)  # type: ignore[arg-type]  # what `work` has taken apart
