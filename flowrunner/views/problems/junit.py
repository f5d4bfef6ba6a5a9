"""Diagnostics as a JUnit report."""

from collections.abc import Iterable, Sequence
from xml.etree import ElementTree as ET

from flowrunner.diagnostics import Diagnostic
from flowrunner.views.problems.text import in_sentences, summary
from flowrunner.views.visible import in_xml


def as_junit(diagnostics: Sequence[Diagnostic], paths: Sequence[str], command: str = "validate") -> str:
    """A JUnit report (Jenkins' schema) with one suite: a test for each file, failed where the file has an error.

    Args:
        diagnostics: What was found. A place that is not among ``paths`` gets a test of its own.
        paths: The files that were checked, so that those without a fault are seen to pass.
        command: What checked them, as it is called.
    """
    found: dict[str, list[Diagnostic]] = {path: [] for path in paths}
    for diagnostic in diagnostics:
        found.setdefault(diagnostic.location.path, []).append(diagnostic)
    failures = 0
    suite = ET.Element("testsuite", name=f"flowrunner {command}", tests=str(len(found)), errors="0", skipped="0")
    for path, its in found.items():
        case = ET.SubElement(suite, "testcase", classname=f"flowrunner.{command.rpartition('-')[2]}", name=in_xml(path))
        errors = [diagnostic for diagnostic in its if diagnostic.is_error]
        if errors:
            failures += 1
            # One element for all of a file's errors: many readers of JUnit show only the first.
            failure = ET.SubElement(case, "failure", type=errors[0].code, message=in_xml(summary(errors)))
            failure.text = _listing(errors)
        if len(its) > len(errors):
            ET.SubElement(case, "system-out").text = _listing(other for other in its if not other.is_error)
    suite.set("failures", str(failures))
    ET.indent(suite)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(suite, encoding="unicode")}'


def _listing(diagnostics: Iterable[Diagnostic]) -> str:
    return "\n".join(
        in_xml(f"{diagnostic.location}: {diagnostic.severity}[{diagnostic.code}]: {in_sentences(diagnostic)}")
        for diagnostic in diagnostics
    )
