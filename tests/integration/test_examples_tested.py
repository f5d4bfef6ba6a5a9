"""The example flows keep what their own tests promise; each has some, which say how to write them, too."""

from pathlib import Path

import pytest

from flowrunner.app.test_flows import run_tests
from flowrunner.flow.folders import TESTS, find_flows
from flowrunner.testing.files import find_tests
from flowrunner.views.tests.text import told

FLOWS = Path(__file__).parents[2] / "flows"
FILES = find_tests([FLOWS])[0]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_tests_of_an_example_pass(path: Path) -> None:
    """Each branch, silence, stop, language: without a network, and without waiting."""
    tested = run_tests([path])
    assert tested.diagnostics == ()
    text = path.read_text(encoding="utf-8")
    assert [told(each, text, colour=False) for each in tested.outcomes if each.verdict != "passed"] == []
    assert tested.outcomes


def test_every_example_has_tests() -> None:
    """Beside it, by its name."""
    flows = find_flows([FLOWS])[0]
    assert {path.stem for path in flows} == {path.name.removesuffix(TESTS[0]) for path in FILES}
