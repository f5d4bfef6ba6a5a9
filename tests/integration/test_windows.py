"""What Windows lacks is needed by nothing but sending, which refuses there. Only the lacking is tried, no Windows."""

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from flowrunner.cli import machine_limits as limits
from flowrunner.cli.group import commands
from support.program import environment, flow

LACKING = """
import os, signal, sys
for name in "fcntl grp pty pwd resource termios tty".split():
    sys.modules[name] = None
for name in "fork forkpty geteuid getuid getppid killpg mkfifo set_blocking setsid".split():
    delattr(os, name)
for name in "SIGALRM SIGCHLD SIGHUP SIGKILL SIGPIPE SIGQUIT SIGUSR1 pthread_sigmask".split():
    delattr(signal, name)
import json
from flowrunner.cli.group import commands
codes = [commands.main(each.split(), standalone_mode=False) for each in sys.argv[1:]]
print(json.dumps(codes), file=sys.stderr)
"""
COMMANDS = [
    "--help", "run --help", "resume --help", "status --help", "emulator --help", "validate f.yaml",
    "validate f.yaml --audience p.csv", "preview f.yaml", "preview f.yaml --format html --output p.html",
    "preview f.yaml --format curl", "diff f.yaml f.yaml", "explain too-long", "schema", "completion bash", "runs",
    "plan f.yaml --audience p.csv --output p.plan",
]  # fmt: skip


def test_what_does_not_send_needs_nothing_that_windows_lacks(tmp_path: Path) -> None:
    """Modules, functions and signals that are POSIX only."""
    flow(tmp_path / "f.yaml", ['{message: "one"}'])
    (tmp_path / "p.csv").write_text("phone\n+5215512345678\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", LACKING, *COMMANDS],
        cwd=tmp_path, env=environment(), capture_output=True, encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [code or 0 for code in json.loads(done.stderr.splitlines()[-1])] == [0] * len(COMMANDS), done.stderr


@pytest.mark.parametrize(
    "arguments", [["run", "f.yaml", "--emulator"], ["run", "f.yaml", "--phone", "+52"], ["resume"]]
)
def test_windows_itself_sends_nothing_and_names_what_does(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    """Before anything is read or written."""
    monkeypatch.setattr(limits, "os", SimpleNamespace(name="nt"))
    result = CliRunner().invoke(commands, arguments, standalone_mode=False)
    assert result.return_value == 1
    assert result.stderr.splitlines()[0] == "error: sending does not work on Windows itself"
    assert "WSL" in result.stderr
