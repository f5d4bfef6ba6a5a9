"""What came of tests, as GitHub's annotations."""

from collections.abc import Sequence

from flowrunner.diagnostics import Diagnostic
from flowrunner.testing.outcomes import Failure, Outcome
from flowrunner.views.problems.github import as_github as diagnostics_as_github
from flowrunner.views.tests.told import difference, heading, origin


def as_github(outcomes: Sequence[Outcome], diagnostics: Sequence[Diagnostic]) -> str:
    """One workflow command for each thing that failed, which GitHub shows at its line of a pull request."""
    found = [*diagnostics]
    for outcome in outcomes:
        found += [_failed(outcome, failure) for failure in outcome.failures]
        if outcome.verdict == "internal":
            message = f"{outcome.case.name}: flowrunner itself went wrong\n{outcome.internal}"
            found.append(Diagnostic("internal", message, outcome.case.at))
    return diagnostics_as_github(found)


def _failed(outcome: Outcome, failure: Failure) -> Diagnostic:
    """A failure as it is annotated."""
    said = difference(failure.difference) or failure.got or ""
    message = f"{heading(outcome, failure)}: {failure.says}{': ' if said else ''}{said}"
    if failure.expected is not None and failure.got is None:
        message += f"\nexpected: {failure.expected}"
    if failure.origin is not None:
        message += f"\nfrom {origin(failure.origin)}"
    return Diagnostic("failed", message, failure.at, hint=failure.hint)
