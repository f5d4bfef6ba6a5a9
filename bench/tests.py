"""A thousand generated test files of the example flows, played on one core."""

import sys
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

from flowrunner.app.testing.run import Tested, run_tests

FILES = 1000
ROUNDS = 2
AT_LEAST = 100.0
FLOWS = Path(__file__).parents[1] / "flows"


def main() -> bool:
    """Print how many tests a second of one core are played; answer whether the bound was kept."""
    sys.path.append(str(FLOWS.parent / "tests"))
    write_tests = import_module("support.generated_tests").write_tests
    with TemporaryDirectory() as temporary:
        write_tests(Path(temporary), FLOWS, FILES)
        rounds = [played(Path(temporary)) for _ in range(ROUNDS)]
    tests, seconds = rounds[-1]
    same = outcomes(rounds[0][0]) == outcomes(tests)
    rate = len(tests.outcomes) / seconds
    virtual = sum(each.seconds for each in tests.outcomes) / 86_400
    failed = sum(each.verdict != "passed" for each in tests.outcomes)
    said = "the same verdicts twice" if same else "NOT the same verdicts twice"
    print(f"{len(tests.outcomes)} generated test files, {failed} of which fail; {said}")
    print(f"  {rate:.0f} tests a second of one core, read and played (bound: at least {AT_LEAST:.0f});")
    print(f"  {virtual:,.0f} days pass in them in {seconds:.1f} s\n")
    return same and rate >= AT_LEAST


def played(folder: Path) -> tuple[Tested, float]:
    """What comes of the tests, and the seconds of the processor that it takes."""
    begun = process_time()
    tested = run_tests([folder])
    return tested, process_time() - begun


def outcomes(tested: Tested) -> list[object]:
    """All that is the same each time."""
    return [each._replace(took=0.0) for each in tested.outcomes]
