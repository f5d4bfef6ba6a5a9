"""A run that waits for an answer, as the command line has it: listed, shown, gone on with, called off, reported."""

import csv
import io
import json
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from flowrunner.clock import SYSTEM
from flowrunner.emulator.api.inbound import inbound_body
from flowrunner.emulator.api.state import EmulatorState
from support.journals import blocking
from support.program import flowrunner, texts

FLOW = """\
name: ask
anytime:
  - {words: [stop], end: opted_out}
  - {words: [agent], end: handed_over}
steps:
  - id: q
    message: Shall we?
    reply:
      within: 20h
      settle: 0s
      answers: [{words: [yes], steps: [{message: Good.}]}]
      otherwise: continue
      no_reply: continue
  - message: The end.
"""
PHONE = "+5215512345678"
Call = Callable[..., CompletedProcess[str]]


@pytest.fixture
def call(tmp_path: Path, url: str) -> Call:
    (tmp_path / "ask.yaml").write_text(FLOW)
    (tmp_path / "people.csv").write_text(f"phone\n{PHONE}\n")
    return lambda *arguments: flowrunner(
        *arguments, cwd=tmp_path, FLOWRUNNER_API_URL=url, FLOWRUNNER_RATE="1000/s", COLUMNS="200"
    )


def says(state: EmulatorState, text: str) -> None:
    """Ana writes something; not in the very second in which she was asked: the API's stamps have whole ones."""
    time.sleep(1.05 - time.time() % 1)
    state.add_inbound("c1", inbound_body({"message_type": "text", "content": text}))


def state_of(call: Call) -> str:
    return str(json.loads(call("runs", "--format", "json").stdout)["runs"][0]["state"])


ENDS = [
    ("yes", "finished", ["Shall we?", "Good.", "The end."]),
    ("stop", "opted_out", ["Shall we?"]),
    ("an agent", "handed_over", ["Shall we?"]),
]


@pytest.mark.parametrize(("answer", "ends", "sent"), ENDS)
def test_a_run_that_waits_is_gone_on_with_and_ends_as_it_was_answered(
    call: Call, state: EmulatorState, answer: str, ends: str, sent: list[str]
) -> None:
    """It is listed as what it is, before and afterwards, with what was said; and has ended for all other commands."""
    assert call("run", "ask.yaml", "--phone", PHONE).returncode == 0
    assert state_of(call) == "asked"
    says(state, answer)
    assert call("resume").returncode == 0
    assert [json.loads(each)["content"] for each in texts(state)] == sent
    assert state_of(call) == ends
    run = json.loads(call("runs", "--format", "json").stdout)["runs"][0]["id"]
    shown = call("runs", run).stdout
    assert ends.replace("_", " ") in shown
    assert answer in shown
    assert call("cancel", run).stdout == f"run {run} has already ended: there is nothing to cancel\n"
    assert "has already ended" in call("resume", run).stdout
    assert call("resume").stdout == "nothing to resume\n"
    assert call("runs", "--prune", "0").stdout == "1 finished run deleted\n"
    assert (PHONE in call("optouts").stdout) is (ends == "opted_out")


def test_a_run_that_ended_in_a_branch_has_no_steps_left(call: Call, state: EmulatorState, tmp_path: Path) -> None:
    """It did all that it came to; in a report the branch without a name of its own is called by what it answers to."""
    asks = FLOW.replace("{words: [yes], steps: [{message: Good.}]}", "{number: {min: 5}, steps: [{end: finished}]}")
    (tmp_path / "ask.yaml").write_text(asks)
    call("run", "ask.yaml", "--audience", "people.csv", "--at-most", "1")
    says(state, "7")
    campaign = json.loads(call("runs", "--format", "json").stdout)["campaigns"][0]["id"]
    assert call("resume").returncode == 0
    run = next(csv.DictReader(io.StringIO(call("report", campaign, "--format", "csv").stdout)))["run"]
    assert "1/1" in call("runs", run).stdout
    assert "  a number of at least 5 " in call("report", campaign).stdout


@pytest.mark.parametrize(("answer", "ends"), [each[:2] for each in ENDS])
def test_the_report_of_a_campaign_says_how_it_was_answered(
    call: Call, state: EmulatorState, answer: str, ends: str
) -> None:
    """Its question with the branches that were taken; its people with what they came to, and why."""
    assert call("run", "ask.yaml", "--audience", "people.csv", "--at-most", "1").returncode == 0
    campaign = json.loads(call("runs", "--format", "json").stdout)["campaigns"][0]
    assert campaign["states"] == {"asked": 1}
    says(state, answer)
    assert call("resume").returncode == 0
    report = json.loads(call("report", campaign["id"], "--format", "json").stdout)
    (question,) = report["questions"]
    assert (question["label"], question["asked"], question["silent"]) == ("q", 1, 0)
    assert question["answered"] == ({"yes": 1} if ends == "finished" else {})
    assert report["states"] == {ends: 1}
    (row,) = csv.DictReader(io.StringIO(call("report", campaign["id"], "--format", "csv").stdout))
    assert (row["state"], row["reason"]) == (ends, "" if ends == "finished" else answer)
    assert row["answer_q"] == ("yes" if ends == "finished" else "")


def test_a_campaign_without_a_listener_is_gone_on_with_each_time_that_is_asked(
    call: Call, state: EmulatorState, tmp_path: Path
) -> None:
    """It ends with 0, and says how many are left and what goes on with them; who wrote meanwhile is served."""

    def asked(*arguments: str) -> CompletedProcess[str]:
        return call(*arguments, "--journal", "j.db")

    others = ["+5215512345681", "+5215512345682"]
    for number, phone in enumerate(others):
        state.conversations.create(phone, conversation_id=f"other{number}")
    (tmp_path / "people.csv").write_text("phone\n" + "".join(f"{each}\n" for each in (PHONE, *others)))
    done = asked("run", "ask.yaml", "--audience", "people.csv", "--at-most", "3")
    campaign = json.loads(asked("runs", "--format", "json").stdout)["campaigns"][0]["id"]
    hint = f"listen --journal j.db goes on with them, or run flowrunner resume {campaign} --journal j.db now and then"
    assert (done.returncode, "3 wait for an answer" in done.stderr, hint in done.stderr) == (0, True, True)
    assert len(texts(state)) == 3

    done = asked("resume", campaign)
    assert (done.returncode, "3 wait for an answer" in done.stderr) == (0, True), "nobody has written"
    says(state, "yes")
    state.add_inbound("other0", inbound_body({"message_type": "text", "content": "stop"}))
    done = asked("resume")
    assert (done.returncode, "1 waits for an answer" in done.stderr) == (0, True)
    assert hint.replace("with them", "with it") in done.stderr
    assert [json.loads(each)["content"] for each in texts(state)[3:]] == ["Good.", "The end."]

    with blocking(tmp_path / "j.db") as journal:
        target = journal.campaign(campaign).target
        journal.note_listener(target, SYSTEM.now() + 600)
    done = asked("resume", campaign)
    assert "flowrunner listen is up, and goes on with it" in done.stderr
    assert hint not in done.stderr


def test_a_run_that_waits_is_called_off(call: Call, state: EmulatorState) -> None:
    """An answer that comes later is none any more."""
    call("run", "ask.yaml", "--phone", PHONE)
    run = json.loads(call("runs", "--format", "json").stdout)["runs"][0]["id"]
    assert call("cancel", run).stdout == f"run {run} is cancelled\n"
    says(state, "yes")
    assert call("resume").stdout == "nothing to resume\n"
    assert len(texts(state)) == 1
