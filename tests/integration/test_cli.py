"""The commands at their edges: formats, exit codes, interrupts, doubts."""

import json
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import click
import httpx
import pytest

from flowrunner.cli.commands.validate import validate
from flowrunner.emulator.api.faults import parse_fault
from flowrunner.emulator.api.state import EmulatorState
from support.journals import blocking
from support.program import KEY, environment, flow, flowrunner, start, texts
from support.terminal import Terminal

WARNED = '{message: {message_type: image, media_url: "http://example.com/a.jpg"}, until: sent}'
QUICK = ("--timeout", "0.5", "--grace", "0.2", "--max-wait", "2")

(FORMS,) = [
    each.type.choices for each in validate.params if each.name == "form" and isinstance(each.type, click.Choice)
]


def test_warnings_fail_only_where_it_is_asked(tmp_path: Path) -> None:
    """A warning is said and passes; --strict makes it fail; a comment silences it."""
    file = flow(tmp_path / "w.yaml", [WARNED])
    plain = flowrunner("validate", file, cwd=tmp_path)
    assert (plain.returncode, "warning[plain-http]" in plain.stdout) == (0, True)
    assert flowrunner("validate", file, "--strict", cwd=tmp_path).returncode == 1
    file.write_text(file.read_text().rstrip() + "  # flowrunner: ignore[plain-http]\n", encoding="utf-8")
    silent = flowrunner("validate", file, "--strict", cwd=tmp_path)
    assert (silent.returncode, silent.stdout.strip()) == (0, "1 flow checked, no problems")


def test_every_format_says_the_same(tmp_path: Path) -> None:
    """One error and one warning, in each of the formats."""
    file = flow(tmp_path / "f.yaml", [WARNED, "{mesage: hi}"])
    made = {form: flowrunner("validate", file, "--format", form, cwd=tmp_path) for form in FORMS}
    assert {done.returncode for done in made.values()} == {1}
    assert [form for form, done in made.items() if "unknown-key" not in done.stdout] == []
    codes = {"plain-http", "unknown-key"}
    # A whole-file lint waits until there is no error; what one message says does not.
    assert {each["code"] for each in json.loads(made["json"].stdout)["diagnostics"]} == codes
    assert len(made["github"].stdout.splitlines()) == 2
    results = json.loads(made["sarif"].stdout)["runs"][0]["results"]
    assert {each["ruleId"] for each in results} == codes
    suite = ET.fromstring(made["junit"].stdout)  # noqa: S314  # our own output
    assert len(list(suite.iter("failure"))) == 1


def test_standard_input_and_folders_are_checked(tmp_path: Path) -> None:
    """- is standard input; a folder is every flow below it."""
    good = flow(tmp_path / "a.yaml", ['{message: "hi"}'])
    flow(tmp_path / "b.yml", ["{mesage: hi}"])
    folder = flowrunner("validate", ".", cwd=tmp_path)
    assert (folder.returncode, folder.stdout.count("error[")) == (1, 1)
    piped = flowrunner("validate", "-", cwd=tmp_path, stdin=good.read_text())
    assert (piped.returncode, piped.stdout.strip()) == (0, "1 flow checked, no problems")
    wrong = flowrunner("validate", "-", cwd=tmp_path, stdin="name: x\n")
    assert "<stdin>:1:1: error[missing-field]" in wrong.stdout


def test_a_closed_pipe_is_no_traceback(tmp_path: Path) -> None:
    """`| head` ends the program quietly."""
    flow(tmp_path / "f.yaml", ["{mesage: hi}"] * 3000)
    with start("validate", "f.yaml", cwd=tmp_path) as program:
        assert program.stdout is not None
        assert program.stdout.readline()
        program.stdout.close()
        assert program.communicate(timeout=30) == ("", "")
        assert program.returncode != 0


def test_a_doubt_that_cannot_be_settled_is_exit_code_4(tmp_path: Path, state: EmulatorState, url: str) -> None:
    """The run stops and shows what is in doubt; --in-doubt resend or skip goes on as it says."""
    file = flow(tmp_path / "f.yaml", ['{message: "one"}', '{id: two, message: "two"}', '{message: "three"}'])
    state.faults.add(parse_fault("cut-after:count=1,after=1"))
    done = flowrunner("run", file, "--conversation", "c1", "--api-url", url, "--in-doubt", "stop", *QUICK, cwd=tmp_path)
    assert done.returncode == 4
    assert "two" in next(line for line in done.stdout.splitlines() if "in doubt" in line)
    run_id = done.stderr.split()[-1]
    shown = flowrunner("runs", run_id, cwd=tmp_path).stdout
    assert "in doubt" in shown
    skipped = flowrunner("resume", run_id, "--in-doubt", "skip", *QUICK, cwd=tmp_path)
    assert skipped.returncode == 0, skipped.stderr
    assert [json.loads(text)["content"] for text in texts(state)] == ["one", "two", "three"]


@pytest.mark.parametrize(
    ("keys", "code", "received"),
    [
        ("y\n", 0, ["one", "two", "two", "three"]),  # both are somebody else's doing: it is not sent once more
        ("what?\nN\n", 0, ["one", "two", "two", "two", "three"]),
        ("q\n", 4, ["one", "two", "two"]),
        ("\n", 4, ["one", "two", "two"]),
        ("\x04", 4, ["one", "two", "two"]),  # Ctrl-D
        ("", 130, ["one", "two", "two"]),  # Ctrl-C
    ],
)
def test_a_person_at_a_terminal_is_asked(
    tmp_path: Path, state: EmulatorState, url: str, keys: str, code: int, received: list[str]
) -> None:
    """Where a look-up cannot tell, the answer is done as it says, and Ctrl-C at the question ends the program well."""
    file = flow(tmp_path / "f.yaml", ['{message: "one"}', '{message: "two"}', '{message: "three"}'])
    state.faults.add(parse_fault("cut-before:count=1,after=1"))
    quick = ("--timeout", "2", "--grace", "0.2")
    with Terminal("run", file, "--conversation", "c1", "--api-url", url, *quick, cwd=tmp_path) as terminal:
        terminal.until("in doubt")
        for _ in range(2):
            httpx.post(
                f"{url}/api/v1/whatsapp_conversations/c1/whatsapp_messages",
                json={"message": {"content": "two"}},
                headers={"X-API-Key": KEY},
            ).raise_for_status()
        terminal.until("Is it in the chat?")
        if keys:
            terminal.type(keys)
        else:
            terminal.interrupt()
        ended = terminal.end()
    assert "Traceback" not in terminal.screen
    assert (ended, [each["content"] for each in map(json.loads, texts(state))]) == (code, received), terminal.screen


@pytest.mark.parametrize("fault", ["cut-after:count=1", "cut-before:count=1"])
def test_a_doubt_that_can_be_settled_settles_itself(tmp_path: Path, state: EmulatorState, url: str, fault: str) -> None:
    """Taken or not: it is looked up, and the run ends well, each message once."""
    file = flow(tmp_path / "f.yaml", ['{message: "one"}', '{message: "two"}'])
    state.faults.add(parse_fault(fault))
    done = flowrunner("run", file, "--conversation", "c1", "--api-url", url, *QUICK, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert "looked up" in done.stdout
    assert [json.loads(text)["content"] for text in texts(state)] == ["one", "two"]


def test_a_first_interrupt_settles_the_message_in_flight(tmp_path: Path, state: EmulatorState, url: str) -> None:
    """The answer is waited for and written down; the next message is not begun."""
    file = flow(tmp_path / "f.yaml", ['{message: "one"}', '{message: "two"}'])
    state.faults.add(parse_fault("latency:seconds=1.5,count=1"))
    program = start("run", file, "--conversation", "c1", "--api-url", url, "--format", "jsonl", cwd=tmp_path)
    assert program.stdout is not None
    assert json.loads(program.stdout.readline())["kind"] == "begun"
    time.sleep(0.3)  # the request is under way
    program.send_signal(signal.SIGINT)
    stdout, stderr = program.communicate(timeout=20)
    assert program.returncode == 130
    assert [json.loads(line)["kind"] for line in stdout.splitlines()] == ["accepted"]
    assert "flowrunner resume" in stderr
    assert flowrunner("resume", cwd=tmp_path).returncode == 0
    assert [json.loads(text)["content"] for text in texts(state)] == ["one", "two"]


def test_on_a_terminal_a_step_has_one_line(tmp_path: Path, state: EmulatorState, url: str) -> None:
    """It is drawn again until the step is over; elsewhere each event has a line."""
    steps = ["{message: one, until: read}", "{pause: 300ms}", "{message: two, until: delivered}"]
    file = flow(tmp_path / "f.yaml", steps)
    with Terminal("run", file, "--conversation", "c1", "--api-url", url, cwd=tmp_path) as terminal:
        assert terminal.end() == 0, terminal.screen
    left = [line.rpartition("\x1b[K")[2].split() for line in terminal.screen.replace("\r\n", "\n").splitlines()]
    steps_left = [(line[0], line[-2] if line[0] != "2" else line[-1]) for line in left if line and line[0] in "123"]
    # It is looked at when messages have mostly arrived: it may have been read by then.
    assert steps_left in ([("1", "read"), ("2", "waiting"), ("3", end)] for end in ("delivered", "read"))
    assert "sending" in terminal.screen, "what is under way is seen"
    assert "left)" in terminal.screen, "and how long a pause lasts"
    told = flowrunner("run", file, "--conversation", "c1", "--api-url", url, "--again", cwd=tmp_path).stdout
    [first, *_, last] = [line.split()[2] for line in told.splitlines() if line.startswith("1 ")]
    assert (first, last) == ("accepted", "read")


def test_a_terminal_that_is_closed_settles_the_message_in_flight(
    tmp_path: Path, state: EmulatorState, url: str
) -> None:
    """The shell and the kernel both say so: that is one wish, and nobody is left to read."""
    file = flow(tmp_path / "f.yaml", ['{message: "one"}', '{message: "two"}'])
    state.faults.add(parse_fault("latency:seconds=1.5,count=1"))
    with Terminal("run", file, "--conversation", "c1", "--api-url", url, cwd=tmp_path) as terminal:
        while not any(each["struck"] for each in state.faults.data()):
            time.sleep(0.01)
        time.sleep(0.3)
        assert terminal.close() == 130
    with blocking(tmp_path / ".flowrunner/journal.db") as journal:
        (record,) = journal.runs()
        assert [each.kind for each in journal.events(record.run.id)] == ["begun", "accepted"]
    assert flowrunner("resume", cwd=tmp_path).returncode == 0
    assert [json.loads(text)["content"] for text in texts(state)] == ["one", "two"]


def test_a_run_begun_with_nohup_continues_without_its_terminal(tmp_path: Path, state: EmulatorState, url: str) -> None:
    """nohup has a hangup ignored, and it stays so."""
    file = flow(tmp_path / "f.yaml", ['{message: "one"}', '{message: "two"}'])
    state.faults.add(parse_fault("latency:seconds=1.5,count=1"))
    command = [sys.executable, "-m", "flowrunner", "run", str(file), "--conversation", "c1", "--api-url", url]
    program = subprocess.Popen(["nohup", *command], cwd=tmp_path, env=environment(), stdout=subprocess.DEVNULL)
    while not any(each["struck"] for each in state.faults.data()):
        time.sleep(0.01)
    program.send_signal(signal.SIGHUP)
    assert program.wait(timeout=20) == 0
    assert [json.loads(text)["content"] for text in texts(state)] == ["one", "two"]


def test_a_second_interrupt_stops_at_once_and_doubles_nothing(tmp_path: Path, state: EmulatorState, url: str) -> None:
    """At most one message is in doubt, and resume looks it up."""
    file = flow(tmp_path / "f.yaml", ['{message: "one"}', '{message: "two"}'])
    state.faults.add(parse_fault("timeout-after:seconds=4,count=1"))
    program = start("run", file, "--conversation", "c1", "--api-url", url, "--format", "jsonl", cwd=tmp_path)
    assert program.stdout is not None
    assert json.loads(program.stdout.readline())["kind"] == "begun"
    time.sleep(0.3)
    program.send_signal(signal.SIGINT)
    time.sleep(0.3)
    asked = time.monotonic()
    program.send_signal(signal.SIGINT)
    program.communicate(timeout=20)
    assert program.returncode == 130
    assert time.monotonic() - asked < 3, "it waited for the answer"
    assert flowrunner("resume", *QUICK, cwd=tmp_path).returncode == 0
    assert [json.loads(text)["content"] for text in texts(state)] == ["one", "two"]


def test_a_journal_that_cannot_be_used_is_refused_before_anything_is_sent(
    tmp_path: Path, state: EmulatorState, url: str
) -> None:
    """A folder, a foreign file, a torn one: one clear line, exit code 1."""
    file = flow(tmp_path / "f.yaml", ['{message: "one"}'])
    (tmp_path / "torn.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    (tmp_path / "text.db").write_text("hello " * 100, encoding="utf-8")
    for journal in (tmp_path, tmp_path / "torn.db", tmp_path / "text.db"):
        done = flowrunner("run", file, "--conversation", "c1", "--api-url", url, "--journal", journal, cwd=tmp_path)
        assert done.returncode == 1
        assert str(journal) in done.stderr
        assert "Traceback" not in done.stderr
    assert texts(state) == []


def test_old_runs_can_be_forgotten(tmp_path: Path, url: str) -> None:
    """`runs --prune DAYS` forgets finished runs, and says how many."""
    file = flow(tmp_path / "f.yaml", ['{message: "one"}'])
    assert flowrunner("run", file, "--conversation", "c1", "--api-url", url, cwd=tmp_path).returncode == 0
    (run,) = json.loads(flowrunner("runs", "--format", "json", cwd=tmp_path).stdout)["runs"]
    one = flowrunner("runs", run["id"], "--prune", "0", cwd=tmp_path)
    assert (one.returncode, "combined with RUN" in one.stderr) == (2, True), "it would delete all others, too"
    assert flowrunner("runs", "--prune", "1", cwd=tmp_path).stdout.strip() == "0 finished runs deleted"
    assert flowrunner("runs", "--prune", "0", cwd=tmp_path).stdout.strip() == "1 finished run deleted"
    assert "no runs yet" in flowrunner("runs", cwd=tmp_path).stdout


def test_help_of_every_command_needs_no_work(tmp_path: Path) -> None:
    """Each command explains itself."""
    for command in ("validate", "preview", "run", "resume", "runs", "explain", "schema", "emulator"):
        done = flowrunner(command, "--help", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith(f"Usage: python -m flowrunner {command}")


def test_a_run_whose_output_nobody_reads_goes_on(tmp_path: Path, state: EmulatorState, url: str) -> None:
    """`| head` must not stop messages halfway."""
    file = flow(tmp_path / "f.yaml", [f'{{message: "m{number}"}}' for number in range(5)])
    with start("run", file, "--conversation", "c1", "--api-url", url, "--format", "jsonl", cwd=tmp_path) as program:
        assert program.stdout is not None
        program.stdout.readline()
        program.stdout.close()
        assert program.communicate(timeout=30) == ("", "")
        assert program.returncode == 0
    assert len(texts(state)) == 5


def test_a_run_that_is_under_way_is_not_resumed_a_second_time(tmp_path: Path, state: EmulatorState, url: str) -> None:
    """It is said at once, and nothing is written into the other's log."""
    file = flow(tmp_path / "f.yaml", ['{message: "one"}', '{message: "two"}'])
    state.faults.add(parse_fault("latency:seconds=4,count=1"))
    program = start("run", file, "--conversation", "c1", "--api-url", url, "--format", "jsonl", cwd=tmp_path)
    assert program.stdout is not None
    run_id = json.loads(program.stdout.readline())["run"]
    refused = flowrunner("resume", run_id, cwd=tmp_path)
    assert refused.returncode == 1
    assert "is being carried out by another process" in refused.stderr
    stdout, _ = program.communicate(timeout=30)
    assert program.returncode == 0
    assert "failed" not in stdout
    assert len(texts(state)) == 2


def test_an_emulator_run_that_was_killed_says_that_its_emulator_is_gone(tmp_path: Path) -> None:
    """Nothing waits for statuses of messages that nobody knows any more."""
    file = flow(tmp_path / "f.yaml", ['{message: "one"}', "{pause: 30s}", '{message: "two"}'])
    program = start("run", file, "--emulator", "--format", "jsonl", cwd=tmp_path)
    assert program.stdout is not None
    for line in program.stdout:
        if json.loads(line)["kind"] == "paused":
            break
    program.kill()
    program.communicate()
    done = flowrunner("resume", cwd=tmp_path)
    assert done.returncode == 1
    assert "was sent to an emulator that has ended" in done.stderr
