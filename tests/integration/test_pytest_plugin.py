"""Tests of flows under pytest: collected where they stand, one item a test, told as `flowrunner test` tells them."""

import subprocess
import sys
from pathlib import Path

import pytest
from lxml import etree

from support.program import flowrunner

FLOW = """\
name: setup
inputs: {name: {type: string}}
steps:
  - id: start
    message: "Hi {{ name }}?"
    reply: {within: 1d, no_reply: continue}
  - {id: bye, message: Great.}
"""
TESTS = """\
given: {vars: {name: Ana}}
tests:
  - name: she answers
    chat: [{bot: Hi Ana?}, {customer: hello}, {bot: Great.}]
    ends: finished
  - name: another word
    chat:
      - bot: Hi Ana?
      - customer: hello
      - bot: Good.
    ends: finished
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "setup.yaml").write_text(FLOW, encoding="utf-8")
    (tmp_path / "flows" / "setup.test.yaml").write_text(TESTS, encoding="utf-8")
    return tmp_path


def run(folder: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    """Run pytest in a folder, with the plugin alone."""
    plugins = ["-p", "no:cacheprovider", "-p", "flowrunner.pytest_plugin"]
    plugins += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # it is imported where pytest is forked
    environment = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "COLUMNS": "120"}
    return flowrunner(*plugins, *options, cwd=folder, module="pytest", **environment)


def test_each_test_is_an_item_with_its_place(folder: Path) -> None:
    """An editor's explorer shows it without running anything."""
    done = run(folder, "--collect-only", "-q")
    assert done.stdout.splitlines()[:2] == [
        "flows/setup.test.yaml::she answers",
        "flows/setup.test.yaml::another word",
    ]
    assert done.returncode == 0


def test_what_fails_is_told_as_by_flowrunner_itself(folder: Path) -> None:
    """With the line of the test, what differs, the flow's own line and the chat."""
    done = run(folder, "-rN", "--junitxml", "report.xml")
    assert done.returncode == 1
    assert "flows/setup.test.yaml:10:14: failed: another word › turn 3" in done.stdout
    assert "  sent instead: [-Good-]{+Great+}.  flows/setup.yaml:7 step bye" in done.stdout
    assert "Traceback" not in done.stdout
    assert "1 failed, 1 passed in" in done.stdout
    cases = etree.parse(folder / "report.xml").getroot().iter("testcase")
    assert [each.get("name") for each in cases] == ["she answers", "another word"]


def test_pytest_s_own_options_choose(folder: Path) -> None:
    """By name, by id, to the first failure."""
    assert "1 passed, 1 deselected" in run(folder, "-k", "answers").stdout
    assert "1 passed" in run(folder, "flows/setup.test.yaml::she answers").stdout


def test_a_file_that_is_wrong_is_an_error_with_its_remedy(folder: Path) -> None:
    """The others are played."""
    (folder / "flows" / "wrong.test.yaml").write_text(f"flow: setup.yaml\n{TESTS}".replace("chat", "chta"), "utf-8")
    done = run(folder)
    assert "flows/wrong.test.yaml:5:5: error[unknown-key]: unknown key chta" in done.stdout
    assert "hint: did you mean chat?" in done.stdout
    assert done.returncode == 2


PROGRAM = """
import flowrunner
from pathlib import Path


def rendering(flow):
    return flowrunner.render(flowrunner.load(flow), recipient=flowrunner.Recipient(phone="+5215512345678"))


def test_over_a_socket(flowrunner_emulator, tmp_path):
    url = flowrunner_emulator.url
    result = flowrunner.run(rendering("flows/short.yaml"), key="any", journal=tmp_path / "j.db", api_url=url)
    assert result.state == "finished"
    assert [each.body["content"] for each in flowrunner_emulator.state.history()] == ["One", "Two"]


def test_minutes_pass_at_once(flowrunner_clock, tmp_path):
    its = flowrunner.run_async(
        rendering("flows/long.yaml"), key="any", journal=tmp_path / "j.db", api_url="emulator", clock=flowrunner_clock
    )
    assert flowrunner_clock.run(its).state == "finished"
    assert flowrunner_clock.monotonic() > 290
"""


def test_programs_have_an_emulator_and_a_clock(folder: Path) -> None:
    """A message goes over a socket to the one; the other lets time pass at once."""
    for name, pause in (("short", "1ms"), ("long", "5m")):
        flow = f"name: {name}\nsteps: [{{message: One}}, {{pause: {pause}}}, {{message: Two}}]\n"
        (folder / "flows" / f"{name}.yaml").write_text(flow, encoding="utf-8")
    (folder / "test_program.py").write_text(PROGRAM, encoding="utf-8")
    done = run(folder, "test_program.py")
    assert "2 passed" in done.stdout, done.stdout


def test_the_plugin_costs_those_nothing_who_do_not_use_it() -> None:
    """It is imported at the start of every pytest where flowrunner is installed."""
    program = (
        "import sys, flowrunner.pytest_plugin; print([each for each in sys.modules if each.startswith('flowrunner')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, encoding="utf-8", timeout=60, check=True
    )
    assert done.stdout.strip() == "['flowrunner', 'flowrunner.pytest_plugin']"
