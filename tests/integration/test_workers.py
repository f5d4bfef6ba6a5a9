"""Workers as they are started: real processes, a real PostgreSQL, an API on a socket."""

import json
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

import flowrunner as flowrunner_
from flowrunner.clock import SYSTEM
from flowrunner.emulator.api.faults import parse_fault
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.serve import running
from support import postgres
from support.campaigns import INPUTS, STEPS, expected, people, received
from support.journals import blocking
from support.program import KEY, flow, flowrunner
from support.working import RealWorker, becomes, campaign, left

pytestmark = pytest.mark.long

FAST = ("--rate", "100000/s", "--timeout", "3", "--grace", "0.5")


@pytest.fixture
def state() -> EmulatorState:
    state = EmulatorState(api_key=KEY, clock=SYSTEM)
    state.conversations.on_demand = True
    return state


@pytest.fixture
def url(state: EmulatorState) -> Iterator[str]:
    with running(state) as url:
        yield url


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return flow(tmp_path / "f.yaml", STEPS, INPUTS)


def has_units(worker: RealWorker) -> bool:
    """Whether some of a campaign is in its hands."""
    return any(each["units"] for each in worker.get("/healthz").json()["senders"].values())


def test_a_campaign_that_is_left_to_workers_is_sent_once_although_one_is_killed(
    tmp_path: Path, file: Path, state: EmulatorState, url: str, postgres_url: str
) -> None:
    """The command returns at once; it is followed, reported and gone on with from anywhere."""
    api = ("--api-url", url, "--journal", postgres_url)
    audience = people(tmp_path / "p.csv", 320)
    state.faults.add(parse_fault("latency:count=2000,seconds=0.3"))
    done = flowrunner("run", file, "--audience", audience, *api, "--yes-send-to", "320", "--detach", cwd=tmp_path)
    its = left(done)
    assert "no worker that has the key of this sender runs now" in done.stderr
    assert f"flowrunner runs {its}" in done.stderr
    assert received(state) == {}
    with (
        RealWorker(*api, *FAST, "--window", "20", cwd=tmp_path) as drained,
        RealWorker(*api, *FAST, cwd=tmp_path) as killed,
    ):
        while sum(map(len, received(state).values())) < 150 or not (has_units(killed) and has_units(drained)):
            time.sleep(0.05)
        killed.process.kill()
        began = time.monotonic()
        assert drained.stop() == 0
        assert time.monotonic() - began < 5
        said = dict.fromkeys(each for each in drained.said if each != "carried out")
        assert [*said] == ["working", "stopping", "given back", "stopped"]
    assert len(received(state)) < 320
    with RealWorker(*api, *FAST, cwd=tmp_path) as last:
        becomes(its, postgres_url, tmp_path, finished=320)
        assert received(state) == expected(320)
        assert last.stop(signal.SIGINT) == 0
    report = flowrunner("report", its, "--format", "json", "--journal", postgres_url, cwd=tmp_path)
    assert json.loads(report.stdout)["states"] == {"finished": 320}
    assert KEY not in "".join([*killed.lines, *drained.lines, *last.lines])


def test_what_stops_a_campaign_is_said_everywhere_and_it_is_gone_on_with(
    tmp_path: Path, file: Path, state: EmulatorState, url: str, postgres_url: str
) -> None:
    """By `runs`, by `report`; by `resume --detach`, and by a plain `resume`."""
    api = ("--api-url", url, "--journal", postgres_url)
    state.faults.add(parse_fault("status:code=403,count=21"))
    state.faults.add(parse_fault("latency:seconds=0.2,count=30"))  # else two people are under way as it stops
    options = ("--yes-send-to", "100", "--max-failures", "0", "--detach")
    its = left(flowrunner("run", file, "--audience", people(tmp_path / "p.csv", 100), *api, *options, cwd=tmp_path))
    with RealWorker(*api, *FAST, "--window", "1", cwd=tmp_path):
        until = time.monotonic() + 120
        while not campaign(its, postgres_url, tmp_path)["stopped"] and time.monotonic() < until:
            time.sleep(0.2)
        shown = flowrunner("runs", its, "--journal", postgres_url, cwd=tmp_path).stdout
        assert "stopped: 21 of 21 runs failed or are in doubt" in shown
        assert f"flowrunner resume {its} --detach --journal" in shown
        assert "stopped: 21 of 21" in flowrunner("report", its, "--journal", postgres_url, cwd=tmp_path).stderr
        left(flowrunner("resume", its, "--only", "failed", "--detach", "--journal", postgres_url, cwd=tmp_path))
        becomes(its, postgres_url, tmp_path, finished=21, waiting=79)
    done = flowrunner("resume", its, "--journal", postgres_url, *FAST, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert received(state) == expected(100)


def test_a_worker_says_how_it_is(tmp_path: Path, url: str, postgres_url: str) -> None:
    """Well; then that it drains; and its figures in the form that Prometheus reads."""
    api = ("--api-url", url, "--journal", postgres_url)
    with RealWorker(*api, cwd=tmp_path) as its:
        known = its.get("/healthz")
        assert known.status_code == 200
        assert known.json()["status"] == "ok"
        assert known.json()["senders"] == {"default": {"refused": False, "units": 0, "in_flight": 0}}
        figures = its.get("/metrics")
        assert figures.headers["content-type"].startswith("text/plain; version=0.0.4")
        for line in figures.text.splitlines():
            if line[0] != "#":
                assert line.startswith("flowrunner_")
                float(line.rsplit(" ", 1)[1])
        assert 'flowrunner_queue_units{sender="default"} 0' in figures.text
        assert "flowrunner_journal_up 1" in figures.text
        assert its.get("/webhooks/default").status_code == 404


CONFIG = """\
[senders.sales]
url = "{url}"
key_env = "SALES_KEY"
rate = "80/s"

[senders.news]
url = "{url}"
key_env = "NEWS_KEY"
number = "news-1"
"""


def test_a_worker_serves_the_senders_whose_key_it_has(tmp_path: Path, url: str, postgres_url: str) -> None:
    """It names the others; who names one without a key is refused, and so is who has none at all."""
    (tmp_path / "flowrunner.toml").write_text(CONFIG.format(url=url), encoding="utf-8")
    with RealWorker("--journal", postgres_url, cwd=tmp_path, SALES_KEY=KEY) as its:
        assert list(its.get("/healthz").json()["senders"]) == ["sales"]
    assert any("NEWS_KEY is not set: what news sends is left to other workers" in line for line in its.lines)
    its = flowrunner("worker", "--senders", "sales,news", "--journal", postgres_url, cwd=tmp_path, SALES_KEY=KEY)
    assert its.returncode == 1
    assert "NEWS_KEY with the key of the sender news is not set" in its.stderr
    none = flowrunner("worker", "--journal", postgres_url, cwd=tmp_path)
    assert none.returncode == 1
    assert "set SALES_KEY or NEWS_KEY" in none.stderr
    unknown = flowrunner("worker", "--senders", "sale", "--journal", postgres_url, cwd=tmp_path, SALES_KEY=KEY)
    assert "did you mean sales?" in unknown.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["worker"], "a worker needs a journal in PostgreSQL, and .*j.db is a file"),
        (["run", "f.yaml", "--audience", "p.csv", "--detach"], "set FLOWRUNNER_JOURNAL=postgresql://..., or leave out"),
        (["run", "f.yaml", "--phone", "+5215512345678", "--detach"], "--detach needs --audience"),
        (["run", "f.yaml", "--audience", "p.csv", "--detach", "--window", "5"], "flowrunner worker --window"),
    ],
)
def test_what_cannot_be_left_to_workers_is_refused(
    tmp_path: Path, file: Path, url: str, options: list[str], said: str
) -> None:
    """With the remedy; nothing is written."""
    people(tmp_path / "p.csv", 3)
    done = flowrunner(*options, "--api-url", url, "--journal", "j.db", cwd=tmp_path)
    assert done.returncode in (1, 2)
    assert said.rsplit(".*", maxsplit=1)[-1] in done.stderr
    assert not (tmp_path / "j.db").exists()


@pytest.mark.parametrize(
    ("option", "said"),
    [(["--in-doubt", "ask"], "leave out --in-doubt ask"), (["--wait"], "leave out --wait")],
)
def test_what_needs_somebody_who_stays_is_refused(
    tmp_path: Path, file: Path, url: str, postgres_url: str, option: list[str], said: str
) -> None:
    people(tmp_path / "p.csv", 3)
    api = ("--api-url", url, "--journal", postgres_url)
    done = flowrunner("run", file, "--audience", "p.csv", *api, "--detach", *option, cwd=tmp_path)
    assert done.returncode == 1
    assert said in done.stderr


def test_a_plan_is_left_to_workers_too(
    tmp_path: Path, file: Path, state: EmulatorState, url: str, postgres_url: str
) -> None:
    """And by a Python program; what is asked for as JSON is JSON."""
    api = ("--api-url", url, "--journal", postgres_url)
    audience = people(tmp_path / "p.csv", 10)
    assert flowrunner("plan", file, "--audience", audience, *api, "--output", "p.plan", cwd=tmp_path).returncode == 0
    done = flowrunner(
        "run", "p.plan", "--yes-send-to", "10", "--detach", "--format", "jsonl", "--journal", postgres_url, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    [line] = done.stdout.splitlines()
    assert json.loads(line)["states"] == {"waiting": 10}
    loaded = flowrunner_.load(flow(tmp_path / "g.yaml", STEPS, INPUTS).rename(tmp_path / "other.yaml"))
    result = flowrunner_.run_campaign(
        loaded, audience, flowrunner_.Sender(KEY, url), journal=postgres_url, confirm=lambda _: True, detach=True
    )
    assert result.states == {"waiting": 10}
    with RealWorker(*api, *FAST, cwd=tmp_path):
        becomes(json.loads(line)["campaign"], postgres_url, tmp_path, finished=10)
        becomes(result.campaign.id, postgres_url, tmp_path, finished=10)
    assert sum(map(len, received(state).values())) == 60


def test_a_worker_refuses_a_journal_of_a_newer_version(
    tmp_path: Path, url: str, own_postgres: postgres.Cluster
) -> None:
    """Another one was upgraded before it."""
    journal = own_postgres.url()
    api = ("--api-url", url, "--journal", journal)
    with RealWorker(*api, cwd=tmp_path) as its:
        assert its.stop() == 0
    with psycopg.connect(journal) as db:
        db.execute("UPDATE ledger SET version = version + 1")
    newer = flowrunner("worker", *api, cwd=tmp_path)
    assert newer.returncode == 1
    assert "newer flowrunner" in newer.stderr
    assert "update flowrunner" in newer.stderr


def test_a_worker_that_has_no_port_is_not_counted(tmp_path: Path, url: str, postgres_url: str) -> None:
    """Whoever leaves a campaign to workers is told how many there are."""
    api = ("--api-url", url, "--journal", postgres_url)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = flowrunner("worker", "--port", str(taken.getsockname()[1]), *api, cwd=tmp_path)
    assert done.returncode == 1
    assert "choose another --port" in done.stderr
    with blocking(postgres_url) as its:
        assert its.work.workers() == []
