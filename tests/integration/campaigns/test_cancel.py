"""`flowrunner cancel`: nothing further is begun, here or in another terminal, and nothing revives it."""

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from flowrunner.emulator.api.faults import parse_fault
from flowrunner.emulator.api.state import EmulatorState
from support.campaigns import QUICK, people, received
from support.program import flow, flowrunner, start
from support.started import Started

STEPS = ['{message: "hi {{ name }}"}', '{message: "bye"}']


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return flow(tmp_path / "f.yaml", STEPS, "{name: {}}")


def until(is_so: Callable[[], bool]) -> None:
    """Wait for it, half a minute at most."""
    give_up = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < give_up
        time.sleep(0.02)


def ended(program: Started) -> tuple[str, str]:
    """What it has said, once it has ended by itself; one that does not is killed."""
    try:
        return program.communicate(timeout=20)
    except subprocess.TimeoutExpired:
        program.kill()
        raise


def test_a_campaign_is_cancelled_while_another_terminal_sends_it(
    tmp_path: Path, file: Path, state: EmulatorState, url: str
) -> None:
    """What is in flight is settled; the rest had nothing, and gets it by a new run; the report tells them apart."""
    state.faults.add(parse_fault("latency:seconds=0.3"))
    audience = people(tmp_path / "p.csv", 200)
    run = ("run", file, "--audience", audience, "--api-url", url, "--window", "5", *QUICK)
    with start(*run, "--yes-send-to", "200", cwd=tmp_path) as program:
        until(lambda: len(state.received()) >= 10)
        campaign = flowrunner("runs", cwd=tmp_path).stdout.split()[1]
        said = flowrunner("cancel", campaign, cwd=tmp_path)
        shown, told = ended(program)
    assert (said.returncode, said.stdout.startswith(f"campaign {campaign} is cancelled: ")) == (0, True)
    assert (program.returncode, "stopped: it was cancelled" in told) == (3, True), told
    assert "resume" not in told.split(f"campaign {campaign}")[-1]
    assert "cancelled" in shown
    state.faults.clear()
    sent = received(state)
    states = json.loads(flowrunner("report", campaign, "--format", "json", cwd=tmp_path).stdout)["states"]
    assert sum(states.values()) == 200
    assert states["cancelled"] > 100
    assert set(states) <= {"cancelled", "finished"}, "nobody is left in doubt"
    revived = flowrunner("resume", campaign, *QUICK, cwd=tmp_path)
    assert (revived.returncode, f"campaign {campaign} was cancelled on " in revived.stderr) == (1, True)
    assert flowrunner("resume", *QUICK, cwd=tmp_path).stdout == "nothing to resume\n"
    listed = flowrunner("runs", campaign, cwd=tmp_path).stdout
    assert f"{states['cancelled']} cancelled" in listed
    assert "cancelled on 20" in listed
    assert received(state) == sent
    rest = flowrunner(*run, "--yes-send-to", str(200 - len(sent)), cwd=tmp_path)
    assert rest.returncode == 0, rest.stderr
    assert set(received(state)) == {f"c{number}" for number in range(200)}
    assert {talk: texts for talk, texts in received(state).items() if talk in sent} == sent


def test_one_that_waits_for_its_hours_is_cancelled(tmp_path: Path, file: Path, state: EmulatorState, url: str) -> None:
    """Held people are written to by nobody; the process that waits ends. Cancelled twice is cancelled."""
    audience = people(tmp_path / "p.csv", 3)
    run = ("run", file, "--audience", audience, "--api-url", url, "--at", "2099-01-01T00:00+00:00", *QUICK)
    with start(*run, "--yes-send-to", "3", cwd=tmp_path) as program:
        until(lambda: "3 held" in flowrunner("runs", cwd=tmp_path).stdout)
        campaign = flowrunner("runs", cwd=tmp_path).stdout.split()[1]
        flowrunner("cancel", campaign[:8], cwd=tmp_path)
        shown, _ = ended(program)
    assert (program.returncode, shown) == (3, "3 cancelled\n")
    assert flowrunner("cancel", campaign, cwd=tmp_path).stdout == f"campaign {campaign} was cancelled: 3 cancelled\n"
    assert not state.received()


def test_a_campaign_that_was_left_is_cancelled(tmp_path: Path, file: Path, state: EmulatorState, url: str) -> None:
    """And one that has already ended is not."""
    audience = people(tmp_path / "p.csv", 3)
    run = ("run", file, "--audience", audience, "--api-url", url, "--yes-send-to", "3", *QUICK)
    assert flowrunner(*run, "--canary", "1", cwd=tmp_path).returncode == 0
    campaign = flowrunner("runs", cwd=tmp_path).stdout.split()[1]
    done = flowrunner("cancel", campaign, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, f"campaign {campaign} is cancelled: 1 finished, 2 cancelled\n")
    assert flowrunner("resume", *QUICK, cwd=tmp_path).stdout == "nothing to resume\n"
    assert len(state.received()) == 2
    rest = flowrunner(*run[: -len(QUICK) - 2], "--yes-send-to", "2", *QUICK, cwd=tmp_path)
    assert rest.returncode == 0, rest.stderr
    other = rest.stderr.split("campaign ")[1].split()[0]
    over = flowrunner("cancel", other, cwd=tmp_path)
    assert over.stdout == f"campaign {other} has already ended: there is nothing to cancel\n"


def test_a_campaign_whose_runs_failed_is_cancelled(tmp_path: Path, file: Path, state: EmulatorState, url: str) -> None:
    """`resume` would try them again: there is something to cancel."""
    state.faults.add(parse_fault("status:code=422,count=1"))
    audience = people(tmp_path / "p.csv", 1)
    run = ("run", file, "--audience", audience, "--api-url", url, "--yes-send-to", "1", *QUICK)
    assert flowrunner(*run, cwd=tmp_path).returncode == 3
    campaign = flowrunner("runs", cwd=tmp_path).stdout.split()[1]
    done = flowrunner("cancel", campaign, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, f"campaign {campaign} is cancelled: 1 failed\n")
    refused = flowrunner("resume", campaign, *QUICK, cwd=tmp_path)
    assert (refused.returncode, len(state.received())) == (1, 0)
    assert "was cancelled" in refused.stderr


def test_a_single_run_is_cancelled_while_it_is_sent(tmp_path: Path, state: EmulatorState, url: str) -> None:
    """In its pause; `resume` leaves it; the flow can be sent again by wish."""
    file = flow(tmp_path / "f.yaml", ['{message: "hi"}', "{pause: 10m}", '{message: "bye"}'])
    run = ("run", file, "--conversation", "a", "--api-url", url)
    with start(*run, *QUICK, cwd=tmp_path) as program:
        until(lambda: "2/3" in flowrunner("runs", cwd=tmp_path).stdout)
        its = flowrunner("runs", cwd=tmp_path).stdout.splitlines()[1].split()[0]
        said = flowrunner("cancel", its, cwd=tmp_path).stdout
        _, told = ended(program)
    assert said == f"run {its} is cancelled\n"
    assert (program.returncode, f"run {its} was cancelled" in told) == (3, True), told
    assert "cancelled" in flowrunner("runs", its, cwd=tmp_path).stdout
    revived = flowrunner("resume", its, *QUICK, cwd=tmp_path)
    assert (revived.returncode, f"run {its} was cancelled" in revived.stderr) == (1, True)
    assert flowrunner("resume", *QUICK, cwd=tmp_path).stdout == "nothing to resume\n"
    twice = flowrunner(*run, *QUICK, cwd=tmp_path)
    assert (twice.returncode, "was begun, and later cancelled" in twice.stderr) == (1, True), twice.stderr
    assert len(state.received()) == 1


def test_what_is_not_there_cannot_be_cancelled(tmp_path: Path, file: Path) -> None:
    """No journal, no such run."""
    assert flowrunner("cancel", "x", cwd=tmp_path).returncode == 1
    assert flowrunner("run", file, "--emulator", "--var", "name=Eva", *QUICK, cwd=tmp_path).returncode == 0
    done = flowrunner("cancel", "nonsense", cwd=tmp_path)
    assert (done.returncode, "no run matches nonsense\n" in done.stderr) == (1, True)


@pytest.mark.parametrize("command", ["resume", "status", "runs", "cancel"])
def test_an_empty_id_is_not_no_id(tmp_path: Path, file: Path, command: str) -> None:
    """A script's variable that nobody set shall not mean whatever run there is."""
    assert flowrunner("run", file, "--emulator", "--var", "name=Eva", *QUICK, cwd=tmp_path).returncode == 0
    done = flowrunner(command, "", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1 if command == "cancel" else 2, ""), done
