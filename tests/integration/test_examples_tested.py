"""The example flows keep what their own tests promise; each has some, which say how to write them, too."""

from pathlib import Path

import pytest

from flowrunner.app.testing.run import run_tests
from flowrunner.flow.folders import TESTS, find_flows
from flowrunner.testing.files import find_tests
from flowrunner.testing.reading import read_suite
from flowrunner.testing.trying import tried
from flowrunner.testing.turns import Bot, Crash, Fault
from flowrunner.views.tests.text import told
from support.slices import part

FLOWS = Path(__file__).parents[2] / "flows"
FILES = find_tests([FLOWS])[0]
TRIED = 5


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_tests_of_an_example_pass(path: Path) -> None:
    """Each branch, silence, stop, language: without a network, and without waiting."""
    tested = run_tests([path])
    assert tested.diagnostics == ()
    text = path.read_text(encoding="utf-8")
    assert [told(each, text, colour=False) for each in tested.outcomes if each.verdict != "passed"] == []
    assert tested.outcomes


CRASHES = ("now", "before request", "after request", "before commit")


@pytest.mark.sliced
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_crash_at_any_turn_changes_nothing(path: Path) -> None:
    """Whatever the process was at: what comes is what the test says, once."""
    read = read_suite(path)
    assert read.suite is not None
    assert read.flow is not None
    all_of = [
        case._replace(
            turns=(*case.turns[:place], Crash(case.at, when), *case.turns[place:]),  # type: ignore[arg-type]  # of them
            after=case.after._replace(events=None, sent=()),
        )
        for case in read.suite.cases
        if not any(isinstance(turn, Crash | Fault) for turn in case.turns)
        for place in range(len(case.turns))
        for when in CRASHES
        if when == "now" or any(isinstance(turn, Bot) for turn in case.turns[place:])
    ]
    tried_ones = part(all_of, len(all_of) // TRIED | 1)  # an odd step goes round all kinds of crashes
    found = [(case.name, case.turns, its.failures) for case in tried_ones if (its := tried(case, read.flow)).failures]
    assert found == []
    assert tried_ones


def test_every_example_has_tests() -> None:
    """Beside it, by its name."""
    flows = find_flows([FLOWS])[0]
    assert {path.stem for path in flows} == {path.name.removesuffix(TESTS[0]) for path in FILES}
