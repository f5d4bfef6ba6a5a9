"""Runs that listen, carried out: who is asked answers or does not; nobody is written to too soon, twice, or in vain."""

import asyncio
import re
from itertools import pairwise
from pathlib import Path

import pytest

from flowrunner.emulator.api.faults import parse_fault
from flowrunner.engine.history.phases import Phase
from flowrunner.journal import Claim
from flowrunner.model import EventKind, Recipient
from support.chats import Chat, chatted, is_parked, tap, text
from support.program import flowrunner
from support.slices import crossed
from support.virtual import VirtualClock

HOUR = 3600.0
ASKING = """
name: asking
anytime:
  - words: [stop, baja]
    steps: [{message: You will not hear from us again.}]
    end: opted_out
  - words: [agent]
    end: handed_over
steps:
  - id: start
    message:
      message_type: interactive
      interactive_type: button
      body_text: Shall we?
      buttons: [{id: now, title: Start}, {id: later, title: Later}]
    reply:
      within: 3h
      remind: {after: 1h, message: Still there?}
      answers:
        - button: now
          steps: [{message: Here we go.}]
        - button: later
          steps: [{message: No hurry.}, {end: finished}]
      otherwise: {again: Please tap one., times: 2, then: [{message: Never mind.}, {end: finished}]}
      no_reply: [{message: Another time.}, {end: finished}]
  - message: The end.
"""
DIALECTS = ("kapso-v1", "meta")

ANSWERED = {
    "a tap": ([(60, tap("now", "Start"))], ["Shall we?", "> Start", "Here we go.", "The end."]),
    "typed": ([(60, text("  STÁRT "))], ["Shall we?", "> STÁRT", "Here we go.", "The end."]),
    "the other one": ([(60, tap("later", "Later"))], ["Shall we?", "> Later", "No hurry."]),
    "after the reminder": (
        [(1.5 * HOUR, tap("now", "Start"))],
        ["Shall we?", "Still there?", "> Start", "Here we go.", "The end."],
    ),
    "silence": ([], ["Shall we?", "Still there?", "Another time."]),
    "asked again": (
        [(60, text("what?")), (600, text("hm")), (600, tap("now", "Start"))],
        ["Shall we?", "> what?", "Please tap one.", "> hm", "Please tap one.", "> Start", "Here we go.", "The end."],
    ),
    "asked again in vain": (
        [(60, text("what?")), (600, text("hm")), (600, text("no"))],
        ["Shall we?", "> what?", "Please tap one.", "> hm", "Please tap one.", "> no", "Never mind."],
    ),
    "stop": ([(60, text("please STOP"))], ["Shall we?", "> please STOP", "You will not hear from us again."]),
    "a person": ([(60, text("an agent"))], ["Shall we?", "> an agent"]),
}


@pytest.mark.sliced
@pytest.mark.parametrize(("answered", "dialect"), crossed(2, ANSWERED, DIALECTS))
def test_what_is_answered_decides_what_follows(
    answered: str, dialect: str, tmp_path: Path, clock: VirtualClock
) -> None:
    said, chat = ANSWERED[answered]

    async def work(talk: Chat) -> None:
        run = await talk.begin(ASKING)
        assert is_parked(await talk.of(run))
        async with talk.listening():
            saying = asyncio.ensure_future(talk.later(*said))
            await talk.until(run)
            await saying
        assert [each.strip() if each.startswith(">") else each for each in talk.chat()] == [
            each if not each.startswith("> STÁRT") else ">   STÁRT" for each in chat
        ]

    chatted(tmp_path, clock, work, dialect=dialect)


def test_a_run_that_waits_holds_nothing(tmp_path: Path, clock: VirtualClock) -> None:
    """Its deadline is a moment in the journal; another run may have the person meanwhile."""

    async def work(talk: Chat) -> None:
        run = await talk.begin(ASKING)
        state = await talk.of(run)
        assert state.run.phase is Phase.ASKED
        assert state.run.until == pytest.approx(state.step("1").accepted_at + HOUR)
        claim = await talk.journal.claim(run.target, run.recipient, "somebody")
        assert claim.owner == "somebody"
        assert len(asyncio.all_tasks()) == 1  # this one

    chatted(tmp_path, clock, work)


def test_who_waits_for_another_run_s_answer_looks_ever_more_seldom(tmp_path: Path, clock: VirtualClock) -> None:
    """Each look is an event, and a campaign may wait for days; yet it goes on soon after the answer."""

    async def work(talk: Chat) -> None:
        reply = "{within: 20h, answers: [{words: [well]}], otherwise: continue, no_reply: continue}"
        asking = await talk.begin(f"name: asking\nsteps: [{{message: Well?, reply: {reply}}}]")
        other = await talk.begin("name: other\nsteps: [{message: Other.}]")
        async with talk.listening():
            await clock.sleep(4 * HOUR)
            assert (await talk.of(other)).run.phase is Phase.HELD
            looks = [each.at for each in await talk.events(other) if each.kind is EventKind.PAUSED]
            waits = [after - before for before, after in pairwise(looks)]
            assert waits[0] == pytest.approx(60, abs=35)
            assert waits[-1] == pytest.approx(600, abs=35)
            assert len(looks) < 60
            talk.say(text("Well."))
            await clock.sleep(900)
            assert (await talk.of(asking)).run.phase is Phase.FINISHED
            assert (await talk.of(other)).run.phase is Phase.FINISHED

    chatted(tmp_path, clock, work, look=30.0)


def test_silence_is_looked_at_once_more(tmp_path: Path, clock: VirtualClock) -> None:
    """Nobody listened, and no webhook came: what was answered meanwhile is found before the reminder leaves."""

    async def work(talk: Chat) -> None:
        run = await talk.begin(ASKING)
        await clock.sleep(0.5 * HOUR)
        talk.say(tap("now", "Start"))
        await clock.sleep(0.75 * HOUR)
        await talk.go_on(run)
        assert talk.chat() == ["Shall we?", "> Start", "Here we go.", "The end."]

    chatted(tmp_path, clock, work, quiet=True)


def test_the_same_answer_by_webhook_and_by_look_up_is_one(tmp_path: Path, clock: VirtualClock) -> None:
    async def work(talk: Chat) -> None:
        run = await talk.begin(ASKING)
        await clock.sleep(60)
        talk.say(text("what?"))
        told = await talk.client.heard(clock.now() - 120)
        for _ in range(3):
            await talk.journal.hear(run.target, told)
            await talk.go_on(run)
            await clock.sleep(5)
        assert talk.chat() == ["Shall we?", "> what?", "Please tap one."]
        assert [each.kind for each in await talk.events(run)].count(EventKind.HEARD) == 1

    chatted(tmp_path, clock, work)


def test_a_person_has_one_open_question_at_a_time(tmp_path: Path, clock: VirtualClock) -> None:
    second = "name: second\nsteps: [{message: By the way.}]"

    async def work(talk: Chat) -> None:
        first = await talk.begin(ASKING)
        other = await talk.begin(second)
        assert (await talk.of(other)).run.phase is Phase.HELD
        assert first.id in str((await talk.events(other))[-1].detail["reason"])
        async with talk.listening():
            await talk.later((600, tap("later", "Later")))
            await talk.until(first)
            await talk.until(other)
        assert talk.chat() == ["Shall we?", "> Later", "No hurry.", "By the way."]

    chatted(tmp_path, clock, work)


def test_who_said_stop_gets_nothing_more(tmp_path: Path, clock: VirtualClock) -> None:
    """Not by another flow, and not by one that was begun before."""

    async def work(talk: Chat) -> None:
        waiting = await talk.begin("name: paused\nsteps: [{message: One.}, {pause: 2h}, {message: Two.}]")
        run = await talk.begin(ASKING)
        async with talk.listening():
            await talk.later((60, text("stop")))
            state = await talk.until(run)
            await talk.until(waiting)
        assert state.run.phase is Phase.OPTED_OUT
        assert await talk.journal.opted_out(run.target, [Recipient(phone=run.recipient.phone)]) == {0}
        later = await talk.begin("name: third\nsteps: [{message: Three.}]")
        assert (await talk.of(later)).run.phase is Phase.WITHHELD
        assert talk.chat() == ["One.", "Shall we?", "> stop", "You will not hear from us again."]

    chatted(tmp_path, clock, work)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_answer_that_makes_a_message_unsendable_ends_the_run_with_what_to_do(
    tmp_path: Path, clock: VirtualClock, dialect: str
) -> None:
    """Nothing of it leaves, nor what comes after it; and it is failed for who goes on with it, too."""
    flow = """
name: echo
steps:
  - {id: q, message: "What happened?", reply: {within: 3h, settle: 0s, expect: text, no_reply: end}}
  - message:
      message_type: interactive
      interactive_type: button
      body_text: "You wrote: {{ q.text }}. Right?"
      buttons: [{id: right, title: Right}]
  - message: The end.
"""

    async def work(talk: Chat) -> None:
        run = await talk.begin(flow)
        async with talk.listening():
            await talk.later((600, text("x" * 1100)))
            await talk.until(run, 3600.0)
        for _ in range(2):
            last = (await talk.events(run))[-1]
            assert (last.kind, last.step) == (EventKind.FAILED, "2")
            assert "at most 1024" in str(last.detail["reason"])
            assert last.detail["hint"]
            await talk.go_on(run)
        assert talk.chat() == ["What happened?", "> " + "x" * 1100]

    chatted(tmp_path, clock, work, dialect=dialect)


def test_stop_is_heard_during_a_pause(tmp_path: Path, clock: VirtualClock) -> None:
    flow = """
name: paused
anytime: [{words: [stop], end: opted_out}]
steps: [{message: One.}, {pause: 3d}, {message: Two.}]
"""

    async def work(talk: Chat) -> None:
        run = await talk.begin(flow)
        async with talk.listening():
            await talk.later((600, text("stop")))
            state = await talk.until(run)
        assert state.run.phase is Phase.OPTED_OUT
        assert clock.monotonic() < HOUR
        assert talk.chat() == ["One.", "> stop"]

    chatted(tmp_path, clock, work)


def test_resume_asks_once_what_was_written_meanwhile(tmp_path: Path, clock: VirtualClock) -> None:
    """Nobody listened; the answer came long before the reminder."""

    async def work(talk: Chat) -> None:
        run = await talk.begin(ASKING)
        await clock.sleep(600)
        talk.say(tap("later", "Later"))
        await clock.sleep(60)
        last = [each async for each in talk.delivery(run).events(asyncio.Event())][-1]
        assert last.kind is EventKind.FINISHED
        assert talk.chat() == ["Shall we?", "> Later", "No hurry."]

    chatted(tmp_path, clock, work, quiet=True)


def test_resume_stays_while_what_was_just_written_settles(tmp_path: Path, clock: VirtualClock) -> None:
    """Who answers in the emulator's page and resumes at once is not told that an answer is waited for."""

    async def work(talk: Chat) -> None:
        run = await talk.begin(ASKING)
        await clock.sleep(600)
        talk.say(text("later"))
        last = [each async for each in talk.delivery(run).events(asyncio.Event())][-1]
        assert last.kind is EventKind.FINISHED
        assert talk.chat() == ["Shall we?", "> later", "No hurry."]

    chatted(tmp_path, clock, work, quiet=True)


def test_who_stays_goes_on_as_soon_as_something_is_written(tmp_path: Path, clock: VirtualClock) -> None:
    async def work(talk: Chat) -> None:
        run = await talk.begin(ASKING)
        saying = asyncio.ensure_future(talk.later((100, text("hm")), (150, tap("now", "Start"))))
        async for _ in talk.delivery(run, wait=True).events(asyncio.Event()):
            pass
        await saying
        assert talk.chat() == ["Shall we?", "> hm", "Please tap one.", "> Start", "Here we go.", "The end."]
        assert clock.monotonic() < 250 + 120

    chatted(tmp_path, clock, work, quiet=True)


def test_who_stays_in_a_pause_hears_stop(tmp_path: Path, clock: VirtualClock) -> None:
    """Also without being told to wait: a pause is no reason to end."""
    flow = """
name: paused
anytime: [{words: [stop], end: opted_out}]
steps: [{message: One.}, {pause: 2h}, {message: Two.}]
"""

    async def work(talk: Chat) -> None:
        run = await talk.begin(flow)
        saying = asyncio.ensure_future(talk.later((100, text("stop"))))
        last = [each async for each in talk.delivery(run).events(asyncio.Event())][-1]
        await saying
        assert last.kind is EventKind.OPTED_OUT
        assert talk.chat() == ["One.", "> stop"]

    chatted(tmp_path, clock, work, quiet=True)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_who_answers_while_another_run_has_them_for_long_is_heard_all_the_same(
    tmp_path: Path, clock: VirtualClock, dialect: str
) -> None:
    """It may wait for a phone that is off: the run that asked does not fail of it, and tries again by itself."""

    async def work(chat: Chat) -> None:
        run = await chat.begin(ASKING)
        async with chat.listening():
            chat.say(tap("now", "Start"))
            claim = await chat.journal.claim(chat.line.target, run.recipient, "another", 60.0)
            assert isinstance(claim, Claim)
            for _ in range(12):
                await clock.sleep(20)
                [claim] = await chat.journal.renew([claim], 60.0)
            assert (await chat.of(run)).run.phase is Phase.HELD
            await chat.journal.release(claim)
            assert (await chat.until(run, 600.0)).run.phase is Phase.FINISHED
        assert chat.chat() == ["Shall we?", "> Start", "Here we go.", "The end."]

    chatted(tmp_path, clock, work, dialect=dialect)


def test_who_is_left_waiting_is_told_with_what_goes_on(tmp_path: Path) -> None:
    (tmp_path / "asking.yaml").write_text(ASKING, encoding="utf-8")
    done = flowrunner("run", "asking.yaml", "--emulator", cwd=tmp_path)
    assert done.returncode == 0
    assert re.search(r"waits for an answer until .+; reminds at ", done.stderr)
    assert "answer in the page of flowrunner emulator" in done.stderr


SHUT = {
    "a moment": ("window-422:count=2,after=1", Phase.FINISHED),
    "a moment, as an object": ("window-422:count=2,after=1,shape=object", Phase.FINISHED),
    "for good": ("window-422:after=1", Phase.FAILED),
}


@pytest.mark.parametrize(("fault", "ends"), SHUT.values(), ids=SHUT)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_who_has_just_written_may_be_written_to(
    dialect: str, fault: str, ends: Phase, tmp_path: Path, clock: VirtualClock
) -> None:
    """Kapso's record of it may come later than its webhook: "outside the 24 hours" is not believed for a minute."""

    async def work(talk: Chat) -> None:
        talk.state.faults.add(parse_fault(fault))
        async with talk.listening():
            run = await talk.begin(ASKING)
            await talk.later((60, tap("now", "Start")))
            began = clock.now()
            state = await talk.until(run, 600)
        assert state.run.phase is ends
        said = talk.chat()[2:]
        assert said == (["Here we go.", "The end."] if ends is Phase.FINISHED else [])
        events = await talk.events(run)
        tries = [each for each in events if each.kind is EventKind.RETRYING]
        assert {each.detail["code"] for each in tries} == {"131047"}
        assert max(each.at for each in events) - began < 120

    chatted(tmp_path, clock, work, dialect=dialect, look=1.0)
