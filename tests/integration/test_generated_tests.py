"""Generated test files: the same verdict each time and in any order, and days that pass in no time."""

import time
from pathlib import Path

import pytest

from flowrunner.app.testing.run import Selection, run_tests
from flowrunner.testing.outcomes import Outcome
from support.generated_tests import write_tests
from support.slices import some

pytestmark = pytest.mark.long

FLOWS = Path(__file__).parents[2] / "flows"


@pytest.mark.sliced
def test_a_test_has_one_verdict_whatever_is_played_before_it_and_nobody_sleeps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thousand of them in `make soak`."""

    def sleeps(seconds: float) -> None:
        raise AssertionError(f"{seconds} s were really slept")

    monkeypatch.setattr(time, "sleep", sleeps)
    write_tests(tmp_path, FLOWS, some(1000) // (1 if some(1000) == 1000 else 6))
    begun = time.process_time()
    first = run_tests([tmp_path])
    took = time.process_time() - begun
    assert first.diagnostics == ()
    wrong = [each for each in first.outcomes if each.verdict != "passed"]
    assert all(is_made_wrong(each) for each in wrong), [each.failures for each in wrong if not is_made_wrong(each)]
    assert 0 < len(wrong) < len(first.outcomes) / 5
    # They are minutes, if anything of it is really waited for.
    assert sum(each.seconds for each in first.outcomes) > 10_000 * took
    again = run_tests([tmp_path], Selection(shuffle=7))
    assert by_file(again.outcomes) == by_file(first.outcomes)


def is_made_wrong(outcome: Outcome) -> bool:
    return outcome.verdict == "failed" and str(outcome.failures[0].expected).endswith(" Not so.")


def by_file(outcomes: tuple[Outcome, ...]) -> dict[str, Outcome]:
    return {each.case.at.path: each._replace(took=0.0) for each in outcomes}
