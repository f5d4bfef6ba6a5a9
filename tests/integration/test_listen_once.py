"""One round of listening, as cron calls it: everything that waits goes on as far as it can now."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import flowrunner as flowrunner_
from flowrunner.app.resuming.due_runs import carry_on
from flowrunner.emulator.api.faults import parse_fault
from flowrunner.emulator.api.inbound import inbound_body
from support.chats import Chat, chatted, text
from support.listening import Town, town
from support.program import KEY, flowrunner
from support.virtual import VirtualClock

ASKING = """\
name: {name}
steps:
  - id: start
    message: Shall we begin?
    reply:
      within: 20h
      settle: {settle}
      answers: [{{text: "yes", steps: [{{message: Here we go.}}]}}]
      otherwise: continue
      no_reply: continue
  - message: Goodbye.
anytime:
  - words: [stop]
    end: opted_out
"""
OTHERS = ("+5215512345600", "+5215512345601", "+5215512345602")


@pytest.fixture(params=["kapso-v1", "meta"])
def its(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Town]:
    """One person who was asked by a run, and three who were by a campaign."""
    for name in ("one", "many"):
        (tmp_path / f"{name}.yaml").write_text(ASKING.format(name=name, settle="0s"), encoding="utf-8")
    (tmp_path / "people.csv").write_text("\n".join(["phone", *OTHERS]) + "\n", encoding="utf-8")
    with town(tmp_path, request.param) as found:
        for number, phone in enumerate(OTHERS):
            found.state.conversations.create(phone, conversation_id=f"p{number}")
        assert found.run(tmp_path / "one.yaml").returncode == 0
        options = ("--audience", "people.csv", "--yes-send-to", "3", *found.api)
        done = flowrunner("run", "many.yaml", *options, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "3 wait for an answer" in done.stderr
        yield found


def said_yes(its: Town, *people: str) -> None:
    for each in people:
        its.state.add_inbound(each, inbound_body(text("Yes")))


def test_all_who_have_answered_are_gone_on_with_and_the_others_wait(its: Town) -> None:
    """Of single runs and of campaigns; a round in which nothing happens says nothing."""
    said_yes(its, its.talk.id, "p1")
    done = flowrunner("listen", "--once", *its.api, cwd=its.folder)
    assert (done.returncode, done.stdout) == (0, "")
    assert [json.loads(each)["event"] for each in done.stderr.splitlines()] == ["finished", "finished"]
    assert sorted(its.sent()) == sorted(["Shall we begin?"] * 4 + ["Here we go.", "Goodbye."] * 2)
    quiet = flowrunner("listen", "--once", *its.api, cwd=its.folder)
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")
    assert len(its.sent()) == 8


def test_an_api_that_refuses_the_sender_is_told_of(its: Town) -> None:
    """By the exit code, so that cron writes to somebody."""
    said_yes(its, its.talk.id)
    its.state.faults.add(parse_fault("status:code=401"))
    done = flowrunner("listen", "--once", *its.api, cwd=its.folder)
    assert done.returncode == 3
    assert [json.loads(each)["event"] for each in done.stderr.splitlines()] == ["put off", "sender refused"]


def test_an_api_that_does_not_tell_is_told_of(tmp_path: Path) -> None:
    """It is down, say: the next round asks for the same time again."""
    (tmp_path / "one.yaml").write_text(ASKING.format(name="one", settle="0s"), encoding="utf-8")
    with town(tmp_path) as its:
        assert its.run(tmp_path / "one.yaml").returncode == 0
    done = flowrunner("listen", "--once", *its.api, "--max-wait", "0", cwd=tmp_path)
    assert done.returncode == 3
    assert [json.loads(each)["event"] for each in done.stderr.splitlines()] == ["not asked"]


def test_a_program_has_its_round(its: Town) -> None:
    """The same by one call."""
    said_yes(its, its.talk.id)
    number = its.api[5] if its.api[3] == "meta" else ""
    sender = flowrunner_.Sender(KEY, its.url, dialect=its.api[3], number=number)
    assert flowrunner_.listen_once([flowrunner_.Listened("sales", sender)], journal=its.folder / "j.db")
    assert its.sent()[-2:] == ["Here we go.", "Goodbye."]


def test_who_names_no_run_is_told_what_goes_on_with_all(its: Town) -> None:
    """Where several wait for an answer."""
    done = flowrunner("resume", "--journal", "j.db", cwd=its.folder)
    assert done.returncode == 1
    assert "or go on with all who have answered: flowrunner listen --once --journal j.db" in done.stderr


def test_what_belongs_to_who_stays_is_refused(tmp_path: Path) -> None:
    """Nothing comes to an address that nobody listens on."""
    done = flowrunner("listen", "--once", "--port", "0", cwd=tmp_path)
    assert (done.returncode, "--once cannot be combined with --port." in done.stderr) == (2, True)


def test_a_round_stays_while_what_was_just_written_settles(tmp_path: Path, clock: VirtualClock) -> None:
    """It would be taken by the next round only, minutes later; whoever is due later than that is left to it."""

    async def work(talk: Chat) -> None:
        run = await talk.begin(ASKING.format(name="one", settle="3s"))
        talk.say(text("yes"))
        assert await talk.line.hearing.ask()
        began = clock.now()
        await carry_on([talk.line], talk.journal, asyncio.Event(), once=True)
        assert (await talk.of(run)).run.phase == "finished"
        assert 2 < clock.now() - began < 10
        other = await talk.begin(ASKING.format(name="other", settle="3s"))
        await carry_on([talk.line], talk.journal, asyncio.Event(), once=True)
        assert (await talk.of(other)).run.phase == "asked"
        await clock.sleep(21 * 3600)
        await carry_on([talk.line], talk.journal, asyncio.Event(), once=True)
        assert (await talk.of(other)).run.phase == "finished"

    chatted(tmp_path, clock, work, quiet=True, look=1.0)
