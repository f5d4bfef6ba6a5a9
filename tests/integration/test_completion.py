"""The Tab key in each shell, pressed in the real one on a terminal of its own."""

import os
import pty
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.shell_completion import BashComplete

from flowrunner.cli.group import commands
from support.program import environment, flowrunner

SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], "source <(flowrunner completion bash)"),
    "zsh": (["zsh", "-f", "-i"], "autoload -Uz compinit; compinit -D; source <(flowrunner completion zsh)"),
    "fish": (["fish", "--no-config", "-i"], "flowrunner completion fish | source"),
}
"""How each is started without anybody's settings, and what the README says to put into them."""
PRESSED = [
    ("flowrunner val", "flowrunner validate"),
    ("flowrunner run --in-d", "flowrunner run --in-doubt"),
    ("flowrunner run --in-doubt rec", "--in-doubt reconcile"),
    ("flowrunner validate wel", "flowrunner validate welcome.yaml"),
]


@pytest.mark.parametrize("shell", SHELLS)
def test_the_tab_key_completes(tmp_path: Path, shell: str) -> None:
    """Commands, options, their choices, and files."""
    command, setup = SHELLS[shell]
    if None in (shutil.which(command[0]), shutil.which("setsid")):
        pytest.skip(f"there is no {shell} here")
    programs = tmp_path / "bin"
    programs.mkdir()
    program = programs / "flowrunner"
    program.write_text(f'#!/bin/sh\nexec "{Path(sys.executable).parent}/flowrunner" "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    (tmp_path / "welcome.yaml").touch()
    ours, theirs = pty.openpty()
    path = f"{programs}:{os.environ['PATH']}"
    running = subprocess.Popen(
        ["setsid", "--ctty", "--wait", *command], cwd=tmp_path, stdin=theirs, stdout=theirs, stderr=theirs,
        env=environment(PATH=path, TERM="dumb" if shell != "fish" else "xterm", PS1="> ", HOME=str(tmp_path)),
    )  # fmt: skip
    os.close(theirs)
    try:
        _type(ours, f"{setup}; echo is-$((1+1))-ready\n" if shell != "fish" else f"{setup}; echo is-(math 1+1)-ready\n")
        _until(ours, "is-2-ready")
        for typed, shown in PRESSED:
            _type(ours, f"{typed}\t")
            _until(ours, shown)
            _type(ours, "\x15")  # the line away again
    finally:
        running.kill()
        running.wait()
        os.close(ours)  # which hangs the shell up


def test_each_script_is_the_shell_s_own(tmp_path: Path) -> None:
    """Without the shells, too; another shell is wrong usage."""
    for shell in SHELLS:
        done = flowrunner("completion", shell, cwd=tmp_path)
        assert (done.returncode, "_FLOWRUNNER_COMPLETE" in done.stdout) == (0, True)
    assert flowrunner("completion", "csh", cwd=tmp_path).returncode == 2


@pytest.mark.parametrize("words", ["nonsense", "optouts nonsense", "run f.yaml --rate x", "preview f.yaml --rows zz"])
def test_nothing_is_complained_of_while_a_line_is_written(words: str) -> None:
    """What a command would say stood in the middle of the line."""
    found = BashComplete(commands, {}, "flowrunner", "_FLOWRUNNER_COMPLETE").get_completions(words.split(), "--")
    assert "--help" in [each.value for each in found]


def _type(terminal: int, keys: str) -> None:
    os.write(terminal, keys.encode())


def _until(terminal: int, text: str) -> None:
    screen, give_up = "", time.monotonic() + 30
    while text not in screen:
        ready, _, _ = select.select([terminal], [], [], max(give_up - time.monotonic(), 0))
        assert ready, f"{text!r} did not come: {screen!r}"
        screen += os.read(terminal, 65_536).decode(errors="replace")
