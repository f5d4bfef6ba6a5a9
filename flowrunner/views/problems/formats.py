"""Diagnostics as other programs read them: JSON, GitHub's annotations, SARIF and JUnit.

No text ends with a line break.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flowrunner.diagnostics import Diagnostic, Location
from flowrunner.views.problems.text import is_file, summary
from flowrunner.views.terminal.ink import visible

SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def as_json(diagnostics: Sequence[Diagnostic], checked: Sequence[str], people: int = 0) -> str:
    """One JSON object in ASCII: ``version`` (1), ``diagnostics`` and ``summary``.

    The summary counts the files that were ``checked``, with or without a fault, and the people of an audience.

    Fields may be added to version 1, never changed or taken away. Lines and columns are 1-based, columns in code
    points, an end is the place after the last character; 0 stands for "no place".
    """
    errors = sum(diagnostic.is_error for diagnostic in diagnostics)
    report = {
        "version": 1,
        "diagnostics": [diagnostic_data(diagnostic) for diagnostic in diagnostics],
        "summary": {
            "errors": errors,
            "warnings": len(diagnostics) - errors,
            "files": len(set(checked)),
            "people": people,
        },
    }
    # ASCII also where a terminal or an old log reader gets to see it: nothing in a file can steer either.
    return json.dumps(report, indent=2)


def diagnostic_data(diagnostic: Diagnostic) -> dict[str, Any]:
    """One diagnostic as plain data, as `as_json` has it."""
    return {
        "code": diagnostic.code,
        "severity": str(diagnostic.severity),
        "message": diagnostic.message,
        **_place(diagnostic.location),
        "hint": diagnostic.hint,
        "link": diagnostic.link,
        "excerpt": diagnostic.excerpt,
        "notes": [{"message": note.message, **_place(note.location)} for note in diagnostic.notes],
    }


def _place(place: Location) -> dict[str, str | int]:
    return {
        "path": place.path,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
    }


def as_github(diagnostics: Sequence[Diagnostic]) -> str:
    """One workflow command a diagnostic, which GitHub shows at its line of a pull request.

    The form and its escapes: https://docs.github.com/actions/reference/workflow-commands-for-github-actions
    """
    return "\n".join(_command(diagnostic) for diagnostic in diagnostics)


def _command(diagnostic: Diagnostic) -> str:
    place = diagnostic.location
    properties: dict[str, str | int] = {}
    if is_file(place):
        properties["file"] = place.path
    if is_file(place) and place.line:
        properties |= {"line": place.line, "endLine": max(place.end_line, place.line)}
        # GitHub takes columns only where a place begins and ends on one line.
        if place.end_line == place.line:
            properties |= {"col": place.column, "endColumn": place.end_column}
    properties["title"] = diagnostic.code
    joined = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    said = _sentences(diagnostic)
    return f"::{diagnostic.severity} {joined}::{_data(said if is_file(place) else f'{place}: {said}')}"


def _data(text: str) -> str:
    return visible(text, keep="\r\n").replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


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
    return json.dumps({"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


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
        "message": {"text": _sentences(diagnostic)},
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
    from urllib.parse import quote

    quoted = quote(path.replace("\\", "/"), errors="backslashreplace")
    return f"file://{quoted}" if quoted.startswith("/") else quoted


def as_junit(diagnostics: Sequence[Diagnostic], paths: Sequence[str]) -> str:
    """A JUnit report (Jenkins' schema) with one suite: a test for each file, failed where the file has an error.

    Args:
        diagnostics: What was found. A place that is not among ``paths`` gets a test of its own.
        paths: The files that were checked, so that those without a fault are seen to pass.
    """
    from xml.etree import ElementTree as ET

    found: dict[str, list[Diagnostic]] = {path: [] for path in paths}
    for diagnostic in diagnostics:
        found.setdefault(diagnostic.location.path, []).append(diagnostic)
    failures = 0
    suite = ET.Element("testsuite", name="flowrunner validate", tests=str(len(found)), errors="0", skipped="0")
    for path, its in found.items():
        case = ET.SubElement(suite, "testcase", classname="flowrunner.validate", name=_xml(path))
        errors = [diagnostic for diagnostic in its if diagnostic.is_error]
        if errors:
            failures += 1
            # One element for all of a file's errors: many readers of JUnit show only the first.
            failure = ET.SubElement(case, "failure", type=errors[0].code, message=_xml(summary(errors)))
            failure.text = _listing(errors)
        if len(its) > len(errors):
            ET.SubElement(case, "system-out").text = _listing(other for other in its if not other.is_error)
    suite.set("failures", str(failures))
    ET.indent(suite)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(suite, encoding="unicode")}'


def _listing(diagnostics: Iterable[Diagnostic]) -> str:
    return "\n".join(
        _xml(f"{diagnostic.location}: {diagnostic.severity}[{diagnostic.code}]: {_sentences(diagnostic)}")
        for diagnostic in diagnostics
    )


def _xml(text: str) -> str:
    # XML 1.0 has no way to write a control character, nor these two.
    return visible(text, keep="\n").replace("\ufffe", "<U+FFFE>").replace("\uffff", "<U+FFFF>")


def _sentences(diagnostic: Diagnostic) -> str:
    """What is wrong, where it came from and how to mend it, a line each."""
    origins = [f"from {note.location}: {note.message}" for note in diagnostic.notes]
    return "\n".join([diagnostic.message, *origins, *([f"hint: {diagnostic.hint}"] if diagnostic.hint else [])])
