"""Workers and processes that are killed, before an API that misbehaves as it likes: nothing twice, lost or overtaken.

The API is another program's (``support.judge``). What cannot be settled is said, and left alone.
"""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from flowrunner.engine.history.phases import Phase
from support import postgres
from support.journals import blocking
from support.judge import NUMBER, Judge, judging
from support.program import flowrunner, logged
from support.started import Started

pytestmark = pytest.mark.long

TIMEOUT, GRACE, LEASE = 1.5, 2.0, 5.0
STEPS = [str(number) for number in range(1, 7)]
TELLS = "name: tells\nsteps:\n" + "".join(f'  - message: "{each}"\n' for each in STEPS)


class Case(NamedTuple):
    """Before which API, of whatever make."""

    dialect: str
    ids: str
    ahead: float
    echoes: bool = True


CASES = [
    Case("kapso-v1", "uuid", 0.0),
    Case("kapso-v1", "number", -4000.0),
    Case("kapso-v1", "wamid", 90.0),
    Case("meta", "wamid", 0.0),
    Case("meta", "long", 3000.0, echoes=False),
    Case("meta", "wamid", -50.0, echoes=False),
]


class Trial(NamedTuple):
    """People to whom a campaign is to be sent."""

    folder: Path
    judge: Judge
    api: tuple[str, ...]
    patience: tuple[str, ...]
    journal: str
    running: list[Started]

    def start(self, name: str, *command: str, machine: str) -> None:
        whole = (machine, str(LEASE), *command, "--journal", self.journal)
        self.running.append(logged(*whole, module="support.machine", cwd=self.folder, log=self.folder / f"{name}.log"))

    def kill(self) -> None:
        """All that still run."""
        for each in self.running:
            each.kill()
            each.wait()

    def phases(self) -> dict[str, int]:
        with blocking(self.journal, read_only=True) as its:
            found: dict[str, int] = {}
            for each in its.campaigns():
                for phase, count in its.counts(each.id).phases.items():
                    found[phase.value] = found.get(phase.value, 0) + count
        return {phase: count for phase, count in found.items() if count}

    def require_sound(self) -> None:
        """Nobody has had anything twice, or before what comes before it."""
        for phone in self.judge.talks:
            sent = self.judge.sent(phone)
            assert sent == STEPS[: len(sent)], self.about(phone)

    def about(self, phone: str) -> str:
        """All that is known of somebody."""
        with blocking(self.journal, read_only=True) as its:
            [campaign] = its.campaigns()
            runs = [each.run for each in its.pending(campaign.id, phases=[*Phase], limit=1000)]
            events = [str(each) for run in runs if run.recipient.phone == phone for each in its.events(run.id)]
        taken = [str(each) for each in self.judge.taken if each["phone"] == phone]
        return "\n".join([phone, *taken, *events])

    def require_done(self) -> None:
        """Everybody has had everything; or it is said that nobody knows how far they have come."""
        self.require_sound()
        phases = self.phases()
        assert set(phases) <= {"finished", "in_doubt"}, phases
        done = sum(self.judge.sent(phone) == STEPS for phone in self.judge.talks)
        assert done >= phases.get("finished", 0)
        with blocking(self.journal, read_only=True) as its:
            for each in its.runs(Phase.IN_DOUBT, limit=100):
                sys.stdout.write(f"{each.run.recipient.phone} {its.events(each.run.id)[-1].detail}\n")
        sys.stdout.write(f"{phases} {dict(self.judge.done)}\n")


@contextmanager
def tried(folder: Path, journal: str, case: Case, people: int, seed: int, *, limits: bool = True) -> Iterator[Trial]:
    phones = [f"+34600{number:06}" for number in range(people)]
    judge = Judge(
        case.dialect, phones, seed=seed, timeout=TIMEOUT, grace=GRACE, ahead=case.ahead, ids=case.ids,
        echoes=case.echoes, limits=limits,
    )  # fmt: skip
    (folder / "tells.yaml").write_text(TELLS, encoding="utf-8")
    (folder / "people.csv").write_text("phone\n" + "".join(f"{each}\n" for each in phones), encoding="utf-8")
    with judging(judge) as url, ExitStack() as stack:
        number = ("--number", NUMBER) if case.dialect == "meta" else ()
        api = ("--api-url", url, "--dialect", case.dialect, *number, "--rate", "10000/s")
        its = Trial(folder, judge, api, ("--timeout", str(TIMEOUT), "--grace", str(GRACE)), journal, [])
        stack.callback(its.kill)
        yield its


def killed_workers(its: Trial, people: int, seconds: float, dice: Random) -> None:
    """Workers of three machines, one of them killed every other second, go on to the end."""
    its.judge.calm = True
    done = flowrunner(
        "run", "tells.yaml", "--audience", "people.csv", "--yes-send-to", str(people), "--detach",
        *its.api, *its.patience, "--journal", its.journal, cwd=its.folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    its.judge.calm = False
    for number in range(3):
        its.start(f"m{number}", "worker", "--port", "0", *its.api, *its.patience, machine=f"m{number}")
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(2)
        place = dice.randrange(3)
        its.running[place].kill()
        its.running[place].wait()
        its.start(f"m{place}", "worker", "--port", "0", *its.api, *its.patience, machine=f"m{place}")
        its.running[place] = its.running.pop()
    settled(its, 120)
    assert [each.poll() for each in its.running] == [None] * 3
    for each in its.running:
        each.send_signal(signal.SIGTERM)
    for number, each in enumerate(its.running):
        assert each.wait(30) == 0, (its.folder / f"m{number}.log").read_text(encoding="utf-8")[-5000:]
    its.require_done()


def settled(its: Trial, seconds: float) -> None:
    """Wait until everybody has had everything, or nothing has changed any more for a while."""
    until, since, before = time.monotonic() + seconds, time.monotonic(), dict[str, int]()
    while set(phases := its.phases()) != {"finished"} and time.monotonic() < until:
        if phases != before or set(phases) - {"finished", "in_doubt"}:
            before, since = phases, time.monotonic()
        if time.monotonic() - since > 3 * (TIMEOUT + GRACE):
            return
        time.sleep(0.5)


def killed_processes(its: Trial, people: int, kills: int, dice: Random) -> None:
    """A command that sends is killed again and again, each time another goes on, and one that listens is beside it.

    All on one machine, as a file is: that a process has ended is known at once.
    """
    its.start("listener", "listen", "--poll", "--port", "0", *its.api, *its.patience[:2], machine="here")
    command = ["run", "tells.yaml", "--audience", "people.csv", "--yes-send-to", str(people), *its.api, *its.patience]
    for kill in range(kills):
        its.start(f"p{kill}", *command, machine="here")
        sender = its.running.pop()
        try:
            sender.wait(dice.uniform(1, 4))
        except subprocess.TimeoutExpired:
            sender.kill()
            sender.wait()
        if not Path(its.journal).exists():
            continue
        with blocking(its.journal, read_only=True) as journal:
            if found := [each.id for each in journal.campaigns()]:
                command = ["resume", found[0], *its.patience, "--rate", "10000/s"]
    for last in range(4):  # who was held is held no more, what could not be read can be
        its.start(f"last{last}", *command, machine="here")
        sender = its.running.pop()
        assert sender.wait(120) in (0, 3, 4), (its.folder / f"last{last}.log").read_text(encoding="utf-8")
        if set(its.phases()) <= {"finished", "in_doubt"}:
            break
        time.sleep(LEASE)
    its.require_done()


def test_workers(tmp_path: Path, own_postgres: postgres.Cluster) -> None:
    with tried(tmp_path, own_postgres.url(), CASES[-1], 8, 1, limits=False) as its:
        killed_workers(its, 8, 4, Random(1))  # noqa: S311  # repeats itself, and keeps no secret


def test_processes(tmp_path: Path) -> None:
    with tried(tmp_path, str(tmp_path / "journal.db"), CASES[1], 8, 1, limits=False) as its:
        killed_processes(its, 8, 3, Random(1))  # noqa: S311  # likewise


@pytest.mark.soak
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("seed", range(3))
def test_many_workers(tmp_path: Path, own_postgres: postgres.Cluster, case: Case, seed: int) -> None:
    with tried(tmp_path, own_postgres.url(), case, 30, seed) as its:
        killed_workers(its, 30, 20, Random(seed))  # noqa: S311  # likewise


@pytest.mark.soak
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("seed", range(3))
def test_many_processes(tmp_path: Path, case: Case, seed: int) -> None:
    with tried(tmp_path, str(tmp_path / "journal.db"), case, 30, seed) as its:
        killed_processes(its, 30, 8, Random(seed))  # noqa: S311  # likewise
