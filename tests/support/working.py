"""``flowrunner worker`` as a user starts it, on a journal in PostgreSQL."""

import json
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import httpx

from support.program import flowrunner, start

if TYPE_CHECKING:
    import subprocess


class RealWorker:
    """A worker that is up.

    Attributes:
        url: Where it says how it is.
        process: Its program.
        lines: What it has logged so far.
    """

    def __init__(self, *options: str | Path, cwd: Path, **environ: str) -> None:
        self.process = start("worker", "--port", "0", *options, cwd=cwd, **environ)
        self.lines: list[str] = []
        assert self.process.stdout is not None
        first = self.process.stdout.readline()
        if "working for " not in first:
            _, said = self.process.communicate()
            raise AssertionError(first + said)
        self.url = first.split("; ")[1].split("/healthz")[0]
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        self.lines += self.process.stderr

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGCONT)
        self.process.kill()
        self.process.wait()
        self._reader.join()
        for each in (self.process.stdout, self.process.stderr):
            assert each is not None
            each.close()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop; its exit code."""
        self.process.send_signal(how)
        return self.process.wait(60)

    def get(self, path: str) -> httpx.Response:
        return httpx.get(self.url + path, trust_env=False)

    @property
    def said(self) -> list[str]:
        """The events of its log."""
        return [json.loads(line)["event"] for line in self.lines]


def left(done: "subprocess.CompletedProcess[str]") -> str:
    """The id of the campaign that was left to workers."""
    assert done.returncode == 0, done.stdout + done.stderr
    assert " is left to " in done.stdout
    return done.stdout.split()[1]


def campaign(campaign_id: str, journal: str, cwd: Path) -> Any:
    """What `runs` says of it."""
    done = flowrunner("runs", campaign_id, "--format", "json", "--journal", journal, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["campaign"]


def becomes(campaign_id: str, journal: str, cwd: Path, within: float = 60.0, **states: int) -> None:
    """Wait until its people are so."""
    until = time.monotonic() + within
    while (found := campaign(campaign_id, journal, cwd)["states"]) != states:
        assert time.monotonic() < until, found
        time.sleep(0.3)
