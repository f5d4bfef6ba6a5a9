"""Diagnostics as other programs read them: JSON."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from flowrunner.diagnostics import Diagnostic


def as_json(
    diagnostics: Sequence[Diagnostic], checked: Sequence[str], people: int = 0, flows: Sequence[Mapping[str, Any]] = ()
) -> str:
    """One JSON object in ASCII: ``version`` (1), ``diagnostics`` and ``summary``.

    The summary counts the files that were ``checked``, with or without a fault, and the people of an audience. Where
    more is known of the ``flows``, they are there under that name.

    Fields may be added to version 1, never changed or taken away. Lines and columns are 1-based, columns in code
    points, an end is the place after the last character; 0 stands for "no place".
    """
    errors = sum(diagnostic.is_error for diagnostic in diagnostics)
    report: dict[str, Any] = {
        "version": 1,
        "diagnostics": [diagnostic_data(diagnostic) for diagnostic in diagnostics],
        "summary": {
            "errors": errors,
            "warnings": len(diagnostics) - errors,
            "files": len(set(checked)),
            "people": people,
        },
    }
    if flows:
        report["flows"] = flows
    # ASCII also where a terminal or an old log reader gets to see it: nothing in a file can steer either.
    return json.dumps(report, indent=2)


def diagnostic_data(diagnostic: Diagnostic) -> dict[str, Any]:
    """One diagnostic as plain data, as `as_json` has it."""
    return {
        "code": diagnostic.code,
        "severity": str(diagnostic.severity),
        "message": diagnostic.message,
        **diagnostic.location._asdict(),
        "hint": diagnostic.hint,
        "link": diagnostic.link,
        "excerpt": diagnostic.excerpt,
        "notes": [{"message": note.message, **note.location._asdict()} for note in diagnostic.notes],
    }
