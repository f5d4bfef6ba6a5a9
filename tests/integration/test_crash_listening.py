"""kill -9 of a listener at any instant, while many people answer: everybody gets every message once, in order."""

import time
from pathlib import Path
from random import Random

import pytest

from flowrunner.clock import SYSTEM
from flowrunner.emulator.api.faults import parse_fault
from flowrunner.emulator.api.inbound import inbound_body
from flowrunner.emulator.api.messages import Delays
from flowrunner.emulator.api.numbers import NUMBER_ID
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.serve import running
from support.program import flowrunner, start

FLOW = """
name: talk
steps:
  - {id: one, message: "one?", reply: {within: 1d, settle: 0s, no_reply: continue}}
  - {id: two, message: "two {{ one.text | default('-') }}?", reply: {within: 1d, settle: 0s, no_reply: continue}}
  - {id: three, message: "three {{ two.text | default('-') }}?", reply: {within: 1d, settle: 0s, no_reply: continue}}
  - message: "four {{ three.text | default('-') }}"
anytime: [{words: [stop], end: opted_out}]
"""
EXPECTED = ["one?", "two 1?", "three 2?", "four 3"]


def test_a_listener_that_is_killed_while_people_answer(tmp_path: Path) -> None:
    """A few people and kills; the long form has two hundred and three hundred."""
    killed(tmp_path, people=12, kills=2, dice=Random(7))  # noqa: S311  # repeats itself, and keeps no secret


@pytest.mark.soak
def test_three_hundred_kills_with_two_hundred_people(tmp_path: Path) -> None:
    killed(tmp_path, people=200, kills=300, dice=Random(11))  # noqa: S311  # likewise


def killed(folder: Path, people: int, kills: int, dice: Random) -> None:
    """People who answer each question after a while, and a listener that polls and is killed again and again.

    What a killed one had taken is gone on with a minute later.
    """
    state = EmulatorState(delays=Delays(sent=0.01, delivered=0.02, read=0.03), clock=SYSTEM)
    state.faults.add(parse_fault("latency:seconds=0.02"))
    phones = [f"+34600{number:06}" for number in range(people)]
    talks = [state.conversations.create(phone).id for phone in phones]
    (folder / "talk.yaml").write_text(FLOW, encoding="utf-8")
    (folder / "people.csv").write_text("phone\n" + "".join(f"{phone}\n" for phone in phones), encoding="utf-8")
    with running(state) as url:
        api = ["--api-url", url, "--dialect", "meta", "--number", NUMBER_ID, "--rate", "100000/s", "--journal", "j.db"]
        begun = flowrunner("run", "talk.yaml", "--audience", "people.csv", "--at-most", str(people), *api, cwd=folder)
        assert begun.returncode == 0, begun.stdout + begun.stderr
        asked = dict.fromkeys(talks, 0)
        for number in range(kills + 1):
            with start("listen", "--poll", "--port", "0", *api, cwd=folder) as process:
                end = time.monotonic() + (dice.uniform(0.8, 2.5) if number < kills else 400.0)
                while time.monotonic() < end and not all(len(_sent(state, talk)) == 4 for talk in talks):
                    _answer(state, talks, asked, dice, slow=number < kills)
                    time.sleep(0.05)
                process.kill()
    assert {talk: _sent(state, talk) for talk in talks} == dict.fromkeys(talks, EXPECTED)


def _answer(state: EmulatorState, talks: list[str], asked: dict[str, int], dice: Random, *, slow: bool) -> None:
    """Some of those who were asked something new answer with its number."""
    for talk in talks:
        sent = len(_sent(state, talk))
        if asked[talk] < sent < 4 and (not slow or dice.random() < 0.02):
            asked[talk] = sent
            state.add_inbound(talk, inbound_body({"message_type": "text", "content": str(sent)}))


def _sent(state: EmulatorState, talk: str) -> list[str]:
    return [str(each.body["content"]) for each in state.messages(talk, "oldest") if each.direction == "outbound"]
