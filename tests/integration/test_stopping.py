"""A stop cuts every wait short, and what was waiting is neither failed nor lost: it goes on when it is resumed."""

import asyncio
import re
import signal
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import flowrunner
from flowrunner.client import Retryable, open_client
from flowrunner.client.http import Client
from flowrunner.delivery import Doubts, Pace, Rate
from flowrunner.dialects.errors import Backoff
from flowrunner.emulator.api.app import create_app
from flowrunner.emulator.api.faults import parse_fault
from flowrunner.emulator.api.messages import Delays
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.model import EventKind
from support.journalled import wake
from support.journals import blocking
from support.lab import Lab, outcome, rendered, until
from support.program import KEY, flow, start
from support.program import flowrunner as flowrunner_command
from support.terminal import Terminal
from support.virtual import VirtualClock

TWO = "name: two\nsteps: [{message: one}, {message: two}]"
PAUSED = "name: two\nsteps: [{message: one}, {pause: 1h}, {message: two}]"
UNTIL = "name: two\nsteps: [{message: one, until: read, timeout: 1h}, {message: two}]"
LATE = Delays(sent=0.01, delivered=0.02, read=2)
SOON = Delays(sent=0.01, delivered=0.02, read=0.03)

WAITS: list[tuple[str, str, str, dict[str, Any]]] = [
    # what is waited for, the flow, the emulator's faults, what the run is given
    ("the API's limit", TWO, "status:code=429,retry_after=30,after=1", {"max_wait": 60}),
    ("an answer that says not now", TWO, "latency:seconds=0.8,after=1 status:code=429,retry_after=3600,after=1", {}),
    ("a message of the API's in flight", TWO, "in-flight-409:after=1", {"max_wait": 30}),
    ("a gateway that is out of order", TWO, "status:code=429,after=1", {}),
    ("its turn", TWO, "", {"pace": lambda clock: Pace(Rate(1, 60.0), window=60.0, clock=clock)}),
    ("its turn after a refusal", TWO, "", {"pace": lambda clock: closed(Pace(Rate(100, 60.0), clock=clock))}),
    ("a pause", PAUSED, "", {}),
    ("a status", UNTIL, "", {}),
    ("an hour", TWO, "", {"hold": lambda now: now + 3600}),
    ("the grace of a doubt", TWO, "cut-after:after=1,count=1", {"doubts": lambda _: Doubts(timeout=600)}),
    ("the list, for a doubt", TWO, "cut-after:after=1,count=1", {"door": "messages"}),
]


def closed(pace: Pace) -> Pace:
    """The API has said that it was too fast."""
    pace.refused(60.0)
    return pace


class Refusing:
    """A door that is told "not now" whenever it asks one kind of question; everything else passes."""

    def __init__(self, door: Client, method: str) -> None:
        self._door, self._method = door, method
        self.refused = asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return self._refuse if name == self._method else getattr(self._door, name)

    async def _refuse(self, *_: object) -> None:
        self.refused.set()
        raise Retryable("slow down", backoff=Backoff(30.0, 1.0, 30.0), status=429)


@pytest.mark.parametrize(("_what", "text", "fault", "given"), WAITS, ids=[each[0] for each in WAITS])
def test_a_stop_while_a_run_waits_is_no_failure(
    tmp_path: Path,
    clock: VirtualClock,
    monkeypatch: pytest.MonkeyPatch,
    _what: str,
    text: str,
    fault: str,
    given: dict[str, Any],
) -> None:
    """It is unfinished or in doubt, never failed; resume sends what is left, each message once."""
    lab = Lab(tmp_path, *fault.split(), delays=LATE if text == UNTIL else SOON, timeout=2.0, clock=clock)
    rendering = rendered(text)
    options = {name: value(clock) if callable(value) and name != "hold" else value for name, value in given.items()}
    if method := options.pop("door", ""):
        monkeypatch.setattr("support.lab.open_client", lambda *a, **k: Refusing(open_client(*a, **k), method))

    async def stopped() -> list[Any]:
        stop = asyncio.Event()
        asyncio.get_running_loop().call_later(1.0 if method else 0.4, stop.set)
        return await asyncio.wait_for(lab.run(rendering, stop=stop, **options), 10)

    events = clock.run(stopped())
    assert EventKind.FAILED not in [event.kind for event in events]
    with blocking(lab.path) as journal:
        assert journal.runs()[0].state in ("unfinished", "in_doubt")
    monkeypatch.undo()
    lab.state.faults.clear()
    wake(lab.path)
    events = clock.run(asyncio.wait_for(lab.resume(rendering), 7200))
    assert outcome(events) == "finished"
    assert lab.accepted() == ["one", "two"]


CAMPAIGNS = [
    # what the API is asked by each person's phone or not; what it refuses; how many messages leave before
    ("phone", "rate-limit:limit=4,window=10,headers=seconds"),
    ("phone", "rate-limit:limit=30,window=10,headers=seconds"),
    ("phone", "rate-limit:limit=4,window=10,headers=no"),
    ("conversation", "rate-limit:limit=4,window=10,headers=seconds"),
    ("conversation", "status:code=429,retry_after=50,after=5"),
    ("conversation", "status:code=429,retry_after=130,after=5"),
    ("conversation", "in-flight-409:after=5"),
    ("phone", "cut-before:after=5"),
]


PEOPLE = [(f"+52155123456{each:02}", f"p{each}") for each in range(21)]


def known(folder: Path, state: EmulatorState, column: str, fault: str) -> Path:
    """An audience that the API knows, and that it will refuse to serve."""
    for phone, talk in PEOPLE:
        state.conversations.create(phone, conversation_id=talk)
    state.faults.add(parse_fault(fault))
    audience = folder / "p.csv"
    rows = "".join(f"{each[column == 'conversation']}\n" for each in PEOPLE)
    audience.write_text(f"{column}\n{rows}", encoding="utf-8")
    return audience


@pytest.mark.parametrize(("column", "fault"), CAMPAIGNS, ids=[" ".join(each) for each in CAMPAIGNS])
def test_a_stop_while_people_wait_marks_nobody_as_failed(
    tmp_path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch, column: str, fault: str
) -> None:
    """And resume sends to all of them, each once."""
    state = EmulatorState(api_key=KEY, clock=clock)
    audience = known(tmp_path, state, column, fault)
    monkeypatch.setattr("flowrunner.app.senders.sender.open_client", partial(open_client, app=create_app(state)))
    loaded = flowrunner.load(flow(tmp_path / "f.yaml", ['{message: "one"}', '{message: "two"}']))
    sender = flowrunner.Sender(KEY, "http://127.0.0.1:9", timeout=2, grace=0.5, max_wait=6000)
    journal, stop = tmp_path / "j.db", asyncio.Event()

    async def stopped() -> flowrunner.CampaignResult:
        sending = asyncio.create_task(
            flowrunner.run_campaign_async(
                loaded, audience, sender, journal=journal, confirm=lambda _: True, stop=stop, clock=clock
            )
        )
        await until(lambda: any(each["struck"] for each in state.faults.data()))
        await asyncio.sleep(2)  # until all are refused or wait for those that are
        assert not sending.done()
        stop.set()
        return await sending

    result = clock.run(stopped())
    assert not result.failed
    assert sum(result.states.values()) == len(PEOPLE) > result.states.get("finished", 0)
    state.faults.clear()
    clock.run(flowrunner.resume_async(result.campaign.id, sender, journal=journal, clock=clock))
    received = [each.conversation_id for each in state.received()]
    assert sorted(received) == sorted([talk for _, talk in PEOPLE] * 2)


@pytest.mark.parametrize(
    ("column", "fault", "sent"),
    # No limit: the journal remembers it, and whoever resumes keeps to it, here in real time.
    [
        ("conversation", "status:code=429,retry_after=6,after=5", signal.SIGINT),
        ("conversation", "in-flight-409:after=5", signal.SIGTERM),
    ],
)
def test_ctrl_c_while_people_wait_is_such_a_stop(
    tmp_path: Path, state: EmulatorState, url: str, column: str, fault: str, sent: signal.Signals
) -> None:
    """Exit code 130, nobody failed, and the command that is named sends to all of them, each once."""
    audience = known(tmp_path, state, column, fault)
    file = flow(tmp_path / "f.yaml", ['{message: "one"}', '{message: "two"}'])
    options = ("--audience", audience, "--yes-send-to", str(len(PEOPLE)), "--api-url", url)
    program = start("run", file, *options, "--max-wait", "6000", cwd=tmp_path)
    while not any(each["struck"] for each in state.faults.data()):
        assert program.poll() is None, program.communicate()
        time.sleep(0.05)
    program.send_signal(sent)
    _, stderr = program.communicate(timeout=30)
    assert program.returncode == 130, stderr
    command = re.search(r"interrupted; continue with: flowrunner (resume \w+)", stderr)
    assert command is not None, stderr
    with blocking(tmp_path / ".flowrunner/journal.db") as book:
        assert not book.counts(command[1].split()[1]).states.get("failed")
    state.faults.clear()
    done = flowrunner_command(*command[1].split(), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    received = [each.conversation_id for each in state.received()]
    assert sorted(received) == sorted([talk for _, talk in PEOPLE] * 2)


def test_a_terminal_shows_what_a_campaign_waits_for_and_moves(tmp_path: Path, state: EmulatorState, url: str) -> None:
    """Until when, and how long all of it takes by the limit; the clock goes on though nothing happens."""
    flow(tmp_path / "f.yaml", ['{message: "one"}', '{message: "two"}'])
    (tmp_path / "p.csv").write_text("conversation\n" + "".join(f"p{each}\n" for each in range(21)), encoding="utf-8")
    for each in range(21):
        state.conversations.create(f"+52155123456{each:02}", conversation_id=f"p{each}")
    options = ("--audience", "p.csv", "--yes-send-to", "21", "--api-url", url, "--rate", "10/min")
    with Terminal("run", "f.yaml", *options, cwd=tmp_path) as terminal:
        terminal.until("rate limit until ")
        terminal.until("about 4 minutes left")  # 32 messages, 10 of them every 61 s
        counted: list[str] = []
        while len(set(counted)) < 3:  # a second may be drawn twice, and on a busy machine one may be missed
            terminal.until(", 5 of 21 done")
            counted = re.findall(r"(\d:\d\d), 5 of 21 done", terminal.screen)
        assert counted == sorted(counted)
        terminal.interrupt()
        terminal.until("interrupted; continue with: flowrunner resume")
        assert terminal.end() == 130


def test_a_terminal_shows_what_a_run_waits_for_and_counts_down(tmp_path: Path, state: EmulatorState, url: str) -> None:
    """A refusal that says when, a pause, the rate."""
    state.faults.add(parse_fault("status:code=429,retry_after=3,count=1"))
    file = flow(tmp_path / "f.yaml", ['{message: "one"}', "{pause: 3s}", '{message: "two"}'])
    options = ("--conversation", "c1", "--api-url", url, "--rate", "2/min")
    with Terminal("run", file, *options, cwd=tmp_path) as terminal:
        terminal.until("pause 3 s")
        terminal.until(" left): rate limit")
        terminal.interrupt()
        terminal.until("interrupted; continue with: flowrunner resume")
        assert terminal.end() == 130
    refused, _, paused = terminal.screen.partition("accepted")
    for shown in (refused, paused):
        counted = re.findall(r"waiting until \d\d:\d\d:\d\d \((0:0\d) left\)", shown)
        assert len(set(counted)) > 1, shown
        assert counted == sorted(counted, reverse=True)


def test_a_terminal_counts_down_to_the_look_up_of_a_doubt(tmp_path: Path, state: EmulatorState, url: str) -> None:
    """Half a minute without a word looks like a program that hangs."""
    state.faults.add(parse_fault("cut-after:count=1"))
    file = flow(tmp_path / "f.yaml", ['{message: "one"}'])
    options = ("--conversation", "c1", "--api-url", url, "--timeout", "2", "--grace", "1")
    with Terminal("run", file, *options, cwd=tmp_path) as terminal:
        terminal.until("in doubt")
        terminal.until(" left): step 1: ")
        terminal.until("looked up: the API had taken it")
        assert terminal.end() == 0
