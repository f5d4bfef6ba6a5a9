"""What came of tests, in the Test Anything Protocol, version 14 (https://testanything.org/tap-version-14-specification.html)."""

import json
from collections.abc import Iterator, Sequence

from flowrunner.diagnostics import Diagnostic
from flowrunner.testing.outcomes import Outcome
from flowrunner.views.tests.told import heading, in_sentences
from flowrunner.views.visible import visible


def as_tap(outcomes: Sequence[Outcome], diagnostics: Sequence[Diagnostic], left: int) -> str:
    """One test point a test, in its order; what failed has a YAML block with what went wrong and where.

    A file that cannot be read is a point that is not ok; what was not run since one failed is bailed out of.
    """
    wrong = [each for each in diagnostics if each.is_error]
    lines = ["TAP version 14", f"1..{len(outcomes) + len(wrong) + left}"]
    for number, outcome in enumerate(outcomes, 1):
        is_ok = outcome.verdict == "passed"
        place = f"{outcome.case.at.path}: {outcome.case.name}"
        lines.append(f"{'ok' if is_ok else 'not ok'} {number} - {_description(place)}")
        lines += [] if is_ok else _block(_facts(outcome))
    for number, each in enumerate(wrong, len(outcomes) + 1):
        lines.append(f"not ok {number} - {_description(str(each.location))}")
        lines += _block([("message", each.message), ("severity", "error"), ("code", each.code), ("hint", each.hint)])
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


def _block(facts: "Iterator[tuple[str, str]] | Sequence[tuple[str, str]]") -> list[str]:
    """A block of YAML in which every value is one line: a text of JSON is one of YAML."""
    return ["  ---", *(f"  {name}: {json.dumps(value)}" for name, value in facts), "  ..."]


def _description(text: str) -> str:
    """A text as a description: on one line, without what would be read as a directive."""
    return visible(" ".join(text.split())).replace("\\", "\\\\").replace("#", "\\#")
