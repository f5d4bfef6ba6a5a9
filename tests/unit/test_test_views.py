"""What came of tests is told in every form, whatever a flow, a test or a customer wrote."""

import json
import re
from pathlib import Path

import pytest
import yaml
from lxml import etree

from flowrunner.diagnostics import Diagnostic, Location
from flowrunner.testing.outcomes import Entry, Failure, Origin, Outcome
from flowrunner.testing.values import Case, Given
from flowrunner.views.tests.github import as_github
from flowrunner.views.tests.html import as_html
from flowrunner.views.tests.json import as_json
from flowrunner.views.tests.junit import as_junit
from flowrunner.views.tests.tap import as_tap
from flowrunner.views.tests.text import closing, told

DATA = Path(__file__).parents[1] / "data"
PATH = "flows/a, b:c.test.yaml"
TEXT = "tests:\n  - name: she starts\n    chat:\n      - bot: Hello\n"
HOSTILE = "a\x1b[2J\x00\x85\ud83d\ufffe\uffff]]>&<b>%\r\n::set-env::# TODO\\"
SCRIPT = "<script>alert(1)</script>"


def case(name: str, path: str = PATH) -> Case:
    return Case(name, Location(path, 2, 11, 2, 21), Given(), ())


def failed(text: str, path: str = PATH) -> Outcome:
    """A test in which `text` stands wherever somebody wrote one."""
    origin = Origin(text, Location(text, 7, 5, 7, 9))
    chat = (
        Entry("bot", 0.0, 1, text, {"message_type": "text", "content": text}, origin),
        Entry("customer", 1.0, 2, text, {"message_type": "interactive", "content": text}),
        Entry("event", 10800.0, 3, text),
    )
    failures = (
        Failure(Location(path, 4, 14, 4, 19), 1, "sent instead", "Hello", f"Hello {text}", origin, text),
        Failure(Location(path, 4, 14, 4, 19), 0, "nothing was sent", text),
        Failure(Location(path, 4, 14, 4, 19), 0, "there is one", None, text),
    )
    return Outcome(case(text, path), "failed", failures, chat, took=0.25)


PASSED = Outcome(case("she starts"), "passed", took=0.5)
INTERNAL = Outcome(case("ours"), "internal", internal=f"Traceback\n  {HOSTILE}")
WRONG = Diagnostic("too-few-items", HOSTILE, Location("b.test.yaml", 1, 8, 1, 10), hint=HOSTILE)
ALL = [PASSED, failed("a plain text"), failed(HOSTILE, "x.test.yaml"), failed(SCRIPT, "x.test.yaml"), INTERNAL]


def test_a_failure_shows_its_line_what_differs_and_the_chat() -> None:
    """In signs without colours, in styles with them."""
    plain = told(failed("there"), TEXT, colour=False)
    assert plain.splitlines()[:6] == [
        f"{PATH}:4:14: failed: there › turn 1",
        "    2 |   - name: she starts",
        "    3 |     chat:",
        "    4 |       - bot: Hello",
        "      |              ^^^^^",
        "  sent instead: Hello{+ there+}  there:7 step there",
    ]
    assert "  expected: there" in plain.splitlines()
    assert "  there is one: there" in plain.splitlines()
    assert plain.splitlines()[-3:] == [
        "    0            bot       there  (there)",
        "    +1 s         customer  there",
        "    +3 h         ·         there",
    ]
    assert "\x1b[32;4m there\x1b[0m" in told(failed("there"), TEXT, colour=True)


def test_of_what_two_long_texts_have_in_common_the_ends_are_shown() -> None:
    """What differs is shown whole."""
    failure = Failure(Location(PATH, 4, 14, 4, 19), 1, "sent instead", f"one {'a ' * 500}", f"two {'a ' * 500}")
    line = told(Outcome(case("x"), "failed", (failure,)), TEXT, colour=False).splitlines()[5]
    assert line.startswith("  sent instead: [-one-]{+two+} a a ")
    assert " … " in line
    assert len(line) < 200


@pytest.mark.parametrize(
    ("expected", "sent", "shown"),
    [
        ("Hi\u00a0Ana?", "Hi Ana?", "Hi[-<U+00A0>-]{+ +}Ana?"),
        ("Hi \u00c1na?", "Hi A\u0301na?", "Hi [-<U+00C1>na-]{+A<U+0301>na+}?"),
        ("5\u202f\u20ac", "5\u00a0\u20ac", "5[-<U+202F>-]{+<U+00A0>+}\u20ac"),
        ("Hi \u00c1na?", "Hi Ana?", "Hi [-\u00c1na-]{+Ana+}?"),
    ],
)
def test_what_differs_and_looks_the_same_is_told_by_code_points(expected: str, sent: str, shown: str) -> None:
    """A no-break space for a space, one letter of two signs; what is seen to differ is shown as it is."""
    failure = Failure(Location(PATH, 4, 14, 4, 19), 1, "sent instead", expected, sent)
    line = told(Outcome(case("x"), "failed", (failure,)), TEXT, colour=False).splitlines()[5]
    assert line == f"  sent instead: {shown}"


def test_what_passed_is_named_only_where_that_is_asked_for() -> None:
    """And the last line counts all."""
    assert told(PASSED, TEXT, colour=False) == ""
    assert told(PASSED, TEXT, colour=False, named=True) == "passed  she starts"
    assert closing(ALL, 2, 1.234, colour=False) == "1 passed, 3 failed, 1 internal, 2 not run in 1.23 s"
    assert closing([], 0, 0.0, colour=False) == "0 passed in 0.00 s"


def test_of_a_long_chat_the_last_lines_are_shown() -> None:
    """All of it where that is asked for."""
    chat = tuple(Entry("customer", 0.0, number, f"line {number}") for number in range(10))
    long = failed("x")._replace(chat=chat)
    assert "  the chat so far (4 more before: --chat shows all of it):" in told(long, TEXT, colour=False)
    assert "line 3" not in told(long, TEXT, colour=False)
    assert "line 0" in told(long, TEXT, colour=False, whole_chat=True)


@pytest.mark.parametrize("outcome", ALL)
def test_nothing_steers_the_terminal(outcome: Outcome) -> None:
    """Whatever a file or a message holds."""
    drawn = told(outcome, f"{HOSTILE}\n" * 5, colour=False, named=True)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]", drawn)


def test_json_has_all_and_is_ascii() -> None:
    """So that no log reader is steered either."""
    text = as_json(ALL, [WRONG], 3, 1.5)
    assert text.isascii()
    data = json.loads(text)
    assert data["summary"] == {"passed": 1, "failed": 3, "internal": 1, "left": 3, "seconds": 1.5}
    assert set(data["tests"][0]) == {
        "name", "path", "line", "column", "end_line", "end_column", "verdict", "seconds", "virtual_seconds",
    }  # fmt: skip
    first = data["tests"][1]["failures"][0]
    assert (first["says"], first["expected"], first["got"]) == ("sent instead", "Hello", "Hello a plain text")
    assert data["tests"][1]["chat"][0]["body"] == {"message_type": "text", "content": "a plain text"}
    assert [each["code"] for each in data["diagnostics"]] == ["too-few-items"]


def test_junit_holds_its_schema() -> None:
    """A suite for each file; a failure is a failure, and what is ours is an error."""
    text = as_junit(ALL, [WRONG])
    tree = etree.fromstring(text.encode())
    etree.XMLSchema(file=str(DATA / "junit-10.xsd")).assertValid(tree)
    counts = [(each.get("name"), each.get("tests"), each.get("failures"), each.get("errors")) for each in tree]
    assert counts == [(PATH, "3", "1", "1"), ("x.test.yaml", "2", "2", "0"), ("files", "1", "0", "1")]


def test_annotations_are_one_line_each() -> None:
    """What GitHub would read as a command of its own is escaped."""
    lines = as_github(ALL, [WRONG]).splitlines()
    assert len(lines) == 1 + 3 * 3 + 1
    assert all(line.startswith("::error file=") for line in lines)
    assert lines[1].startswith(
        "::error file=flows/a%2C b%3Ac.test.yaml,line=4,endLine=4,col=14,endColumn=19,title=failed::"
    )
    assert not re.search("[\x00-\x1f\x7f-\x9f]", "".join(lines))


def test_tap_is_version_14() -> None:
    """A plan, a point a test, a block of YAML below each that is not ok; no text is taken for a directive."""
    lines = as_tap(ALL, [WRONG], 2).splitlines()
    assert lines[:2] == ["TAP version 14", "1..8"]
    points = [line for line in lines if re.match(r"(not )?ok ", line)]
    assert [line.split(" - ")[0] for line in points] == ["ok 1", *(f"not ok {number}" for number in range(2, 7))]
    assert not any(re.search(r"(?<!\\)#", line) for line in points)
    blocks = re.findall(r"^  ---\n(.*?)^  \.\.\.$", "\n".join(lines), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 5
    for block in blocks:
        assert yaml.safe_load(block)["message"]
    assert lines[-1] == "Bail out! 2 not run after the first that failed"


def test_the_page_takes_every_text_for_text() -> None:
    """And has no script at all."""
    page = as_html(ALL, [WRONG], {PATH: TEXT}, 0, 1.0)
    assert SCRIPT not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script></script>" in page
    assert "<ins> a plain text</ins>" in page
    assert "10800" not in page
    assert "3 h after the beginning" in page
