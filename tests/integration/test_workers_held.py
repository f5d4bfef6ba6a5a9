"""Workers whom something holds from sending: people who say stop, too many failures, a disk that is full."""

import json
import resource
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flowrunner.clock import SYSTEM
from flowrunner.emulator.api.faults import parse_fault
from flowrunner.emulator.api.inbound import inbound_body
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.serve import running
from flowrunner.emulator.webhooks.values import webhook
from flowrunner.engine.history.phases import Phase
from support import postgres
from support.campaigns import INPUTS, QUICK, STEPS, expected, people, received
from support.journals import blocking
from support.listening import SECRET, Listening
from support.program import KEY, flow, flowrunner, start
from support.working import RealWorker, becomes, campaign, left

pytestmark = pytest.mark.long

PHONES = [f"+34600{number:06}" for number in range(40)]
TEN = "name: ten\nsteps:\n" + "".join(f'  - message: "{number}"\n' for number in range(1, 11))
STOPS = f"{TEN}anytime:\n  - words: [stop]\n    end: opted_out\n"


@pytest.fixture
def state() -> EmulatorState:
    its = EmulatorState(api_key=KEY, clock=SYSTEM)
    its.conversations.on_demand = True
    return its


@pytest.fixture
def url(state: EmulatorState) -> Iterator[str]:
    with running(state) as url:
        yield url


def until(is_so: Callable[[], object]) -> None:
    last = time.monotonic() + 180
    while not is_so():
        assert time.monotonic() < last
        time.sleep(0.05)


def handed(folder: Path, state: EmulatorState, text: str, api: tuple[str, ...]) -> tuple[str, dict[str, str]]:
    """A campaign for people with phones, left to workers; and the conversation of each."""
    talks = {phone: state.conversations.create(phone).id for phone in PHONES}
    (folder / "ten.yaml").write_text(text, encoding="utf-8")
    (folder / "people.csv").write_text("phone\n" + "".join(f"{each}\n" for each in PHONES), encoding="utf-8")
    options = ("--audience", "people.csv", "--yes-send-to", f"{len(PHONES)}", "--detach")
    return left(flowrunner("run", "ten.yaml", *options, *api, cwd=folder)), talks


def test_who_is_opted_out_while_workers_send_is_begun_nothing_more(
    tmp_path: Path, state: EmulatorState, url: str, postgres_url: str
) -> None:
    """From the moment on at which the command has returned; whoever was about to send."""
    api = ("--api-url", url, "--journal", postgres_url)
    state.faults.add(parse_fault("latency:seconds=0.3"))
    its, talks = handed(tmp_path, state, TEN, api)
    with RealWorker(*api, *QUICK, cwd=tmp_path), RealWorker(*api, *QUICK, cwd=tmp_path):
        until(lambda: len(received(state)) == len(PHONES))
        out = PHONES[::4]
        done = flowrunner("optouts", "add", *out, "--journal", postgres_url, cwd=tmp_path)
        moment = time.time()
        assert done.returncode == 0, done.stderr
        had = {phone: len(received(state)[talks[phone]]) for phone in out}
        state.faults.clear()
        becomes(its, postgres_url, tmp_path, finished=len(PHONES) - len(out), skipped=len(out))
    got = received(state)
    with blocking(postgres_url, read_only=True) as journal:
        for member in journal.pending(its, phases=[*Phase], limit=100):
            events = journal.events(member.run.id)
            later = [each for each in events if each.kind.value == "begun" and each.at > moment]
            assert not (later and member.run.recipient.phone in out)
    for phone, talk in talks.items():
        assert got[talk] == [f"{each}" for each in range(1, len(got[talk]) + 1)]
        assert len(got[talk]) <= had[phone] + 1 if phone in out else len(got[talk]) == 10
    assert any(len(got[talks[phone]]) < 10 for phone in out)


def test_who_says_stop_while_workers_send_is_begun_nothing_more(
    tmp_path: Path, state: EmulatorState, url: str, postgres_url: str
) -> None:
    """Heard by a listener beside them."""
    api = ("--api-url", url, "--journal", postgres_url)
    state.faults.add(parse_fault("latency:seconds=1.5"))
    its, talks = handed(tmp_path, state, STOPS, api)
    out = len(PHONES[::4])
    listening = Listening("--webhook-secret-env", "WEBHOOK_SECRET", *api, *QUICK[:4], cwd=tmp_path)
    state.webhooks.append(webhook(f"{listening.url}/webhooks/default", "kapso", SECRET))
    with listening, RealWorker(*api, *QUICK, cwd=tmp_path), RealWorker(*api, *QUICK, cwd=tmp_path):
        until(lambda: len(received(state)) == len(PHONES))
        for phone in PHONES[::4]:
            state.add_inbound(talks[phone], inbound_body({"message_type": "text", "content": "Stop"}))
        with blocking(postgres_url, read_only=True) as journal:
            until(lambda: len(journal.optouts()) == out)
        state.faults.clear()
        becomes(its, postgres_url, tmp_path, finished=len(PHONES) - out, opted_out=out)
    got = received(state)
    for phone, talk in talks.items():
        assert got[talk] == [f"{each}" for each in range(1, len(got[talk]) + 1)]
        assert len(got[talk]) == 10 or phone in PHONES[::4]
    out_by = flowrunner("optouts", "list", "--format", "json", "--journal", postgres_url, cwd=tmp_path)
    assert len(json.loads(out_by.stdout)["optouts"]) == out
    again = flowrunner("run", "ten.yaml", "--phone", PHONES[0], "--again", *api, cwd=tmp_path)
    assert again.returncode == 1


def test_too_many_failures_stop_a_campaign_of_all_workers(
    tmp_path: Path, state: EmulatorState, url: str, postgres_url: str
) -> None:
    """Soon after it is so; nobody begins anything afterwards, and all is gone on with once somebody says so."""
    api = ("--api-url", url, "--journal", postgres_url)
    count = 150
    file, audience = flow(tmp_path / "f.yaml", STEPS, INPUTS), people(tmp_path / "p.csv", count)
    its = left(
        flowrunner(
            "run", file, "--audience", audience, *api, *QUICK, "--yes-send-to", f"{count}", "--detach", cwd=tmp_path
        )
    )
    for each in ("latency:seconds=0.2", "status:code=400"):
        state.faults.add(parse_fault(each))
    slow = (*QUICK, "--window", "10")
    with RealWorker(*api, *slow, cwd=tmp_path) as one, RealWorker(*api, *slow, cwd=tmp_path) as other:
        until(lambda: campaign(its, postgres_url, tmp_path)["stopped"])
        time.sleep(3)
        states = campaign(its, postgres_url, tmp_path)["states"]
        assert 20 < states["failed"] < 20 + 10 * 10
        time.sleep(2)
        assert campaign(its, postgres_url, tmp_path)["states"] == states
        state.faults.clear()
        left(flowrunner("resume", its, "--detach", "--journal", postgres_url, cwd=tmp_path))
        becomes(its, postgres_url, tmp_path, finished=count)
        assert (one.stop(), other.stop()) == (0, 0)
    assert received(state) == expected(count)


def test_a_database_without_space_is_waited_for(
    tmp_path: Path, state: EmulatorState, url: str, own_postgres: postgres.Cluster
) -> None:
    """What cannot be written down is not sent; with space it goes on by itself, whoever migrates beside it."""
    journal = own_postgres.url()
    api = ("--api-url", url, "--journal", journal)
    state.faults.add(parse_fault("latency:seconds=0.3"))
    file, audience = flow(tmp_path / "f.yaml", STEPS, INPUTS), people(tmp_path / "p.csv", 60)
    its = left(flowrunner("run", file, "--audience", audience, *api, "--yes-send-to", "60", "--detach", cwd=tmp_path))
    with RealWorker(*api, *QUICK, cwd=tmp_path) as worker, postgres.connected(journal) as server:
        until(lambda: received(state))
        server.execute(_FULL)
        until(lambda: any("the server's disk is full" in line for line in worker.lines))
        time.sleep(1)
        before = received(state)
        time.sleep(2)
        assert received(state) == before
        server.execute("DROP TRIGGER full_disk ON events")
        migrated = flowrunner("journal", "migrate", "--journal", journal, cwd=tmp_path)
        assert migrated.returncode == 0, migrated.stderr
        becomes(its, journal, tmp_path, finished=60)
        assert worker.stop() == 0
    assert received(state) == expected(60)


_FULL = """
CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
END $$;
CREATE TRIGGER full_disk BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION full_disk();
"""


def test_a_file_that_cannot_grow_ends_a_run_and_resume_goes_on(tmp_path: Path, state: EmulatorState, url: str) -> None:
    """As a full disk does; nothing was sent that is not written down, and nothing is sent twice."""
    state.faults.add(parse_fault("latency:seconds=0.1"))
    file, audience = flow(tmp_path / "f.yaml", STEPS, INPUTS), people(tmp_path / "p.csv", 60)
    journal = tmp_path / "j.db"
    run = start(
        "run", file, "--audience", audience, "--api-url", url, "--yes-send-to", "60", *QUICK, "--window", "5",
        "--journal", journal, cwd=tmp_path,
    )  # fmt: skip
    until(lambda: received(state))
    size = max(each.stat().st_size for each in tmp_path.glob("j.db*"))
    resource.prlimit(run.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    _, said = run.communicate(timeout=90)
    assert run.returncode == 3, said
    assert "the disk is full" in said
    sent = sum(map(len, received(state).values()))
    assert sent < 180
    done = flowrunner("resume", "--journal", journal, *QUICK[2:], "--rate", "100000/s", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert received(state) == expected(60)
