"""Flows are gone through by themselves, without a test file; nothing is sent."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from flowrunner.clock import SYSTEM
from flowrunner.diagnostics import Diagnostic
from flowrunner.engine.parallel import over_cores
from flowrunner.flow import Loaded, find_flows, load_file
from flowrunner.flow.folders import is_test
from flowrunner.testing.covered import Explored
from flowrunner.testing.exploring import explore
from flowrunner.testing.exploring.explore import WAYS
from flowrunner.testing.pickling import learn
from flowrunner.testing.reading import read_suite


class ExploredFlow(NamedTuple):
    """A flow without errors, and what came of it."""

    path: str
    explored: Explored


class ExploredFlows(NamedTuple):
    """What came of all of them.

    Attributes:
        flows: Those that could be gone through.
        diagnostics: What is wrong with any, and with what was named.
    """

    flows: tuple[ExploredFlow, ...]
    diagnostics: tuple[Diagnostic, ...]


def explore_flows(
    paths: Iterable[Path], *, ways: int = WAYS, seed: int = 0, jobs: int = 1,
    each: Callable[[str, int, int], None] = lambda _path, _walked, _left: None,
) -> ExploredFlows:  # fmt: skip
    """Go through every flow among ``paths``: files and folders; a test file stands for the flow that it is about.

    Args:
        paths: What is named.
        ways: How many ways of each flow at most.
        seed: Which of too many.
        jobs: In how many processes.
        each: Called after each way, in the process that walks it: with the flow's path, how many ways of it were
            walked, and how many are known that will be.
    """
    named = list(paths)
    files, diagnostics = find_flows([each for each in named if not is_test(each)]) if _has_flows(named) else ([], [])
    flows: dict[Path, Loaded] = {file.absolute(): load_file(file) for file in files}
    for test in filter(is_test, named):
        its = read_suite(test, load_file)
        if its.flow is not None:
            flows.setdefault(Path(its.flow.path).absolute(), its.flow)
        diagnostics += [each for each in its.diagnostics if each.is_error]
    sound = [flow for flow in flows.values() if flow.flow is not None]
    diagnostics += [each for flow in flows.values() if flow.flow is None for each in flow.diagnostics]
    learn()

    def work(number: int) -> Explored:
        its = sound[number]
        return explore(its, most=ways, seed=seed, each=partial(each, its.path))

    every = over_cores(range(len(sound)), work, after=0, cores=jobs, clock=SYSTEM)
    found = [ExploredFlow(flow.path, its) for flow, its in zip(sound, every, strict=True)]
    diagnostics += [each for its in found for each in its.explored.diagnostics]
    return ExploredFlows(tuple(found), tuple(dict.fromkeys(diagnostics)))


def _has_flows(paths: list[Path]) -> bool:
    return any(not is_test(each) for each in paths)
