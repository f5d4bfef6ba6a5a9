"""``flowrunner worker`` as a user starts it, on a journal in PostgreSQL."""

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from support.journals import blocking
from support.program import flowrunner
from support.served import Served

if TYPE_CHECKING:
    import subprocess


class RealWorker(Served):
    """A worker that is up; whom it had is another's after five seconds, not thirty."""

    def __init__(self, *options: str | Path, cwd: Path, **environ: str) -> None:
        command = "here 5 worker"
        super().__init__(command, "; ", "/healthz", *options, cwd=cwd, module="support.machine", **environ)

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


def becomes(campaign_id: str, journal: str, cwd: Path, within: float = 180.0, **states: int) -> None:
    """Wait until its people are so, as `runs` says then, too."""
    until = time.monotonic() + within
    with blocking(journal, read_only=True) as its:
        while (found := dict(its.counts(campaign_id).states)) != states:
            assert time.monotonic() < until, found
            time.sleep(0.2)
    assert campaign(campaign_id, journal, cwd)["states"] == states
