"""A program on a terminal of its own, as a person sits before it."""

import os
import pty
import select
import signal
import termios
import time
from pathlib import Path
from typing import Self

from support.program import begin

PATIENCE = 30.0
"""Seconds until what is waited for must be on the screen."""


class Terminal:
    """flowrunner in a pseudo-terminal. Within: it runs; after: it has ended.

    Attributes:
        screen: All that it has shown.
    """

    def __init__(self, *arguments: str | Path, cwd: Path) -> None:
        self.screen = ""
        self._seen = 0
        self._ours, theirs = pty.openpty()
        self._program = begin(*arguments, files=(theirs, theirs, theirs), cwd=cwd)
        os.close(theirs)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._program.poll() is None:
            self._program.kill()
        self._program.wait()
        os.close(self._ours)

    def resize(self, columns: int) -> None:
        """Make the window that wide."""
        termios.tcsetwinsize(self._ours, (24, columns))

    def type(self, keys: str) -> None:
        """Press these keys."""
        os.write(self._ours, keys.encode())

    def interrupt(self) -> None:
        """Press Ctrl-C: to a program that is the signal."""
        self._program.send_signal(signal.SIGINT)

    def close(self) -> int:
        """Close the window, as shell and kernel tell the program; the code that it ends with."""
        os.close(self._ours)
        self._ours = os.open(os.devnull, os.O_RDONLY)
        for _ in range(2):
            self._program.send_signal(signal.SIGHUP)
            time.sleep(0.1)
        return self._program.wait(PATIENCE)

    def until(self, text: str) -> None:
        """Wait until the screen shows it, behind all that was waited for before."""
        give_up = time.monotonic() + PATIENCE
        while text not in self.screen[self._seen :]:
            assert time.monotonic() < give_up, f"{text!r} did not come: {self.screen}"
            assert self._read(), f"the program ended before {text!r}: {self.screen}"
        self._seen = self.screen.index(text, self._seen) + len(text)

    def end(self) -> int:
        """Wait for its end. Answers with the exit code."""
        while self._read():
            pass
        return self._program.wait(timeout=PATIENCE)

    def _read(self) -> bool:
        ready, _, _ = select.select([self._ours], [], [], PATIENCE)
        assert ready, f"nothing happens: {self.screen}"
        try:
            piece = os.read(self._ours, 65_536)
        except OSError:  # Linux says so when the other side has closed
            piece = b""
        self.screen += piece.decode(errors="replace")
        return bool(piece)
