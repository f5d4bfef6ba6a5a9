"""Who says stop once their run is over is written to no more; who says anything else is left in peace."""

from pathlib import Path
from typing import Any

import pytest

from flowrunner.app.resuming import due_runs
from flowrunner.app.runs.cancel import call_off
from flowrunner.campaign import CampaignRecipient, begin_campaign, new_campaign
from flowrunner.delivery import begin, new_run
from flowrunner.delivery.inbound.late_optouts import keep_stops
from flowrunner.delivery.inbound.polling import Hearing
from flowrunner.diagnostics import Diagnostic, Location
from flowrunner.diagnostics.errors import FlowError
from flowrunner.emulator.api.inbound import inbound_body
from flowrunner.model import Event, EventKind, Inbound, Recipient
from support.chats import PHONE, Chat, chatted, tap, text
from support.lab import rendered
from support.virtual import VirtualClock

ASKING = """
name: asking
anytime:
  - {words: [stop, no more], end: opted_out}
  - {text: [STOP ALL], steps: [{message: Bye.}], end: opted_out}
  - {words: [agent], end: handed_over}
steps:
  - id: q
    message: Well?
    reply: {within: 20h, settle: 0s, no_reply: continue}
"""
SAID = [
    ("stop", True), ("  \u00a1STOP! \U0001f621", True), ("No more.", True), ("stop all", True), ("Stop\u0301", True),
    ("please stop by tomorrow", False), ("agent", False), ("nonstop", False), ("", False), ("\U0001f44d", False),
    ("stop " * 30, False), ("STOP\nstop", True), ("/stop", True), ("Stop, please.", True), ("no-more", True),
    ("no more stop", False), ("thank you", False),
]  # fmt: skip
SHORT = "name: short\nsteps: [{message: Hi.}]\nanytime: [{words: [stop], end: opted_out}]\n"
ANA = Recipient("c1", PHONE)


def heard(talk: Chat, words: str) -> Inbound:
    return Inbound(f"wamid.{words}", talk.clock.now(), "text", words)


@pytest.mark.parametrize(("words", "stops"), SAID)
def test_a_word_for_stop_counts_once_the_run_is_over(
    tmp_path: Path, clock: VirtualClock, words: str, stops: bool
) -> None:
    """Alone, whatever its case, accents and signs: nobody has asked them, and in a sentence it may mean anything."""

    async def work(talk: Chat) -> None:
        run = await talk.begin(ASKING)
        await talk.journal.hear(run.target, [(ANA, heard(talk, "fine"))])
        await talk.go_on(run)
        assert (await talk.of(run)).run.phase == "finished"
        kept = await keep_stops(talk.journal, run.target, [(Recipient(phone=PHONE), heard(talk, words))])
        assert kept == ([run.id] if stops else [])
        its = await talk.journal.opt_out_of(run.target, ANA)
        assert (its.reason if its is not None else None) == (words if stops else None)
        assert await keep_stops(talk.journal, run.target, [(ANA, heard(talk, words))]) == [], "once is enough"

    chatted(tmp_path, clock, work, quiet=True)


TAPPED = """
name: tapped
anytime:
  - {button: enough, end: opted_out}
steps:
  - id: q
    message:
      message_type: interactive
      interactive_type: button
      body_text: Shall we go on?
      buttons: [{id: more, title: Go on}, {id: never, title: Never again}, {id: later, title: Later}]
    reply:
      within: 20h
      settle: 0s
      answers:
        - {button: more, steps: []}
        - {button: never, steps: [{message: Bye.}, {end: opted_out}]}
        - {button: later, steps: []}
      no_reply: continue
"""


TAPS = [
    ("never", "Never again", True), ("enough", "Unsubscribe", True), ("more", "Go on", False),
    ("", "Never again", True), ("", "Unsubscribe", False),  # v1 may tell the title alone
]  # fmt: skip


@pytest.mark.parametrize(("choice", "title", "stops"), TAPS)
def test_a_button_that_stops_does_so_once_the_run_is_over(
    tmp_path: Path, clock: VirtualClock, choice: str, title: str, stops: bool
) -> None:
    """It is in their chat for ever, and says what is done when it is tapped."""

    async def work(talk: Chat) -> None:
        run = await talk.begin(TAPPED)
        await talk.journal.hear(run.target, [(ANA, Inbound("wamid.1", clock.now(), "button", "Later", "later"))])
        await talk.go_on(run)
        assert (await talk.of(run)).run.phase == "finished"
        tapped = Inbound("wamid.2", clock.now(), "button", title, choice)
        await keep_stops(talk.journal, run.target, [(ANA, tapped)])
        assert bool(await talk.journal.opted_out(run.target, [ANA])) is stops

    chatted(tmp_path, clock, work, quiet=True)


MORE = "- {button: more, steps: [{pause: 3d}, {message: Still there?}]}"
GONE_ON = TAPPED.replace("- {button: more, steps: []}", MORE)
SURE = """  - id: sure
    message:
      message_type: interactive
      interactive_type: button
      body_text: Are you there?
      buttons: [{id: yes, title: Yes}, {id: never, title: Never mind}]
    reply: {within: 20h, settle: 0s, answers: [{button: yes, steps: []}, {button: never, steps: []}], no_reply: end}
"""
TWICE = GONE_ON.replace("  - id: q\n", f"{SURE}  - id: q\n")


BEFORE = {"the only one": (GONE_ON, 0, True), "its": (TWICE, 1, True), "another's": (TWICE, 0, False)}


@pytest.mark.parametrize(("flow", "place", "stops"), BEFORE.values(), ids=BEFORE)
def test_a_tap_on_what_was_asked_before_stops_the_run_if_it_says_so(
    tmp_path: Path, clock: VirtualClock, flow: str, place: int, stops: bool
) -> None:
    """It waits for something else, and takes it for no answer; another question's button may have that name, too."""

    async def work(talk: Chat) -> None:
        run = await talk.begin(flow)
        for name in ("yes", "more")[0 if flow is TWICE else 1 :]:
            talk.say(tap(name, name.title()))
            await talk.line.hearing.ask()
            await talk.go_on(run)
            await clock.sleep(60)
        sent = [each.message_id for each in await talk.events(run) if each.kind is EventKind.ACCEPTED]
        talk.say(tap("never", "Never again", sent[place]))
        await clock.sleep(60)
        await talk.line.hearing.ask()
        assert bool(await talk.journal.opted_out(run.target, [ANA])) is stops
        await clock.sleep(3 * 86_400)
        talk.say(text("hm"))
        await talk.go_on(run)
        assert ("Still there?" in talk.chat()) is not stops

    chatted(tmp_path, clock, work, dialect="meta", quiet=True)


def test_a_tap_on_what_is_asked_now_is_the_run_s(tmp_path: Path, clock: VirtualClock) -> None:
    """It has its last words."""

    async def work(talk: Chat) -> None:
        run = await talk.begin(TAPPED)
        talk.say(tap("never", "Never again"))
        await clock.sleep(10)
        await talk.line.hearing.ask()
        assert not await talk.journal.opted_out(run.target, [ANA])
        await talk.go_on(run)
        assert talk.chat()[-1] == "Bye."
        assert await talk.journal.opted_out(run.target, [ANA]) == {0}

    chatted(tmp_path, clock, work, dialect="meta", quiet=True)


@pytest.mark.parametrize("last", [EventKind.FAILED, EventKind.BEGUN])
def test_a_run_that_may_never_be_gone_on_with_does_not_keep_stop_to_itself(
    tmp_path: Path, clock: VirtualClock, last: EventKind
) -> None:
    """It has failed, or its process was killed as it sent: no other flow is sent to them; it has its last words."""

    async def work(talk: Chat) -> None:
        run = await talk.begin(ASKING)
        await talk.journal.append(Event(last, run.id, clock.now(), "1", detail={"reason": "no"}))
        stop = heard(talk, "stop")
        assert await talk.journal.hear(run.target, [(ANA, stop)]) == [run.id]
        assert await keep_stops(talk.journal, run.target, [(ANA, stop)]) == [run.id]
        its = await talk.journal.opt_out_of(run.target, ANA)
        assert its is not None
        assert its.run == run.id

    chatted(tmp_path, clock, work, quiet=True)


TO_THE_LETTER = ASKING.replace("  - {words: [stop, no more], end: opted_out}\n", "")


@pytest.mark.parametrize(("flow", "words", "days"), [(TO_THE_LETTER, "stop all, please", 0), (ASKING, "stop", 2)])
def test_a_run_that_does_not_take_it_for_stop_has_no_last_words(
    tmp_path: Path, clock: VirtualClock, flow: str, words: str, days: int
) -> None:
    """It would send all that is left: it looks for a text to the letter, and for what was written since it began."""

    async def work(talk: Chat) -> None:
        run = await talk.begin(flow)
        await talk.journal.append(Event(EventKind.FAILED, run.id, clock.now(), "1", detail={"reason": "no"}))
        said = heard(talk, words)._replace(at=clock.now() - days * 86_400)
        assert await talk.journal.hear(run.target, [(ANA, said)]) == [run.id]
        assert await keep_stops(talk.journal, run.target, [(ANA, said)]) == [run.id]
        its = await talk.journal.opt_out_of(run.target, ANA)
        assert its is not None
        assert its.run == ""

    chatted(tmp_path, clock, work, quiet=True)


def test_stop_that_was_said_before_a_run_began_is_kept_while_it_waits(tmp_path: Path, clock: VirtualClock) -> None:
    """It was said to the run before, and nobody has listened since: to this one it is nothing."""

    async def work(talk: Chat) -> None:
        run = await talk.begin(ASKING)
        stop = heard(talk, "stop")._replace(at=clock.now() - 2 * 86_400)
        assert await talk.journal.hear(run.target, [(ANA, stop)]) == [run.id]
        assert await keep_stops(talk.journal, run.target, [(ANA, stop)]) == [run.id]
        await talk.go_on(run)
        await clock.sleep(86_400)
        await talk.go_on(run)
        assert talk.chat() == ["Well?"]
        assert await talk.journal.opted_out(run.target, [ANA]) == {0}

    chatted(tmp_path, clock, work, quiet=True)


def test_stop_counts_also_where_nobody_tells_when_it_was_said(tmp_path: Path, clock: VirtualClock) -> None:
    async def work(talk: Chat) -> None:
        run = await talk.begin(ASKING)
        await talk.journal.hear(run.target, [(ANA, heard(talk, "fine"))])
        await talk.go_on(run)
        assert await keep_stops(talk.journal, run.target, [(ANA, heard(talk, "stop")._replace(at=0.0))]) == [run.id]

    chatted(tmp_path, clock, work, quiet=True)


@pytest.mark.parametrize("words", ["stop \ud83d", "stop \0"])
def test_stop_with_what_no_journal_keeps_beside_it_is_kept(tmp_path: Path, clock: VirtualClock, words: str) -> None:
    """Whoever told of it would tell it again and again, and be refused each time."""

    async def work(talk: Chat) -> None:
        run = await talk.begin(ASKING)
        await talk.journal.hear(run.target, [(ANA, heard(talk, "fine"))])
        await talk.go_on(run)
        said = heard(talk, "")._replace(id="wamid.2", text=words)
        await talk.journal.hear(run.target, [(ANA, said)])
        assert await keep_stops(talk.journal, run.target, [(ANA, said)]) == [run.id]

    chatted(tmp_path, clock, work, quiet=True)


OTHERWISE = ASKING.replace("stop, no more", "baja").replace("name: asking", "name: otherwise")


@pytest.mark.parametrize(("waits", "decides"), [(OTHERWISE, False), (ASKING, True)], ids=["unknown", "known"])
def test_whichever_run_knows_the_word_has_it_and_who_waits_comes_first(
    tmp_path: Path, clock: VirtualClock, waits: str, decides: bool
) -> None:
    """One waits for an answer, and one that was begun later has failed: that may never be gone on with."""

    async def work(talk: Chat) -> None:
        run, its = await talk.begin(waits), rendered(ASKING.replace("name: asking", "name: later"))
        failed = new_run(its.flow, ANA, {}, its.now, run.target, clock)
        assert await begin(failed, talk.journal, clock=clock) is None
        await talk.journal.append(Event(EventKind.FAILED, failed.id, clock.now(), "1", detail={"reason": "no"}))
        stop = heard(talk, "stop")
        await talk.journal.hear(run.target, [(ANA, stop)])
        assert await keep_stops(talk.journal, run.target, [(ANA, stop)]) == ([] if decides else [failed.id])
        await talk.go_on(run)
        kept = await talk.journal.opt_out_of(run.target, ANA)
        assert kept is not None
        assert kept.run == (run.id if decides else failed.id)

    chatted(tmp_path, clock, work, quiet=True)


def test_who_says_stop_as_the_last_message_leaves_is_written_to_no_more(
    tmp_path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the run's last look at what was said and its end: it looks once more, and does not end as it would."""

    async def work(talk: Chat) -> None:
        append = talk.journal.append

        async def said_first(*events: Event, **more: Any) -> None:
            if events[-1].kind is EventKind.FINISHED:
                stop = heard(talk, "stop")
                assert await talk.journal.hear(talk.line.target, [(ANA, stop)])
                await keep_stops(talk.journal, talk.line.target, [(ANA, stop)])
            await append(*events, **more)

        monkeypatch.setattr(talk.journal, "append", said_first)
        run = await talk.begin(SHORT)
        assert (await talk.of(run)).run.phase == "opted_out"
        assert await talk.journal.opted_out(run.target, [ANA]) == {0}

    chatted(tmp_path, clock, work, quiet=True)


def test_who_was_let_in_again_is_not_put_out_by_what_they_had_said_before(tmp_path: Path, clock: VirtualClock) -> None:
    """A list has it still, and is asked again and again; the next time that they say so counts."""

    async def work(talk: Chat) -> None:
        run = await talk.begin(ASKING)
        await talk.journal.hear(run.target, [(ANA, heard(talk, "fine"))])
        await talk.go_on(run)
        stop = heard(talk, "stop")
        assert await keep_stops(talk.journal, run.target, [(ANA, stop)]) == [run.id]
        await clock.sleep(5)
        assert await talk.journal.opt_in(run.target, ANA)
        await clock.sleep(5)
        assert await keep_stops(talk.journal, run.target, [(ANA, stop)]) == []
        assert await keep_stops(talk.journal, run.target, [(ANA, heard(talk, "STOP"))]) == [run.id]

    chatted(tmp_path, clock, work, quiet=True)


def test_what_was_written_days_before_a_run_began_is_nothing_to_it(tmp_path: Path, clock: VirtualClock) -> None:
    """Who listens anew asks what was written since the first who waits was asked: of others it is of another talk."""

    async def work(talk: Chat) -> None:
        talk.state.conversations.create("+5215512345699", conversation_id="c2")
        its = rendered(ASKING.replace("20h", "90h"))
        await talk.begin_rendered(its, Recipient("c2", "+5215512345699"))
        run = await talk.begin(ASKING)
        talk.say(text("fine"))
        await talk.line.hearing.ask()
        await talk.go_on(run)
        talk.say(text("is there an agent?"))
        await clock.sleep(2 * 86_400)
        talk.say(text("hello"))
        await clock.sleep(60)
        other = await talk.begin(ASKING, again=True)
        channel = talk.line.channel
        anew = Hearing(talk.client, talk.journal, run.target, channel.pace, channel.sleep)
        await anew.ask()
        await talk.go_on(other)
        assert (await talk.of(other)).run.phase == "asked"
        talk.say(text("is there an agent?"))
        await clock.sleep(60)
        await anew.ask()
        await talk.go_on(other)
        assert (await talk.of(other)).run.phase == "handed_over"

    chatted(tmp_path, clock, work, dialect="meta", quiet=True)


def test_while_a_run_is_open_that_decides(tmp_path: Path, clock: VirtualClock) -> None:
    """Nor does it matter who never had a flow that listens."""

    async def work(talk: Chat) -> None:
        run = await talk.begin(ASKING)
        assert await keep_stops(talk.journal, run.target, [(ANA, heard(talk, "stop"))]) == []
        stranger = Recipient(phone="+5215512340000")
        assert await keep_stops(talk.journal, run.target, [(stranger, heard(talk, "stop"))]) == []
        assert not await talk.journal.opted_out(run.target, [ANA, stranger])

    chatted(tmp_path, clock, work, quiet=True)


def test_what_the_api_lists_of_those_whose_run_is_over_is_heard(tmp_path: Path, clock: VirtualClock) -> None:
    """Where it tells of everybody at once, and somebody else is asked something."""

    async def work(talk: Chat) -> None:
        run = await talk.begin(ASKING)
        talk.say(text("fine"))
        assert await talk.line.hearing.ask()
        await talk.go_on(run)
        talk.state.conversations.create("+5215512345699", conversation_id="c2")
        its = rendered(ASKING)
        other = new_run(its.flow, Recipient("c2", "+5215512345699"), {}, its.now, run.target, clock)
        assert await begin(other, talk.journal, clock=clock) is None
        await talk.go_on(other)
        talk.say(text("stop"))
        await clock.sleep(60)
        assert not await talk.line.hearing.ask()
        assert await talk.journal.opted_out(run.target, [ANA]) == {0}

    chatted(tmp_path, clock, work, dialect="meta", quiet=True)


def test_the_api_that_lists_each_conversation_apart_is_asked_for_stop_after_a_run_too(
    tmp_path: Path, clock: VirtualClock
) -> None:
    """Once for what somebody has written since our last message to them, and for nobody who has written nothing."""

    async def work(talk: Chat) -> None:
        read: list[str] = []
        messages = talk.state.messages

        def noted(conversation: str, *more: Any) -> Any:
            read.append(conversation)
            return messages(conversation, *more)

        for number in range(2, 9):
            talk.state.conversations.create(f"+521551234560{number}", conversation_id=f"c{number}")
            its = rendered(SHORT)
            await talk.begin_rendered(its, Recipient(f"c{number}", f"+521551234560{number}"))
        run = await talk.begin(SHORT)
        assert (await talk.of(run)).run.phase == "finished"
        began, hearing = clock.now(), talk.line.hearing
        talk.state.messages = noted  # type: ignore[method-assign]
        await hearing.ask(stops_since=began)
        assert read == [], "to nobody but us they have been active"
        await clock.sleep(40)
        talk.say(text("please stop by"))
        await clock.sleep(60)
        await hearing.ask(stops_since=began)
        assert read == ["c1"]
        assert await talk.journal.opted_out(run.target, [ANA]) == set()
        await clock.sleep(60)
        await hearing.ask(stops_since=began)
        assert read == ["c1"], "it is read once"
        talk.say(text("stop"))
        await clock.sleep(60)
        await hearing.ask(stops_since=began)
        assert read == ["c1", "c1"]
        assert await talk.journal.opted_out(run.target, [ANA]) == {0}

    chatted(tmp_path, clock, work, quiet=True)


def test_of_very_many_who_write_after_their_runs_some_are_read_at_each_question(
    tmp_path: Path, clock: VirtualClock
) -> None:
    """Who waits for an answer is not to wait for those; none is left out in the end."""

    async def work(talk: Chat) -> None:
        people = [Recipient(f"c{number}", f"+521551234560{number}") for number in range(2, 9)]
        for each in people:
            talk.state.conversations.create(each.phone, conversation_id=each.conversation)
            await talk.begin_rendered(rendered(SHORT), each)
        began, hearing = clock.now(), talk.line.hearing
        await clock.sleep(40)
        for each in people:
            talk.state.add_inbound(each.conversation, inbound_body(text("stop")))
        counts = []
        for _ in range(3):
            await hearing.ask(stops_since=began)
            counts.append(len(await talk.journal.opted_out(talk.line.target, people)))
            await clock.sleep(hearing.left + 1)
        assert counts == [5, 7, 7]

    chatted(tmp_path, clock, work, quiet=True)


@pytest.mark.parametrize("how", ["cancelled", "failed"])
def test_stop_that_a_run_has_heard_is_kept_though_somebody_ends_it_before_it_has_read_that(
    tmp_path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """It waited, so that whoever heard it has left it to the run: that is cancelled, or its flow is sound no more."""

    async def work(talk: Chat) -> None:
        run = await talk.begin(ASKING)
        stop = heard(talk, "stop")
        assert await talk.journal.hear(run.target, [(ANA, stop)]) == [run.id]
        assert await keep_stops(talk.journal, run.target, [(ANA, stop)]) == []
        record = await talk.journal.record(run.id)
        assert record is not None
        if how == "cancelled":
            assert await call_off(record, talk.journal, clock) == "cancelled"
        else:
            monkeypatch.setattr(due_runs, "prepared_again", unsound)
            await talk.go_on(run)
        assert (await talk.of(run)).run.phase == how
        assert await talk.journal.opted_out(run.target, [ANA]) == {0}

    def unsound(*_: Any) -> Any:
        raise FlowError([Diagnostic("too-long", "no more", Location("flow.yaml", 1, 1))])

    chatted(tmp_path, clock, work, quiet=True)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("phase", ["asked", "unfinished", "in_doubt"])
def test_stop_that_a_run_of_a_campaign_has_heard_is_kept_though_that_is_cancelled(
    tmp_path: Path, clock: VirtualClock, phase: str, when: str
) -> None:
    """Before the run has read that: while it waits, somebody goes on with it, or it is in doubt."""

    async def work(talk: Chat) -> None:
        flow = rendered(ASKING).flow
        campaign = new_campaign(flow, "p.csv", talk.line.target, "2026-03-01T10:00:00Z", 2, {}, clock)
        people = [CampaignRecipient(2, ANA, {}), CampaignRecipient(3, Recipient("c2", "+34600000001"), {})]
        await begin_campaign(campaign, people, [], talk.journal)
        first, other = await talk.journal.pending(campaign.id, limit=9)
        await talk.line.go_on(first, lambda _member, _event: None)
        if phase == "in_doubt":
            await talk.journal.append(Event(EventKind.IN_DOUBT, first.run.id, clock.now(), "q"))
        stop = heard(talk, "stop")
        if when == "after":
            assert await call_off(campaign, talk.journal, clock) == "cancelled"
        await talk.journal.hear(campaign.target, [(ANA, stop)])
        kept = await keep_stops(talk.journal, campaign.target, [(ANA, stop)])
        assert kept == ([] if when == "before" else [first.run.id])
        if phase == "unfinished":
            await talk.journal.wake(campaign.id, clock.now(), 1)
        if when == "before":
            assert await call_off(campaign, talk.journal, clock) == "cancelled"
        assert await talk.journal.opted_out(campaign.target, [ANA, other.run.recipient]) == {0}
        record = await talk.journal.record(first.run.id)
        assert record is not None
        assert (record.phase, record.called_off) == ("in_doubt" if phase == "in_doubt" else "cancelled", True)
        assert await call_off(campaign, talk.journal, clock) == "was", "once more where a process died on the way"

    chatted(tmp_path, clock, work, quiet=True)
