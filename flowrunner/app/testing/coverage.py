"""What of the flows their tests have done; and which lines of them have changed since a revision of git."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from os.path import relpath
from pathlib import Path
from typing import NamedTuple

from flowrunner.diff.revisions import file_at
from flowrunner.flow import Loaded
from flowrunner.testing.covered import Coverage, Item
from flowrunner.testing.covering import coverage
from flowrunner.testing.outcomes import Outcome
from flowrunner.testing.values import Suite


class Covering(NamedTuple):
    """What tests have done.

    Attributes:
        flows: Of each flow that has tests.
        missing: What no test does, of the lines that are asked for: of all flows, each place once.
    """

    flows: tuple[Coverage, ...]
    missing: tuple[Item, ...]

    @property
    def percent(self) -> float:
        """How much of all flows together is done."""
        items = sum(len(each.items) for each in self.flows)
        return 100.0 * (1 - sum(len(each.missing) for each in self.flows) / items) if items else 100.0


def covering_of(suites: Iterable[tuple[Suite, Loaded]], outcomes: Iterable[Outcome], since: str = "") -> Covering:
    """What tests have done of their flows.

    Args:
        suites: The test files that were played, with their flows.
        outcomes: What came of their tests, wherever they were played.
        since: A revision of git: only what stands in lines that have changed since then is missing. Empty for all.

    Raises:
        RefusedError: There is no git, no repository or no such revision.
    """
    done: dict[str, set[str]] = {}
    for outcome in outcomes:
        done.setdefault(outcome.case.at.path, set()).update(outcome.covered)
    flows: dict[str, tuple[Loaded, set[str]]] = {}
    for suite, flow in suites:
        flows.setdefault(flow.path, (flow, set()))[1].update(done.get(suite.path, ()))
    its = _together([coverage(flow, keys) for flow, keys in flows.values()])
    missing = tuple(item for each in its for item in each.missing)
    if since:
        changed = {path: changed_lines(path, since) for path in {item.at.path for item in missing}}
        missing = tuple(item for item in missing if item.at.line in changed[item.at.path])
    return Covering(its, tuple(dict.fromkeys(missing)))


def _together(flows: Sequence[Coverage]) -> tuple[Coverage, ...]:
    """What stands in a file that several flows include is done where the tests of any of them do it."""
    done = {item._replace(key="") for its in flows for item in its.items if item.key in its.done}
    return tuple(
        its._replace(done=frozenset(item.key for item in its.items if item._replace(key="") in done)) for its in flows
    )


def changed_lines(path: str, since: str) -> frozenset[int]:
    """The lines of a file, from 1, that a revision of git does not have there."""
    lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    content = file_at(since, f"./{relpath(path)}")
    before = content.decode("utf-8-sig", "replace").splitlines() if content is not None else []
    matching = SequenceMatcher(None, before, lines, autojunk=False).get_matching_blocks()
    same = {number for _, start, size in matching for number in range(start + 1, start + size + 1)}
    return frozenset(range(1, len(lines) + 1)) - same


def texts_of(flows: Sequence[Coverage]) -> Mapping[str, str]:
    """The text of each file in which there is something to do, by its path."""
    paths = dict.fromkeys(item.at.path for each in flows for item in each.items)
    return {path: Path(path).read_text(encoding="utf-8-sig") for path in paths}
