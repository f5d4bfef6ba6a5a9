"""kill -9 at any instant: after a resume every message has arrived exactly once, in order."""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random

import pytest

from flowrunner.clock import SYSTEM
from flowrunner.dialects import DIALECTS
from flowrunner.emulator.api.faults import parse_fault
from flowrunner.emulator.api.messages import Delays
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.serve import running
from flowrunner.model import Event, Recipient
from support import worker
from support.journals import blocking
from support.lab import told
from support.program import start
from support.slices import part
from support.started import Started

pytestmark = pytest.mark.long

EXPECTED = ["one: Jose\u0301 &  Zoe\u0308 ", "the same", "three", "the same", "five", "six"]
# A request is taken after the first, and answered and listed after the second: most kills land in between. At times the
# next worker is up before the message is listed.
SLOWNESS = (
    "latency:seconds=0.02",
    "store-late:seconds=0.6,probability=0.1,seed=1",
    "store-late:seconds=0.08",
    "media-late:seconds=0.1",
)
TIMEOUT, GRACE = 0.7, 1.0
"""Seconds. What the API lists later than both together is sent again: an emulator that got no processor for half a
second did so, on a busy machine."""
FORMS = ("rounded", "nfc", "numbers-as-text", "nfd", "escaped", "trimmed")
STEPPING = "stepping"
WORLDS: dict[str, tuple[str, ...]] = {
    "0 s": (),
    "+90 s": ("clock:seconds=90",),
    "-90 s": ("clock:seconds=-90",),
    "+1 h": ("clock:seconds=3600",),
    STEPPING: tuple(
        f"clock:seconds={seconds},after={50 * number}"
        for number, seconds in enumerate([90, -90, 3600, -3600, -90, 2, -3600, 3690, 90, -5] * 3, 1)
    ),
}
"""How far the API's clock is ahead of this machine's."""


@pytest.mark.sliced
@pytest.mark.parametrize(
    ("dialect", "world"), part([("meta", "+90 s"), *(("kapso-v1", world) for world in reversed(WORLDS))], 2)
)
def test_a_killed_worker_neither_doubles_nor_loses_nor_reorders(tmp_path: Path, dialect: str, world: str) -> None:
    """Twenty people at once, by each of their names; the long form has two hundred, and three hundred kills."""
    found = killed(in_files(tmp_path), dialect, world, conversations=20, kills=4, seed=4)
    # Of so few doubts, all may be of one kind where the machine is busy.
    assert found["taken"] + found["not taken"] + found["in doubt"]


def test_the_same_with_a_journal_in_postgresql(postgres_server: Callable[[], str]) -> None:
    """A connection that a killed worker had, and what it was in the middle of, is of no account."""
    found = killed(lambda _: postgres_server(), "kapso-v1", "-90 s", conversations=20, kills=4, seed=4)
    assert found["taken"] + found["not taken"] + found["in doubt"]


@pytest.mark.soak
@pytest.mark.parametrize("dialect", DIALECTS)
def test_three_hundred_kills_of_two_hundred_conversations(tmp_path: Path, dialect: str) -> None:
    """Round after round of two hundred conversations until the worker has been killed three hundred times."""
    table = three_hundred(in_files(tmp_path), dialect)
    assert all(each["taken"] and each["not taken"] for each in table.values())


@pytest.mark.soak
@pytest.mark.parametrize("dialect", DIALECTS)
def test_three_hundred_kills_with_a_journal_in_postgresql(postgres_server: Callable[[], str], dialect: str) -> None:
    """A kill meets a message between its row and its request less often: not in each world."""
    table = three_hundred(lambda _: postgres_server(), dialect)
    assert all(sum(each[kind] for each in table.values()) for kind in ("taken", "not taken"))


def in_files(folder: Path) -> Callable[[str], Path]:
    """Where the journal of each round is."""
    return lambda name: folder / f"{name}.db"


def three_hundred(places: Callable[[str], Path | str], dialect: str) -> dict[str, Counter[str]]:
    """As many kills in all, some in each world. Answers with what was counted in each."""
    table = {}
    for number, world in enumerate(WORLDS):

        def place(name: str, number: int = number) -> Path | str:
            return places(f"{number}-{name}")

        table[world] = killed(place, dialect, world, conversations=200, kills=SOAK_KILLS, seed=9 + number)
        if number == 0:
            sys.stdout.write(f"\n{'clock':10}{''.join(f'{name:>16}' for name in COLUMNS)}\n")
        sys.stdout.write(f"{world:10}{''.join(f'{table[world][name]:>16}' for name in COLUMNS)}\n")
    return table


SOAK_KILLS = 60
"""In each world; three hundred in all."""
COLUMNS = ("kills", "rounds", "messages", "taken", "not taken", "in doubt", "doubled", "lost")


def killed(
    places: Callable[[str], Path | str], dialect: str, world: str, conversations: int, kills: int, seed: int
) -> Counter[str]:
    """Rounds of workers that are killed, each to its end; answers with what was counted."""
    dice = Random(seed)  # noqa: S311  # repeats itself, and keeps no secret
    found: Counter[str] = Counter()
    while found["kills"] < kills:
        path = places(str(found["rounds"]))
        form = FORMS[found["rounds"] % len(FORMS)]
        found["rounds"] += 1
        state = EmulatorState(delays=Delays(sent=0.01, delivered=0.02, read=0.03), clock=SYSTEM)
        people = worker.people(conversations, dialect)
        for number, talk in enumerate(people):
            phone, user_id = worker.names(number)
            state.conversations.create(phone, user_id=user_id, conversation_id=talk)
        for fault in (*SLOWNESS, *WORLDS[world], f"list-form:form={form}"):
            state.faults.add(parse_fault(fault))
        with running(state) as url:
            found.update(until_all_is_done(dice, kills - found["kills"], path, url, dialect, conversations))
        taken: dict[str, list[str]] = {talk: [] for talk in people}
        for each in state.received():
            taken[each.conversation_id].append(told(each.raw))
        found["messages"] += sum(map(len, taken.values()))
        doubtful, counted = told_by(path, {whom: talk for talk, whom in people.items()})
        found.update(counted)
        wrong = {}
        for name, messages in taken.items():
            # What is in doubt may have been taken or not; all before it was, once, and nothing after it.
            right = (
                (EXPECTED,) if name not in doubtful else (EXPECTED[: doubtful[name] - 1], EXPECTED[: doubtful[name]])
            )
            if messages not in right:
                wrong[name] = messages
                found["doubled"] += len(messages) > len(right[-1])
                found["lost"] += len(messages) <= len(right[-1])
        assert not wrong, f"{world}, lists {form}, after {found['kills']} kills"
        # Where its clock is steady, however far away, nothing need be left in doubt.
        assert world == STEPPING or not doubtful, told_doubts(path)
    return found


def until_all_is_done(
    dice: Random, most: int, path: Path | str, url: str, dialect: str, conversations: int
) -> Counter[str]:
    """Start a worker, kill it, start the next; the one that reaches the end is the last. Answers with the kills."""
    found: Counter[str] = Counter()
    while True:
        with started(path, url, dialect, conversations) as process:
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
                # With 4 it is for a person to decide; no further worker could.
                assert process.returncode in (0, 4), process.communicate()[1]
                return found


@contextmanager
def started(path: Path | str, url: str, dialect: str, conversations: int) -> Iterator[Started]:
    more = [str(path), url, dialect, str(conversations), str(TIMEOUT), str(GRACE)]
    with start(*more, module="support.worker", cwd=Path(__file__).parents[1]) as process:
        try:
            yield process
        finally:
            process.kill()


def told_by(path: Path | str, talks: Mapping[Recipient, str]) -> tuple[dict[str, int], Counter[str]]:
    """The step at which each conversation is in doubt that is, and what the look-ups found."""
    doubtful: dict[str, int] = {}
    found: Counter[str] = Counter()
    with blocking(path) as journal:
        for record in journal.runs():
            events = journal.events(record.run.id)
            for event in events:
                reason = str(event.detail.get("reason", ""))
                found["taken"] += reason == "looked up: the API had taken it"
                found["not taken"] += reason == "looked up: the API had not taken it"
            if record.state == "in_doubt":
                doubtful[talks[record.run.recipient]] = int(events[-1].step)
                found["in doubt"] += 1
    return doubtful, found


def told_doubts(path: Path | str) -> list[list[Event]]:
    """All events of the runs in doubt."""
    with blocking(path) as journal:
        return [journal.events(record.run.id) for record in journal.runs("in_doubt")]
