"""The program under test as a user starts it: another process, a real socket."""

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile

from flowrunner.emulator.api.state import EmulatorState
from support import forks
from support.called import call, may_be_called
from support.started import Started

KEY = "k-5e8fQ/1+planted=secret"


def environment(**more: str) -> dict[str, str]:
    """The machine's environment with a key, without what would change the program's ways."""
    others = ("FLOWRUNNER_", "KAPSO_", "COLUMNS")  # xdist sets a width
    kept = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    return {**kept, "KAPSO_API_KEY": KEY, "PYTHONIOENCODING": "utf-8", "NO_COLOR": "1", **more}


def flowrunner(
    *arguments: str | Path, cwd: Path, stdin: str | None = None, module: str = "flowrunner", **more: str
) -> subprocess.CompletedProcess[str]:
    """Run the program to its end, within a minute; a short command in this process (``support.called``)."""
    words = [*map(str, arguments)]
    with ExitStack() as stack:
        given, out, errors = (stack.enter_context(TemporaryFile("w+", encoding="utf-8")) for _ in range(3))
        given.write(stdin or "")
        given.seek(0)
        files = (given.fileno(), out.fileno(), errors.fileno())
        try:
            if module == "flowrunner" and may_be_called(words, more):
                code = call(words, files=files, cwd=cwd, environment=environment(**more))
            else:
                with begin(*words, files=files, cwd=cwd, module=module, **more) as its:
                    try:
                        code = its.wait(60)
                    finally:
                        its.kill()
        finally:
            for each in (out, errors):
                each.seek(0)
            sys.stdout.writelines(said := [out.read(), errors.read()])  # pytest shows it with a test that fails
        return subprocess.CompletedProcess(words, code, *said)


def hasty(*arguments: str | Path, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """As `flowrunner`, by a clock that runs fast (``support.hasty``)."""
    return flowrunner(*arguments, cwd=cwd, module="support.hasty", **more)


def start(*arguments: str | Path, cwd: Path, **more: str) -> Started:
    """Start the program, without input; its output can be read line by line."""
    (out, its_out), (errors, its_errors) = os.pipe(), os.pipe()
    with Path(os.devnull).open() as nothing:
        its = begin(*arguments, files=(nothing.fileno(), its_out, its_errors), cwd=cwd, **more)
    os.close(its_out)
    os.close(its_errors)
    its.stdout, its.stderr = os.fdopen(out, encoding="utf-8"), os.fdopen(errors, encoding="utf-8")
    return its


def logged(*arguments: str | Path, cwd: Path, log: Path, module: str = "flowrunner", **more: str) -> Started:
    """Start the program, or a module of the tests, without input; what it says is added to a file."""
    with Path(os.devnull).open() as nothing, log.open("ab") as out:
        files = (nothing.fileno(), out.fileno(), out.fileno())
        return begin(*arguments, files=files, cwd=cwd, module=module, **more)


def begin(
    *arguments: str | Path, files: tuple[int, int, int], cwd: Path, module: str = "flowrunner", **more: str
) -> Started:
    """Start the program, or a module of the tests, with these for its input, output and error output."""
    # What Python itself is told counts only where it starts.
    told = {name: value for name, value in more.items() if name.startswith("PYTHON")}
    its = environment(**more)
    return forks.begin(module, [*map(str, arguments)], told=told, cwd=cwd, environment=its, files=files)


def texts(state: EmulatorState) -> list[str]:
    """The message objects the emulator accepted, in order, as the very text that was posted."""
    return [each.raw.decode().removeprefix('{"message":').removesuffix("}") for each in state.received()]


def flow(path: Path, steps: Sequence[str], inputs: str = "{}") -> Path:
    """A flow file with these steps, each in YAML's flow style."""
    lines = [f"name: {path.stem}", f"inputs: {inputs}", "steps:", *(f"  - {step}" for step in steps)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
