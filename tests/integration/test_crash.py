"""kill -9 at any instant: after a resume every message has arrived exactly once, in order."""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random

import pytest

import worker
from flowrunner.emulator.faults import parse_fault
from flowrunner.emulator.messages import Delays
from flowrunner.emulator.serve import running
from flowrunner.emulator.state import EmulatorState
from flowrunner.journal import Journal
from lab import told

EXPECTED = ["one", "the same", "three", "the same", "five"]
# A request is taken after the first, and answered and listed after the second: most kills land in between. At times the
# next worker is up before the message is listed.
SLOWNESS = (
    "latency:seconds=0.02",
    "store-late:seconds=0.6,probability=0.1,seed=1",
    "store-late:seconds=0.08",
    "media-late:seconds=0.1",
)
TIMEOUT, GRACE = 0.7, 0.5


def test_a_killed_worker_neither_doubles_nor_loses_nor_reorders(tmp_path: Path) -> None:
    """Forty conversations at once and a dozen kills; the long form has two hundred and three hundred."""
    found = killed(tmp_path, conversations=40, kills=12, seed=4)
    # Of so few doubts, all may be of one kind where the machine is busy.
    assert found["looked up: the API had taken it"] + found["looked up: the API had not taken it"]


@pytest.mark.soak
def test_three_hundred_kills_of_two_hundred_conversations(tmp_path: Path) -> None:
    """Round after round of two hundred conversations until the worker has been killed three hundred times."""
    found = killed(tmp_path, conversations=200, kills=300, seed=9)
    sys.stdout.write(f"{dict(found)}\n")
    assert found["looked up: the API had taken it"]
    assert found["looked up: the API had not taken it"]


def killed(folder: Path, conversations: int, kills: int, seed: int) -> Counter[str]:
    """Rounds of workers that are killed, each to its end; answers with what was counted."""
    dice = Random(seed)  # noqa: S311  # repeats itself, and keeps no secret
    found: Counter[str] = Counter()
    while found["kills"] < kills:
        found["rounds"] += 1
        path = folder / f"{found['rounds']}.db"
        state = EmulatorState(delays=Delays(sent=0.01, delivered=0.02, read=0.03))
        for name in worker.conversations(conversations):
            state.conversations.create("+5215512345678", conversation_id=name)
        for fault in SLOWNESS:
            state.faults.add(parse_fault(fault))
        with running(state) as url:
            found.update(until_all_is_done(dice, kills - found["kills"], path, url, conversations))
        taken: dict[str, list[str]] = {}
        for each in state.received():
            taken.setdefault(each.conversation_id, []).append(told(each.raw))
        wrong = {name: messages for name, messages in taken.items() if messages != EXPECTED}
        assert not wrong, f"after {found['kills']} kills"
        assert len(taken) == conversations
        found["messages"] += sum(map(len, taken.values()))
        found.update(told_by(path))
    return found


def until_all_is_done(dice: Random, most: int, path: Path, url: str, conversations: int) -> Counter[str]:
    """Start a worker, kill it, start the next; the one that reaches the end is the last. Answers with the kills."""
    found: Counter[str] = Counter()
    while True:
        with started(path, url, conversations) as process:
            assert process.stdout is not None
            if found["kills"] < most and dice.random() < 0.2:
                time.sleep(dice.uniform(0.005, 0.5))  # while it starts
            else:
                assert process.stdout.readline() == "ready\n", process.communicate()[1]
                # Long enough at times for what is in doubt to be looked up.
                patience = dice.uniform(0.005, TIMEOUT + GRACE + 0.4) if found["kills"] < most else 100
                with suppress(subprocess.TimeoutExpired):
                    process.wait(patience)
            if process.poll() is None:
                assert found["kills"] < most, "the last worker does not come to its end"
                found["kills"] += 1
            elif process.returncode == 3 and found["stopped"] < 5:
                found["stopped"] += 1
            else:
                assert process.returncode == 0, process.communicate()[1]
                return found


@contextmanager
def started(path: Path, url: str, conversations: int) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, worker.__file__, str(path), url, str(conversations), str(TIMEOUT), str(GRACE)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def told_by(path: Path) -> Counter[str]:
    """How many events of each kind the journal has, and what the look-ups said."""
    with Journal.open(path) as journal:
        events = [event for record in journal.runs() for event in journal.events(record.run.id)]
    reasons = [str(event.detail.get("reason", "")) for event in events]
    return Counter(
        [*(str(event.kind) for event in events), *(each for each in reasons if each.startswith("looked up"))]
    )
