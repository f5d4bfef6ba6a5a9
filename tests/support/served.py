"""A command that serves until it is stopped, as a user starts it."""

import signal
import sys
import threading
from pathlib import Path
from typing import Self

import httpx

from support.program import start


class Served:
    """It is up.

    Attributes:
        url: Where it answers, by the line that says so.
        process: Its program.
        lines: What it has logged so far.
    """

    def __init__(self, command: str, before: str, after: str, *options: str | Path, cwd: Path, **more: str) -> None:
        """Start it, as `start` does, and wait for its first line: its address is between ``before`` and ``after``."""
        self.process = start(*command.split(), "--port", "0", *options, cwd=cwd, **more)
        self.lines: list[str] = []
        assert self.process.stdout is not None
        first = self.process.stdout.readline()
        if before not in first:
            _, said = self.process.communicate()
            raise AssertionError(first + said)
        self.url = first.split(before)[1].split(after)[0]
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        self.lines += self.process.stderr

    def __enter__(self) -> Self:
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        self.process.send_signal(signal.SIGCONT)
        self.process.kill()
        self.process.wait()
        self._reader.join()
        if error is not None:  # pytest shows it with the test that fails
            sys.stdout.writelines(self.lines)
        for each in (self.process.stdout, self.process.stderr):
            assert each is not None
            each.close()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop; its exit code."""
        self.process.send_signal(how)
        return self.process.wait(60)

    def get(self, path: str) -> httpx.Response:
        return httpx.get(self.url + path, trust_env=False)
