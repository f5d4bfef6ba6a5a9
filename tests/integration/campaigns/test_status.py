"""`flowrunner status`: what became of messages after their run went on."""

import json
import time
from pathlib import Path

import pytest

from flowrunner.emulator.api.faults import parse_fault
from flowrunner.emulator.api.messages import Delays
from flowrunner.emulator.api.rates import RateLimit
from flowrunner.emulator.api.state import EmulatorState
from support.campaigns import QUICK, people
from support.journalled import CAMPAIGN, beginning, event
from support.journals import blocking
from support.program import flow, flowrunner, start

ASKING = ("--rate", "100000/s", "--timeout", "2")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return flow(tmp_path / "f.yaml", ['{id: hello, message: "hi {{ name }}"}', '{message: "bye"}'], "{name: {}}")


def row(shown: str, name: str) -> list[str]:
    """A line of the table: accepted, sent, delivered, read, failed."""
    return next(line for line in shown.splitlines() if line.startswith(name)).split()[-5:]


def read(state: EmulatorState) -> None:
    """Wait until every phone has read, or never will."""
    until = max(each.at for message in state.history() for each in message.statuses)
    time.sleep(max(until - time.time(), 0) + 0.05)


def test_late_statuses_are_brought_in(tmp_path: Path, file: Path, state: EmulatorState, url: str) -> None:
    """A campaign's and a single run's; a second look finds nothing new and asks about nobody."""
    state.delays = Delays(sent=0.5, delivered=1.0, read=1.5)
    audience = people(tmp_path / "p.csv", 12)
    sent = flowrunner(
        "run", file, "--audience", audience, "--api-url", url, "--yes-send-to", "12", *QUICK, cwd=tmp_path
    )
    campaign = sent.stderr.split()[-1]
    single = ("--conversation", "alone", "--var", "name=Eva")
    assert flowrunner("run", file, *single, "--api-url", url, *QUICK, cwd=tmp_path).returncode == 0
    before = flowrunner("status", cwd=tmp_path)
    assert row(before.stdout, campaign) == ["24", "0", "0", "0", "0"]
    read(state)
    done = flowrunner("status", "--refresh", *ASKING, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "asked about 13 runs: 26 messages updated" in done.stderr
    assert row(done.stdout, campaign) == ["24", "24", "24", "24", "0"]
    assert row(flowrunner("status", campaign, cwd=tmp_path).stdout, "hello") == ["12"] * 4 + ["0"]
    again = flowrunner("status", campaign, "--refresh", *ASKING, cwd=tmp_path)
    assert "asked about 0 runs: nothing new" in again.stderr


def test_a_message_that_failed_late_is_reported_and_never_sent_again(
    tmp_path: Path, file: Path, state: EmulatorState, url: str
) -> None:
    """Its person counts as failed with WhatsApp's reason; the run has already ended, and `resume` leaves it there."""
    state.faults.add(parse_fault("read-failed:count=1,after=1,code=131026,text=Message undeliverable"))
    audience = people(tmp_path / "p.csv", 3)
    options = ("--audience", audience, "--api-url", url, "--yes-send-to", "3", "--window", "1")
    campaign = flowrunner("run", file, *options, *QUICK, cwd=tmp_path).stderr.split()[-1]
    read(state)
    done = flowrunner("status", campaign, "--refresh", *ASKING, cwd=tmp_path)
    assert "1 could not be delivered" in done.stderr
    assert row(done.stdout, "2") == ["3", "2", "2", "2", "1"]
    report = json.loads(flowrunner("report", campaign, "--format", "json", cwd=tmp_path).stdout)
    [failed] = [each for each in report["recipients"] if each["state"] == "failed"]
    assert "Message undeliverable" in failed["reason"]
    resumed = flowrunner("resume", campaign, *QUICK, cwd=tmp_path)
    assert resumed.stdout.strip() == "2 finished, 1 failed"
    assert "has already ended\n" in flowrunner("resume", failed["run"], *QUICK, cwd=tmp_path).stdout
    assert len(state.received()) == 6
    assert flowrunner("status", campaign, "--refresh", *ASKING, cwd=tmp_path).stderr.startswith("asked about 0 runs")


def test_what_cannot_be_read_now_is_said(tmp_path: Path, file: Path, state: EmulatorState, url: str) -> None:
    """A server that has gone: exit code 3, and the table of what is known. One that is busy is asked again."""
    run = ("run", file, "--conversation", "a", "--var", "name=Eva", "--api-url", url)
    assert flowrunner(*run, *QUICK, cwd=tmp_path).returncode == 0
    read(state)
    state.rate_limit = RateLimit(1, 0.5, "no")
    assert flowrunner("status", "--refresh", *ASKING, "--max-wait", "5", cwd=tmp_path).returncode == 0
    dead = tmp_path / "dead"
    dead.mkdir()
    state.rate_limit = None
    assert flowrunner(*run, *QUICK, cwd=dead).returncode == 0
    state.api_key = "another"
    done = flowrunner("status", "--refresh", *ASKING, cwd=dead)
    assert done.returncode == 3
    assert "1 conversation could not be read" in done.stderr
    assert done.stdout.splitlines()[0].startswith("RUN")


def test_status_says_what_it_does_not_know(tmp_path: Path, file: Path) -> None:
    """No journal, no such run."""
    assert flowrunner("status", cwd=tmp_path).returncode == 1
    assert flowrunner("run", file, "--emulator", "--var", "name=Eva", *QUICK, cwd=tmp_path).returncode == 0
    unknown = flowrunner("status", "nonsense", cwd=tmp_path)
    assert (unknown.returncode, "no run matches nonsense" in unknown.stderr) == (1, True)
    assert flowrunner("status", "--refresh", *ASKING, cwd=tmp_path).returncode == 0


def test_ctrl_c_keeps_what_was_learnt(tmp_path: Path, file: Path, state: EmulatorState, url: str) -> None:
    """It ends at once, with 130."""
    audience = people(tmp_path / "p.csv", 30)
    options = ("--audience", audience, "--api-url", url, "--yes-send-to", "30")
    assert flowrunner("run", file, *options, *QUICK, cwd=tmp_path).returncode == 0
    read(state)
    # What the run has sent counts, too.
    with start("status", "--refresh", "--rate", "70/min", cwd=tmp_path) as program:
        time.sleep(2)
        program.terminate()
        shown, said = program.communicate(timeout=10)
    assert program.returncode == 130, said
    assert 10 <= int(row(shown, "c")[3]) <= 40


@pytest.mark.parametrize(("wake_at", "said"), [(60.0, "can go on since 1970-01-01"), (4e9, "continues at 2096-10-02")])
def test_when_the_next_one_of_a_campaign_continues_is_told(tmp_path: Path, wake_at: float, said: str) -> None:
    """What is over is no promise: nobody may be at work."""
    with blocking(tmp_path / "j.db") as journal:
        journal.begin_campaign(CAMPAIGN)
        journal.begin_runs(CAMPAIGN.id, [beginning(1)])
        journal.append(event("paused", run="r0001", detail={"wake_at": wake_at}))
    shown = flowrunner("runs", CAMPAIGN.id, "--journal", "j.db", cwd=tmp_path, TZ="UTC").stdout
    assert f"  the next one {said}" in shown
