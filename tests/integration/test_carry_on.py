"""Waiting runs gone on with in one process: at once, also where somebody writes at the worst moment."""

import asyncio
import subprocess
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import pytest

from flowrunner.app.resuming.due_runs import OpenSender, Tell, carry_on
from flowrunner.app.runs.cancel import call_off
from flowrunner.app.runs.send import resume_run
from flowrunner.app.senders.sender import Sender
from flowrunner.campaign import CampaignDelivery, Limits, begin_campaign, new_campaign
from flowrunner.campaign.begin_runs import CampaignRecipient
from flowrunner.delivery import begin, new_run
from flowrunner.delivery.ending import TAKEN_EARLIER
from flowrunner.delivery.owner import new_owner
from flowrunner.diagnostics.errors import FlowError
from flowrunner.emulator.api.faults import parse_fault
from flowrunner.engine.history.phases import Phase
from flowrunner.flow import load_bundle
from flowrunner.journal import Claim
from flowrunner.journal.many import Member
from flowrunner.model import Event, EventKind, Inbound, Recipient, Run
from flowrunner.model.campaigns import Campaign
from support.chats import Chat, chatted
from support.lab import rendered
from support.virtual import VirtualClock

ASKING = """
name: asking
anytime: [{words: [stop], end: opted_out}]
steps:
  - id: name
    message: What is your name?
    reply:
      within: 20h
      settle: 0s
      answers: [{text: Ana, steps: [{message: "Hello, Ana."}]}]
      otherwise: {again: "Just your name, please.", times: 3, then: continue}
      no_reply: [{message: Another time., id: silence}]
"""


def said(talk: Chat, text: str) -> Sequence[tuple[Recipient, Inbound]]:
    """What the person writes now, as a webhook tells it."""
    wamid = talk.say({"message_type": "text", "content": text})
    return [(Recipient("c1"), Inbound(wamid, talk.clock.now(), "text", text))]


def slowly(talk: Chat) -> None:
    """Let the disk be slow: who was parked is claimed for a while yet."""
    release = talk.journal.release

    async def late(claim: Claim) -> None:
        await talk.clock.sleep(0.9)
        await release(claim)

    talk.journal.release = late  # type: ignore[method-assign]


def test_who_writes_while_the_run_is_being_parked_waits_no_lease(tmp_path: Path, clock: VirtualClock) -> None:
    """The run is due before the task that parked it has ended; it is taken, and gone on with by a second one."""

    async def work(talk: Chat) -> None:
        run = await talk.begin(ASKING)
        stir, times = asyncio.Event(), list[float]()
        slowly(talk)

        def tell(_: Member, event: Event) -> None:
            if event.kind is EventKind.ASKED:
                hearing.append(asyncio.ensure_future(hear("Ana")) if not hearing else hearing[0])
            times.append(clock.now())

        async def hear(text: str) -> None:
            await clock.sleep(0.1)
            await talk.journal.hear(run.target, said(talk, text))
            stir.set()

        hearing: list[asyncio.Future[None]] = []
        going_on = asyncio.ensure_future(carry_on([talk.line], talk.journal, talk.stop, tell=tell, stir=stir))
        await talk.journal.hear(run.target, said(talk, "what?"))
        stir.set()
        began = clock.now()
        state = await talk.until(run, 3600.0)
        talk.stop.set()
        await going_on
        assert state.run.phase == "finished"
        assert clock.now() - began < 20

    chatted(tmp_path, clock, work, quiet=True, look=0.5)


OTHER = "http://127.0.0.1:9"
TELLING_THE_TIME = """
name: telling
languages: [en]
inputs:
  timezone: {type: string, example: America/Lima}
  at: {type: string, default: "2026-01-01T10:00:00Z"}
steps: [{pause: 1h}, {message: "It is {{ at | datetime }}."}]
"""


def test_a_run_of_values_that_are_refused_now_says_what_helps(tmp_path: Path, clock: VirtualClock) -> None:
    """A time zone that is none, say, of a run that an earlier flowrunner began: nobody can write it anew."""

    async def work(talk: Chat) -> None:
        flow = rendered(TELLING_THE_TIME)
        run = new_run(flow.flow, Recipient("c1"), {"timezone": "Mars/Base"}, flow.now, talk.line.target, clock)
        await begin(run, talk.journal, again=False, clock=clock)
        await talk.go_on(run)
        (event,) = await talk.events(run)
        assert event.kind is EventKind.FAILED
        assert event.detail == {
            "reason": 'timezone: the value "Mars/Base" is not a time zone',
            "hint": TAKEN_EARLIER,
        }
        at_the_terminal = resume_run(run._replace(target=OTHER), Sender("lab-key-0000", ""), talk.journal, clock=clock)
        with pytest.raises(FlowError) as refused:
            await at_the_terminal.__aenter__()
        assert [each.hint for each in refused.value.diagnostics] == [TAKEN_EARLIER]

    chatted(tmp_path, clock, work)


@pytest.mark.parametrize(("window", "refused"), [(1, 1), (100, 3)])
def test_an_api_that_refuses_the_sender_ends_no_run(
    tmp_path: Path, clock: VirtualClock, window: int, refused: int
) -> None:
    """A key that was withdrawn, say: all are gone on with once it is known again, also those that were refused."""

    async def work(talk: Chat) -> None:
        flow, runs, ended = rendered(ASKING), list[Run](), list[EventKind]()
        for place in ("p1", "p2", "p3"):
            talk.state.conversations.create(f"+52155123456{place[1:]}0", conversation_id=place)
            runs.append(new_run(flow.flow, Recipient(place), {}, flow.now, talk.line.target, clock))
            await begin(runs[-1], talk.journal, again=False, clock=clock)
            await talk.go_on(runs[-1])
        talk.state.faults.add(parse_fault("status:code=401"))

        def tell(_: Member, event: Event) -> None:
            ended.extend([event.kind] if event.kind in (EventKind.PAUSED, EventKind.FINISHED) else [])

        await clock.sleep(21 * 3600)
        works = carry_on([talk.line], talk.journal, talk.stop, tell=tell, window=window, look=30.0)
        going_on = asyncio.ensure_future(works)
        await clock.sleep(200.0)
        phases = sorted([(await talk.of(run)).run.phase for run in runs])
        assert phases == [Phase.ASKED] * (3 - refused) + [Phase.HELD] * refused
        talk.state.faults.clear()
        for run in runs:
            await talk.until(run, 900.0)
        talk.stop.set()
        await going_on
        assert ended == [EventKind.PAUSED] * refused + [EventKind.FINISHED] * 3

    chatted(tmp_path, clock, work, quiet=True)


def test_a_run_that_is_cancelled_while_the_api_refuses_the_sender_waits_for_nothing(
    tmp_path: Path, clock: VirtualClock
) -> None:
    """Its last message was on its way."""

    async def work(talk: Chat) -> None:
        run = await talk.begin(ASKING)
        for fault in ("status:code=401", "latency:seconds=3"):
            talk.state.faults.add(parse_fault(fault))
        await clock.sleep(21 * 3600 - clock.now() % 1)
        going_on = asyncio.ensure_future(carry_on([talk.line], talk.journal, talk.stop))
        await clock.sleep(2.0)
        record = await talk.journal.record(run.id)
        assert record is not None
        assert await call_off(record, talk.journal, clock) == "cancelled"
        await clock.sleep(900.0)
        talk.stop.set()
        await going_on
        assert (await talk.of(run)).run.phase is Phase.CANCELLED
        assert [each.kind for each in await talk.events(run)].count(EventKind.BEGUN) == 2

    chatted(tmp_path, clock, work, quiet=True)


def failing(monkeypatch: pytest.MonkeyPatch, runs: Collection[str]) -> None:
    """Let the going on with these runs meet a bug, as long as they are in there."""
    its_own = OpenSender.go_on

    async def go_on(line: OpenSender, member: Member, tell: Tell) -> None:
        if member.run.id in runs:
            raise KeyError("Ana")
        await its_own(line, member, tell)

    monkeypatch.setattr(OpenSender, "go_on", go_on)


async def parked(talk: Chat, count: int) -> list[Run]:
    """So many runs, each of another person, all of whose time has come."""
    flow, runs = rendered(ASKING), list[Run]()
    for number in range(count):
        talk.state.conversations.create(f"+5215512345{number:03}", conversation_id=f"p{number}")
        runs.append(new_run(flow.flow, Recipient(f"p{number}"), {}, flow.now, talk.line.target, talk.clock))
        await begin(runs[-1], talk.journal, again=False, clock=talk.clock)
        await talk.go_on(runs[-1])
    await talk.clock.sleep(21 * 3600)
    return runs


def test_a_run_that_fails_as_nobody_foresaw_takes_no_other_down(
    tmp_path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told of, left for five minutes, and tried again: nothing of it is lost."""

    async def work(talk: Chat) -> None:
        runs = await parked(talk, 3)
        broken, odd = {runs[0].id}, list[tuple[str, Exception, float]]()
        failing(monkeypatch, broken)
        going_on = asyncio.ensure_future(
            carry_on(
                [talk.line], talk.journal, talk.stop, look=5.0,
                unforeseen=lambda member, error: odd.append((member.run.id, error, clock.now())),
            )
        )  # fmt: skip
        began = clock.now()
        for run in runs[1:]:
            assert (await talk.until(run, 60.0)).run.phase == "finished"
        await clock.sleep(began + 850 - clock.now())
        assert {(run, type(error)) for run, error, _ in odd} == {(runs[0].id, KeyError)}
        assert [at - began for _, _, at in odd] == [pytest.approx(each, abs=70) for each in (0, 300, 600)]
        broken.clear()
        assert (await talk.until(runs[0], 600.0)).run.phase == "finished"
        talk.stop.set()
        await going_on

    chatted(tmp_path, clock, work, quiet=True, look=5.0)


def test_a_bug_that_meets_every_run_does_not_spin(
    tmp_path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After ten in a row nothing is gone on with for five minutes, then one is tried; in the end all are done."""

    async def work(talk: Chat) -> None:
        runs = await parked(talk, 20)
        broken, odd = {each.id for each in runs}, list[float]()
        failing(monkeypatch, broken)
        going_on = asyncio.ensure_future(
            carry_on(
                [talk.line], talk.journal, talk.stop, look=5.0, window=2,
                unforeseen=lambda _member, _error: odd.append(clock.now()),
            )
        )  # fmt: skip
        began = clock.now()
        await clock.sleep(3600)
        assert sum(at < began + 200 for at in odd) in (10, 11)
        assert len(odd) <= 11 + 2 * 12
        broken.clear()
        for run in runs:
            assert (await talk.until(run, 1200.0)).run.phase == "finished"
        talk.stop.set()
        await going_on

    chatted(tmp_path, clock, work, quiet=True, look=5.0)


def test_what_was_heard_while_it_was_parked_is_not_slept_through(tmp_path: Path, clock: VirtualClock) -> None:
    """``run --wait`` stays with a run: an answer between its last look and its parking wakes it."""

    async def work(talk: Chat) -> None:
        run = await talk.begin(ASKING)
        delivery = talk.delivery(run, wait=True)
        append, is_first = talk.journal.append, True

        async def late(*events: Event, **more: Any) -> None:
            nonlocal is_first
            if is_first and any(each.kind is EventKind.ASKED for each in events):
                is_first = False
                await talk.journal.hear(run.target, said(talk, "Ana"))
            await append(*events, **more)

        talk.journal.append = late  # type: ignore[method-assign]
        began = clock.now()
        events = [event async for event in delivery.events(talk.stop)]
        assert events[-1].kind is EventKind.FINISHED
        assert clock.now() - began < 60

    chatted(tmp_path, clock, work, quiet=True)


def test_what_a_killed_listener_had_taken_waits_no_lease(tmp_path: Path, clock: VirtualClock) -> None:
    """The next one goes on with it at once; what a living process of this machine has taken is left to it."""
    program = "from flowrunner.delivery.owner import new_owner; print(new_owner(''))"
    gone = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()

    async def work(talk: Chat) -> None:
        for owner, least, most in ((gone, 0, 30), (new_owner(""), 60, 90)):
            run = await talk.begin(ASKING, again=True)
            await talk.journal.hear(run.target, said(talk, "Ana"))
            (taken,) = await talk.journal.due([run.target], clock.now(), 9, owner=owner)
            assert taken.run.id == run.id
            began = clock.now()
            async with talk.listening():
                assert (await talk.until(run, 3600.0)).run.phase == "finished"
            assert least <= clock.now() - began <= most

    chatted(tmp_path, clock, work, quiet=True, look=1.0)


@pytest.mark.parametrize(("has_died", "least", "most"), [(True, 0, 30), (False, 60, 90)])
def test_whom_a_campaign_had_woken_is_gone_on_with_by_who_listens(
    tmp_path: Path, clock: VirtualClock, has_died: bool, least: float, most: float
) -> None:
    """At once where its process was killed; whom a living one of this machine has woken is left to it for a lease."""
    program = "from flowrunner.delivery.owner import new_owner; print(new_owner(''))"
    gone = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()

    async def work(talk: Chat) -> None:
        its, journal, wake = rendered(ASKING), talk.journal, talk.journal.wake
        campaign = new_campaign(its.flow, "p.csv", talk.line.target, its.now, 1, {}, clock)
        await begin_campaign(campaign, [CampaignRecipient(1, Recipient("c1"), {})], [], journal)

        async def woken(*given: Any, owner: str) -> list[Member]:
            if await wake(*given, owner=gone if has_died else owner):
                talk.stop.set()  # nothing more comes of who has woken them
            return []

        journal.wake = woken  # type: ignore[method-assign]
        delivery = CampaignDelivery(campaign, load_bundle(its.flow.bundle), talk.line.channel, Limits(wait=True))
        async for each in delivery.events():
            if each.event.kind is EventKind.ASKED:
                await journal.hear(campaign.target, said(talk, "Ana"))
        talk.stop.clear()
        assert (await journal.counts(campaign.id)).phases == {Phase.UNDER_WAY: 1}
        began = clock.now()
        async with talk.listening():
            while (await journal.counts(campaign.id)).phases != {Phase.FINISHED: 1}:
                await clock.sleep(1)
        assert least <= clock.now() - began <= most

    chatted(tmp_path, clock, work, quiet=True, look=1.0)


def test_who_of_a_campaign_writes_while_they_are_being_parked_is_not_left_lying(
    tmp_path: Path, clock: VirtualClock
) -> None:
    """They are gone on with right after that, though another person of it has still to answer."""

    async def work(talk: Chat) -> None:
        its, journal = rendered(ASKING.replace("20h", "2m")), talk.journal
        talk.state.conversations.create("+5215512345699", conversation_id="c2")
        loaded = load_bundle(its.flow.bundle)
        campaign = new_campaign(its.flow, "p.csv", talk.line.target, its.now, 2, {}, clock)
        people = [CampaignRecipient(line, Recipient(f"c{line}"), {}) for line in (1, 2)]
        await begin_campaign(campaign, people, [], journal)
        slowly(talk)
        delivery = CampaignDelivery(campaign, loaded, talk.line.channel, Limits(wait=True))
        finished, said_so = list[float](), 0
        async for each in delivery.events():
            if each.event.kind is EventKind.FINISHED:
                finished.append(clock.now())
            if each.recipient.conversation == "c1" and each.event.kind is EventKind.ASKED:
                said_so += 1
                if said_so <= 2:  # the second while the first is still being let go of
                    await journal.hear(campaign.target, said(talk, "Ana" if said_so == 2 else "what?"))
        assert finished[0] < finished[1] - 60

    began = clock.now()
    chatted(tmp_path, clock, work, quiet=True)
    assert clock.now() - began > 60


def test_who_stays_waits_for_whoever_else_goes_on_with_the_run(tmp_path: Path, clock: VirtualClock) -> None:
    """``run --wait`` beside a listener that was quicker, and is at it for a while."""

    async def work(talk: Chat) -> None:
        run = await talk.begin(ASKING)
        ended: list[Event] = []

        async def stays() -> None:
            ended.extend([event async for event in talk.delivery(run, wait=True).events(talk.stop)])

        staying = asyncio.ensure_future(stays())
        await clock.sleep(60)
        claim = await talk.journal.claim(run.target, run.recipient, new_owner(run.id))
        assert isinstance(claim, Claim)
        await talk.journal.hear(run.target, said(talk, "Ana"))
        await clock.sleep(20)
        assert not staying.done()
        await talk.journal.release(claim)
        await asyncio.wait_for(staying, 60)
        assert ended[-1].kind is EventKind.FINISHED

    chatted(tmp_path, clock, work, quiet=True)


def test_a_run_is_gone_on_with_at_its_moment_however_seldom_the_journal_is_looked_into(
    tmp_path: Path, clock: VirtualClock
) -> None:
    """The moment is known: it is slept until then, not until the next look."""

    async def work(talk: Chat) -> None:
        run, told = await talk.begin(ASKING), list[float]()
        moment = await talk.journal.next_due([run.target])
        going_on = asyncio.ensure_future(
            carry_on([talk.line], talk.journal, talk.stop, tell=lambda *_: told.append(clock.now()), look=30_000.0)
        )
        await clock.sleep(20 * 3600 + 60)
        talk.stop.set()
        await going_on
        assert moment is not None
        assert moment <= told[0] < moment + 0.1

    chatted(tmp_path, clock, work, quiet=True)


def test_what_is_due_and_cannot_be_taken_is_not_looked_at_again_and_again(
    tmp_path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no room for a third: it is taken when one of the two has ended, and until then looked for seldom."""

    async def work(talk: Chat) -> None:
        runs, looks, held = await parked(talk, 3), list[float](), asyncio.Event()
        next_due, go_on = talk.journal.next_due, OpenSender.go_on

        async def looked(targets: Sequence[str]) -> float | None:
            looks.append(clock.now())
            return await next_due(targets)

        async def slowly(line: OpenSender, member: Member, tell: Tell) -> None:
            await held.wait()
            await go_on(line, member, tell)

        talk.journal.next_due = looked  # type: ignore[method-assign]
        monkeypatch.setattr(OpenSender, "go_on", slowly)
        going_on = asyncio.ensure_future(carry_on([talk.line], talk.journal, talk.stop, window=2, look=10.0))
        await clock.sleep(55.0)
        assert 5 <= len(looks) <= 7
        held.set()
        for run in runs:
            assert (await talk.until(run, 30.0)).run.phase == "finished"
        talk.stop.set()
        await going_on

    chatted(tmp_path, clock, work, quiet=True, look=1.0)


def test_a_campaign_whose_people_are_due_together_is_opened_once(tmp_path: Path, clock: VirtualClock) -> None:
    """To read its flow for each of them made everybody late."""

    async def work(talk: Chat) -> None:
        its, journal = rendered(ASKING), talk.journal
        for line in (2, 3):
            talk.state.conversations.create(f"+521551234569{line}", conversation_id=f"c{line}")
        campaign = new_campaign(its.flow, "p.csv", talk.line.target, its.now, 3, {}, clock)
        people = [CampaignRecipient(line, Recipient(f"c{line}"), {}) for line in (1, 2, 3)]
        await begin_campaign(campaign, people, [], journal)
        delivery = CampaignDelivery(campaign, load_bundle(its.flow.bundle), talk.line.channel, Limits())
        assert [each.event.kind async for each in delivery.events()].count(EventKind.ASKED) == 3
        opened, read = list[str](), journal.campaign

        async def counted(campaign_id: str) -> Campaign | None:
            opened.append(campaign_id)
            return await read(campaign_id)

        journal.campaign = counted  # type: ignore[method-assign]
        await clock.sleep(21 * 3600)
        async with talk.listening():
            await clock.sleep(60)
        assert (await journal.counts(campaign.id)).phases == {Phase.FINISHED: 3}
        assert opened == [campaign.id]

    chatted(tmp_path, clock, work, quiet=True, look=1.0)
