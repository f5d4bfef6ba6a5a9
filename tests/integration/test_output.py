"""Standard output that is full, closed or not read any more, and standard error likewise: nothing is torn off by it."""

import json
import subprocess
import sys
from pathlib import Path
from shutil import copyfile

import pytest

from flowrunner.emulator.api.state import EmulatorState
from support.program import environment, flow, flowrunner, start, texts
from support.slices import crossed

STEPS = [f'{{message: "m{number}"}}' for number in range(5)]
WHOLE = [f"m{number}" for number in range(5)]
STREAMS = [
    # what the shell does with the streams; the exit code of what went well; what stands on the other stream
    (">/dev/full", 3, "error: standard output cannot be written: No space left on device"),
    ("1</dev/null", 3, "error: standard output cannot be written: Bad file descriptor"),
    (">/dev/full 2>&1", 3, ""),
    (">&-", 0, ""),
    ("2>&-", 0, None),
    ("2>/dev/full", 0, None),
    ("<&-", 0, None),
    (">&- 2>&- <&-", 0, ""),
    ("| head -1", 0, None),
    ("| head -0", 0, ""),
]
QUIET = [
    "--help",
    "run --help",
    "explain",
    "schema",
    "validate f.yaml",
    "preview f.yaml",
    "preview f.yaml --format json",
]


def shell(arguments: str, redirection: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    """The program with its streams as a shell leaves them; its own exit code is the last line, whatever the pipe's."""
    line = f"set -o pipefail; {sys.executable} -m flowrunner {arguments} {redirection}"
    return subprocess.run(
        ["bash", "-c", line], cwd=cwd, env=environment(), capture_output=True, encoding="utf-8", timeout=60, check=False
    )


@pytest.mark.parametrize(("redirection", "code", "said"), STREAMS, ids=[each[0] for each in STREAMS])
def test_a_run_is_sent_whole_whatever_its_output_is(
    tmp_path: Path, state: EmulatorState, url: str, redirection: str, code: int, said: str | None
) -> None:
    """Every message goes, the journal knows it, and the exit code says whether the output is whole."""
    flow(tmp_path / "f.yaml", STEPS)
    done = shell(f"run f.yaml --conversation c1 --api-url {url}", redirection, tmp_path)
    assert done.returncode == code, done.stderr
    assert [json.loads(text)["content"] for text in texts(state)] == WHOLE
    if said is not None:
        assert done.stderr.strip().startswith(said) if said else done.stderr == ""
    assert "finished" in flowrunner("runs", cwd=tmp_path).stdout


def stands_for_all(stream: int, command: int) -> bool:
    """Of each stream two commands, of each command two to four streams; `make soak` takes every pair."""
    return (command - 2 * stream) % len(QUIET) < 2


@pytest.mark.parametrize(
    ("stream", "arguments"),
    [
        pytest.param(each, arguments, marks=[] if stands_for_all(number, other) else pytest.mark.soak, id=name)
        for number, each in enumerate(STREAMS)
        for other, arguments in enumerate(QUIET)
        for name in [f"{each[0]}-{arguments}"]
    ],
)
def test_what_sends_nothing_ends_the_same_way(
    tmp_path: Path, stream: tuple[str, int, str | None], arguments: str
) -> None:
    """No traceback, and no exit code 0 where a file lacks what was to be in it."""
    redirection, code, said = stream
    flow(tmp_path / "f.yaml", STEPS)
    done = shell(arguments, redirection, tmp_path)
    assert done.returncode == code, done.stderr
    if said is not None:
        assert done.stderr.strip().startswith(said) if said else done.stderr == ""


def test_a_wrong_flow_stays_wrong_where_nobody_reads(tmp_path: Path) -> None:
    """The exit code is that of the check, not of the pipe."""
    flow(tmp_path / "f.yaml", ["{mesage: hi}"] * 600)
    for redirection in ("| head -1", ">/dev/full", ">&-"):
        assert shell("validate f.yaml", redirection, tmp_path).returncode == 1, redirection


def test_a_log_that_fills_up_halfway_ends_no_campaign(tmp_path: Path, state: EmulatorState, url: str) -> None:
    """It is said once, on standard error; the messages behind it are sent all the same."""
    flow(tmp_path / "f.yaml", [f'{{message: "m{number}"}}' for number in range(40)])
    program = (
        "import io, os, sys\n"
        "class Log(io.FileIO):\n"
        "    left = 1024\n"
        "    def write(self, data):\n"
        "        if self.left < len(data):\n"
        "            raise OSError(28, os.strerror(28))\n"
        "        self.left -= len(data)\n"
        "        return super().write(data)\n"
        "sys.stdout = sys.__stdout__ = io.TextIOWrapper(io.BufferedWriter(Log(1, 'w', closefd=False)), 'utf-8')\n"
        "from flowrunner.cli import main\n"
        f"sys.argv = ['flowrunner', 'run', 'f.yaml', '--conversation', 'c1', '--api-url', '{url}']\n"
        "main()\n"
    )
    done = flowrunner(program, cwd=tmp_path, module="support.script")
    assert done.returncode == 3
    assert len(done.stdout.encode()) <= 1024
    assert done.stderr.count("standard output cannot be written") == 1
    assert len(texts(state)) == 40


@pytest.mark.sliced
@pytest.mark.parametrize(
    ("arguments", "more"),
    crossed(
        2,
        ["preview f.yaml", "validate f.yaml", "run --help", "validate $'\\xff.yaml'", "explain $'\\xff'"],
        [{"LC_ALL": "C", "PYTHONUTF8": "0"}, {"PYTHONIOENCODING": "ascii"}, {"LANG": "C"}],
    ),
)
def test_what_an_output_cannot_encode_is_no_traceback(tmp_path: Path, arguments: str, more: dict[str, str]) -> None:
    """A flow, a file name that is no text, help and errors."""
    flow(tmp_path / "f.yaml", ['{message: "¡Hola! 👋"}'])
    line = f"{sys.executable} -m flowrunner {arguments}"
    environ = {name: value for name, value in environment().items() if name != "PYTHONIOENCODING"}
    done = subprocess.run(
        ["bash", "-c", line], cwd=tmp_path, env={**environ, **more}, capture_output=True, timeout=60, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    assert b"Traceback" not in done.stderr, done.stderr


def test_watching_ends_when_nobody_reads(tmp_path: Path) -> None:
    """A chat that is drawn again and again into a closed pipe would never end."""
    file = flow(tmp_path / "f.yaml", STEPS)
    with start("preview", file, "--watch", cwd=tmp_path) as program:
        assert program.stdout is not None
        while "m4" not in program.stdout.readline():
            pass
        program.stdout.close()
        saved = tmp_path / "saved.yaml"
        saved.write_text(file.read_text(encoding="utf-8") + "# saved\n", encoding="utf-8")
        saved.replace(file)  # at once: a file that is half written would be looked at, too
        assert program.communicate(timeout=30) == ("", "")
        assert program.returncode == 0


@pytest.mark.parametrize(
    "command",
    [
        ("preview", "f.yaml"), ("preview", "f.yaml", "--format", "html"), ("diff", "f.yaml", "f.yaml"),
        ("plan", "f.yaml", "--phone", "+5215512345678", "--again"), ("optouts", "export", "--journal", "other.db"),
        ("report", "CAMPAIGN"), ("report", "CAMPAIGN", "--format", "html"), ("test", "--format", "json"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_a_journal_is_never_written_over(
    tmp_path: Path, state: EmulatorState, url: str, command: tuple[str, ...]
) -> None:
    """By a slip it would be gone, and everything would be sent again; by any name it has."""
    flow(tmp_path / "f.yaml", STEPS)
    (tmp_path / "f.test.yaml").write_text("flow: f.yaml\ntests: [{name: all}]\n", encoding="utf-8")
    (tmp_path / "p.csv").write_text("phone\n+5215512345678\n", encoding="utf-8")
    sent = flowrunner("run", "f.yaml", "--audience", "p.csv", "--yes-send-to", "1", "--api-url", url, cwd=tmp_path)
    assert sent.returncode == 0, sent.stderr
    journal = tmp_path / ".flowrunner/journal.db"
    before = flowrunner("runs", cwd=tmp_path).stdout
    campaign = before.split()[1]
    (tmp_path / "link").symlink_to(journal)
    copyfile(journal, tmp_path / "other.db")
    words = [campaign if each == "CAMPAIGN" else each for each in command]
    done = flowrunner(*words, "--output", "link", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert "error: link is a database, such as a journal\n  hint: name another file with --output" in done.stderr
    assert flowrunner("runs", cwd=tmp_path).stdout == before
