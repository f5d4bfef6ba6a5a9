"""What came of tests, as a JUnit report."""

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from flowrunner.diagnostics import Diagnostic
from flowrunner.testing.outcomes import Outcome
from flowrunner.views.problems.text import in_sentences as diagnostic_sentences
from flowrunner.views.tests.told import files_of, heading, in_sentences, line_of
from flowrunner.views.visible import in_xml


def as_junit(outcomes: Sequence[Outcome], diagnostics: Sequence[Diagnostic]) -> str:
    """A JUnit report (Jenkins' schema): a suite for each test file, and one for what could not be read.

    A test that failed is a failure; where flowrunner itself went wrong it is an error, and so is what is wrong with a
    file.
    """
    root = ET.Element("testsuites")
    for path in files_of(outcomes):
        _suite(root, path, [each for each in outcomes if each.case.at.path == path])
    wrong = [each for each in diagnostics if each.is_error]
    if wrong:
        _unread(root, wrong)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}'


def _suite(root: ET.Element, path: str, its: Sequence[Outcome]) -> None:
    suite = ET.SubElement(
        root,
        "testsuite",
        name=in_xml(path),
        tests=str(len(its)),
        failures=str(sum(each.verdict == "failed" for each in its)),
        errors=str(sum(each.verdict == "internal" for each in its)),
        skipped="0",
        time=f"{sum(each.took for each in its):.3f}",
    )
    for outcome in its:
        classname = in_xml(path.removesuffix(".yaml").removesuffix(".yml").replace("/", "."))
        named = {"classname": classname, "name": in_xml(outcome.case.name), "time": f"{outcome.took:.3f}"}
        case = ET.SubElement(suite, "testcase", named)
        if outcome.verdict == "internal":
            error = ET.SubElement(case, "error", type="internal", message="flowrunner itself went wrong")
            error.text = in_xml(outcome.internal)
        elif outcome.failures:
            # One element for all of them: many readers of JUnit show only the first.
            first = outcome.failures[0]
            message = in_xml(f"{heading(outcome, first)}: {first.says}")
            failure = ET.SubElement(case, "failure", type="failed", message=message)
            said = [f"{each.at}: {heading(outcome, each)}\n{in_sentences(each)}" for each in outcome.failures]
            chat = "\n".join(line_of(entry) for entry in outcome.chat)
            failure.text = in_xml("\n\n".join([*said, f"the chat so far:\n{chat}"]))


def _unread(root: ET.Element, wrong: Sequence[Diagnostic]) -> None:
    paths = list(dict.fromkeys(each.location.path for each in wrong))
    counts = {"tests": str(len(paths)), "failures": "0", "errors": str(len(paths)), "skipped": "0"}
    suite = ET.SubElement(root, "testsuite", {"name": "files", **counts})
    for path in paths:
        its = [each for each in wrong if each.location.path == path]
        case = ET.SubElement(suite, "testcase", classname="flowrunner.files", name=in_xml(path))
        error = ET.SubElement(case, "error", type=its[0].code, message=in_xml(its[0].message))
        error.text = in_xml("\n".join(f"{each.location}: {diagnostic_sentences(each)}" for each in its))
