"""The program without the wait for its imports: a process that has made them forks for each time it is started.

Each start is a process of its own, with its own arguments, folder, environment and files for what it says, as if it
had been started anew. ``python forked.py SOCKET`` serves until its standard input ends.
"""

import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from tempfile import TemporaryDirectory
from types import ModuleType


class Forks:
    """A process that has everything imported; it ends with this one.

    Args:
        told: What its environment tells Python itself.
    """

    def __init__(self, told: Mapping[str, str]) -> None:
        self._folder = TemporaryDirectory(prefix="forks-")
        self._place = f"{self._folder.name}/socket"
        environment = {**os.environ, "PYTHONIOENCODING": "utf-8", **told}
        command = [sys.executable, __file__, self._place]
        self._server = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._server.stdout is not None
        assert self._server.stdout.readline() == b"ready\n"

    def close(self) -> None:
        """End it."""
        with self._server:
            assert self._server.stdin is not None
            self._server.stdin.close()
        self._folder.cleanup()

    def run(
        self, arguments: Sequence[str], cwd: Path, environment: Mapping[str, str], stdin: str | None, timeout: float
    ) -> subprocess.CompletedProcess[str]:
        """Run the program to its end; as `subprocess.run` otherwise."""
        with TemporaryDirectory(dir=self._folder.name) as folder, closing(socket.socket(socket.AF_UNIX)) as line:
            Path(folder, "in").write_text(stdin or "", encoding="utf-8")
            line.settimeout(timeout)
            line.connect(self._place)
            asked = {"arguments": arguments, "cwd": str(cwd), "environment": dict(environment), "folder": folder}
            line.sendall(json.dumps(asked).encode() + b"\n")
            with line.makefile("r") as answers:
                pid = int(answers.readline())
                try:
                    code = int(answers.readline())
                except TimeoutError:
                    os.kill(pid, signal.SIGKILL)
                    raise subprocess.TimeoutExpired(list(arguments), timeout) from None
            out, errors = (Path(folder, name).read_text(encoding="utf-8") for name in ("out", "errors"))
        return subprocess.CompletedProcess(list(arguments), code, out, errors)


def serve(place: str) -> None:
    """Fork for each request, until standard input ends."""
    import flowrunner

    for module in walk_packages(flowrunner.__path__, "flowrunner."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    gc.freeze()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(place)
        listener.listen(16)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            ready, _, _ = select.select([listener, sys.stdin], [], [])
            # Their time is counted as this process's, and so as the tests'.
            with suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
            if sys.stdin in ready:
                return
            line, _ = listener.accept()
            with line:
                if not os.fork():
                    listener.close()
                    _answer(line)


def _answer(line: socket.socket) -> None:
    """Start the program and say how it ended."""
    asked = json.loads(line.makefile("r").readline())
    pid = os.fork()
    if not pid:
        line.close()
        _become(**asked)
    line.sendall(f"{pid}\n".encode())
    _, status = os.waitpid(pid, 0)
    line.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _become(arguments: list[str], cwd: str, environment: dict[str, str], folder: str) -> None:
    """Be the program, as if it had just been started."""
    for number, (name, how) in enumerate([("in", os.O_RDONLY), ("out", os.O_WRONLY), ("errors", os.O_WRONLY)]):
        file = os.open(f"{folder}/{name}", how | os.O_CREAT, 0o600)
        os.dup2(file, number)
        os.close(file)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    # What click calls the program.
    from flowrunner.cli import main

    module = sys.modules["__main__"] = ModuleType("__main__")
    module.__package__ = "flowrunner"
    package = str(Path(sys.modules["flowrunner"].__file__ or "").parent)
    sys.argv = [f"{package}/__main__.py", *arguments]
    main()


if __name__ == "__main__":
    sys.path.pop(0)
    serve(sys.argv[1])
