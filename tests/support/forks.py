"""Starting the program without the wait for its imports, by a process that has made them (``support.forked``)."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from support import forked
from support.started import Started


class Forks:
    """A process that has everything imported; it ends with this one.

    Args:
        told: What its environment tells Python itself.
    """

    def __init__(self, told: Mapping[str, str]) -> None:
        self._folder = TemporaryDirectory(prefix="forks-")
        self._place = f"{self._folder.name}/socket"
        environment = {**os.environ, "PYTHONIOENCODING": "utf-8", **told}
        command = [sys.executable, forked.__file__, self._place]
        self._server = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._server.stdout is not None
        assert self._server.stdout.readline() == b"ready\n"

    def close(self) -> None:
        """End it."""
        with self._server:
            assert self._server.stdin is not None
            self._server.stdin.close()
        self._folder.cleanup()

    def begin(
        self, module: str, arguments: Sequence[str], cwd: Path, environment: Mapping[str, str], files: Sequence[int]
    ) -> Started:
        """Start a module as a program.

        Args:
            module: Its name, as Python's ``-m`` takes it.
            arguments: What it is told.
            cwd: Where it runs.
            environment: All of its environment.
            files: Its standard input, output and error output.
        """
        asked = {"module": module, "arguments": arguments, "cwd": str(cwd), "environment": dict(environment)}
        line = socket.socket(socket.AF_UNIX)
        line.connect(self._place)
        socket.send_fds(line, [b"+"], files)
        line.sendall(json.dumps(asked).encode() + b"\n")
        return Started([module, *arguments], line)
