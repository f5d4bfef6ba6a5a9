"""kill -9 of a listener at any instant, while many people answer: each gets every message once, in order.

Who says stop instead gets nothing more.
"""

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
from flowrunner.engine.history.phases import Phase
from support.journals import blocking
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
    killed(tmp_path, "j.db", people=12, kills=2, dice=Random(7))  # noqa: S311  # repeats itself, and keeps no secret


def test_the_same_with_a_journal_in_postgresql(tmp_path: Path, postgres_url: str) -> None:
    killed(tmp_path, postgres_url, people=12, kills=2, dice=Random(7))  # noqa: S311  # likewise


@pytest.mark.soak
def test_three_hundred_kills_with_a_journal_in_postgresql(tmp_path: Path, postgres_url: str) -> None:
    killed(tmp_path, postgres_url, people=200, kills=300, dice=Random(12))  # noqa: S311  # likewise


@pytest.mark.soak
def test_three_hundred_kills_with_two_hundred_people(tmp_path: Path) -> None:
    killed(tmp_path, "j.db", people=200, kills=300, dice=Random(11))  # noqa: S311  # likewise


def killed(folder: Path, journal: str, people: int, kills: int, dice: Random) -> None:
    """People who answer each question after a while, and a listener that polls and is killed again and again."""
    state = EmulatorState(delays=Delays(sent=0.01, delivered=0.02, read=0.03), clock=SYSTEM)
    state.faults.add(parse_fault("latency:seconds=0.02"))
    phones = [f"+34600{number:06}" for number in range(people)]
    talks = [state.conversations.create(phone).id for phone in phones]
    (folder / "talk.yaml").write_text(FLOW, encoding="utf-8")
    (folder / "people.csv").write_text("phone\n" + "".join(f"{phone}\n" for phone in phones), encoding="utf-8")
    with running(state) as url:
        api = ["--api-url", url, "--dialect", "meta", "--number", NUMBER_ID, "--rate", "100000/s", "--journal", journal]
        begun = flowrunner("run", "talk.yaml", "--audience", "people.csv", "--at-most", str(people), *api, cwd=folder)
        assert begun.returncode == 0, begun.stdout + begun.stderr
        talking = {talk: Talking(state, talk, dice) for talk in talks}
        for number in range(kills + 1):
            with start("listen", "--poll", "--port", "0", *api, cwd=folder) as process:
                if dice.random() < 0.7:  # the others may be killed before they are up
                    assert process.stdout is not None
                    assert "listening on" in process.stdout.readline()
                end = time.monotonic() + (dice.uniform(0.0, 2.5) if number < kills else 400.0)
                while time.monotonic() < end and not (number == kills and _have_ended(folder, journal)):
                    for each in talking.values():
                        each.answer(slow=number < kills)
                    time.sleep(0.05)
                process.kill()
    assert _have_ended(folder, journal)
    assert {talk: _sent(state, talk) for talk in talks} == {talk: its.expected for talk, its in talking.items()}


class Talking:
    """Somebody who answers each question with its number, or says stop at one of them."""

    def __init__(self, state: EmulatorState, talk: str, dice: Random) -> None:
        self._state, self._talk, self._dice, self._answered = state, talk, dice, 0
        self.expected = EXPECTED[: dice.choice([4] * 7 + [1, 2, 3])]

    def answer(self, *, slow: bool) -> None:
        """Answer what was asked, if anything was, now or another time."""
        sent = len(_sent(self._state, self._talk))
        if self._answered < sent < 4 and (not slow or self._dice.random() < 0.02):
            self._answered = sent
            said = "stop" if sent == len(self.expected) else str(sent)
            self._state.add_inbound(self._talk, inbound_body({"message_type": "text", "content": said}))


def _have_ended(folder: Path, journal: str) -> bool:
    """Whether every run has, by its flow."""
    with blocking(journal if "://" in journal else folder / journal, read_only=True) as its:
        (campaign,) = its.campaigns()
        states = {Phase(state) for state in its.counts(campaign.id).phases}
    return states <= {Phase.FINISHED, Phase.OPTED_OUT}


def _sent(state: EmulatorState, talk: str) -> list[str]:
    return [str(each.body["content"]) for each in state.messages(talk, "oldest") if each.direction == "outbound"]
