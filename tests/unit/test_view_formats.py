"""What other programs read: each form is held to its official schema or rules."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from lxml import etree

from flowrunner.diagnostics import Diagnostic, Location, Note, Severity
from flowrunner.views.problems.github import as_github
from flowrunner.views.problems.json import as_json
from flowrunner.views.problems.junit import as_junit
from flowrunner.views.problems.sarif import as_sarif

DATA = Path(__file__).parents[1] / "data"

RULES = {"too-long": ("A text is within its limit.", "WhatsApp refuses a longer one."), "unseen": ("x", "y")}

ERROR = Diagnostic(
    "too-long",
    "title has 21 characters, at most 20: 100%",
    Location("flows/a, b:c.yaml", 9, 14, 9, 35),
    hint="shorten it",
    link="https://example.com/limits",
    excerpt='    title: "ñandú 👋"',
    notes=(Note("given here", Location("people.csv", 14, 3, 14, 9)), Note("given here", Location("--var name"))),
)
WARNING = Diagnostic("plain-http", "use https", Location("flows/b.yaml", 2, 1, 5, 3), Severity.WARNING)
NO_FILE = Diagnostic("bad-value", "no such input", Location("--var nmae"))
NO_LINE = Diagnostic("unreadable", "cannot be read", Location("/abs/ü.yaml"))
STDIN = Diagnostic("too-long", "too long", Location("<stdin>", 1, 1, 1, 2))
HOSTILE_TEXT = "a\x1b[2J\x00\x85\ud83d\ufffe\uffff]]>&<b>%\r\n::set-env::"
HOSTILE = Diagnostic(
    "hostile",
    HOSTILE_TEXT,
    Location(f"f{HOSTILE_TEXT}", 1, 0, 1, 0),
    hint=HOSTILE_TEXT,
    excerpt=HOSTILE_TEXT,
    notes=(Note(HOSTILE_TEXT, Location(HOSTILE_TEXT)),),
)

CASES: dict[str, list[Diagnostic]] = {
    "none": [],
    "one": [ERROR],
    "all": [ERROR, WARNING, NO_FILE, NO_LINE, STDIN],
    "hostile": [HOSTILE],
}


@pytest.mark.parametrize("found", CASES.values(), ids=CASES)
def test_json_is_ascii_and_loses_nothing(found: list[Diagnostic]) -> None:
    """Version, every field of every diagnostic, and counts."""
    text = as_json(found, [])
    report = json.loads(text)
    assert text.isascii()
    assert report["version"] == 1
    assert [(one["code"], one["message"], one["hint"], one["excerpt"]) for one in report["diagnostics"]] == [
        (one.code, one.message, one.hint, one.excerpt) for one in found
    ]
    assert report["summary"]["errors"] + report["summary"]["warnings"] == len(found)


def test_json_has_the_fields_of_version_1() -> None:
    """The shape that programs rely on."""
    report = json.loads(as_json([ERROR], ["a.yaml", "b.yaml"], 300))
    assert report == {
        "version": 1,
        "diagnostics": [
            {
                "code": "too-long",
                "severity": "error",
                "message": "title has 21 characters, at most 20: 100%",
                "path": "flows/a, b:c.yaml",
                "line": 9,
                "column": 14,
                "end_line": 9,
                "end_column": 35,
                "hint": "shorten it",
                "link": "https://example.com/limits",
                "excerpt": '    title: "ñandú 👋"',
                "notes": [
                    {
                        "message": "given here",
                        "path": "people.csv",
                        "line": 14,
                        "column": 3,
                        "end_line": 14,
                        "end_column": 9,
                    },
                    {
                        "message": "given here",
                        "path": "--var name",
                        "line": 0,
                        "column": 0,
                        "end_line": 0,
                        "end_column": 0,
                    },
                ],
            }
        ],
        "summary": {"errors": 1, "warnings": 0, "files": 2, "people": 300},
    }


GITHUB = [
    (
        ERROR,
        (
            "::error file=flows/a%2C b%3Ac.yaml,line=9,endLine=9,col=14,endColumn=35,title=too-long::"
            "title has 21 characters, at most 20: 100%25%0Afrom people.csv:14:3: given here"
            "%0Afrom --var name: given here%0Ahint: shorten it"
        ),
    ),
    (WARNING, "::warning file=flows/b.yaml,line=2,endLine=5,title=plain-http::use https"),
    (NO_FILE, "::error title=bad-value::--var nmae: no such input"),
    (NO_LINE, "::error file=/abs/ü.yaml,title=unreadable::cannot be read"),
    (STDIN, "::error title=too-long::<stdin>:1:1: too long"),
]


@pytest.mark.parametrize(("found", "command"), GITHUB)
def test_github_commands_follow_its_rules(found: Diagnostic, command: str) -> None:
    """Percent, line ends, colons and commas are escaped where GitHub asks; columns only within one line."""
    assert as_github([found]) == command


def test_hostile_text_cannot_add_a_github_command() -> None:
    """A line break in a message or a path starts no second command."""
    assert as_github([HOSTILE]).splitlines() == [as_github([HOSTILE])]


@pytest.mark.parametrize("found", CASES.values(), ids=CASES)
def test_sarif_is_valid(found: list[Diagnostic]) -> None:
    """The official schema accepts it, whatever was found."""
    schema = json.loads((DATA / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    log = json.loads(as_sarif(found, RULES))
    assert [error.message for error in jsonschema.Draft4Validator(schema).iter_errors(log)] == []


def test_sarif_names_rules_and_places() -> None:
    """Only the rules in use are listed, each result points to its own, and what is no file has no file."""
    run: dict[str, Any] = json.loads(as_sarif(CASES["all"], RULES))["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["bad-value", "plain-http", "too-long", "unreadable"]
    assert rules[2]["shortDescription"]["text"] == RULES["too-long"][0]
    assert rules[2]["helpUri"] == ERROR.link
    assert [rules[one["ruleIndex"]]["id"] for one in run["results"]] == [one["ruleId"] for one in run["results"]]
    first, second, third, fourth, _ = (result["locations"][0] for result in run["results"])
    assert first["physicalLocation"]["artifactLocation"]["uri"] == "flows/a%2C%20b%3Ac.yaml"
    assert first["physicalLocation"]["region"] == {"startLine": 9, "startColumn": 14, "endLine": 9, "endColumn": 35}
    assert second["physicalLocation"]["region"]["endLine"] == 5
    assert third == {"logicalLocations": [{"fullyQualifiedName": "--var nmae"}]}
    assert fourth["physicalLocation"] == {"artifactLocation": {"uri": "file:///abs/%C3%BC.yaml"}}
    assert len(run["results"][0]["relatedLocations"]) == 2


def junit(found: list[Diagnostic], paths: list[str]) -> Any:
    tree = etree.fromstring(as_junit(found, paths).encode("utf-8"))
    etree.XMLSchema(file=str(DATA / "junit-10.xsd")).assertValid(tree)
    return tree


@pytest.mark.parametrize("found", CASES.values(), ids=CASES)
def test_junit_is_valid(found: list[Diagnostic]) -> None:
    """The schema accepts it, and what a file holds cannot break the XML."""
    tree = junit(found, ["flows/clean.yaml"])
    assert tree.get("tests") == str(len(tree.findall("testcase")))
    assert tree.get("failures") == str(len(tree.findall("testcase/failure")))


def test_junit_shows_clean_files_as_passed() -> None:
    """A test for each file: failed with an error, passed without a fault or with warnings only."""
    clean = "flows/clean.yaml"
    tree = junit([ERROR, ERROR, WARNING], [clean, WARNING.location.path, ERROR.location.path])
    cases = {case.get("name"): case for case in tree}
    assert list(cases) == [clean, WARNING.location.path, ERROR.location.path]
    assert len(cases[clean]) == 0
    assert [child.tag for child in cases[WARNING.location.path]] == ["system-out"]
    failure = cases[ERROR.location.path].find("failure")
    assert failure.get("message") == "2 errors in 1 file"
    assert "hint: shorten it" in failure.text
    assert (tree.get("tests"), tree.get("failures")) == ("3", "1")
