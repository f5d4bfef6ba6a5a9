"""Who says stop is out from that moment on, whatever becomes of the last words; and has them once."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from flowrunner.delivery import Pace, Rate
from flowrunner.emulator.api.faults import parse_fault
from flowrunner.engine.history.phases import Phase
from flowrunner.model import EventKind, Inbound, Recipient
from support.chats import PHONE, Chat, chatted, tap, text
from support.virtual import VirtualClock

QUESTION = """
  - message: {message_type: interactive, interactive_type: button, body_text: "Go on?",
              buttons: [{id: more, title: More}, {id: stop, title: Stop}]}
    reply:
      within: 1d
      no_reply: continue
      answers:
        - {button: more, steps: []}
"""
ANYTIME = f"""
name: asking
anytime: [{{words: [stop], steps: [{{message: Goodbye.}}, {{message: Really.}}], end: opted_out}}]
steps:{QUESTION}        - {{button: stop, steps: []}}
"""
BUTTON = f"""
name: asking
steps:{QUESTION}        - {{button: stop, steps: [{{message: Goodbye.}}, {{message: Really.}}, {{end: opted_out}}]}}
"""
SURE = f"""
name: asking
steps:{QUESTION}        - button: stop
          steps:
            - message: Are you sure?
              reply: {{within: 1h, no_reply: continue, otherwise: continue,
                      answers: [{{text: no, steps: [{{end: finished}}]}}, {{text: yes}}]}}
            - end: opted_out
"""
OTHER = "name: other\nsteps: [{message: Buy this.}]"
WAYS = [
    pytest.param(ANYTIME, text("Stop!"), "Stop!", id="anytime"),
    pytest.param(BUTTON, tap("stop", "Stop"), "", id="a button"),
]


@pytest.mark.parametrize(("flow", "said", "reason"), WAYS)
def test_who_says_stop_is_out_though_the_last_words_are_refused(
    tmp_path: Path, clock: VirtualClock, flow: str, said: dict[str, object], reason: str
) -> None:
    """No other flow writes to them; and the words may be said later, by the run that they said it to."""

    async def work(chat: Chat) -> None:
        run = await chat.begin(flow)
        chat.state.faults.add(parse_fault("status:code=400,after=0,count=1"))
        chat.say(said)
        await chat.line.hearing.ask()
        await chat.go_on(run)
        assert (await chat.of(run)).run.phase is Phase.FAILED
        assert await chat.journal.opted_out(chat.line.target, [Recipient(phone=PHONE)]) == {0}
        [kept] = [each async for each in chat.journal.optouts()]
        assert (kept.reason, kept.run) == (reason, run.id)
        other = await chat.begin(OTHER)
        assert [each.kind for each in await chat.events(other)] == [EventKind.SKIPPED]
        await chat.go_on(run)
        assert (await chat.of(run)).run.phase is Phase.OPTED_OUT
        assert chat.chat()[2:] == ["Goodbye.", "Really."]

    chatted(tmp_path, clock, work)


def test_who_may_still_think_better_of_it_is_not_out_yet(tmp_path: Path, clock: VirtualClock) -> None:
    """A question stands before the end."""

    async def work(chat: Chat) -> None:
        run = await chat.begin(SURE)
        async with chat.listening():
            chat.say(tap("stop", "Stop"))
            await chat.later((600, text("no")))
            state = await chat.until(run)
        assert state.run.phase is Phase.FINISHED
        assert await chat.journal.opted_out(chat.line.target, [Recipient(phone=PHONE)]) == set()

    chatted(tmp_path, clock, work)


def test_nothing_leaves_any_more_that_waited_for_its_turn_as_they_said_stop(
    tmp_path: Path, clock: VirtualClock
) -> None:
    """At a slow rate a message may wait for minutes: what was heard meanwhile is looked at once more."""
    steps = "[{message: One.}, {message: Two.}, {message: Asked., reply: {within: 1h, no_reply: continue}}]"
    flow = f"name: slow\nanytime: [{{words: [stop], steps: [{{message: Goodbye.}}], end: opted_out}}]\nsteps: {steps}"

    async def work(chat: Chat) -> None:
        pace = Pace(Rate(1, 60.0), clock=clock)
        chat.line.channel = replace(chat.line.channel, pace=pace)

        async def stop() -> None:
            await clock.sleep(30.0)
            chat.say(text("stop"))
            await chat.line.hearing.once(clock.now() - 60.0)

        said = asyncio.create_task(stop())
        run = await chat.begin(flow)
        await said
        assert chat.chat() == ["One.", "> stop", "Goodbye."]
        assert (await chat.of(run)).run.phase is Phase.OPTED_OUT

    chatted(tmp_path, clock, work)


@pytest.mark.parametrize("is_still_in_doubt", [False, True])
def test_stop_that_is_heard_while_the_run_is_in_doubt_is_taken_by_who_listens(
    tmp_path: Path, clock: VirtualClock, *, is_still_in_doubt: bool
) -> None:
    """Whether the message is found out by then or not; nothing but the last words leaves any more."""

    async def work(chat: Chat) -> None:
        for each in ("list-partial:count=999", "cut-after:count=1"):
            chat.state.faults.add(parse_fault(each))
        run = await chat.begin(ANYTIME)
        assert (await chat.of(run)).run.phase is Phase.IN_DOUBT
        said = Inbound(chat.say(text("stop")), clock.now(), "text", "stop")
        assert await chat.journal.hear(run.target, [(run.recipient, said)]) == [run.id]
        if not is_still_in_doubt:
            chat.state.faults.clear()
        async with chat.listening():
            assert (await chat.until(run, 3600.0)).run.phase is Phase.OPTED_OUT
        assert await chat.journal.opted_out(chat.line.target, [Recipient(phone=PHONE)]) == {0}
        assert chat.chat() == ["Go on?", "> stop", "Goodbye.", "Really."]

    chatted(tmp_path, clock, work)
