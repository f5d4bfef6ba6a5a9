"""``flowrunner test``: what is found and played, in which order, how it is told, and the exit code."""

import json
import os
import re
import signal
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from lxml import etree

from flowrunner.cli.group import commands
from flowrunner.testing.outcomes import Outcome
from support.program import flowrunner, start

FLOW = """\
name: setup
inputs: {name: {type: string}}
anytime: [{words: [stop], end: opted_out}]
steps:
  - id: start
    message:
      message_type: interactive
      interactive_type: button
      body_text: "Hi {{ name }}?"
      buttons: [{id: now, title: Start}, {id: later, title: Later}]
    reply: {within: 20h, no_reply: [{end: finished}]}
  - id: bye
    message: Great. First, your company.
"""
GIVEN = "flow: setup.yaml\ngiven: {vars: {name: Ana}}\ntests:\n"
PASSES = """\
  - name: she starts at once
    chat: [{bot: Hi Ana?}, {customer: {tap: now}}, {bot: {starts: Great}}]
    ends: finished
  - name: silence
    chat: [{bot: any}, {silence: 2d}]
    ends: finished
"""
FAILS = """\
  - name: another word
    chat:
      - bot: any
      - customer: {tap: now}
      - bot: Great. First, your firm.
    ends: finished
"""
MANY = '  - name: "{{ n }} of many"\n    each: [%s]\n    chat: [{bot: any}, {customer: stop}]\n    ends: opted_out\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "setup.yaml").write_text(FLOW, encoding="utf-8")
    (tmp_path / "setup.test.yaml").write_text(GIVEN + PASSES, encoding="utf-8")
    return tmp_path


def failing(folder: Path) -> Path:
    path = folder / "setup.words.test.yaml"
    path.write_text(GIVEN + FAILS, encoding="utf-8")
    return path


def test_tests_that_pass_are_counted(folder: Path) -> None:
    """Of the file, of the flow that they stand beside, of the folder, and of the current one."""
    for named in (["setup.test.yaml"], ["setup.yaml"], [str(folder)], []):
        done = flowrunner("test", *named, cwd=folder)
        assert re.fullmatch(r"2 passed in \d+\.\d\d s\n", done.stdout), done.stdout
        assert (done.returncode, done.stderr) == (0, "")
    assert "passed  silence" in flowrunner("test", "-v", cwd=folder).stdout


def test_a_failure_reads_like_validate(folder: Path) -> None:
    """File, line, caret, what differs word by word, the flow's own line, and the chat so far."""
    failing(folder)
    done = flowrunner("test", cwd=folder)
    assert done.returncode == 1
    told, counted = done.stdout.rsplit("\n\n", 1)
    assert (
        told
        == """\
setup.words.test.yaml:8:14: failed: another word › turn 3
    6 |       - bot: any
    7 |       - customer: {tap: now}
    8 |       - bot: Great. First, your firm.
      |              ^^^^^^^^^^^^^^^^^^^^^^^^
  sent instead: Great. First, your [-firm-]{+company+}.  setup.yaml:13 step bye
  the chat so far:
    0            bot       Hi Ana?  (start)
    0            customer  Start
    0            bot       Great. First, your company.  (bye)"""
    )
    assert counted.startswith("2 passed, 1 failed in ")


def test_a_file_that_is_wrong_is_told_and_the_others_are_played(folder: Path) -> None:
    """And the exit code says that not all is well."""
    (folder / "a.test.yaml").write_text(GIVEN.replace("tests", "test") + PASSES, encoding="utf-8")
    done = flowrunner("test", cwd=folder)
    assert done.returncode == 1
    assert "a.test.yaml:3:1: error[unknown-key]: unknown key test" in done.stderr
    assert done.stdout.startswith("2 passed in ")


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("nosuch", "nosuch does not exist"),
        ("nosuch.test.yaml", "nosuch.test.yaml does not exist"),
        ("empty", "error[no-tests]"),
        ("alone.yaml", "alone.yaml has no tests"),
    ],
)
def test_what_has_no_tests_is_no_success(folder: Path, named: str, said: str) -> None:
    """A test of nothing must not look like one that passed."""
    (folder / "empty").mkdir()
    (folder / "alone.yaml").write_text("name: a\nsteps: [{message: Hello}]\n", encoding="utf-8")
    done = flowrunner("test", named, cwd=folder)
    assert done.returncode == 1
    assert said in done.stderr


def test_a_folder_of_tests_alone_is_checked_and_played(folder: Path) -> None:
    """Its flows may stand elsewhere; what they are called is told without detours."""
    (folder / "tests").mkdir()
    text = (GIVEN + FAILS).replace("flow: setup.yaml", "flow: ../setup.yaml")
    (folder / "tests" / "setup.test.yaml").write_text(text, encoding="utf-8")
    done = flowrunner("validate", "tests", cwd=folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, "1 test file checked, no problems\n", "")
    assert "  setup.yaml:13 step bye" in flowrunner("test", "tests", cwd=folder).stdout


def test_some_are_chosen_by_a_word_of_their_name_or_path(folder: Path) -> None:
    """Whatever its case; several words choose what has any of them."""
    failing(folder)
    for words, counted in (
        (["SILENCE"], "1 passed"), (["another"], "1 failed"), (["setup.test"], "2 passed"),
        (["silence", "another"], "1 passed, 1 failed"), (["nowhere"], "0 passed"),
    ):  # fmt: skip
        options = [each for word in words for each in ("-k", word)]
        assert flowrunner("test", *options, cwd=folder).stdout.rstrip().rsplit("\n", 1)[-1].startswith(counted)
    done = flowrunner("test", "-k", "nowhere", cwd=folder)
    assert (done.returncode, done.stderr) == (1, "error: no test has nowhere in its name or path\n")


def test_the_first_failure_may_be_the_end(folder: Path) -> None:
    """What was not played is counted."""
    (folder / "a.test.yaml").write_text(GIVEN + FAILS, encoding="utf-8")
    done = flowrunner("test", "-x", cwd=folder)
    assert done.returncode == 1
    assert done.stdout.rstrip().rsplit("\n", 1)[-1].startswith("1 failed, 2 not run in ")


def test_the_order_may_be_shuffled_and_is_the_same_for_the_same_seed(folder: Path) -> None:
    """So that a test which leans on another is found, and found again."""
    rows = ", ".join(f"{{n: {number}}}" for number in range(12))
    (folder / "setup.test.yaml").write_text(GIVEN + MANY % rows, encoding="utf-8")

    def order(*options: str) -> list[str]:
        done = flowrunner("test", "--format", "json", *options, cwd=folder)
        assert done.returncode == 0, done.stdout
        return [each["name"] for each in json.loads(done.stdout)["tests"]]

    written = [f"{number} of many" for number in range(12)]
    assert order() == written
    assert order("--shuffle", "7") == order("--shuffle", "7") != written
    assert sorted(order("--shuffle", "8")) == sorted(written)


def test_several_processes_come_to_the_same_in_the_same_order(folder: Path) -> None:
    """Failures, chats and all."""
    rows = ", ".join(f"{{n: {number}}}" for number in range(20))
    late = FAILS.replace("another word", "late").replace(
        "      - bot: any\n", "      - bot: any\n      - silence: 12h\n"
    )
    (folder / "setup.test.yaml").write_text(GIVEN + FAILS + late + MANY % rows, encoding="utf-8")

    def told(*options: str) -> list[object]:
        its = json.loads(flowrunner("test", "--format", "json", *options, cwd=folder).stdout)["tests"]
        return [{**each, "seconds": 0} for each in its]

    one, two = told(), told("--jobs", "2")
    assert len(one) == 22
    assert one == two


def test_where_no_process_is_forked_all_cores_are_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """macOS does not tell which cores a process may use."""
    monkeypatch.setattr("flowrunner.engine.parallel.sys", SimpleNamespace(platform="darwin"))
    monkeypatch.delattr(os, "sched_getaffinity")
    for more in ([], ["--explore"]):
        done = CliRunner().invoke(commands, ["test", "--jobs", "0", str(folder), *more])
        assert (done.exit_code, done.exception) == (0, None), done.output


@pytest.mark.parametrize("is_terminal", [True, False])
def test_who_explores_at_a_terminal_sees_how_far_it_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch, is_terminal: bool
) -> None:
    """A line that is drawn again, and is gone in the end; whoever reads a pipe gets nothing of it."""
    monkeypatch.setattr("flowrunner.cli.explore.EVERY", 0.0)
    screen = SimpleNamespace(stderr=SimpleNamespace(isatty=lambda: is_terminal))
    monkeypatch.setattr("flowrunner.cli.live_line.sys", screen)
    done = CliRunner().invoke(commands, ["test", str(folder), "--explore"])
    assert done.exit_code == 0, done.output
    ways = int(re.findall(r"yaml: (\d+) ways", done.stdout)[0])
    assert ways > 1
    drawn = re.findall(r"\r([\d,]+) ways gone through, \d+ to go: [^\r]+\x1b\[K", done.stderr)
    assert drawn == ([str(number) for number in range(1, ways + 1)] if is_terminal else [])
    assert done.stderr.endswith("\r\x1b[K" if is_terminal else "")
    assert is_terminal or not done.stderr


def test_other_programs_read_what_came_of_it(folder: Path) -> None:
    """JSON, JUnit, annotations and TAP, each with the place and the word that differs."""
    failing(folder)
    (folder / "wrong.test.yaml").write_text("tests: []\n", encoding="utf-8")

    def told(form: str) -> str:
        done = flowrunner("test", "--format", form, cwd=folder)
        assert (done.returncode, done.stderr) == (1, "")
        return done.stdout

    data = json.loads(told("json"))
    assert data["version"] == 1
    assert {name: data["summary"][name] for name in ("passed", "failed", "internal", "left")} == {
        "passed": 2, "failed": 1, "internal": 0, "left": 0,
    }  # fmt: skip
    failed = next(each for each in data["tests"] if each["verdict"] == "failed")
    assert (failed["name"], failed["failures"][0]["at"]["line"]) == ("another word", 8)
    assert failed["failures"][0]["origin"]["step"] == "bye"
    assert {"kind": "added", "text": "company"} in failed["failures"][0]["difference"]
    assert [each["code"] for each in data["diagnostics"]] == ["missing-field", "too-few-items"]
    tree = etree.fromstring(told("junit").encode())
    assert [(each.get("name"), each.get("failures"), each.get("errors")) for each in tree] == [
        ("setup.test.yaml", "0", "0"), ("setup.words.test.yaml", "1", "0"), ("files", "0", "1"),
    ]  # fmt: skip
    lines = told("github").splitlines()
    assert (
        "::error file=setup.words.test.yaml,line=8,endLine=8,col=14,endColumn=38,title=failed::another word › turn 3: "
        in lines[-1]
    )
    assert "[-firm-]{+company+}" in lines[-1]
    tap = told("tap").splitlines()
    assert tap[:2] == ["TAP version 14", "1..5"]
    assert "not ok 3 - setup.words.test.yaml: another word" in tap
    assert "<title>Tests of flows</title>" in told("html")


def test_the_result_may_be_written_to_a_file(folder: Path) -> None:
    """Then nothing is printed."""
    done = flowrunner("test", "--format", "junit", "--output", "report.xml", cwd=folder)
    assert (done.returncode, done.stdout) == (0, "")
    assert etree.parse(folder / "report.xml").getroot().tag == "testsuites"
    assert flowrunner("test", "--output", "a.txt", cwd=folder).returncode == 2


def test_texts_are_updated_in_place_and_golden_chats_written(folder: Path) -> None:
    """Then all is as it is sent; turns only where that is accepted."""
    golden = "  - name: whole\n    chat: {golden: golden/a.chat, answers: [{tap: now}]}\n    ends: finished\n"
    fewer = FAILS.replace("another word", "fewer").replace("      - bot: Great. First, your firm.\n", "")
    path = failing(folder)
    path.write_text(GIVEN + FAILS + golden + fewer, encoding="utf-8")
    done = flowrunner("test", cwd=folder)
    assert "there is no a.chat yet" in done.stdout
    assert "hint: where the chat is as it should be, write it: flowrunner test --update" in done.stdout
    done = flowrunner("test", "--update", cwd=folder)
    assert done.stderr == "updated setup.words.test.yaml: 1 text\nupdated golden/a.chat\n"
    assert done.stdout.rstrip().rsplit("\n", 1)[-1].startswith("4 passed, 1 failed in ")
    assert path.read_text(encoding="utf-8") == (GIVEN + FAILS + golden + fewer).replace("firm", "company")
    done = flowrunner("test", "--update", "--accept", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "updated setup.words.test.yaml: 1 turn\n")
    assert flowrunner("test", "--accept", cwd=folder).returncode == 2
    (folder / "setup.yaml").write_text(FLOW.replace("your company", "your firm"), encoding="utf-8")
    done = flowrunner("test", "-k", "whole", cwd=folder)
    assert done.returncode == 1
    assert "another chat than at a.chat:14: Great. First, your [-company-]{+firm+}." in done.stdout


def test_what_is_our_own_fault_is_no_failed_test(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is known of the flow then: its exit code is that of a bug, and the traceback is shown."""
    monkeypatch.setattr(
        "flowrunner.app.testing.run.tried",
        lambda case, *_, **__: Outcome(case, "internal", internal="RuntimeError: ours"),
    )
    done = CliRunner().invoke(commands, ["test", str(folder)], standalone_mode=False)
    assert done.return_value == 70
    assert "setup.test.yaml:4:11: internal: she starts at once" in done.output
    assert "RuntimeError: ours" in done.output
    assert done.output.rstrip().rsplit("\n", 1)[-1].startswith("2 internal in ")
    assert "failed" not in done.output


def test_ctrl_c_ends_it_cleanly(folder: Path) -> None:
    """No traceback; what was told before stays."""
    rows = ", ".join(f"{{n: {number}}}" for number in range(1000))
    for index in range(5):
        (folder / f"setup.m{index}.test.yaml").write_text(GIVEN + MANY % rows, encoding="utf-8")
    running = start("test", "-v", cwd=folder)
    assert running.stdout is not None
    assert running.stdout.readline().startswith("passed")
    os.kill(running.pid, signal.SIGINT)
    _, errors = running.communicate(timeout=30)
    assert running.returncode == 130
    assert "Traceback" not in errors
