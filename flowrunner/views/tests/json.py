"""What came of tests, as other programs read it: JSON."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from flowrunner.diagnostics import Diagnostic
from flowrunner.testing.covered import Coverage, Explored
from flowrunner.testing.outcomes import Entry, Failure, Origin, Outcome
from flowrunner.views.problems.json import diagnostic_data


def as_json(
    outcomes: Sequence[Outcome],
    diagnostics: Sequence[Diagnostic],
    left: int,
    took: float,
    flows: Sequence[Coverage] = (),
) -> str:
    """One JSON object in ASCII: ``version`` (1), ``tests``, ``diagnostics`` and ``summary``.

    Of a test that passed there is its name, its place and its times; of the others also what failed and the chat up to
    there. Where there are ``flows``, ``coverage`` has what the tests have done of each. Fields may be added to
    version 1, never changed or taken away. Lines and columns are as in ``validate``.
    """
    counts = Counter(outcome.verdict for outcome in outcomes)
    report = {
        "version": 1,
        "tests": [_test(outcome) for outcome in outcomes],
        "diagnostics": [diagnostic_data(each) for each in diagnostics],
        "summary": {
            **{verdict: counts[verdict] for verdict in ("passed", "failed", "internal")},
            "left": left,
            "seconds": round(took, 3),
        },
    }
    if flows:
        report["coverage"] = [_coverage(each) for each in flows]
    return json.dumps(report, indent=2)


def explored_data(its: Explored) -> dict[str, Any]:
    """What came of going through a flow by itself: the coverage as in `as_json`, and how many ways there are."""
    return {**_coverage(its.coverage), "ways": {"done": its.walked, "all": its.walked + its.left}}


def _coverage(its: Coverage) -> dict[str, Any]:
    (steps, all_steps), (branches, all_branches) = its.counts(steps=True), its.counts(steps=False)
    return {
        "path": its.path,
        "percent": round(its.percent, 1),
        "steps": {"done": steps, "all": all_steps},
        "branches": {"done": branches, "all": all_branches},
        "missing": [
            {"kind": each.kind, "name": each.name, "never": each.never, **each.at._asdict()} for each in its.missing
        ],
    }


def _test(outcome: Outcome) -> dict[str, Any]:
    its = {
        "name": outcome.case.name,
        **outcome.case.at._asdict(),
        "verdict": outcome.verdict,
        "seconds": round(outcome.took, 4),
        "virtual_seconds": round(outcome.seconds, 3),
    }
    if outcome.verdict == "passed":
        return its
    return {
        **its,
        "failures": [_failure(each) for each in outcome.failures],
        "chat": [_entry(each) for each in outcome.chat],
        "internal": outcome.internal,
    }


def _failure(failure: Failure) -> dict[str, Any]:
    return {
        **failure._asdict(),
        "at": failure.at._asdict(),
        "origin": _origin(failure.origin),
        "difference": [span._asdict() for span in failure.difference],
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {**entry._asdict(), "body": dict(entry.body), "origin": _origin(entry.origin)}


def _origin(its: Origin | None) -> dict[str, Any] | None:
    return {"step": its.label, **its.at._asdict()} if its is not None else None
