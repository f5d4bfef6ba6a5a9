"""The program under test as a user starts it: another process, a real socket."""

import atexit
import os
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from flowrunner.emulator.api.state import EmulatorState
from support.forked import Forks

KEY = "k-5e8fQ/1+planted=secret"


def environment(**more: str) -> dict[str, str]:
    """The machine's environment with a key, without what would change the program's ways."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FLOWRUNNER_", "KAPSO_"))}
    return {**kept, "KAPSO_API_KEY": KEY, "PYTHONIOENCODING": "utf-8", "NO_COLOR": "1", **more}


def flowrunner(
    *arguments: str | Path, cwd: Path, stdin: str | None = None, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run the program to its end, within a minute."""
    # What Python itself is told counts only where it starts.
    told = frozenset((name, value) for name, value in more.items() if name.startswith("PYTHON"))
    return _forks(told).run([*map(str, arguments)], cwd, environment(**more), stdin, 60)


@cache
def _forks(told: frozenset[tuple[str, str]]) -> Forks:
    forks = Forks(dict(told))
    atexit.register(forks.close)
    return forks


def start(*arguments: str | Path, cwd: Path, **more: str) -> "subprocess.Popen[str]":
    """Start the program; its output can be read line by line."""
    return subprocess.Popen(
        [sys.executable, "-m", "flowrunner", *map(str, arguments)],
        cwd=cwd,
        env=environment(**more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def texts(state: EmulatorState) -> list[str]:
    """The message objects the emulator accepted, in order, as the very text that was posted."""
    return [each.raw.decode().removeprefix('{"message":').removesuffix("}") for each in state.received()]


def flow(path: Path, steps: Sequence[str], inputs: str = "{}") -> Path:
    """A flow file with these steps, each in YAML's flow style."""
    lines = [f"name: {path.stem}", f"inputs: {inputs}", "steps:", *(f"  - {step}" for step in steps)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
