"""A program under way that a process other than this one has started (``support.forked``)."""

import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from struct import unpack
from threading import Thread
from typing import IO, Self


class Started:
    """To be used as a `subprocess.Popen` of text.

    Attributes:
        pid: The number of its process.
        stdout: What it writes there, where somebody reads that here.
        stderr: Likewise.
        returncode: How it ended, once that was asked for; minus the number of the signal that ended it.
    """

    def __init__(self, command: Iterable[str], line: socket.socket) -> None:
        self.args, self._line = list(command), line
        self.stdout: IO[str] | None = None
        self.stderr: IO[str] | None = None
        self.returncode: int | None = None
        self.pid = self._number()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        if error is not None:
            self.kill()
            self.communicate()
        for each in (self.stdout, self.stderr):
            if each is not None:
                each.close()
        self.wait()

    def poll(self) -> int | None:
        """How it ended; None while it runs."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end, and give how it ended.

        Raises:
            subprocess.TimeoutExpired: It still runs after so many seconds.
        """
        if self.returncode is None:
            if not select.select([self._line], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
            self.returncode = self._number()
            self._line.close()
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Wait for its end, and give what it has still said until then; as `wait` otherwise."""
        said = ["", ""]

        def read(number: int, stream: IO[str]) -> None:
            with stream:
                said[number] = stream.read()

        streams = [(number, each) for number, each in enumerate((self.stdout, self.stderr)) if each is not None]
        readers = [Thread(target=read, args=each, daemon=True) for each in streams if not each[1].closed]
        for each in readers:
            each.start()
        self.wait(timeout)
        for each in readers:
            each.join()
        sys.stdout.writelines(said)  # pytest shows it with a test that fails
        return said[0], said[1]

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it still runs."""
        with suppress(ProcessLookupError):  # it is waited for by who started it, which may be a moment ahead
            if self.poll() is None:
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def _number(self) -> int:
        """What its starter says next: first its number, then how it ended."""
        found: tuple[int] = unpack("i", self._line.recv(4, socket.MSG_WAITALL))
        return found[0]
