"""What came of tests, in the Test Anything Protocol, version 14 (https://testanything.org/tap-version-14-specification.html)."""

from collections.abc import Iterator, Sequence

from flowrunner.diagnostics import Diagnostic
from flowrunner.testing.outcomes import Outcome
from flowrunner.views.problems.tap import block, point
from flowrunner.views.tests.told import heading, in_sentences


def as_tap(outcomes: Sequence[Outcome], diagnostics: Sequence[Diagnostic], left: int) -> str:
    """One test point a test, in its order; what failed has a YAML block with what went wrong and where.

    A file that cannot be read is a point that is not ok; what was not run since one failed is bailed out of.
    """
    wrong = [each for each in diagnostics if each.is_error]
    lines = ["TAP version 14", f"1..{len(outcomes) + len(wrong) + left}"]
    for number, outcome in enumerate(outcomes, 1):
        is_ok = outcome.verdict == "passed"
        lines.append(point(number, f"{outcome.case.at.path}: {outcome.case.name}", is_ok=is_ok))
        lines += [] if is_ok else block(_facts(outcome))
    for number, each in enumerate(wrong, len(outcomes) + 1):
        lines.append(point(number, str(each.location), is_ok=False))
        lines += block([("message", each.message), ("severity", "error"), ("code", each.code), ("hint", each.hint)])
    if left:
        lines.append(f"Bail out! {left} not run after the first that failed")
    return "\n".join(lines)


def _facts(outcome: Outcome) -> Iterator[tuple[str, str]]:
    if outcome.verdict == "internal":
        yield "message", "flowrunner itself went wrong"
        yield "severity", "internal"
        yield "at", str(outcome.case.at)
        yield "traceback", outcome.internal
        return
    for failure in outcome.failures[:1]:
        yield "message", f"{heading(outcome, failure)}: {failure.says}"
        yield "severity", "fail"
        yield "at", str(failure.at)
    yield "said", "\n".join(in_sentences(failure) for failure in outcome.failures)
