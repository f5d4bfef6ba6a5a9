"""kill -9 at any instant of a campaign that writes first: everybody gets every message once, in order."""

import subprocess
import time
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from flowrunner.clock import SYSTEM
from flowrunner.dialects import DIALECTS
from flowrunner.emulator.api.faults import parse_fault
from flowrunner.emulator.api.messages import Delays
from flowrunner.emulator.api.rates import Quota
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.serve import running
from support.lab import told
from support.numbers import sending_as
from support.program import flowrunner, start

FLOW = """
name: news
steps:
  - message: {message_type: template, template_name: news, template_language: es}
  - message: "the same"
  - message: "the same"
"""
EXPECTED = ["news", "the same", "the same"]
ENOUGH = ("--rate", "100000/s", "--timeout", "0.7", "--grace", "2", "--journal", "j.db")
SLOWNESS = (
    "latency:seconds=0.02",
    "store-late:seconds=0.6,probability=0.05,seed=1",
    "store-late:seconds=0.08",
)
"""Most kills land while a message is taken, and not answered yet."""


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_killed_campaign_to_people_without_conversation(tmp_path: Path, dialect: str) -> None:
    """A few dozen people and some kills; the long form has five hundred and ten."""
    killed(tmp_path, dialect, people=30, kills=2, dice=Random(5))  # noqa: S311  # repeats itself, and keeps no secret


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("dialect", DIALECTS)
def test_ten_kills_of_a_campaign_to_five_hundred_people_without_conversation(
    tmp_path: Path, dialect: str, seed: int
) -> None:
    """Each of them by phone, on Meta's API also by user id, or both."""
    killed(tmp_path, dialect, people=500, kills=10, dice=Random(seed))  # noqa: S311  # likewise


def killed(folder: Path, dialect: str, people: int, kills: int, dice: Random) -> None:
    """A campaign that is killed so often, and gone on with to its end."""
    whom = named(people, dialect)
    state = EmulatorState(delays=Delays(sent=0.01, delivered=0.02, read=0.03), clock=SYSTEM)
    for fault in SLOWNESS:
        state.faults.add(parse_fault(fault))
    begin = campaign(folder, dialect, whom, state)
    with running(state) as url:
        for _ in range(kills):
            words = ["resume"] if state.received() else [*begin, "--api-url", url]
            ended = until_killed([*words, *ENOUGH], folder, state, dice)
            assert ended is None, f"it came to an end before it was killed: {ended}"
        for _ in range(5):  # a slow machine may stop it some times
            last = flowrunner("resume", *ENOUGH, cwd=folder)
            if last.returncode != 3:
                break
    assert last.returncode == 0, last.stdout + last.stderr
    got: dict[str, list[str]] = {}
    for each in state.received():
        its = state.conversations.get(each.conversation_id)
        got.setdefault(its.phone or its.user_id, []).append(told(each.raw))
    assert got == {phone or user_id: EXPECTED for phone, user_id in whom}


def campaign(
    folder: Path, dialect: str, whom: list[tuple[str, str]], state: EmulatorState, flow: str = FLOW
) -> list[str]:
    """The command that begins it; whoever is written to first may be sent free text, too."""
    (folder / "news.yaml").write_text(flow, encoding="utf-8")
    rows = [("phone", "user_id"), *whom]
    text = "".join(",".join(each if dialect == "meta" else each[:1]) + "\n" for each in rows)
    (folder / "people.csv").write_text(text, encoding="utf-8")
    state.conversations.on_demand = True
    for phone, user_id in whom:
        if phone and user_id:  # the API knows that both are theirs; of the others it makes up the second name
            talk = state.conversations.create(phone, user_id=user_id)
            state.conversations.set_status(talk.id, "ended")
    return ["run", "news.yaml", "--audience", "people.csv", "--at-most", str(len(whom)), *sending_as(dialect)]


def named(count: int, dialect: str) -> list[tuple[str, str]]:
    """The phone and the user id of each; somebody has both, somebody only one."""
    everybody = [(f"+34600{number:06}", f"ES.{9_000_000 + number}") for number in range(count)]
    if dialect != "meta":
        return [(phone, "") for phone, _ in everybody]
    kinds = ((True, True), (True, False), (False, True))
    return [
        (phone * kinds[number % 3][0], user_id * kinds[number % 3][1])
        for number, (phone, user_id) in enumerate(everybody)
    ]


def until_killed(words: list[str], folder: Path, state: EmulatorState, dice: Random) -> int | None:
    """The program, killed some time after its first message; its exit code where it came to an end before."""
    known = len(state.received())
    with start(*words, cwd=folder) as process:
        end = time.monotonic() + 60
        while process.poll() is None and len(state.received()) == known and time.monotonic() < end:
            if known and dice.random() < 0.002:
                break  # while it starts, or before anything leaves; the first time it would be begun again
            time.sleep(0.01)
        with suppress(subprocess.TimeoutExpired):
            process.wait(dice.uniform(0.0, 0.3))
        code = process.poll()
        process.kill()
        process.communicate()
        return code


class Counting(EmulatorState):
    """One that counts what it is asked, whatever that is."""

    requests = 0

    def count_request(self, key: str) -> Quota | None:
        self.requests += 1
        return super().count_request(key)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_text_after_the_template_takes_one_request_a_message(tmp_path: Path, dialect: str) -> None:
    """Whatever the first one took: nobody is looked for, and nothing is asked in between."""
    took: list[int] = []
    for texts in (2, 5):
        folder = tmp_path / str(texts)
        folder.mkdir()
        state = Counting(delays=Delays(sent=0.01, delivered=0.02, read=0.03), clock=SYSTEM)
        begin = campaign(folder, dialect, named(20, dialect), state, FLOW + '  - message: "and"\n' * (texts - 2))
        with running(state) as url:
            # A machine that is busy takes longer than those who are killed have; who waits for less asks again.
            done = flowrunner(*begin, "--api-url", url, *ENOUGH, "--timeout", "50", cwd=folder)
        assert done.returncode == 0, done.stderr
        took.append(state.requests)
    assert took[1] - took[0] == 3 * 20
