"""Diagnostics as a SARIF log."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from flowrunner.diagnostics import Diagnostic, Location
from flowrunner.views.problems.text import in_sentences, is_file

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def as_sarif(diagnostics: Sequence[Diagnostic], rules: Mapping[str, tuple[str, str]]) -> str:
    """A SARIF 2.1.0 log with one run.

    Args:
        diagnostics: What was found.
        rules: For each code, what the rule asks and why; only the codes found are written.
    """
    codes = sorted({diagnostic.code for diagnostic in diagnostics})
    links = {diagnostic.code: diagnostic.link for diagnostic in diagnostics if diagnostic.link}
    run = {
        "tool": {"driver": {"name": "flowrunner", "rules": [_rule(code, rules, links) for code in codes]}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(diagnostic, codes.index(diagnostic.code)) for diagnostic in diagnostics],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(code: str, rules: Mapping[str, tuple[str, str]], links: Mapping[str, str]) -> dict[str, Any]:
    rule: dict[str, Any] = {"id": code}
    if code in rules:
        what, why = rules[code]
        rule |= {"shortDescription": {"text": what}, "fullDescription": {"text": why}}
    if code in links:
        rule["helpUri"] = links[code]
    return rule


def _result(diagnostic: Diagnostic, rule: int) -> dict[str, Any]:
    result = {
        "ruleId": diagnostic.code,
        "ruleIndex": rule,
        "level": str(diagnostic.severity),
        "message": {"text": in_sentences(diagnostic)},
        "locations": [_sarif_place(diagnostic.location, diagnostic.excerpt)],
    }
    if diagnostic.notes:
        result["relatedLocations"] = [
            {"id": number, "message": {"text": note.message}, **_sarif_place(note.location)}
            for number, note in enumerate(diagnostic.notes)
        ]
    return result


def _sarif_place(place: Location, excerpt: str = "") -> dict[str, Any]:
    if not is_file(place):
        return {"logicalLocations": [{"fullyQualifiedName": str(place)}]}
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(place.path)}}
    if place.line:
        region: dict[str, Any] = {"startLine": place.line, "startColumn": max(place.column, 1)}
        if place.end_line:
            region |= {"endLine": place.end_line, "endColumn": max(place.end_column, 1)}
        physical["region"] = region
        if excerpt:
            physical["contextRegion"] = {"startLine": place.line, "snippet": {"text": excerpt}}
    return {"physicalLocation": physical}


def _uri(path: str) -> str:
    quoted = quote(path.replace("\\", "/"), errors="backslashreplace")
    return f"file://{quoted}" if quoted.startswith("/") else quoted
