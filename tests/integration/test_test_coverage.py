"""``flowrunner test --cover`` and ``--explore``: what no test does, in which lines, and what no way leads to."""

import json
import re
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from support.program import flowrunner

FLOW = """\
name: setup
inputs: {plan: {enum: [free, pro], default: free}}
anytime: [{words: [stop], end: opted_out}]
steps:
  - id: start
    message: {message_type: interactive, interactive_type: button, body_text: Well?, buttons: [{id: a, title: A}]}
    reply:
      within: 20h
      answers: [{button: a}]
      otherwise: [{message: Hm.}]
      no_reply: [{end: finished}]
  - {id: pro, when: plan == "pro", message: You are a pro.}
"""
TESTS = """\
flow: setup.yaml
tests:
  - name: she taps
    chat: [{bot: Well?}, {customer: {tap: a}}]
    ends: finished
  - name: silence
    chat: [{bot: any}, {silence: 20h}]
    ends: finished
"""
MORE = """\
flow: setup.yaml
tests:
  - name: she says something else
    chat: [{bot: any}, {customer: what}, {bot: Hm.}]
    ends: finished
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "setup.yaml").write_text(FLOW, encoding="utf-8")
    (tmp_path / "setup.test.yaml").write_text(TESTS, encoding="utf-8")
    return tmp_path


def lines(told: str) -> list[str]:
    return [re.sub(r" {2,}", "  ", line.strip()) for line in told.splitlines() if not re.search(r" passed in ", line)]


def test_what_no_test_does_is_listed_with_its_lines(folder: Path) -> None:
    done = flowrunner("test", "--cover", "0", cwd=folder)
    assert done.returncode == 0
    assert lines(done.stdout) == [
        "setup.yaml  50 %  2 of 4 steps, 3 of 6 branches",
        "3  words: stop  never said",
        "10  otherwise  never answered otherwise",
        "10  step 1.o.1  never reached",
        "12  pro  never reached",
        '12  plan == "pro"  never true',
    ]
    (folder / "setup.more.test.yaml").write_text(MORE, encoding="utf-8")
    both = flowrunner("test", "--cover", "0", "--jobs", "2", cwd=folder)
    assert lines(both.stdout)[0] == "setup.yaml  70 %  3 of 4 steps, 4 of 6 branches"


def test_too_little_fails_and_so_does_a_test_that_failed_anyway(folder: Path) -> None:
    assert flowrunner("test", "--cover", "50", cwd=folder).returncode == 0
    less = flowrunner("test", "--cover", "90", cwd=folder)
    assert (less.returncode, less.stderr) == (
        1, "the tests do 50.0 % of what the flows can; at least 90 % is wanted\n"
    )  # fmt: skip
    told = json.loads(flowrunner("test", "--cover", "0", "--format", "json", cwd=folder).stdout)
    [flow] = told["coverage"]
    assert (flow["percent"], flow["steps"], [each["line"] for each in flow["missing"]]) == (
        50.0, {"done": 2, "all": 4}, [3, 10, 10, 12, 12],
    )  # fmt: skip


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def test_in_a_pull_request_only_changed_lines_are_marked(folder: Path) -> None:
    """As annotations, where nothing else is asked for; of a file that is new all of it is."""
    git(folder, "init", "-q")
    git(folder, "add", "setup.test.yaml")
    git(folder, "commit", "-qm", "a")
    new = flowrunner("test", "--cover-since", "HEAD", "--format", "github", cwd=folder)
    assert len(new.stdout.splitlines()) == 5
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "b")
    assert flowrunner("test", "--cover-since", "HEAD", "--format", "github", cwd=folder).stdout == ""
    changed = FLOW.replace("You are a pro.", "So you are a pro.")
    (folder / "setup.yaml").write_text(changed, encoding="utf-8")
    marked = flowrunner("test", "--cover-since", "HEAD", "--format", "github", cwd=folder)
    assert marked.returncode == 0
    assert [line.partition("::")[0] + line.partition("::")[2].partition(",")[0] for line in marked.stdout.splitlines()]
    assert re.findall(r"line=(\d+)", marked.stdout) == ["12", "12"]
    unknown = flowrunner("test", "--cover-since", "nowhere", cwd=folder)
    assert unknown.returncode != 0
    assert "git does not know the revision nowhere" in unknown.stderr


def test_a_page_shows_the_flow_with_what_is_done_of_each_line(folder: Path) -> None:
    page = folder / "cover.html"
    done = flowrunner("test", "--cover-html", "cover.html", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "written to cover.html\n")
    nowhere = flowrunner("test", "--cover-html", "no/cover.html", cwd=folder)
    assert (nowhere.returncode, "hint: name another file with --cover-html" in nowhere.stderr) == (1, True)
    html = page.read_text(encoding="utf-8")
    states = re.findall(r'<li class="(\w+)">', html)
    assert len(states) == len(FLOW.split("\n"))
    assert [states[line - 1] for line in (3, 5, 8, 9, 10, 11, 12)] == [
        "never", "done", "none", "done", "never", "done", "partly",
    ]  # fmt: skip
    assert "otherwise: never answered otherwise" in html


@pytest.mark.long
def test_exploring_tells_what_validate_cannot_see(folder: Path) -> None:
    well = flowrunner("test", "--explore", cwd=folder)
    assert (well.returncode, well.stderr) == (0, "")
    assert re.fullmatch(r"setup\.yaml: \d+ ways, 4 of 4 steps, 6 of 6 branches\n", well.stdout)
    late = FLOW.replace("message: You are a pro.}", "message: You are a pro., until: read, timeout: 1ms}")
    (folder / "setup.yaml").write_text(f'{late}  - message: "There"\n', encoding="utf-8")
    wrong = flowrunner("test", "--explore", "setup.yaml", cwd=folder)
    assert wrong.returncode == 1
    assert re.search(
        r"setup\.yaml:12:\d+: error\[way-fails\]: pro cannot be sent: not read within 0.001 s; on the way: "
        r'plan "pro", start: tap a\n',
        wrong.stderr,
    )
    few = flowrunner("test", "--explore", "--ways", "2", "setup.yaml", cwd=folder)
    assert "2 ways" in few.stdout
    assert flowrunner("test", "--ways", "2", cwd=folder).returncode == 2
    found = json.loads(flowrunner("test", "--explore", "--format", "json", cwd=folder).stdout)
    assert [each["code"] for each in found["diagnostics"]] == ["way-fails"]
    [its] = found["flows"]
    assert its["path"] == "setup.yaml"
    assert its["ways"]["done"] == its["ways"]["all"] > 2
    assert its["steps"] == {"done": 5, "all": 5}
    some = json.loads(flowrunner("test", "--explore", "--format", "json", "--ways", "2", cwd=folder).stdout)["flows"][0]
    assert (some["ways"]["done"], some["ways"]["all"] > 2) == (2, True)
    assert [each["never"] for each in some["missing"] if each["kind"] == "step"]


@pytest.mark.long
def test_exploring_has_the_forms_of_other_programs_and_several_processes(folder: Path) -> None:
    """What is for test files alone is refused, and nothing is passed over in silence."""
    late = FLOW.replace("message: You are a pro.}", "message: You are a pro., until: read, timeout: 1ms}")
    (folder / "late.yaml").write_text(f'{late}  - message: "There"\n', encoding="utf-8")
    junit = ET.fromstring(flowrunner("test", "--explore", "--format", "junit", cwd=folder).stdout)  # noqa: S314  # ours
    assert [(case.get("name"), case.find("failure") is not None) for case in junit] == [
        ("late.yaml", True), ("setup.yaml", False),
    ]  # fmt: skip
    tap = flowrunner("test", "--explore", "--format", "tap", "--output", "found.tap", cwd=folder)
    assert (tap.returncode, tap.stdout) == (1, "")
    lines = (folder / "found.tap").read_text(encoding="utf-8").splitlines()
    assert lines[:3] == ["TAP version 14", "1..2", lines[2]]
    assert re.match(r"not ok 1 - late\.yaml: \d+ ways, ", lines[2])
    assert re.match(r"ok 2 - setup\.yaml: \d+ ways, 4 of 4 steps", lines[-1])
    one, two = (flowrunner("test", "--explore", "--jobs", jobs, cwd=folder) for jobs in ("1", "2"))
    assert (one.stdout, one.stderr, one.returncode) == (two.stdout, two.stderr, two.returncode)
    for options in (["-k", "x"], ["-x"], ["--open"], ["--update"], ["--cover", "90"], ["--format", "html"]):
        assert flowrunner("test", "--explore", *options, cwd=folder).returncode == 2, options
