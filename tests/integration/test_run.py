"""`run`, `resume` and `runs` against the emulator on a real socket, as a user meets them."""

import json
import signal
from pathlib import Path

import pytest

from flowrunner.dialects import DIALECTS
from flowrunner.emulator.api.state import EmulatorState
from support.journalled import wake
from support.program import flow, flowrunner, start, texts

ROOT = Path(__file__).parents[2]


THREE = ['{message: "one"}', '{id: two, message: "two"}', '{message: "three"}']


def test_a_run_sends_every_message_in_order_and_says_so(tmp_path: Path, state: EmulatorState, url: str) -> None:
    """One line a step, exit code 0, and the journal has it."""
    file = flow(tmp_path / "three.yaml", THREE)
    done = flowrunner("run", file, "--conversation", "c1", "--api-url", url, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [json.loads(text)["content"] for text in texts(state)] == ["one", "two", "three"]
    lines = done.stdout.splitlines()
    assert lines[0].startswith("three to +5215512345678 c1: 3 messages, run ")
    assert [line.split()[:3] for line in lines[1:4]] == [
        ["1", "text", "accepted"],
        ["two", "text", "accepted"],
        ["3", "text", "accepted"],
    ]
    assert done.stderr == ""
    assert "finished" in flowrunner("runs", cwd=tmp_path).stdout
    assert (tmp_path / ".flowrunner/journal.db").stat().st_mode & 0o777 == 0o600


def test_jsonl_prints_events_and_nothing_else(tmp_path: Path, url: str) -> None:
    """Each line is one event; the last one says that it finished."""
    file = flow(tmp_path / "three.yaml", THREE)
    done = flowrunner("run", file, "--phone", "+52 1 55 1234 5678", "--api-url", url, "--format", "jsonl", cwd=tmp_path)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["kind"] for event in events] == ["begun", "accepted"] * 3 + ["finished"]
    assert done.stderr == ""


def test_a_mistake_in_the_last_step_sends_nothing(tmp_path: Path, state: EmulatorState, url: str) -> None:
    """Everything is checked first, also what only a value can show."""
    file = flow(tmp_path / "late.yaml", ['{message: "one"}', '{message: "{{ name }}"}'], "{name: {type: string}}")
    done = flowrunner(
        "run", file, "--conversation", "c1", "--api-url", url, "--var", f"name={'x' * 5000}", cwd=tmp_path
    )
    assert done.returncode == 1
    assert "late.yaml:5:15: error[too-long]" in done.stderr
    assert "--var name" in done.stderr
    assert texts(state) == []
    assert not (tmp_path / ".flowrunner/journal.db").exists()


def test_three_mistakes_are_three_errors_with_line_and_column(tmp_path: Path) -> None:
    """All in one run."""
    file = flow(tmp_path / "bad.yaml", ['{message: "{{ nam }}"}', "{mesage: hi}", "{message: {message_type: imge}}"])
    done = flowrunner("validate", file, cwd=tmp_path)
    assert done.returncode == 1
    heads = [line.split(": error")[0] for line in done.stdout.splitlines() if ": error[" in line]
    assert heads == [f"{file}:4:19", f"{file}:5:6", f"{file}:6:30"]


WRONG = [
    (["--conversation", "nosuch"], {}, 1, "Conversation not found"),
    (["--conversation", "c1"], {"KAPSO_API_KEY": "wrong-key-0000"}, 1, "KAPSO_API_KEY"),
    (["--conversation", "c1"], {"KAPSO_API_KEY": ""}, 1, "KAPSO_API_KEY"),
    (["--phone", "+4915112345678"], {}, 1, "no active conversation with +4915112345678"),
    ([], {}, 2, "--conversation"),
    (["--conversation", "c1", "--phone", "+49"], {}, 2, "not both"),
    (["--conversation", "c1", "--var", "nam=x"], {}, 1, "nam is not an input"),
    (["--conversation", "c1", "--var", "novalue"], {}, 2, "not name=value"),
    (["--conversation", "c1", "--rate", "fast"], {}, 2, "not a rate"),
]


@pytest.mark.parametrize(("options", "more", "code", "said"), WRONG)
def test_what_cannot_begin_says_why_and_sends_nothing(
    tmp_path: Path, state: EmulatorState, url: str, options: list[str], more: dict[str, str], code: int, said: str
) -> None:
    """One clear line each; the journal has no run."""
    file = flow(tmp_path / "three.yaml", THREE)
    done = flowrunner("run", file, *options, "--api-url", url, cwd=tmp_path, **more)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) <= 6
    assert texts(state) == []
    assert "no runs yet" in flowrunner("runs", cwd=tmp_path).stdout


def test_a_server_that_cannot_be_reached_is_one_clear_error(tmp_path: Path) -> None:
    """Nothing listens there; nothing is lost."""
    file = flow(tmp_path / "three.yaml", THREE)
    done = flowrunner("run", file, "--conversation", "c1", "--api-url", "http://127.0.0.1:9", cwd=tmp_path)
    assert done.returncode == 1
    assert "127.0.0.1:9" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_same_flow_is_not_sent_twice_by_mistake(tmp_path: Path, state: EmulatorState, url: str) -> None:
    """The second run is refused with the date and the remedy; --again means it."""
    file = flow(tmp_path / "three.yaml", THREE)
    options = ("--conversation", "c1", "--api-url", url)
    assert flowrunner("run", file, *options, cwd=tmp_path).returncode == 0
    file.write_text(file.read_text(encoding="utf-8").replace("one", "edited"), encoding="utf-8")
    refused = flowrunner("run", file, *options, cwd=tmp_path)
    assert refused.returncode == 1
    assert "was sent to this conversation on" in refused.stderr
    assert "--again" in refused.stderr
    assert len(texts(state)) == 3
    assert flowrunner("run", file, *options, "--again", cwd=tmp_path).returncode == 0
    assert len(texts(state)) == 6


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_run_says_how_to_go_on(
    tmp_path: Path, state: EmulatorState, url: str, number: signal.Signals
) -> None:
    """Exit code 130; resume sends what is left, with the flow's old text and values, whatever the file says today."""
    file = flow(
        tmp_path / "slow.yaml", ['{message: "one {{ n }}"}', "{pause: 20s}", '{message: "two {{ n }}"}'], "{n: {}}"
    )
    program = start("run", file, "--conversation", "c1", "--api-url", url, "--var", "n=0123", cwd=tmp_path)
    assert program.stdout is not None
    for line in program.stdout:
        if "waiting" in line:
            break
    program.send_signal(number)
    _, stderr = program.communicate(timeout=20)
    assert program.returncode == 130
    command = next(line for line in stderr.splitlines() if "flowrunner resume" in line)
    assert [json.loads(text)["content"] for text in texts(state)] == ["one 0123"]
    refused = flowrunner("run", file, "--conversation", "c1", "--api-url", url, "--var", "n=1", cwd=tmp_path)
    assert refused.returncode == 1
    assert "flowrunner resume" in refused.stderr
    file.write_text("name: slow\nsteps: []\n", encoding="utf-8")
    # The pause is a fact of the journal: shorten it there rather than wait for it.
    run_id = command.split()[-1]
    wake(tmp_path / ".flowrunner/journal.db")
    done = flowrunner("resume", run_id, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [json.loads(text)["content"] for text in texts(state)] == ["one 0123", "two 0123"]
    assert flowrunner("resume", cwd=tmp_path).stdout.strip() == "nothing to resume"


def test_a_killed_run_is_resumed_without_a_gap_or_a_double(tmp_path: Path, state: EmulatorState, url: str) -> None:
    """kill -9 between two steps, then resume: every message arrived once, in order."""
    steps = [f'{{message: "m{number}", until: delivered}}' for number in range(6)]
    file = flow(tmp_path / "six.yaml", steps)
    for kill_after in (1, 3, None):
        command = ["run", file, "--conversation", "c1", "--api-url", url] if kill_after == 1 else ["resume"]
        program = start(*command, "--format", "jsonl", "--timeout", "2", "--grace", "1", cwd=tmp_path)
        assert program.stdout is not None
        for line in program.stdout:
            event = json.loads(line)
            if kill_after is not None and event["kind"] == "accepted" and int(event["step"]) >= kill_after:
                program.kill()
        program.wait(timeout=30)
        program.communicate()
    assert [json.loads(text)["content"] for text in texts(state)] == [f"m{number}" for number in range(6)]
    assert program.returncode == 0


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "whom",
    [
        [],
        ["--phone", "+34612345678"],
        ["--conversation", "c7"],
        ["--user-id", "US.1349"],
        ["--user-id", "US.1349", "--phone", "+34612345678"],
    ],
    ids=" ".join,
)
def test_the_embedded_emulator_knows_whoever_is_named(tmp_path: Path, dialect: str, whom: list[str]) -> None:
    """By whatever they are named, in each dialect: the answer is theirs, not somebody else's."""
    file = flow(tmp_path / "f.yaml", ["{message: hi}"])
    done = flowrunner("run", file, "--emulator", "--dialect", dialect, *whom, cwd=tmp_path)
    assert (done.returncode, "in doubt" in done.stdout) == (0, False), done.stdout


def test_the_embedded_emulator_needs_nothing(tmp_path: Path) -> None:
    """No key, no conversation, no network: the chat grows in the terminal."""
    file = flow(tmp_path / "three.yaml", THREE)
    done = flowrunner("run", file, "--emulator", cwd=tmp_path, KAPSO_API_KEY="")
    assert done.returncode == 0, done.stderr
    for text in ("one", "two", "three"):
        assert f"│ {text} " in done.stdout
    assert done.stdout.count("✓✓ read") == 3


def test_an_emulator_inside_the_program_has_new_people_each_time(tmp_path: Path) -> None:
    """A flow that is tried out again is sent again, also one that asks something, or that was interrupted."""
    asks = flow(tmp_path / "f.yaml", ["{message: one, reply: {within: 20h, no_reply: continue}}", "{message: two}"])
    plain = flow(tmp_path / "g.yaml", ["{message: three}"])
    for file in (asks, plain, asks, plain):
        done = flowrunner("run", file, "--emulator", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "accepted" in done.stdout
