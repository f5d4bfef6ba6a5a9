"""Who answered while the API was out of reach is not forgotten: their run waits, ever longer, and is tried again."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from flowrunner.app.resuming.due_runs import carry_on
from flowrunner.app.runs.cancel import call_off
from flowrunner.campaign import CampaignDelivery, Limits, begin_campaign, new_campaign
from flowrunner.campaign.begin_runs import CampaignRecipient
from flowrunner.emulator.api.faults import parse_fault
from flowrunner.engine.history.phases import Phase
from flowrunner.flow import load_bundle
from flowrunner.model import Event, EventKind, Inbound, Recipient, Run
from support.chats import PERSON, Chat, chatted, text
from support.lab import rendered
from support.virtual import VirtualClock

ASKING = """
name: asking
steps:
  - id: name
    message: What is your name?
    reply:
      within: 20h
      settle: 0s
      remind: {after: 10h, message: "Your name, please?"}
      answers: [{text: Ana, steps: [{message: "Hello, Ana."}]}]
      otherwise: continue
      no_reply: [{end: finished}]
"""
WINDOW = ASKING.replace('[{message: "Hello, Ana."}]', '[{message: "Hello, Ana.", when: conversation.open}]')
HOUR = 3600.0
Journals = Callable[[], str | None]
Outage = Callable[[Chat], None]


@pytest.fixture(params=["sqlite", "postgres"])
def journal(request: pytest.FixtureRequest) -> str | None:
    """Where the runs are."""
    return None if request.param == "sqlite" else request.getfixturevalue("postgres_url")


def away(talk: Chat) -> None:
    talk.is_away = not talk.is_away


def faulty(fault: str) -> Outage:
    def outage(talk: Chat) -> None:
        talk.state.faults.replace([] if talk.state.faults.data() else [parse_fault(fault)])

    return outage


async def answer(talk: Chat, run: Run) -> None:
    """Let the person give their name, of which a webhook tells."""
    its = Inbound(talk.say(text("Ana")), talk.clock.now(), "text", "Ana")
    await talk.journal.hear(run.target, [(PERSON, its)])


async def in_a_campaign(talk: Chat) -> Run:
    """The run of the one person of a campaign, who is asked."""
    its = rendered(ASKING)
    campaign = new_campaign(its.flow, "p.csv", talk.line.target, its.now, 1, {}, talk.clock)
    await begin_campaign(campaign, [CampaignRecipient(1, Recipient("c1"), {})], [], talk.journal)
    delivery = CampaignDelivery(campaign, load_bundle(its.flow.bundle), talk.line.channel, Limits())
    async for each in delivery.events():
        last = each.event
    record = await talk.journal.record(last.run)
    assert record is not None
    return record.run


def put_off(events: Sequence[Event]) -> list[Event]:
    return [each for each in events if "put_off" in each.detail]


@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize("outage", [away, faulty("status:code=429,retry_after=3600"), faulty("status:code=500")])
def test_who_answered_gets_the_next_message_when_the_api_is_back(
    tmp_path: Path, clock: VirtualClock, journal: str | None, outage: Outage, alone: bool
) -> None:
    """After two hours, in each of the ways in which an API surely takes nothing; it has its message once."""

    async def work(talk: Chat) -> None:
        run = await talk.begin(ASKING) if alone else await in_a_campaign(talk)
        outage(talk)
        await answer(talk, run)
        async with talk.listening():
            await clock.sleep(2 * HOUR)
            its = put_off(await talk.events(run))
            assert [each.detail["put_off"] for each in its] == [*range(1, len(its) + 1)]
            assert all(each.detail["reason"] for each in its)
            waits = [each.detail["wake_at"] - each.at for each in its]
            assert all(low <= wait <= 2 * low for wait, low in zip(waits, [120, 240, *[300] * 99], strict=False))
            assert 10 <= len(waits) <= 22
            outage(talk)
            assert (await talk.until(run, 900.0)).run.phase is Phase.FINISHED
        assert talk.chat() == ["What is your name?", "> Ana", "Hello, Ana."]

    chatted(tmp_path, clock, work, quiet=True, look=20.0, journal=journal)


def test_a_question_that_the_api_does_not_answer_puts_a_run_off(tmp_path: Path, clock: VirtualClock) -> None:
    """Whether they may be sent free text, say: nothing of it has failed."""

    async def work(talk: Chat) -> None:
        run = await talk.begin(WINDOW)
        away(talk)
        await answer(talk, run)
        async with talk.listening():
            await clock.sleep(HOUR)
            assert (await talk.of(run)).run.phase is Phase.HELD
            away(talk)
            assert (await talk.until(run, 900.0)).run.phase is Phase.FINISHED
        assert talk.chat()[-1] == "Hello, Ana."

    chatted(tmp_path, clock, work, quiet=True, look=20.0)


def test_a_thousand_that_were_put_off_at_once_are_not_tried_at_once(tmp_path: Path, clock: VirtualClock) -> None:
    """Sixty here: within minutes, and no more than a few in any second."""

    async def work(talk: Chat) -> None:
        runs = []
        for number in range(60):
            talk.state.conversations.create(f"+52155123456{number:02}", conversation_id=f"p{number}")
            runs.append(await talk.begin_rendered(rendered(ASKING), Recipient(f"p{number}")))
        away(talk)
        for number, run in enumerate(runs):
            its = Inbound(f"wamid.{number}", clock.now(), "text", "Ana")
            await talk.journal.hear(run.target, [(Recipient(f"p{number}"), its)])
        works = carry_on([talk.line], talk.journal, talk.stop, window=60)
        going_on = asyncio.ensure_future(works)
        await clock.sleep(100)
        talk.stop.set()
        await going_on
        due = [float(put_off(await talk.events(run))[0].detail["wake_at"]) for run in runs]
        assert max(due) - min(due) > 60
        assert max(Counter(map(int, due)).values()) <= 8

    chatted(tmp_path, clock, work, quiet=True)


async def cancelled(talk: Chat, run: Run) -> None:
    record = await talk.journal.record(run.id)
    assert record is not None
    assert await call_off(record, talk.journal, talk.clock) == "cancelled"


async def writes(talk: Chat, run: Run) -> None:
    talk.state.faults.clear()
    await answer(talk, run)


async def is_out_of_time(talk: Chat, run: Run) -> None:
    await talk.clock.sleep(11 * HOUR)


@pytest.mark.parametrize(
    ("meanwhile", "answers", "phase", "seconds"),
    [
        (cancelled, True, Phase.CANCELLED, 0.0),
        (writes, True, Phase.FINISHED, 60.0),
        (is_out_of_time, False, Phase.FINISHED, 900.0),
    ],
)
def test_what_happens_while_a_run_is_put_off_counts_as_ever(
    tmp_path: Path, clock: VirtualClock, meanwhile: Any, answers: bool, phase: Phase, seconds: float
) -> None:
    """It can be cancelled; who writes is heard at once; and the time of a question does not stand still."""

    async def work(talk: Chat) -> None:
        run = await talk.begin(ASKING)
        if answers:
            await answer(talk, run)
        else:
            await clock.sleep(10 * HOUR)
        talk.state.faults.add(parse_fault("status:code=429,retry_after=3600"))
        async with talk.listening():
            await clock.sleep(60)
            assert (await talk.of(run)).run.phase is Phase.HELD
            await meanwhile(talk, run)
            began = clock.now()
            assert (await talk.until(run, 1800.0)).run.phase is phase
            assert clock.now() - began <= seconds
            await clock.sleep(900)
        assert (await talk.of(run)).run.phase is phase

    chatted(tmp_path, clock, work, quiet=True, look=20.0)


def test_another_process_goes_on_with_what_one_has_put_off(
    tmp_path: Path, clock: VirtualClock, journal: str | None
) -> None:
    """After a restart it waits no longer than before, and how often it was tried is not forgotten."""

    async def work(talk: Chat) -> None:
        run = await talk.begin(ASKING)
        away(talk)
        await answer(talk, run)
        for times in (1, 2, 3):
            async with talk.listening(), talk.listening():
                while len(put_off(await talk.events(run))) < times:
                    await clock.sleep(5)
        assert [each.detail["put_off"] for each in put_off(await talk.events(run))] == [1, 2, 3]
        away(talk)
        async with talk.listening(), talk.listening():
            assert (await talk.until(run, 700.0)).run.phase is Phase.FINISHED
        assert talk.chat()[-1] == "Hello, Ana."

    chatted(tmp_path, clock, work, quiet=True, look=5.0, journal=journal)


def test_a_run_in_the_foreground_fails_as_ever(tmp_path: Path, clock: VirtualClock) -> None:
    """Whoever called it sees that, and resumes it."""

    async def work(talk: Chat) -> None:
        run = await talk.begin(ASKING)
        away(talk)
        await answer(talk, run)
        events = [event async for event in talk.delivery(run).events(talk.stop)]
        assert events[-1].kind is EventKind.FAILED

    chatted(tmp_path, clock, work, quiet=True)
