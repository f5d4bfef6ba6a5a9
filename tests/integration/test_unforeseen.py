"""What nobody foresaw: a bug of ours, Ctrl-C at any moment, a machine that is short of something."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.serve import running
from support.program import KEY, environment, flow, flowrunner, start, texts

STEPS = ['{message: "one"}', '{message: "two"}', '{message: "three"}']
BREAKS_AT_TWO = """
import flowrunner.delivery.messages as run
whole = run.send
def send(session, action, *rest, **more):
    if action.body["content"] == "two":
        raise {error}
    return whole(session, action, *rest, **more)
run.send = send
"""
BREAKS_THE_CHECK = "import flowrunner.flow.flows as l\ndef read_bytes(path): raise {error}\nl.read_bytes = read_bytes\n"


def broken(breaking: str, error: str, *arguments: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    """The program with a bug put into it."""
    program = f"import os\n{breaking.format(error=error)}\nfrom flowrunner.cli import main\nmain()"
    return flowrunner(program, *arguments, cwd=cwd, module="support.script")


BUGS = [
    "AssertionError()",
    "KeyError('x')",
    "RecursionError()",
    "AttributeError('no such')",
    "ExceptionGroup('g', [ValueError()])",
]


@pytest.mark.parametrize("error", BUGS)
def test_a_bug_in_the_middle_of_a_run_has_an_exit_code_of_its_own(
    tmp_path: Path, state: EmulatorState, url: str, error: str
) -> None:
    """70, and before the traceback what was sent and how to continue; which then works."""
    flow(tmp_path / "f.yaml", STEPS)
    journal = tmp_path / "other.db"
    arguments = ("run", "f.yaml", "--conversation", "c1", "--api-url", url, "--journal", str(journal))
    done = broken(BREAKS_AT_TWO, error, *arguments, cwd=tmp_path)
    assert done.returncode == 70, done.stderr
    first, sent, hint, *traceback = done.stderr.splitlines()
    assert first.startswith(f"error: this is a bug in flowrunner ({error.partition('(')[0]})")
    assert sent == "  1 of 3 messages were sent"
    command = re.fullmatch(r"  hint: continue with: flowrunner (resume \w+ --journal .*)", hint)
    assert command is not None
    assert any(line.startswith("Traceback") or "Exception Group Traceback" in line for line in traceback)
    resumed = flowrunner(*command[1].split(), cwd=tmp_path)
    assert resumed.returncode == 0, resumed.stderr
    assert len(texts(state)) == 3


def test_a_bug_in_a_campaign_says_how_far_that_came(tmp_path: Path, state: EmulatorState, url: str) -> None:
    """In people, and it is resumed."""
    state.conversations.create("+5215512345670", conversation_id="c2")
    flow(tmp_path / "f.yaml", STEPS)
    (tmp_path / "p.csv").write_text("conversation\nc1\nc2\n", encoding="utf-8")
    options = ("--audience", "p.csv", "--api-url", url, "--yes-send-to", "2", "--window", "1")
    done = broken(BREAKS_AT_TWO, "AssertionError()", "run", "f.yaml", *options, cwd=tmp_path)
    assert done.returncode == 70, done.stderr
    _, first, so_far, hint, *_ = done.stderr[done.stderr.index("campaign ") :].splitlines()
    assert first.startswith("error: this is a bug in flowrunner (AssertionError)")
    assert "waiting" in so_far
    command = re.fullmatch(r"  hint: continue with: flowrunner (resume \w+)", hint)
    assert command is not None
    assert flowrunner(*command[1].split(), cwd=tmp_path).returncode == 0
    assert len(texts(state)) == 6


@pytest.mark.parametrize("arguments", [("validate", "f.yaml"), ("run", "f.yaml", "--conversation", "c1")])
def test_a_bug_before_anything_was_sent_says_so(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """70 all the same: 1 would say that the input is wrong."""
    flow(tmp_path / "f.yaml", STEPS)
    done = broken(BREAKS_THE_CHECK, "TypeError('x')", *arguments, cwd=tmp_path)
    assert (done.returncode, done.stderr.splitlines()[1]) == (70, "  nothing was sent")


def test_a_bug_s_traceback_holds_no_key_and_steers_no_terminal(tmp_path: Path) -> None:
    """Its text may come from anywhere."""
    flow(tmp_path / "f.yaml", STEPS)
    done = broken(BREAKS_THE_CHECK, f"ValueError('X-API-Key: {KEY} \\x1b[2J')", "validate", "f.yaml", cwd=tmp_path)
    assert done.returncode == 70
    assert KEY not in done.stderr
    assert "***" in done.stderr
    assert "\x1b" not in done.stderr


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("OSError(24, os.strerror(24))", 3),
        ("PermissionError(13, os.strerror(13), 'x')", 3),
        ("OSError(28, os.strerror(28))", 3),
    ],
)
def test_a_machine_that_is_short_of_something_is_no_bug(
    tmp_path: Path, state: EmulatorState, url: str, error: str, code: int
) -> None:
    """One sentence, and how to continue; no traceback."""
    flow(tmp_path / "f.yaml", STEPS)
    done = broken(BREAKS_AT_TWO, error, "run", "f.yaml", "--conversation", "c1", "--api-url", url, cwd=tmp_path)
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert "  1 of 3 messages were sent\n  hint: continue with: flowrunner resume " in done.stderr
    assert broken(BREAKS_THE_CHECK, error, "validate", "f.yaml", cwd=tmp_path).returncode == 1


@pytest.mark.parametrize("files", [6, 8, 12, 30])
def test_too_few_files_are_said_before_anything_is_sent(
    tmp_path: Path, state: EmulatorState, url: str, files: int
) -> None:
    """Not in the middle of it."""
    flow(tmp_path / "f.yaml", STEPS)
    run = f"ulimit -n {files}; exec {sys.executable} -m flowrunner run f.yaml --conversation c1 --api-url {url}"
    done = subprocess.run(
        ["sh", "-c", run],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr.splitlines()[0]) == (
        1, f"error: this program may open only {files} files and needs 65",
    )  # fmt: skip
    assert texts(state) == []


def test_a_soft_limit_is_raised(tmp_path: Path, state: EmulatorState, url: str) -> None:
    """As far as the machine allows without being asked."""
    flow(tmp_path / "f.yaml", STEPS)
    run = f"ulimit -Sn 20; exec {sys.executable} -m flowrunner run f.yaml --conversation c1 --api-url {url}"
    done = subprocess.run(["sh", "-c", run], cwd=tmp_path, env=environment(), timeout=60, check=False)
    assert (done.returncode, len(texts(state))) == (0, 3)


BEGUN = """
import os, sys
from flowrunner.cli import main
class Listener:
    def find_spec(name, *rest):
        if name == "flowrunner.cli.program":
            os.write(1, b".")
sys.meta_path.insert(0, Listener)
main()
"""
"""Says when the program has taken Ctrl-C over from Python: that is the first thing it does."""


@pytest.mark.parametrize("presses", [1, 2, 3])
@pytest.mark.parametrize("arguments", [("--help",), ("validate", "f.yaml"), ("run", "f.yaml", "--emulator")])
def test_ctrl_c_at_any_moment_is_130_and_no_traceback(tmp_path: Path, arguments: tuple[str, ...], presses: int) -> None:
    """From the program's first line to its last; only Python's own start, before any of it, is not ours.

    Every other moment for one press and three, those in between for two.
    """
    flow(tmp_path / "f.yaml", ['{message: "one"}', "{pause: 300ms}", '{message: "two"}'])
    codes = set()
    for step in range(presses % 2, 10, 2):
        program = subprocess.Popen(
            [sys.executable, "-c", BEGUN, *arguments],
            cwd=tmp_path, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert program.stdout is not None
        assert os.read(program.stdout.fileno(), 1) == b"."
        time.sleep(step * 0.02)
        for press in range(presses):
            time.sleep(0.004 * bool(press))
            program.send_signal(signal.SIGINT)
        _, stderr = program.communicate(timeout=30)
        codes.add(program.returncode)
        assert b"Traceback" not in stderr, stderr
        assert b"Exception ignored" not in stderr, stderr
        assert b"panicked" not in stderr, stderr
    assert codes <= {0, 130}
    assert 130 in codes


@pytest.mark.parametrize("presses", [1, 2])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("run", "f.yaml", "--phone", "+5215512345678"), ""),
        (("run", "f.yaml", "--audience", "p.csv", "--at-most", "9"), "stopped before it began: nothing was sent now\n"),
        (("plan", "f.yaml", "--audience", "p.csv", "--skip-unreachable"), ""),
        (("status", "--refresh"), ""),
    ],
    ids=["one person", "campaign", "plan", "status"],
)
def test_ctrl_c_while_an_answer_is_waited_for(
    tmp_path: Path, state: EmulatorState, command: tuple[str, ...], said: str, number: signal.Signals, presses: int
) -> None:
    """Of an API that is silent: before anything was sent, and of a question that sends nothing."""
    flow(tmp_path / "f.yaml", STEPS)
    (tmp_path / "p.csv").write_text("phone\n+5215512345679\n", encoding="utf-8")
    with running(state) as url:
        options = ("--conversation", "c1", "--api-url", url)
        assert flowrunner("run", "f.yaml", *options, cwd=tmp_path).returncode == 0
    with socket.create_server(("127.0.0.1", int(url.rpartition(":")[2]))) as silent:
        silent.settimeout(30)
        program = start(*command, cwd=tmp_path, FLOWRUNNER_API_URL=url)
        connection, _ = silent.accept()
        with connection:
            assert connection.recv(1024)
            for _ in range(presses):
                program.send_signal(number)
                time.sleep(0.05)
            if presses == 1:
                connection.close()  # the answer will not come, and a first Ctrl-C may wait for it
            _, stderr = program.communicate(timeout=60)
    assert "Traceback" not in stderr
    assert program.returncode == 130, stderr
    assert said in stderr, stderr
