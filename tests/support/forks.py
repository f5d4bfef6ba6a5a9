"""Starting the program without the wait for its imports, by a process that has made them (``support.forked``)."""

import atexit
import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from support import forked
from support.started import Started

SHARED = "FLOWRUNNER_FORKS"
"""The variable that names the socket of a server for all processes of a run of the tests."""


class ForkServer:
    """A process that has everything imported; it ends with this one.

    Args:
        told: What its environment tells Python itself.

    Attributes:
        place: The socket on which it is asked; what is asked before it is ready waits for it.
    """

    def __init__(self, told: Mapping[str, str]) -> None:
        self._folder = TemporaryDirectory(prefix="forks-")
        self.place = f"{self._folder.name}/socket"
        environment = {**os.environ, "PYTHONIOENCODING": "utf-8", **told}
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self.place)
            listener.listen(64)
            number = listener.fileno()
            self._server = subprocess.Popen(
                [sys.executable, forked.__file__, str(number)],
                env=environment,
                stdin=subprocess.PIPE,
                pass_fds=(number,),
            )

    def close(self) -> None:
        """End it."""
        with self._server:
            assert self._server.stdin is not None
            self._server.stdin.close()
        self._folder.cleanup()


def begin(
    module: str,
    arguments: Sequence[str],
    *,
    told: Mapping[str, str],
    cwd: Path,
    environment: Mapping[str, str],
    files: Sequence[int],
) -> Started:
    """Start a module as a program.

    Args:
        module: Its name, as Python's ``-m`` takes it.
        arguments: What it is told.
        told: What its environment tells Python itself.
        cwd: Where it runs.
        environment: All of its environment.
        files: Its standard input, output and error output.
    """
    asked = {"module": module, "arguments": arguments, "cwd": str(cwd), "environment": dict(environment)}
    line = socket.socket(socket.AF_UNIX)
    line.connect(_place(frozenset(told.items())))
    socket.send_fds(line, [b"+"], files)
    line.sendall(json.dumps(asked).encode() + b"\n")
    return Started([module, *arguments], line)


@cache
def _place(told: frozenset[tuple[str, str]]) -> str:
    """Of the server of all, or, for another Python, of one of this process."""
    if not told and (shared := os.environ.get(SHARED)):
        return shared
    server = ForkServer(dict(told))
    atexit.register(server.close)
    return server.place
