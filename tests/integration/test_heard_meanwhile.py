"""What somebody writes in the milliseconds between a run's last look and what it writes down next is heard, too."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flowrunner.delivery.inbound.late_optouts import keep_stops
from flowrunner.emulator.api.faults import parse_fault
from flowrunner.emulator.api.messages import Delays
from flowrunner.engine.history.phases import Phase
from flowrunner.model import Event, EventKind, Inbound, Recipient, Run
from support.chats import PHONE, Chat, chatted, text
from support.virtual import VirtualClock

ANA = Recipient("c1", PHONE)
OUT = "anytime: [{words: [stop], steps: [{message: Bye.}], end: opted_out}]\n"
TWO = f"name: two\nsteps: [{{message: One.}}, {{message: Two.}}]\n{OUT}"
PAUSED = f"name: paused\nsteps: [{{message: One.}}, {{pause: 1h}}]\n{OUT}"
HANDED = f"name: handed\nsteps: [{{message: One.}}, {{pause: 1h}}, {{end: handed_over}}]\n{OUT}"
THEN = f"name: then\nsteps: [{{message: One.}}, {{pause: 1h}}, {{message: Two.}}]\n{OUT}"
ASKING = f"""
name: asking
steps:
  - id: q
    message: Well?
    reply:
      within: 20h
      settle: 0s
      remind: {{after: 3h, message: Still there?}}
      answers: [{{words: ["yes"], steps: [{{message: Fine.}}]}}]
      otherwise: continue
      no_reply: [{{message: Never mind.}}]
{OUT}"""
Before = Callable[[Event], bool]


def begins(step: str) -> Before:
    return lambda event: event.kind is EventKind.BEGUN and event.step == step


def writes(kind: EventKind) -> Before:
    return lambda event: event.kind is kind


def says(talk: Chat, monkeypatch: pytest.MonkeyPatch, before: Before, *words: str, ago: float = 0.0) -> list[str]:
    """Let what the person wrote be told just before such an event is committed, each time the next; what is left.

    They wrote it ``ago`` seconds before that.
    """
    append, left = talk.journal.append, [*words]

    async def said_first(*events: Event, **more: Any) -> None:
        if left and before(events[-1]):
            said = Inbound(f"wamid.{len(left)}", talk.clock.now() - ago, "text", left.pop(0))
            assert await talk.journal.hear(talk.line.target, [(ANA, said)])
            await keep_stops(talk.journal, talk.line.target, [(ANA, said)])
        await append(*events, **more)

    monkeypatch.setattr(talk.journal, "append", said_first)
    return left


async def ended(talk: Chat, run: Run) -> str:
    """What the run comes to, gone on with whenever its time has come, and once more when it has ended."""
    phase, before = Phase.NEW, Phase.NEW
    for _ in range(8):
        if before in (Phase.FINISHED, Phase.OPTED_OUT):
            break
        await talk.clock.sleep(3 * 3600)
        await talk.go_on(run)
        before, phase = phase, (await talk.of(run)).run.phase
    return phase


MEANWHILE = [
    ("the next message", TWO, begins("2"), "stop", ["One.", "Bye."]),
    ("the first message", TWO, begins("1"), "stop", ["Bye."]),
    ("a message after a pause", THEN, begins("3"), "stop", ["One.", "Bye."]),
    ("the end after a pause", PAUSED, writes(EventKind.FINISHED), "stop", ["One.", "Bye."]),
    ("a handover after a pause", HANDED, writes(EventKind.HANDED_OVER), "stop", ["One.", "Bye."]),
    ("a reminder", ASKING, begins("1.r1"), "stop", ["Well?", "Bye."]),
    ("a reminder of what is answered", ASKING, begins("1.r1"), "yes", ["Well?", "Fine."]),
    ("silence that is none", ASKING, writes(EventKind.ANSWERED), "yes", ["Well?", "Still there?", "Fine."]),
    ("silence", ASKING, writes(EventKind.ANSWERED), "stop", ["Well?", "Still there?", "Bye."]),
]  # fmt: skip


@pytest.mark.parametrize(("flow", "before", "words", "chat"), [each[1:] for each in MEANWHILE],
                         ids=[each[0] for each in MEANWHILE])  # fmt: skip
def test_what_is_heard_as_the_next_thing_is_written_down_decides_what_that_is(
    tmp_path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch, flow: str, before: Before, words: str,
    chat: list[str],
) -> None:  # fmt: skip
    async def work(talk: Chat) -> None:
        says(talk, monkeypatch, before, words, ago=2 * 3600.0 if words == "yes" else 0.0)
        run = await talk.begin(flow)
        assert await ended(talk, run) == ("opted_out" if words == "stop" else "finished")
        assert talk.chat() == chat
        assert await talk.journal.opted_out(run.target, [ANA]) == ({0} if words == "stop" else set())

    chatted(tmp_path, clock, work, quiet=True)


def test_who_never_stops_writing_keeps_no_message_back(
    tmp_path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each look is as long as one reading of the journal; after ten the message leaves, in the turn that it had."""

    async def work(talk: Chat) -> None:
        left = says(talk, monkeypatch, begins("2"), *map(str, range(30)))
        given = talk.line.channel.pace.given
        run = await talk.begin(TWO)
        assert talk.chat() == ["One.", "Two."]
        assert len(left) == 30 - 11
        assert (await talk.of(run)).run.phase == "finished"
        assert talk.line.channel.pace.given == given + 2, "no turn of the rate is spent on a look"

    chatted(tmp_path, clock, work, quiet=True)


def test_who_never_stops_writing_keeps_no_run_from_its_end(
    tmp_path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(talk: Chat) -> None:
        says(talk, monkeypatch, writes(EventKind.FINISHED), *map(str, range(30)))
        assert (await talk.of(await talk.begin(TWO))).run.phase == "finished"

    chatted(tmp_path, clock, work, quiet=True)


ECHO = f"""
name: echo
steps:
  - {{id: q, message: Well?, reply: {{within: 3h, settle: 0s, expect: text, no_reply: end}}}}
  - pause: 1h
  - message: {{message_type: image, media_url: "https://cdn.example.com/a.jpg", caption: "You wrote: {{{{ q.text }}}}"}}
{OUT}"""


def test_stop_that_is_heard_as_a_run_fails_before_its_message_is_taken(
    tmp_path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It paused when they said so: whoever heard them has left it to the run, which may never be gone on with."""

    async def work(talk: Chat) -> None:
        run = await talk.begin(ECHO)
        await talk.journal.hear(run.target, [(ANA, Inbound("wamid.long", talk.clock.now(), "text", "x" * 1100))])
        await talk.go_on(run)
        assert (await talk.of(run)).run.phase == "waiting"
        says(talk, monkeypatch, writes(EventKind.FAILED), "stop")
        assert await ended(talk, run) == "opted_out"
        assert talk.chat() == ["Well?", "Bye."]

    chatted(tmp_path, clock, work, quiet=True)


UNREAD = f"name: unread\nsteps: [{{message: One., until: read, timeout: 20s}}]\n{OUT}"


def test_stop_that_is_heard_as_a_run_fails_is_kept_though_it_is_not_read(
    tmp_path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was held while another run asked its person something, and waits for what does not come to pass."""

    async def work(talk: Chat) -> None:
        talk.state.delays = Delays(sent=0.01, delivered=0.02, read=1e9)
        run = await talk.begin(UNREAD)
        assert (await talk.of(run)).run.phase == "failed"
        held = {"wake_at": talk.clock.now(), "reason": "waits until another run has its answer", "heard": 0}
        await talk.journal.append(Event(EventKind.PAUSED, run.id, talk.clock.now(), detail=held))
        says(talk, monkeypatch, writes(EventKind.FAILED), "stop")
        await talk.go_on(run)
        assert (await talk.of(run)).run.phase == "failed"
        assert await talk.journal.opted_out(run.target, [ANA]) == {0}
        await talk.go_on(run)
        assert (await talk.of(run)).run.phase == "opted_out"
        assert talk.chat() == ["One.", "Bye."]

    chatted(tmp_path, clock, work, quiet=True)


def test_stop_that_is_heard_while_a_message_is_looked_up_is_taken_though_it_is_still_in_doubt(
    tmp_path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look-up takes seconds; afterwards nobody would go on with the run before they write once more."""

    async def work(talk: Chat) -> None:
        for each in ("list-partial:count=999", "cut-after:count=1"):
            talk.state.faults.add(parse_fault(each))
        run = await talk.begin(TWO)
        assert (await talk.of(run)).run.phase == "in_doubt"
        says(talk, monkeypatch, writes(EventKind.IN_DOUBT), "stop")
        await talk.go_on(run)
        assert (await talk.of(run)).run.phase == "opted_out"
        assert talk.chat() == ["One.", "Bye."]

    chatted(tmp_path, clock, work, quiet=True)


def test_stop_is_kept_of_a_run_that_is_in_doubt_as_a_whole(tmp_path: Path, clock: VirtualClock) -> None:
    """It hears nothing before somebody has decided what becomes of it; other flows write to its person meanwhile."""

    async def work(talk: Chat) -> None:
        run = await talk.begin(PAUSED)
        await talk.journal.append(Event(EventKind.IN_DOUBT, run.id, clock.now(), detail={"reason": "lost"}))
        said = Inbound("wamid.1", clock.now(), "text", "stop")
        await talk.journal.hear(run.target, [(ANA, said)])
        assert await keep_stops(talk.journal, run.target, [(ANA, said)]) == [run.id]
        assert await talk.journal.opted_out(run.target, [ANA]) == {0}

    chatted(tmp_path, clock, work, quiet=True)


FLOWS = {"two": TWO, "then": THEN, "paused": PAUSED, "handed": HANDED, "asking": ASKING, "echo": ECHO}


@pytest.mark.parametrize("later", [0, 1, 2], ids=["kept at once", "kept by the next", "kept by the one after"])
@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
def test_stop_is_heard_before_whatever_is_written(
    tmp_path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch, flow: str, later: int
) -> None:
    """Wherever in its life a run is; whoever hears it may be slow to look whether a run takes it."""

    async def work(talk: Chat) -> None:
        append, count, at = talk.journal.append, 0, 0
        stop = Inbound("", 0.0, "text", "stop")

        async def said_first(*events: Event, **more: Any) -> None:
            nonlocal count, stop
            count += 1
            if count == at:
                stop = stop._replace(id=talk.say(text("stop")), at=talk.clock.now())
                await talk.journal.hear(talk.line.target, [(ANA, stop)])
            if count == at + later:
                await keep_stops(talk.journal, talk.line.target, [(ANA, stop)])
            await append(*events, **more)

        monkeypatch.setattr(talk.journal, "append", said_first)
        while at == 0 or count >= at:
            count, at = 0, at + 1
            talk.say(text("hi"))  # so that WhatsApp lets a free text leave
            before = len(talk.chat())
            run = await talk.begin(flow, again=True)
            await ended(talk, run)
            if count < at + later:
                await keep_stops(talk.journal, talk.line.target, [(ANA, stop)])
            if count < at:
                break
            assert await talk.journal.opted_out(run.target, [ANA]) == {0}, f"before event {at}"
            chat = talk.chat()[before:]
            assert chat[chat.index("> stop") + 1 :] in ([], ["Bye."]), f"before event {at}: {chat}"
            assert await talk.journal.opt_in(run.target, ANA)
            await clock.sleep(86_400)
        assert at > 4

    chatted(tmp_path, clock, work, quiet=True)
