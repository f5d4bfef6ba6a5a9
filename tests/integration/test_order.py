"""In order: what the phone shows, how far a message is waited for, and who may send while another does."""

import asyncio
import json
from pathlib import Path
from time import sleep

import pytest

from flowrunner.client import open_client
from flowrunner.clock import SYSTEM, Clock
from flowrunner.delivery import Doubts, Pace, Rate, RunElsewhere, begin, deliver, new_run
from flowrunner.emulator.api.faults import parse_fault
from flowrunner.emulator.api.messages import Delays
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.serve import running
from flowrunner.journal import LostClaim, open_journal
from flowrunner.model import EventKind
from support.delivered import source
from support.journals import blocking
from support.lab import Lab, kinds, outcome, rendered, until
from support.program import KEY, flow, start, texts
from support.virtual import VirtualClock

MEDIA = """
name: media
steps:
  - message: {message_type: image, media_url: "https://cdn.example.com/one.jpg", caption: "one"}
  - message: "two"
  - message: {message_type: interactive, interactive_type: button, body_text: three, buttons: [{id: a, title: A}]}
  - message: "four"
"""
IN_ORDER = ["one", "two", "three", "four"]


@pytest.mark.parametrize(
    ("defaults", "shown"),
    [("", IN_ORDER), ("defaults: {until: accepted}\n", ["two", "three", "four", "one"])],
    ids=["default", "accepted"],
)
def test_late_media_is_overtaken_only_where_nobody_waits_for_it(
    tmp_path: Path, clock: VirtualClock, defaults: str, shown: list[str]
) -> None:
    """The API takes all in order; the phone shows them in order because the default waits for what is slow."""
    lab = Lab(tmp_path, "media-late:seconds=0.6", clock=clock)

    async def run() -> None:
        events = await lab.run(rendered(MEDIA + defaults))
        assert outcome(events) == "finished"
        await clock.sleep(0.8)

    clock.run(run())
    assert lab.accepted() == IN_ORDER
    assert lab.on_phone() == shown


SLOW = Delays(sent=1.2, delivered=2, read=3)
REACTION = "{message_type: reaction, reaction_emoji: 👍, reacted_to_message_id: wamid.X}"
STICKY = Delays(sent=0.05, delivered=60, read=61)

# The waiting of step 1, the message, when it comes how far, faults; the run's end, and the last events of step 1.
WAITS = [
    ("", '"x"', SLOW, "", "finished", ["accepted"]),
    ("until: accepted", '"x"', SLOW, "", "finished", ["accepted"]),
    ("until: sent", '"x"', SLOW, "", "finished", ["accepted", "sent", "waited"]),
    ("until: delivered", '"x"', SLOW, "", "finished", ["sent", "delivered", "waited"]),
    ("until: read", '"x"', SLOW, "", "finished", ["delivered", "read", "waited"]),
    ("until: delivered", '"x"', SLOW, "status-skip", "finished", ["accepted", "read", "waited"]),
    ("until: delivered", '"x"', SLOW, "status-reorder", "finished", ["accepted", "delivered", "waited"]),
    ("until: read", '"x"', SLOW, "status-reorder", "finished", ["accepted", "delivered", "read", "waited"]),
    ("until: read", '"x"', SLOW, "status-duplicate", "finished", ["sent", "delivered", "read", "waited"]),
    ("until: read", '"x"', SLOW, "list-order:order=shuffled", "finished", ["delivered", "read", "waited"]),
    ("until: read", '"x"', SLOW, "list-partial:count=2", "finished", ["read", "waited"]),
    ("until: delivered", REACTION, SLOW, "", "finished", ["accepted", "sent", "waited"]),
    ("until: read", REACTION, SLOW, "", "finished", ["accepted", "sent", "waited"]),
    ("until: delivered, timeout: 0.4s", '"x"', STICKY, "", "failed", ["sent", "failed"]),
    ("until: delivered, timeout: 0.4s, on_timeout: stop", '"x"', STICKY, "", "failed", ["sent", "failed"]),
    ("until: delivered, timeout: 0.4s, on_timeout: continue", '"x"', STICKY, "", "finished", ["sent", "waited"]),
    ("until: delivered", '"x"', SLOW, "read-failed", "failed", ["sent", "failed"]),
]


@pytest.mark.parametrize(("waiting", "message", "delays", "fault", "ends", "last"), WAITS)
def test_a_step_is_done_when_its_message_has_come_far_enough(
    tmp_path: Path,
    clock: VirtualClock,
    waiting: str,
    message: str,
    delays: Delays,
    fault: str,
    ends: str,
    last: list[str],
) -> None:
    """Whatever the order in which statuses come; the next message goes out then, and not before."""
    lab = Lab(tmp_path, *([fault] if fault else []), delays=delays, clock=clock)
    rest = f", {waiting}" if waiting else ""
    events = clock.run(lab.run(rendered(f'name: w\nsteps:\n  - {{message: {message}{rest}}}\n  - message: "y"\n')))
    assert outcome(events) == ends, events
    assert kinds(events, "1")[-len(last) :] == last
    assert len(lab.state.received()) == (2 if ends == "finished" else 1)


def test_the_flow_s_defaults_hold_for_each_step_that_says_nothing_else(tmp_path: Path, clock: VirtualClock) -> None:
    """`defaults` gives until, timeout and on_timeout; a step's own word wins."""
    text = (
        "name: d\ndefaults: {until: read, timeout: 0.3s, on_timeout: continue}\nsteps:\n"
        '  - message: "a"\n  - {message: "b", until: accepted}\n'
    )
    events = clock.run(Lab(tmp_path, delays=STICKY, clock=clock).run(rendered(text)))
    assert kinds(events, "1")[-1] == "waited"
    assert kinds(events, "2") == ["begun", "accepted"]
    (waited,) = [event for event in events if event.kind is EventKind.WAITED]
    assert "not read within 0.3 s; continuing" in waited.detail["reason"]


def test_a_message_that_fails_after_it_was_sent_ends_the_run_with_the_api_s_reason(
    tmp_path: Path, clock: VirtualClock
) -> None:
    """The reason and its code are WhatsApp's."""
    lab = Lab(tmp_path, "read-failed:code=131053,text=Media upload error", delays=SLOW, clock=clock)
    events = clock.run(lab.run(rendered(MEDIA)))
    assert outcome(events) == "failed"
    assert events[-1].detail["reason"] == "131053: Media upload error"
    assert lab.accepted() == ["one"]


def test_a_run_that_timed_out_waits_on_and_sends_nothing_twice(tmp_path: Path, clock: VirtualClock) -> None:
    """`on_timeout: stop`, then resume: the message was accepted, and is waited for again."""
    lab = Lab(tmp_path, delays=Delays(sent=0.05, delivered=0.9, read=1.0), clock=clock)
    rendering = rendered('name: t\nsteps:\n  - {message: "one", until: delivered, timeout: 0.5s}\n  - message: "two"\n')
    assert outcome(clock.run(lab.run(rendering))) == "failed"
    assert outcome(clock.run(lab.resume(rendering))) == "finished"
    assert lab.accepted() == ["one", "two"]


@pytest.fixture
def state() -> EmulatorState:
    state = EmulatorState(api_key=KEY, delays=Delays(sent=0.02, delivered=0.2, read=0.3), clock=SYSTEM)
    state.conversations.create("+5215512345678", conversation_id="c1")
    return state


def test_two_processes_never_have_two_messages_on_their_way_to_one_conversation(
    tmp_path: Path, state: EmulatorState
) -> None:
    """Each message is slow to be taken, and the API never refuses one because another is on its way."""
    flows = [flow(tmp_path / f"{name}.yaml", [f'{{message: "{name}{n}"}}' for n in range(5)]) for name in "ab"]
    state.faults.add(parse_fault("latency:seconds=0.1"))
    with running(state) as url:
        options = ("--conversation", "c1", "--api-url", url, "--format", "jsonl")
        programs = [start("run", each, *options, cwd=tmp_path) for each in flows]
        told = [program.communicate(timeout=60) for program in programs]
    assert [program.returncode for program in programs] == [0, 0], told
    events = [json.loads(line) for stdout, _ in told for line in stdout.splitlines()]
    assert {event["kind"] for event in events} == {"begun", "accepted", "finished"}
    contents = [json.loads(text)["content"] for text in texts(state)]
    for name in "ab":
        assert [each for each in contents if each[0] == name] == [f"{name}{n}" for n in range(5)]


def test_a_run_that_pauses_lets_another_one_send(tmp_path: Path, clock: VirtualClock) -> None:
    """The conversation is free while a run has nothing to send to it."""
    lab = Lab(tmp_path, clock=clock)

    async def both() -> None:
        first = asyncio.create_task(lab.run(rendered("name: a\nsteps: [{message: a1}, {pause: 1.5s}, {message: a2}]")))
        await until(lambda: lab.accepted() == ["a1"])
        assert outcome(await lab.run(rendered("name: b\nsteps: [{message: b1}, {message: b2}]"))) == "finished"
        assert outcome(await first) == "finished"

    clock.run(both())
    assert lab.accepted() == ["a1", "b1", "b2", "a2"]


def test_a_run_resumed_by_two_processes_while_it_pauses_sends_each_message_once(
    tmp_path: Path, clock: VirtualClock
) -> None:
    """Whoever wakes second learns that another goes on with it, or what it has sent meanwhile."""
    lab = Lab(tmp_path, clock=clock)
    rendering = rendered("name: a\nsteps: [{message: one}, {pause: 0.8s}, {message: two}, {message: three}]")

    async def both() -> None:
        first = asyncio.create_task(lab.run(rendering))
        await until(lambda: lab.accepted() == ["one"])
        await asyncio.sleep(0.1)
        ends = await asyncio.gather(first, lab.resume(rendering), return_exceptions=True)
        finished = [end for end in ends if not isinstance(end, RunElsewhere)]
        assert finished
        assert {outcome(events) for events in finished} == {"finished"}

    clock.run(both())
    assert lab.accepted() == ["one", "two", "three"]


def test_what_another_run_has_sent_meanwhile_hides_no_message_in_doubt(tmp_path: Path, clock: VirtualClock) -> None:
    """The message was taken before the other run's, and is found all the same."""
    lab = Lab(tmp_path, "cut-after:after=1,count=1", timeout=0.2, grace=0.1, clock=clock)
    doubtful = rendered(THREE)

    async def both() -> None:
        assert outcome(await lab.run(doubtful, doubts=Doubts("stop"))) == "in_doubt"
        assert outcome(await lab.run(rendered("name: b\nsteps: [{message: x}]"))) == "finished"
        assert outcome(await lab.resume(doubtful)) == "finished"

    clock.run(both())
    assert lab.accepted() == ["one", "two", "x", "three"]


THREE = "name: a\nsteps: [{message: one}, {message: two}, {message: three}]"


@pytest.mark.parametrize("slow", ["latency", "store-late"])
def test_a_slow_worker_that_was_declared_dead_doubles_nothing(
    tmp_path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch, slow: str
) -> None:
    """The one that takes over looks the message up; the other one finds its claim lost, and writes nothing more."""
    lab = Lab(tmp_path, f"{slow}:seconds=1.5,count=1,after=1", timeout=2.0, grace=0.3, clock=clock)
    rendering = rendered(THREE)

    async def both() -> None:
        first = asyncio.create_task(lab.run(rendering))
        await until(lambda: len(lab.state.received()) >= 1)
        await asyncio.sleep(0.2)
        monkeypatch.setattr("flowrunner.delivery.session.has_ended", lambda _, **_more: True)
        events = await lab.resume(rendering)
        assert outcome(events) == "finished"
        assert events[1].detail["reason"] == "looked up: the API had taken it"
        with pytest.raises(LostClaim):
            await first

    clock.run(both())
    assert lab.accepted() == ["one", "two", "three"]
    assert written(lab) == ["begun", "accepted", "begun", "in_doubt", "accepted", "begun", "accepted", "finished"]


def test_a_worker_that_was_declared_dead_while_it_waits_to_try_again_sends_no_more(
    tmp_path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The claim is checked before every try, not only before the first."""
    lab = Lab(tmp_path, "status:code=429,retry_after=1,count=1,after=1", timeout=0.3, grace=0.1, clock=clock)
    rendering = rendered(THREE)

    async def both() -> None:
        first = asyncio.create_task(lab.run(rendering))
        await until(lambda: any(each["struck"] for each in lab.state.faults.data()))
        await asyncio.sleep(0.1)
        monkeypatch.setattr("flowrunner.delivery.session.has_ended", lambda _, **_more: True)
        assert outcome(await lab.resume(rendering)) == "finished"
        with pytest.raises(LostClaim):
            await first

    clock.run(both())
    assert lab.accepted() == ["one", "two", "three"]


def test_a_worker_that_finds_its_lease_taken_before_it_sends_sends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process frozen after its begun row, for longer than its lease, wakes and asks for the claim before it sends."""
    lab = Lab(tmp_path, timeout=0.2, grace=0.1)
    rendering = rendered(THREE)
    clock = Later()

    async def both() -> None:
        door = open_client("http://127.0.0.1", "lab-key-0000", timeout=0.2, app=lab.app, clock=SYSTEM)
        async with open_journal(lab.path, clock=SYSTEM) as journal:
            run = new_run(rendering.flow, rendering.recipient, {}, rendering.now, "emulator", clock=SYSTEM)
            assert await begin(run, journal, clock=SYSTEM) is None
            frozen = deliver(
                run, *source(rendering), door, journal, stop=asyncio.Event(), pace=Pace(Rate(100, 60.0), clock=clock)
            )
            assert (await anext(frozen)).kind is EventKind.BEGUN
            monkeypatch.setattr("flowrunner.delivery.session.has_ended", lambda _, **_more: True)
            assert outcome(await lab.resume(rendering)) == "finished"
            clock.ahead = 61.0
            with pytest.raises(LostClaim):
                await anext(frozen)
        await door.aclose()

    asyncio.run(both())
    assert lab.accepted() == ["one", "two", "three"]


@pytest.mark.parametrize(
    ("grace", "expected"),
    [(2.0, ["one", "two"]), (0.0, ["one", "one", "two"])],
    ids=["covers the delay: no double", "too short: the double that the manual warns of"],
)
def test_a_server_that_stores_late_is_waited_for_as_long_as_the_grace_says(
    tmp_path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch, grace: float, expected: list[str]
) -> None:
    """It stores after 3 s; the worker is declared dead at 1.6 s, and its run is resumed at once."""
    lab = Lab(tmp_path, "store-late:seconds=3,count=1", timeout=30.0, clock=clock)
    rendering = rendered("name: late\nsteps: [{message: one}, {message: two}]")

    async def both() -> None:
        first = asyncio.create_task(lab.run(rendering))
        await until(lambda: bool(lab.state.received()))
        await asyncio.sleep(1.6)
        monkeypatch.setattr("flowrunner.delivery.session.has_ended", lambda _, **_more: True)
        lab.timeout, lab.grace = 2.0, grace
        assert outcome(await lab.resume(rendering)) == "finished"
        with pytest.raises(LostClaim):
            await first

    clock.run(both())
    assert lab.accepted() == expected


def test_of_three_resumes_at_once_one_settles_the_doubt_and_all_end_by_what_it_found(
    tmp_path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker is declared dead in flight; the others wait for the one that looks it up, and none of them sends."""
    lab = Lab(tmp_path, "latency:seconds=1.5,count=1", timeout=2.0, clock=clock)
    rendering = rendered("name: f\nsteps: [{message: m0}, {message: m1}, {message: m2}, {message: m3}]")
    dead: list[str] = []

    def has_ended(owner: str, *, is_shared: bool) -> bool:
        dead.append(owner)  # the first that anybody asks for
        return owner == dead[0]

    async def all_of_them() -> None:
        first = asyncio.create_task(lab.run(rendering))
        await until(lambda: any(each["struck"] for each in lab.state.faults.data()))
        monkeypatch.setattr("flowrunner.delivery.session.has_ended", has_ended)
        doubts = Doubts(timeout=2.0, grace=0.5, tell=lambda *_: None)
        ends = await asyncio.gather(*(lab.resume(rendering, doubts=doubts) for _ in range(3)))
        assert [outcome(each) for each in ends] == ["finished"] * 3
        with pytest.raises(LostClaim):
            await first

    clock.run(all_of_them())
    assert lab.accepted() == ["m0", "m1", "m2", "m3"]
    assert written(lab).count("finished") == 1


def test_three_processes_that_resume_at_once_send_once(tmp_path: Path, state: EmulatorState) -> None:
    """A worker is killed in flight; whichever of the three comes first, and whenever, all end well."""
    state.faults.add(parse_fault("latency:seconds=1.5,count=1"))
    file = flow(tmp_path / "f.yaml", [f'{{message: "m{number}"}}' for number in range(4)])
    quick = ("--timeout", "2", "--grace", "0.5")
    with running(state) as url:
        program = start("run", file, "--conversation", "c1", "--api-url", url, *quick, cwd=tmp_path)
        while not any(each["struck"] for each in state.faults.data()):
            sleep(0.01)
        program.kill()
        program.communicate()
        programs = [start("resume", *quick, cwd=tmp_path) for _ in range(3)]
        told = [each.communicate(timeout=60) for each in programs]
    assert [each.returncode for each in programs] == [0, 0, 0], told
    assert [json.loads(text)["content"] for text in texts(state)] == [f"m{number}" for number in range(4)]
    with blocking(tmp_path / ".flowrunner/journal.db") as journal:
        (record,) = journal.runs()
        assert [each.kind for each in journal.events(record.run.id)].count(EventKind.FINISHED) == 1


def test_who_waited_for_another_ends_as_that_one_did(tmp_path: Path, clock: VirtualClock) -> None:
    """A doubt is settled, the message sent again and refused: the other does not ask for that once more."""
    lab = Lab(tmp_path, "cut-before:count=1,after=1", "status:code=422,count=1,after=2", timeout=0.8, clock=clock)
    rendering = rendered(THREE)

    async def both() -> None:
        first = asyncio.create_task(lab.run(rendering))
        await until(lambda: bool(lab.accepted()) and written(lab)[-1] == "in_doubt")
        second = asyncio.create_task(lab.resume(rendering))
        assert [outcome(each) for each in await asyncio.gather(first, second)] == ["failed", "failed"]

    clock.run(both())
    assert lab.accepted() == ["one"]


class Later(Clock):
    """This machine's clock, so many seconds later."""

    ahead = 0.0

    def up(self) -> float:
        return super().up() + self.ahead


def written(lab: Lab) -> list[str]:
    """The kinds of the newest run's events, as the journal has them."""
    with blocking(lab.path) as journal:
        return [str(event.kind) for event in journal.events(journal.runs(limit=1)[0].run.id)]
